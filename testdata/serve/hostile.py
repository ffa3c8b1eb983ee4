"""Sends a service what strangers send: broken files, bombs, wrong lengths, slow and idle connections.

usage: hostile.py URL MUTANTS [PID]
Prints how often each answer came and how the memory of process PID went. Ends with 1 if an answer was missing, was a
defect (500, 502), or the service does not live in the end. Needs ffmpeg for the bombs.
"""

import collections
import http.client
import os
import random
import resource
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

url, mutants = urllib.parse.urlparse(sys.argv[1]), int(sys.argv[2])
pid = sys.argv[3] if len(sys.argv) > 3 else None
host, port = url.hostname, url.port
audio = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "audio")
files = [open(os.path.join(audio, name), "rb").read() for name in sorted(os.listdir(audio)) if not name.endswith(".py")]
wrong = []


def memory():
    if pid is None:
        return 0
    return int(open(f"/proc/{pid}/statm").read().split()[1]) * resource.getpagesize() >> 20


def post(connection, body, headers=None):
    connection.request("POST", "/v1/classify", body, headers or {})
    answer = connection.getresponse()
    return answer.status, answer.read()


def mutant(chance):
    data = bytearray(chance.choice(files))
    kind = chance.randrange(6)
    if kind == 0:
        del data[chance.randrange(len(data)) :]
    elif kind == 1:
        for _ in range(chance.randrange(1, 20)):
            data[chance.randrange(len(data))] = chance.randrange(256)
    elif kind == 2:  # the head, where the lengths stand
        for _ in range(chance.randrange(1, 8)):
            data[chance.randrange(min(200, len(data)))] = chance.choice([0, 1, 0x7F, 0x80, 0xFF])
    elif kind == 3:
        at = chance.randrange(len(data))
        del data[at : at + chance.randrange(1, 4000)]
    elif kind == 4:
        at = chance.randrange(len(data))
        data[at:at] = chance.choice(files)[: chance.randrange(1, 4000)]
    else:
        other = chance.choice(files)
        data = data[: chance.randrange(len(data))] + other[chance.randrange(len(other)) :]
    return bytes(data)


