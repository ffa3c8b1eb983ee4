"""Writes models/default/README.md, the model card, from models/card.md and what was measured.

python3 models/card.py ../shared/audio/manifest.csv target/default-model   (the folder of models/train.sh and false_alarms.sh)
"""

import collections
import csv
import datetime
import json
import pathlib
import re
import sys
import tomllib

import doubtful

CLASSES = (
    "Barking Howling Crying CO_Smoke GlassBreaking Other Doorbell Bird Music_Instrument Laugh_Shout_Scream"
).split()
models = pathlib.Path(__file__).parent
work = pathlib.Path(sys.argv[2])
with open(sys.argv[1], newline="", encoding="utf-8") as file:
    rows = list(csv.DictReader(file))
model = tomllib.loads((models / "default" / "model.toml").read_text())


def classes():
    for label, name in enumerate(CLASSES):
        of = [row for row in rows if row["label"] == str(label)]
        recordings, sources = ({row[key] for row in of} for key in ("recording", "source"))
        tested = sum(row["weak"] == "0" for row in of)
        yield f"| {name} | {len(of)} | {len(recordings)} | {len(sources)} | {tested} |"


def sources():
    found = collections.defaultdict(collections.Counter)
    for row in rows:
        found[row["source"]][row["licence"]] += 1
    for source, licences in sorted(found.items(), key=lambda of: -of[1].total()):
        told = "; ".join(f"{licence} ({count})" for licence, count in licences.most_common())
        yield f"| {source} | {licences.total()} | {told} |"


def figure(value):
    number = lambda x: "n/a" if x is None else f"{x:.3f}"
    if value["low"] is None:
        return number(value["value"])
    return f"{number(value['value'])} ({number(value['low'])} to {number(value['high'])})"


measured = {by: json.loads((work / by / "default" / "metrics.json").read_text()) for by in ("recording", "source")}


def figures():
    yield "| | by recording | by source |\n|---|---|---|"
    for name, key in [("AUC, weighted", "auc_weighted"), ("AUC, macro", "auc_macro")]:
        yield f"| {name} | " + " | ".join(figure(m[key]) for m in measured.values()) + " |"
    six = (m["auc_subsets"][0]["auc"] for m in measured.values())
    yield "| AUC, mean of the six classes with 8 recordings | " + " | ".join(map(figure, six)) + " |"
    for name, key in [("accuracy", "accuracy"), ("accuracy, balanced (mean recall of the classes)", "balanced_accuracy"), ("log loss", "log_loss"), ("calibration error", "calibration_error")]:
        yield f"| {name} | " + " | ".join(figure(m[key]) for m in measured.values()) + " |"


def tables(by):
    """The tables that `woofer train` printed, as rows of cells; only those whose lines have more than two columns."""
    table = []
    for line in (work / f"{by}.txt").read_text().splitlines():
        cells = re.split(r"  +", line.strip())
        if len(cells) > 2:
            table.append(cells)
        elif table:
            yield table
            table = []
    if table:
        yield table


def table(by, first):
    [found] = [t for t in tables(by) if t[0][0] == first]
    width = len(found[0])
    yield "| " + " | ".join(found[0]) + " |\n" + "|---" * width + "|"
    for cells in found[1:]:
        yield "| " + " | ".join(cells + [""] * (width - len(cells))) + " |"


def per_class():
    yield "| AUC of the class | by recording | by source | clips | recordings |\n|---|---|---|---|---|"
    found = {by: {row[0]: row[1:] for row in next(tables(by))} for by in measured}
    for name in CLASSES:
        recording, source = (of[f"AUC {name}"] for of in found.values())
        yield f"| {name} | {recording[0]} | {source[0]} | {recording[1]} | {recording[2]} |"


def right():
    for by in measured:
        clips, (weighted, _, six, accuracy), _ = doubtful.figures(work / by / "default" / "scores.csv", doubtful.doubtful())
        yield f"by {by} {weighted:.4f} weighted AUC, {six:.4f} in the mean of the six, accuracy {accuracy:.3f} ({clips:,} clips)"


weights = models / "default" / "model.safetensors"
text = (models / "card.md").read_text()
for mark, content in {
    "PARAMS": f"{model['weights']['parameters']:,}",
    "MB": f"{weights.stat().st_size / 1e6:.1f}",
    "VERSION": model["woofer_version"],
    "DATE": datetime.date.today().isoformat(),
    "T": f"{model['temperature']:.3f}",
    "BACK": f"{model['training']['recipe']['averaging']['start_share']:g}",
    "CLASSES": "\n".join(classes()),
    "SOURCES": "\n".join(sources()),
    "FIGURES": "\n".join(figures()),
    "DEGRADED": "By recording:\n\n" + "\n".join(table("recording", "tested clips")) + "\n\nBy source:\n\n"
    + "\n".join(table("source", "tested clips")),
    "RIGHT": "; ".join(right()) + ".",
    "PERCLASS": "\n".join(per_class()),
    "MODES": "\n".join(table("source", "class")),
    "FALSE": (work / "false_alarms.md").read_text().strip(),
}.items():
    text = text.replace(f"@{mark}@", content)
(models / "default" / "README.md").write_text(text)
