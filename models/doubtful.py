#!/usr/bin/env python3
"""Figures of a training with and without the clips of models/doubtful.csv, whose sound does not fit their label:
models/doubtful.py target/default-model/source/default   (as models/train.sh leaves it)

Weighted / macro / mean of six classes / accuracy, on clips as they are and made worse (the mean over the draws); then by how much the six fall, in
the mean and at most. A table of Markdown. Every clip takes part in training; those of the list are left out of the measuring alone.
"""

import collections
import csv
import pathlib
import re
import sys

SIX = "Barking GlassBreaking Other Bird Music_Instrument Laugh_Shout_Scream".split()


def class_scores(row):
    """What a clip was scored, by class: the sum of the class's fine labels, classes in the order of the columns."""
    scores = collections.Counter()
    for column, value in row.items():
        if column.startswith("score:"):
            scores[column.removeprefix("score:").split("/")[0]] += float(value)
    return scores


def scored(path, left_out):
    """The class of each scored clip of a table, and what it was scored, by class."""
    with open(path, newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["weak"] == "0"]
    for row in rows:
        if row["path"].rsplit(".", 1)[0] in left_out:
            continue
        yield row["label"], class_scores(row)


def auc(pairs):
    """Area under the ROC curve of (score, is positive), ties counted half."""
    of_score = collections.defaultdict(lambda: [0, 0])
    for score, positive in pairs:
        of_score[score][positive] += 1
    below, won = 0, 0.0
    for _, (negatives, positives) in sorted(of_score.items()):
        won += positives * (below + negatives / 2)
        below += negatives
    return won / below / sum(positives for _, positives in of_score.values())


def auc_figures(clips):
    """How many clips there are; weighted, macro and mean AUC of the six, accuracy; AUC by class."""
    counts = collections.Counter(label for label, _ in clips)
    of_class = {name: auc((scores[name], label == name) for label, scores in clips) for name in counts}
    right = sum(scores.most_common(1)[0][0] == label for label, scores in clips) / len(clips)
    weighted = sum(of_class[name] * count for name, count in counts.items()) / len(clips)
    macro = sum(of_class.values()) / len(of_class)
    return len(clips), [weighted, macro, sum(of_class[name] for name in SIX) / len(SIX), right], of_class


def figures(path, left_out):
    return auc_figures(list(scored(path, left_out)))


def mean(columns):
    return [sum(column) / len(column) for column in zip(*columns)]


def worsened(training):
    """The tables of each way of worsening, one a draw, by its name."""
    ways = collections.defaultdict(list)
    for path in sorted((training / "degraded").glob("*.csv")):
        ways[re.sub(r"-[0-9]$", "", path.stem)].append(path)
    return ways


def doubtful():
    """The clips of the list, without the ends of their names: a take in another codec has another end."""
    with open(pathlib.Path(__file__).parent / "doubtful.csv", newline="", encoding="utf-8") as file:
        return {row["clip"].rsplit(".", 1)[0] for row in csv.DictReader(file)}


def main(folder):
    training = pathlib.Path(folder)
    ways = worsened(training)
    told = lambda four: " / ".join([f"{value:.4f}".lstrip("0") for value in four[:3]] + [f"{four[3]:.3f}".lstrip("0")])
    columns = []
    for left_out in (set(), doubtful()):
        count, clean, of_class = figures(training / "scores.csv", left_out)
        column = [f"{count} clips", told(clean)]
        for paths in ways.values():
            found = [figures(path, left_out) for path in paths]
            worse = mean([four for _, four, _ in found])
            falls = {name: of_class[name] - sum(by_class[name] for _, _, by_class in found) / len(found) for name in SIX}
            most = max(falls, key=falls.get)
            column.append(f"{told(worse)} (mean {clean[2] - worse[2]:.4f}, {most} {falls[most]:.4f})")
        columns.append(column)
    print(f"| tested clips | all: {columns[0][0]} | without the doubtful ones: {columns[1][0]} |\n|---|---|---|")
    for name, *cells in zip(["as they are", *ways], columns[0][1:], columns[1][1:]):
        print(f"| {name} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
