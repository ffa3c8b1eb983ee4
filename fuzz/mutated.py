"""Spoils recordings of all formats at random and lets `woofer classify` read them.

    python3 fuzz/mutated.py --woofer target/release/woofer --model mn04 [--files 20000] [--seed 1] [--keep FOLDER]

Needs nothing but Python 3. Each file is one of testdata/audio with bits turned, bytes set, pieces cut out, doubled, swapped
with those of another file, or cut off. Fails on a panic, a signal, a run that takes too long, more than 300 MB, and on a file
that is neither read nor refused.
"""
import argparse
import collections
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import time

MOST_BYTES = 300 << 20
SECONDS_A_FILE = 2.0


def spoil(data, others, rng):
    data = bytearray(data)
    for _ in range(rng.choice([1, 1, 2, 3, 8, 40])):
        if not data:
            break
        # Headers decide most, so half of all changes are made there.
        reach = min(len(data), 256) if rng.random() < 0.5 else len(data)
        at = rng.randrange(reach)
        kind = rng.randrange(8)
        if kind == 0:
            data[at] ^= 1 << rng.randrange(8)
        elif kind == 1:
            data[at] = rng.choice([0, 1, 0x7F, 0x80, 0xFF, rng.randrange(256)])
        elif kind == 2:
            size = rng.choice([2, 4, 8])
            value = rng.choice([0, 1, 2**15, 2**16 - 1, 2**31 - 1, 2**31, 2**32 - 1, 2**63 - 1, 2**64 - 1])
            data[at:at + size] = (value % 2 ** (8 * size)).to_bytes(size, rng.choice(["little", "big"]))
        elif kind == 3:
            del data[at:at + rng.randrange(1, 600)]
        elif kind == 4:
            data[at:at] = data[at:at + rng.randrange(1, 600)]
        elif kind == 5:
            other = rng.choice(others)
            begin = rng.randrange(len(other))
            data[at:at + rng.randrange(1, 600)] = other[begin:begin + rng.randrange(1, 600)]
        elif kind == 6:
            data[at:at + rng.randrange(1, 64)] = rng.randbytes(rng.randrange(1, 64))
        elif rng.random() < 0.3:
            del data[at:]
    return bytes(data)


def run(command, limit):
    """Exit status, peak memory in bytes, output and what was said."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        child = subprocess.Popen(command, stdout=out, stderr=err, stdin=subprocess.DEVNULL)
        end = time.monotonic() + limit
        while True:
            pid, status, usage = os.wait4(child.pid, os.WNOHANG)
            if pid:
                break
            if time.monotonic() > end:
                child.kill()
                os.wait4(child.pid, 0)
                sys.exit(f"a run took more than {limit:.0f} s: {' '.join(command)}")
            time.sleep(0.05)
        child.returncode = os.waitstatus_to_exitcode(status)
        texts = []
        for stream in (out, err):
            stream.seek(0)
            texts.append(stream.read().decode(errors="replace"))
        return child.returncode, usage.ru_maxrss * 1024, *texts


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--woofer", required=True)
    arguments.add_argument("--model", required=True)
    arguments.add_argument("--files", type=int, default=20_000)
    arguments.add_argument("--at-once", type=int, default=1_000)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--keep", type=pathlib.Path, help="where the files of a failed run are left")
    arguments = arguments.parse_args()
    sources = pathlib.Path(__file__).resolve().parent.parent / "testdata/audio"
    sources = sorted(p for p in sources.iterdir() if p.suffix != ".py")
    contents = [p.read_bytes() for p in sources]
    rng = random.Random(arguments.seed)
    done, read, refused, caught, peak = 0, 0, 0, 0, 0
    by_format = collections.Counter()
    started = time.monotonic()
    while done < arguments.files:
        count = min(arguments.at_once, arguments.files - done)
        with tempfile.TemporaryDirectory() as folder:
            for i in range(count):
                place = rng.randrange(len(sources))
                name = f"{i:05}{sources[place].suffix}"
                pathlib.Path(folder, name).write_bytes(spoil(contents[place], contents, rng))
            command = [arguments.woofer, "classify", "--model", arguments.model, "--format", "jsonl", "-k", "1", folder]
            status, memory, out, err = run(command, SECONDS_A_FILE * count)
            rows = [json.loads(line) for line in out.splitlines()]
            peak = max(peak, memory)
            faults = []
            if status not in (0, 1, 3):
                faults.append(f"exit status {status}")
            # Those of Symphonia are caught, and are an error that says so.
            if " panicked at " in err:
                faults.append("a panic")
            if memory > MOST_BYTES:
                faults.append(f"{memory >> 20} MB")
            if len({row["path"] for row in rows}) != count or len(rows) != count:
                faults.append(f"{len(rows)} rows for {count} files")
            if faults:
                if arguments.keep:
                    shutil.copytree(folder, arguments.keep, dirs_exist_ok=True)
                sys.exit(f"after {done} files, seed {arguments.seed}: {', '.join(faults)}\n{err[-4000:]}")
            caught += sum("the decoder panicked" in (row["error"] or "") for row in rows)
        for row in rows:
            suffix = pathlib.Path(row["path"]).suffix
            if row["error"] is None:
                read += 1
                by_format[suffix, "read"] += 1
            else:
                refused += 1
                by_format[suffix, "refused"] += 1
        done += count
        print(f"{done} files: {read} read, {refused} refused, peak {peak >> 20} MB", file=sys.stderr)
    for suffix in sorted({s for s, _ in by_format}):
        print(f"{suffix:6} {by_format[suffix, 'read']:6} read {by_format[suffix, 'refused']:6} refused")
    print(f"{done} files in {time.monotonic() - started:.0f} s: {read} read, {refused} refused, "
          f"{caught} of them since a decoder of Symphonia panicked and was caught; "
          f"no other panic, no hang, peak memory {peak >> 20} MB")


if __name__ == "__main__":
    main()
