"""Writes models/default/clips.csv: what the built-in model learned from, clip by clip, with source, licence and address.

python3 models/clips.py ../shared/audio/manifest.csv

Facts only, as the list of the clips records them; `origin` is "unverified" where the source does not say where the sound came from.
"""

import csv
import pathlib
import sys

CLASSES = (
    "Barking Howling Crying CO_Smoke GlassBreaking Other Doorbell Bird Music_Instrument Laugh_Shout_Scream"
).split()
UNVERIFIED = ("not verified", "origin not stated")

with open(sys.argv[1], newline="", encoding="utf-8") as file:
    rows = list(csv.DictReader(file))
target = pathlib.Path(__file__).parent / "default" / "clips.csv"
with open(target, "w", newline="", encoding="utf-8") as file:
    out = csv.writer(file, lineterminator="\n")
    out.writerow(["clip", "class", "source", "licence", "origin", "address"])
    for row in rows:
        unverified = any(words in row["licence"] for words in UNVERIFIED)
        origin = "unverified" if unverified else "as the source states"
        path = row["path"].removeprefix("../")
        out.writerow([path, CLASSES[int(row["label"])], row["source"], row["licence"], origin, row["url"]])
