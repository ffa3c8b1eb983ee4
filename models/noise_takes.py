#!/usr/bin/env python3
"""Lays real noises of a home under the clips of a list, 10 dB below them: models/noise_takes.py LIST COLUMN FOLDER

The noises are clips of the same list: water, appliances, rain, typing, footsteps, clocks, rooms in which somebody talks. Each clip gets one of
its own fold in COLUMN (fold_source or fold_recording) and of another recording, so that the network that scores it has met neither.
FOLDER/manifest.csv is for `woofer train --folds COLUMN --retest`. The ratio is that of `woofer::augment::active_power`. Needs ffmpeg.
"""

import array
import csv
import functools
import operator
import os
import random
import subprocess
import sys
import wave
from concurrent.futures import ProcessPoolExecutor

RATE_HZ = 32_000
FRAME = RATE_HZ // 50
ACTIVE_RATIO = 1e-4
SNR_DB = 10
SHORTEST_S = 1
NOISES = set(
    "appliance|blender|chopping|clock|clock_tick|coffee_grinder|cafe|city|cutting|fan|fire_crackling|fireplace|footsteps|hum/indoor ambience|"
    "microwave|motor|oven|rain|rain/thunder|room/speech noise|snoring|storm|toilet|tv|typing|vacuum|water|wind".split("|")
)


@functools.lru_cache(256)
def samples(path):
    command = ["ffmpeg", "-v", "error", "-nostdin", "-i", path, "-map", "a:0", "-ac", "1", "-ar", str(RATE_HZ), "-f", "f32le", "-"]
    return array.array("f", subprocess.run(command, check=True, capture_output=True).stdout)


def active_power(sound):
    """Mean power of the frames of 20 ms that are at most 40 dB below the loudest."""
    frames = [sound[at : at + FRAME] for at in range(0, len(sound), FRAME)]
    powers = [(sum(map(operator.mul, frame, frame)), len(frame)) for frame in frames]
    loudest = max((energy / length for energy, length in powers), default=0)
    active = [(energy, length) for energy, length in powers if energy / length >= ACTIVE_RATIO * loudest]
    return sum(energy for energy, _ in active) / max(1, sum(length for _, length in active))


def mix(clip_path, noise_path, seed, target):
    clip, noise = samples(clip_path), samples(noise_path)
    start = random.Random(seed).randrange(len(noise))
    stretch = (noise[start:] + noise * (len(clip) // len(noise) + 1))[: len(clip)]
    clip_power, noise_power = active_power(clip), active_power(stretch)
    factor = (clip_power / noise_power / 10 ** (SNR_DB / 10)) ** 0.5 if noise_power > 0 else 0
    mixed = [x + factor * y for x, y in zip(clip, stretch)]
    scale = 32_767 * min(1, 0.99 / max(1e-9, max(map(abs, mixed))))
    os.makedirs(os.path.dirname(target), exist_ok=True)
    with wave.open(target, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes(array.array("h", (round(scale * x) for x in mixed)).tobytes())


def main(source, column, folder):
    root = os.path.dirname(source)
    with open(source, newline="") as file:
        rows = list(csv.DictReader(file))
    if column not in rows[0]:
        sys.exit(f"{source}: no column {column}; there are {', '.join(rows[0])}")
    noises = [row for row in rows if row["detail"] in NOISES and row["weak"] != "1" and float(row["duration_s"]) >= SHORTEST_S]
    jobs, listed = [], []
    for row in rows:
        if row["weak"] == "1":
            continue
        recording = row["recording"] or row["path"]
        others = [noise for noise in noises if noise[column] == row[column] and noise["recording"] != row["recording"]]
        noise = random.Random(row["path"]).choice(others)
        path = os.path.splitext(row["path"])[0].replace("../", "") + ".wav"
        clip_path, noise_path = (os.path.join(root, of["path"]) for of in (row, noise))
        jobs.append((clip_path, noise_path, f"start of {row['path']}", os.path.join(folder, path)))
        listed.append({**row, "recording": recording, "path": path})
    with ProcessPoolExecutor() as pool:
        list(pool.map(mix, *zip(*jobs), chunksize=16))
    with open(os.path.join(folder, "manifest.csv"), "w", newline="") as file:
        to = csv.DictWriter(file, list(listed[0]))
        to.writeheader()
        to.writerows(listed)
    print(f"{folder}: {len(listed)} clips over {len({noise for _, noise, *_ in jobs})} noises")


if len(sys.argv) != 4:
    sys.exit(__doc__)
main(*sys.argv[1:])
