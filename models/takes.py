#!/usr/bin/env python3
"""Makes other takes of the clips of a list, as cameras with low-rate encoders would send them: models/takes.py LIST FOLDER

FOLDER/MP3, 24 kbps/manifest.csv and FOLDER/AAC, 16 kbps/manifest.csv are for `woofer train --retest`. Needs ffmpeg.
"""

import csv
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

TAKES = {
    "MP3, 24 kbps": (".mp3", ["-ar", "16000", "-c:a", "libmp3lame", "-b:a", "24k"]),
    "AAC, 16 kbps": (".m4a", ["-ar", "16000", "-c:a", "aac", "-b:a", "16k"]),
}


def encode(source, target, options):
    os.makedirs(os.path.dirname(target), exist_ok=True)
    if not os.path.exists(target):
        part = os.path.join(os.path.dirname(target), ".part-" + os.path.basename(target))
        command = ["ffmpeg", "-v", "error", "-nostdin", "-y", "-i", source, "-map", "a:0", "-ac", "1", *options, part]
        subprocess.run(command, check=True)
        os.rename(part, target)


def main(source, folder):
    root = os.path.dirname(source)
    with open(source, newline="") as file:
        rows = list(csv.DictReader(file))
    for name, (ending, options) in TAKES.items():
        take = os.path.join(folder, name)
        jobs = []
        for row in rows:
            path = os.path.splitext(row["path"])[0] + ending
            jobs.append((os.path.join(root, row["path"]), os.path.join(take, path), options))
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            list(pool.map(lambda job: encode(*job), jobs))
        with open(os.path.join(take, "manifest.csv"), "w", newline="") as file:
            to = csv.DictWriter(file, list({**rows[0], "recording": None}))
            to.writeheader()
            for row in rows:
                # A clip without a recording is one of its own, which goes by its path in the first list.
                recording = row.get("recording") or row["path"]
                path = os.path.splitext(row["path"])[0] + ending
                to.writerow({**row, "recording": recording, "path": path})
        print(f"{take}: {len(rows)} clips")


if len(sys.argv) != 3:
    sys.exit(__doc__)
main(*sys.argv[1:])
