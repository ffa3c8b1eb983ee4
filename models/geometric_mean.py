#!/usr/bin/env python3
"""The geometric mean of what two models say of the same clips: models/geometric_mean.py A/scores.csv B/scores.csv OUT/scores.csv"""

import csv
import os
import sys

from doubtful import class_scores


def read(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def main(first, second, target):
    rows = read(first)
    ours = {row["path"]: class_scores(row) for row in rows}
    theirs = {row["path"]: class_scores(row) for row in read(second)}
    if not rows:
        sys.exit(f"{first} holds no clip")
    if missing := sorted(set(ours) - set(theirs)):
        sys.exit(f"{second} does not score {missing[0]}, which {first} does")
    classes = list(ours[rows[0]["path"]])
    if any(sorted(scores) != sorted(classes) for scores in theirs.values()):
        sys.exit(f"{first} and {second} are not of the same classes")
    kept = [column for column in rows[0] if not column.startswith("score:")]
    os.makedirs(os.path.dirname(target), exist_ok=True)
    with open(target, "w", newline="") as file:
        to = csv.writer(file)
        to.writerow(kept + [f"score:{name}" for name in classes])
        for row in rows:
            path = row["path"]
            mean = [(ours[path][name] * theirs[path][name]) ** 0.5 for name in classes]
            total = sum(mean) or 1.0
            to.writerow([row[column] for column in kept] + [f"{value / total:.9g}" for value in mean])


if len(sys.argv) != 4:
    sys.exit(__doc__)
main(*sys.argv[1:])
