"""Makes tables in the form of AudioSet's strong labels, and what is to come of them.

    python generate.py golden            writes golden/: a small table with all that can be odd, and the expected results
    python generate.py full FOLDER NAMES writes a train table of the true size into FOLDER: 934,821 rows of 103,463 clips,
                                         with labels from NAMES (the real mid_to_display_name.tsv)
    python generate.py copy FOLDER       writes a copy of AudioSet to be cut: 1,000 ten-second FLAC files (44.1 kHz, stereo,
                                         noise that falls with frequency) and plan.csv, one event each; needs ffmpeg

Needs nothing else but Python 3. The expected results are computed here, in the plainest way, and never by Woofer: the join is
the original's merge (an inner join on the mid), the cut its rule (the middle 5 s of longer events), but at the time of
the video: the clip's start and the event's start together.
"""

import csv
import pathlib
import random
import subprocess
import sys

ID = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
HEADER = "segment_id\tstart_time_seconds\tend_time_seconds\tlabel\n"

# Labels of the Tomofun taxonomy, one that it does not name, and their names.
NAMES = {
    "/m/05tny_": "Bark",
    "/m/07qf0zm": "Howl",
    "/t/dd00136": "Whimper (dog)",
    "/m/01y3hg": "Smoke detector, smoke alarm",
    "/m/07rn7sz": "Glass shatter",
    "/m/02pjr4": "Blender, food processor",
    "/m/015p6": "Bird",
    "/m/01j3sz": "Laughter",
    "/m/07sr1lc": "Yell",
    "/m/09x0r": "Speech",
}


def video(rng):
    return "".join(rng.choice(ID) for _ in range(11))


def golden(folder):
    rng = random.Random(7)
    folder.mkdir(parents=True, exist_ok=True)
    mids = list(NAMES)
    videos = [video(rng) for _ in range(60)] + ["-_-_-_-_-_-", "__________1", "_a_1_2_3_4_"]
    rows = []
    for name in videos:
        start = rng.choice([0, 30_000, 30_000, 120_500, 3_600_000])
        for _ in range(rng.randint(1, 9)):
            onset = rng.choice([0, rng.randint(0, 9_900)])
            offset = rng.choice([10_000, rng.randint(onset + 1, 10_000)])
            rows.append((name, start, onset, offset, rng.choice(mids)))
    rows = list(dict.fromkeys(rows))

    def seconds(ms):
        return f"{ms / 1000:.3f}"

    good = [f"{v}_{s}\t{seconds(a)}\t{seconds(b)}\t{mid}" for v, s, a, b, mid in rows]
    odd = {
        "unknown label": "abcdefghijk_0\t1.000\t2.000\t/m/none",
        "duplicate": good[3],
        "reversed": "abcdefghijk_0\t3.000\t2.000\t/m/05tny_",
        "empty": "abcdefghijk_0\t2.000\t2.000\t/m/05tny_",
        "outside": "abcdefghijk_0\t10.000\t12.000\t/m/05tny_",
        "far end": "abcdefghijk_0\t9.000\t10.600\t/m/05tny_",
        "bad time": "abcdefghijk_0\tone\t2.000\t/m/05tny_",
        "negative": "abcdefghijk_0\t-1.000\t2.000\t/m/05tny_",
        "bad id": "short_0\t1.000\t2.000\t/m/05tny_",
        "path": "../../../etc_0\t1.000\t2.000\t/m/05tny_",
        "no start": "abcdefghijk\t1.000\t2.000\t/m/05tny_",
        "few values": "abcdefghijk_0\t1.000",
    }
    lines = good[:]
    for i, line in enumerate(odd.values()):
        lines.insert(20 + 10 * i, line)
    # A byte order mark, Windows line ends, an empty line, and no end to the last line.
    lines.insert(40, "")
    text = "\ufeff" + HEADER.replace("\n", "\r\n") + "\r\n".join(lines)
    (folder / "strong.tsv").write_bytes(text.encode())
    (folder / "names.tsv").write_text("".join(f"{m}\t{n}\n" for m, n in NAMES.items()))

    with open(folder / "joined.tsv", "w", newline="") as file:
        file.write(HEADER.rstrip("\n") + "\tdisplay_name\n")
        for line, (_, _, _, _, mid) in zip(good, rows):
            file.write(f"{line}\t{NAMES[mid]}\n")

    # The original's labels: those of NAMES but Yell (an extended one) and Speech (none).
    fine = {
        "/m/05tny_": ("Barking", "Barking"),
        "/m/07qf0zm": ("Howling", "Howling"),
        "/t/dd00136": ("Crying", "Crying"),
        "/m/01y3hg": ("CO_Smoke", "CO_Smoke"),
        "/m/07rn7sz": ("GlassBreaking", "GlassBreaking"),
        "/m/02pjr4": ("Other", "Blender"),
        "/m/015p6": ("Bird", "Bird"),
        "/m/01j3sz": ("Laugh_Shout_Scream", "Laugh_Shout_Scream"),
    }
    with open(folder / "cuts.csv", "w", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["video", "start_s", "end_s", "class", "fine", "mid", "alone"])
        cuts = set()
        for v, s, a, b, mid in rows:
            if mid not in fine:
                continue
            if b - a > 5_000:
                middle = a + (b - a) // 2 - 2_500
                a, b = middle, middle + 5_000
            # Alone: no other class of the taxonomy sounds in the cut, yells (class Laugh_Shout_Scream) among them.
            others = {**fine, "/m/07sr1lc": ("Laugh_Shout_Scream", "")}
            alone = not any(
                v2 == v and s2 == s and m2 in others and others[m2][0] != fine[mid][0] and a2 < b and b2 > a
                for v2, s2, a2, b2, m2 in rows
            )
            cuts.add((v, seconds(s + a), seconds(s + b), *fine[mid], mid, int(alone)))
        out.writerows(sorted(cuts, key=lambda c: (c[0], float(c[1]), float(c[2]), c[5])))


