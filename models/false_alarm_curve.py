#!/usr/bin/env python3
"""What is found of each class against false alarms an hour: models/false_alarm_curve.py SCORES.csv PICTURE.svg TIMELINE.csv [TIMELINE.csv...]

SCORES.csv is what `woofer train` scored out of fold; clips of Other, birds, music and laughs may raise false alarms there, a clip one. In each TIMELINE.csv, of
`woofer classify --timeline --format csv -k 10` on sounds in which nothing is to be found, windows in a row at or above a threshold are one event; one of CO_Smoke
has to last ten seconds where the recording does. Prints a table of Markdown and writes the picture.
"""

import collections
import csv
import itertools
import math
import pathlib
import sys
import tomllib

from doubtful import class_scores

OTHERS = {"Other", "Bird", "Music_Instrument", "Laugh_Shout_Scream"}
RATES = [0, 0.1, 0.2, 0.5, 1, 2, 5]
taxonomy = tomllib.loads((pathlib.Path(__file__).parent / "default" / "model.toml").read_text())["taxonomy"]
# All but the rest; it takes what the others leave.
CLASSES = {of["name"]: of for of in taxonomy["class"] if of["name"] != taxonomy["rest"]}


def rows(path):
    with open(path, newline="", encoding="utf-8") as file:
        yield from csv.DictReader(file)


def recordings(path):
    """Of each recording, in turn: its windows as (onset, offset, score by class)."""
    for _, of_recording in itertools.groupby(rows(path), key=lambda row: row["path"]):
        windows = []
        for onset, of_window in itertools.groupby(of_recording, key=lambda row: row["onset_s"]):
            of_window = list(of_window)
            windows.append((float(onset), float(of_window[0]["offset_s"]), {row["label"]: float(row["score"]) for row in of_window}))
        yield windows


def events(windows, name, threshold):
    """How many events of a class a recording holds at a threshold."""
    least = min(CLASSES[name].get("min_event_s", 0), windows[-1][1])
    count = 0
    for heard, run in itertools.groupby(windows, key=lambda window: window[2].get(name, 0.0) >= threshold):
        run = list(run)
        count += heard and run[-1][1] - run[0][0] >= least - 0.01
    return count


def curve(name, clips, hours_of_clips, quiet):
    """False alarms an hour and share found, at each score of a clip of the class, from the highest on."""
    own = sorted((scores[name] for label, scores in clips if label == name), reverse=True)
    others = [scores[name] for label, scores in clips if label in OTHERS - {name}]
    hours = sum(hours for label, hours in hours_of_clips if label in OTHERS - {name}) + sum(w[-1][1] for w in quiet) / 3600
    loud = [windows for windows in quiet if any(window[2].get(name, 0.0) >= own[-1] for window in windows)]
    for found, threshold in enumerate(own, 1):
        alarms = sum(score >= threshold for score in others) + sum(events(windows, name, threshold) for windows in loud)
        yield alarms / hours, found / len(own)


def picture(curves):
    left, top, width, height = 60, 20, 560, 360
    low, high = math.log10(0.05), math.log10(100)
    x = lambda rate: left + width * (math.log10(min(max(rate, 0.05), 100)) - low) / (high - low)
    y = lambda share: top + height * (1 - share)
    text = 'font-family="sans-serif" font-size="13" fill="#333"'
    yield f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {left + width + 200} {top + height + 60}" width="{left + width + 200}">'
    yield '<rect width="100%" height="100%" fill="#fff"/>'
    for rate, label in [(0.05, "none"), (0.1, "0.1"), (1, "1"), (10, "10"), (100, "100")]:
        yield f'<path d="M{x(rate):.1f} {top}v{height}" stroke="#ddd"/><text x="{x(rate):.1f}" y="{top + height + 20}" text-anchor="middle" {text}>{label}</text>'
    for share in (0, 0.25, 0.5, 0.75, 1):
        yield f'<path d="M{left} {y(share):.1f}h{width}" stroke="#ddd"/><text x="{left - 8}" y="{y(share) + 4:.1f}" text-anchor="end" {text}>{share:g}</text>'
    yield f'<text x="{left + width / 2}" y="{top + height + 45}" text-anchor="middle" {text}>false alarms an hour</text>'
    yield f'<text transform="translate(14 {top + height / 2}) rotate(-90)" text-anchor="middle" {text}>share found</text>'
    for place, (name, points) in enumerate(curves.items()):
        color = CLASSES[name]["color"]
        line = [f"M{x(0):.1f} {y(0):.1f}"]
        for rate, found in points:
            line.append(f"H{x(rate):.1f}V{y(found):.1f}")
        line.append(f"H{left + width}")
        yield f'<path d="{"".join(line)}" fill="none" stroke="{color}" stroke-width="2"/>'
        at = top + 14 + 24 * place
        yield f'<path d="M{left + width + 16} {at - 4}h22" stroke="{color}" stroke-width="3"/><text x="{left + width + 46}" y="{at}" {text}>{name}</text>'
    yield "</svg>"


def main(scores, target, *timelines):
    clips, hours_of_clips = [], []
    for row in rows(scores):
        if row["weak"] == "0":
            clips.append((row["label"], class_scores(row)))
            hours_of_clips.append((row["label"], float(row["duration_s"]) / 3600))
    quiet = [windows for path in timelines for windows in recordings(path)]
    counts = collections.Counter(label for label, _ in clips)
    curves = {}
    for name in CLASSES:
        if counts[name] < 8:
            continue
        # Two events may become one at a lower threshold; what a rate allows is what it allowed above.
        rate, points = 0.0, []
        for alarms, found in curve(name, clips, hours_of_clips, quiet):
            rate = max(rate, alarms)
            points.append((rate, found))
        curves[name] = points
    print("| class | clips | " + " | ".join("none" if rate == 0 else f"{rate:g} an hour" for rate in RATES) + " |")
    print("|---" * (len(RATES) + 2) + "|")
    for name, points in curves.items():
        best = [max((found for alarms, found in points if alarms <= rate), default=0.0) for rate in RATES]
        print(f"| {name} | {counts[name]} | " + " | ".join(f"{share:.2f}" for share in best) + " |")
    with open(target, "w", encoding="utf-8") as file:
        file.write("\n".join(picture(curves)) + "\n")


main(*sys.argv[1:])
