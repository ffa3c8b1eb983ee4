"""Writes g711.csv beside this file: mu-law and A-law of all 16-bit samples, by Python's own module audioop.

    python3.11 generate.py

audioop is in Python up to 3.12; its code is that of Sun Microsystems' g711.c. A row stands for the samples from its
first column to the next row's: the mu-law code, the sample it decodes to, and the same of A-law.
"""
import audioop, os, struct

HERE = os.path.dirname(os.path.abspath(__file__))

with open(os.path.join(HERE, "g711.csv"), "w", newline="\n") as out:
    out.write("from,mu_law,mu_law_sample,a_law,a_law_sample\n")
    before = None
    for sample in range(-32768, 32768):
        pcm = struct.pack("<h", sample)
        mu, a = audioop.lin2ulaw(pcm, 2), audioop.lin2alaw(pcm, 2)
        row = (mu[0], struct.unpack("<h", audioop.ulaw2lin(mu, 2))[0],
               a[0], struct.unpack("<h", audioop.alaw2lin(a, 2))[0])
        if row != before:
            out.write(",".join(map(str, (sample, *row))) + "\n")
            before = row
