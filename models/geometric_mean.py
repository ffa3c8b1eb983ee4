#!/usr/bin/env python3
"""The geometric mean of what two models say of the same clips: models/geometric_mean.py A/scores.csv B/scores.csv OUT/scores.csv"""

import csv
import os
import sys


def read(path):
    with open(path, newline="") as file:
        rows = list(csv.DictReader(file))
    classes = []
    for column in rows[0]:
        name = column.removeprefix("score:").split("/")[0]
        if column.startswith("score:") and name not in classes:
            classes.append(name)
    of_class = {name: [c for c in rows[0] if c == f"score:{name}" or c.startswith(f"score:{name}/")] for name in classes}
    scores = {row["path"]: {name: sum(float(row[c]) for c in of_class[name]) for name in classes} for row in rows}
    return rows, classes, scores


def main(first, second, target):
    rows, classes, ours = read(first)
    _, others, theirs = read(second)
    if sorted(classes) != sorted(others):
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