def run_mutants():
    counts = collections.Counter()
    lock = threading.Lock()

    def work(seed, number):
        chance = random.Random(seed)
        connection = http.client.HTTPConnection(host, port, timeout=90)
        for _ in range(number):
            body = mutant(chance)
            try:
                status, answer = post(connection, body)
            except Exception as error:  # no answer is the worst of answers
                connection = http.client.HTTPConnection(host, port, timeout=90)
                status, answer = repr(error), b""
            if status not in (200, 422, 429):
                wrong.append((seed, status, answer[:200], body[:16]))
            with lock:
                counts[status] += 1

    threads = [threading.Thread(target=work, args=(seed, mutants // 8)) for seed in range(8)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    print("mutants:", dict(counts), "memory", memory(), "MiB", flush=True)


def run_bombs():
    """Small files that become very long, and heads that lie."""
    with tempfile.TemporaryDirectory() as folder:

        def ffmpeg(name, *arguments):
            path = os.path.join(folder, name)
            subprocess.run(["ffmpeg", "-loglevel", "error", "-f", "lavfi", *arguments, path], check=True)
            return open(path, "rb").read()

        silence = "anullsrc=r=192000:cl=stereo"
        bombs = {
            "flac, 3 h of silence": ffmpeg("a.flac", "-i", silence, "-t", "10800"),
            "mp3, 3 h of silence": ffmpeg("a.mp3", "-i", "anullsrc=r=8000:cl=mono", "-t", "10800", "-b:a", "8k"),
            "ogg, 3 h of silence": ffmpeg("a.ogg", "-i", "anullsrc=r=44100:cl=mono", "-t", "10800"),
        }
    hours = bytearray(b"RIFF\xff\xff\xff\xffWAVEfmt ")
    hours += struct.pack("<IHHIIHH", 16, 1, 1, 16000, 32000, 2, 16) + b"data" + struct.pack("<I", 1_152_000_000)
    bombs["wav, a head of ten hours and 1 s"] = bytes(hours) + bytes(32000)
    bombs["wav, a head of ten hours and nothing"] = bytes(hours)
    for name, body in bombs.items():
        started = time.time()
        connection = http.client.HTTPConnection(host, port, timeout=90)
        status, answer = post(connection, body)
        took = time.time() - started
        print(f"{name}: {len(body)} bytes: {status} in {took:.2f} s {answer[:110]!r} memory {memory()} MiB", flush=True)
        if status not in (200, 422):
            wrong.append((name, status, answer[:200]))


def opened(head=b""):
    connection = socket.create_connection((host, port), timeout=90)
    if head:
        connection.sendall(head)
    return connection


def first_line(connection):
    try:
        return connection.recv(65536).split(b"\r\n")[0].decode() or "closed"
    except TimeoutError:
        return "nothing"
    except OSError as error:
        return type(error).__name__


def run_lengths():
    head = b"POST /invocations HTTP/1.1\r\nHost: x\r\n"
    wav = next(data for data in files if data[:4] == b"RIFF")
    for name, request, allowed in [
        ("length too small", head + b"Content-Length: 100\r\n\r\n" + wav, ["422"]),
        ("length too large", head + b"Content-Length: 99999999\r\n\r\n" + wav, ["408"]),
        ("length over the limit", head + b"Content-Length: 999999999999\r\n\r\n" + wav, ["413", "408"]),
        ("length negative", head + b"Content-Length: -1\r\n\r\n" + wav, ["400"]),
        ("two lengths", head + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n" + wav, ["400"]),
        ("length and chunks", head + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", ["400", "422"]),
        ("a chunk that is no chunk", head + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", ["400"]),
        ("a chunk of 2^60", head + b"Transfer-Encoding: chunked\r\n\r\n1000000000000000\r\nRIFF", ["408", "413"]),
        ("1000 headers", head + b"".join(b"X-%d: y\r\n" % i for i in range(1000)) + b"\r\n", ["431"]),
        ("a header of 1 MB", head + b"X: " + b"y" * 1_000_000 + b"\r\n\r\n", ["431"]),
        ("TLS", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(100), ["400"]),
    ]:
        connection = opened()
        try:
            connection.sendall(request)
        except OSError:
            pass
        line = first_line(connection)
        print(f"{name}: {line}", flush=True)
        if not any(f" {status} " in line for status in allowed):
            wrong.append((name, line))


def run_slow_and_idle(count=10_000):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    before = memory()
    idle = [opened() for _ in range(count)]
    drips = [opened(b"POST /invocations HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\nRIFF") for _ in range(200)]
    heads = [opened(b"POST /invocations HTTP/1.1\r\nX-Slow: ") for _ in range(200)]
    during = memory()
    slowest = 0
    end = time.time() + 8
    while time.time() < end:
        started = time.time()
        status, _ = post(http.client.HTTPConnection(host, port, timeout=90), files[0])
        slowest = max(slowest, time.time() - started)
        if status not in (200, 422):
            wrong.append(("beside idle connections", status))
        for connection in drips[:50]:
            try:
                connection.sendall(b"x")
            except OSError:
                pass
        time.sleep(0.2)
    lines = collections.Counter(first_line(connection) for connection in drips[50:])
    print(f"{count} idle, 200 slow bodies, 200 slow heads: memory {before} -> {during} MiB; slowest answer beside them {slowest:.3f} s")
    print("slow bodies:", dict(lines))
    print("slow heads:", dict(collections.Counter(first_line(connection) for connection in heads)))
    if any(" 408 " not in line for line in lines):
        wrong.append(("slow bodies", dict(lines)))
    closed = collections.Counter(first_line(connection) for connection in idle)
    print("idle connections:", dict(closed))
    [connection.close() for connection in idle + drips + heads]
    time.sleep(2)
    print("memory afterwards", memory(), "MiB", flush=True)


run_bombs()
run_lengths()
run_mutants()
run_slow_and_idle()
mutants = 800
run_mutants()
connection = http.client.HTTPConnection(host, port, timeout=10)
connection.request("GET", "/health/live")
alive = connection.getresponse().status
print("lives:", alive)
if wrong or alive != 200:
    print(len(wrong), "WRONG:", *wrong[:20], sep="\n")
    sys.exit(1)
print("all well")
