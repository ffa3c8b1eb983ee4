#!/usr/bin/env python3
"""What a training would reach with another class prior, from its scores alone:
models/other_prior.py target/default-model/source/default Barking=1.75 Crying=3.5 Music_Instrument=1.2   (as models/train.sh leaves it)

Scores of each class named are multiplied by its factor and brought to a sum of 1 again, which is what `network.class_prior` does to a softmax, but that
its factors come before the temperature: here 1.75 is there 1.75 to the power of the temperature. Weighted / macro / mean of six classes / accuracy;
then, with and without the clips of models/doubtful.csv, the accuracy where a class is as frequent as the number of its clips to the power of .6, as
is likely elsewhere (docs/benchmarks.md), and where all classes are as frequent. A table of Markdown, on clips as they are and made worse (the mean
over the draws).
"""

import collections
import pathlib
import re
import sys

from doubtful import auc_figures, doubtful, mean, scored, worsened

# How frequent classes are elsewhere: their clips here, to this power (docs/benchmarks.md), and all as frequent.
POWERS = (0.6, 0.0)


def scaled(clips, factors):
    for label, scores in clips:
        changed = collections.Counter({name: score * factors.get(name, 1.0) for name, score in scores.items()})
        total = sum(changed.values()) or 1.0
        yield label, collections.Counter({name: score / total for name, score in changed.items()})


def accuracies(clips):
    """The accuracy where each class is as frequent as its clips to a power, for each of POWERS."""
    right = collections.defaultdict(list)
    for label, scores in clips:
        right[label].append(scores.most_common(1)[0][0] == label)
    told = []
    for power in POWERS:
        shares = {label: len(of_class) ** power for label, of_class in right.items()}
        told.append(sum(shares[label] * sum(of_class) / len(of_class) for label, of_class in right.items()) / sum(shares.values()))
    return told


def main(folder, *changes):
    factors = {name: float(factor) for name, factor in (change.split("=") for change in changes)}
    training = pathlib.Path(folder)
    if not (training / "scores.csv").is_file():
        sys.exit(f"{training} has no scores.csv, as a training or `woofer evaluate -o` leaves it")
    ways = {"as they are": [training / "scores.csv"], **worsened(training)}
    left_out = doubtful()
    known = {name for _, scores in scored(training / "scores.csv", set()) for name in scores}
    if unknown := sorted(set(factors) - known):
        sys.exit(f"{', '.join(unknown)}: no class of {training}; there are {', '.join(sorted(known))}")
    print("| tested clips | as they were scored | with the other prior |\n|---|---|---|")
    for name, paths in ways.items():
        draws = [(list(scored(path, set())), list(scored(path, left_out))) for path in paths]
        cells = []
        for of_class in ({}, factors):
            drawn = []
            for clips, fewer in draws:
                clips = list(scaled(clips, of_class))
                _, figures, _ = auc_figures(clips)
                drawn.append([*figures, *accuracies(clips), *accuracies(scaled(fewer, of_class))])
            *aucs, right, root, even, root_without, even_without = mean(drawn)
            told = [f"{value:.4f}" for value in aucs]
            told.append(f"{right:.3f}; {root:.3f} and {root_without:.3f}; {even:.3f} and {even_without:.3f}")
            cells.append(" / ".join(cell.replace("0.", ".") for cell in told))
        print(f"| {name} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    if len(sys.argv) < 3 or not all(re.fullmatch(r"\w+=[0-9]+(\.[0-9]+)?", change) for change in sys.argv[2:]):
        sys.exit(__doc__)
    main(*sys.argv[1:])