def full(folder, names, rows=934_821, clips=103_463, seed=1):
    rng = random.Random(seed)
    folder.mkdir(parents=True, exist_ok=True)
    mids = [line.split("\t")[0] for line in pathlib.Path(names).read_text().splitlines()]
    # Few labels make up most of the rows, as in the real table.
    weights = [1 / (i + 1) for i in range(len(mids))]
    rng.shuffle(weights)
    picked = rng.choices(mids, weights, k=rows)
    per_clip = [1] * clips
    for _ in range(rows - clips):
        per_clip[rng.randrange(clips)] += 1
    i = 0
    with open(folder / "audioset_train_strong.tsv", "w") as file:
        file.write(HEADER)
        for count in per_clip:
            clip = f"{video(rng)}_{rng.randrange(0, 60) * 10_000}"
            seen = set()
            while len(seen) < count:
                onset = rng.randrange(0, 9_990)
                offset = min(10_000, onset + int(rng.expovariate(1 / 1_500)) + 1)
                seen.add((onset, offset))
            for onset, offset in sorted(seen):
                file.write(f"{clip}\t{onset / 1000:.3f}\t{offset / 1000:.3f}\t{picked[i]}\n")
                i += 1
    (folder / "mid_to_display_name.tsv").write_text(pathlib.Path(names).read_text())


def copy(folder, files=1_000, seed=1):
    rng = random.Random(seed)
    (folder / "audio").mkdir(parents=True, exist_ok=True)
    made = []
    with open(folder / "plan.csv", "w", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow("file class fine video start_s end_s clip_start_s".split())
        for i in range(files):
            name = video(rng)
            onset = rng.randrange(0, 5_000) / 1000
            out.writerow([f"{name}_1.wav", "Bird", "Bird", name, 30 + onset, 35 + onset, 30])
            path = folder / "audio" / f"{name}.flac"
            if i < 20:
                sound = f"anoisesrc=color=pink:duration=10:sample_rate=44100:seed={i}"
                subprocess.run(
                    ["ffmpeg", "-loglevel", "error", "-y", "-f", "lavfi", "-i", sound, "-ac", "2", str(path)], check=True
                )
                made.append(path)
            else:
                path.write_bytes(made[i % 20].read_bytes())


if __name__ == "__main__":
    here = pathlib.Path(__file__).parent
    if sys.argv[1:] == ["golden"]:
        golden(here / "golden")
    elif len(sys.argv) == 4 and sys.argv[1] == "full":
        full(pathlib.Path(sys.argv[2]), sys.argv[3])
    elif len(sys.argv) == 3 and sys.argv[1] == "copy":
        copy(pathlib.Path(sys.argv[2]))
    else:
        sys.exit(__doc__)
