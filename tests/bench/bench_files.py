#!/usr/bin/python3
"""What NumPy and joblib take for what bench_files measures.

    bench_files.py make FOLDER    write the files
    bench_files.py FOLDER         load them, and print the seconds of each
"""
import os
import sys
import time

import joblib
import numpy as np

MEMBERS, SIZE = 8, 1 << 22


def timed(function):
    start = time.perf_counter()
    kept = function()
    seconds = time.perf_counter() - start
    del kept
    return seconds


def load_npz(path):
    with np.load(path) as file:
        return [file[name] for name in file.files]


def make(path):
    random = np.random.default_rng(1)
    arrays = {}
    for i in range(MEMBERS):
        at = np.arange(i * SIZE, (i + 1) * SIZE, dtype="f4")
        arrays["m%d" % i] = (100 * np.sin(at * np.float32(1e-4)) +
                             random.integers(0, 64, SIZE) *
                             np.float32(0.01)).astype("f4")
    np.savez_compressed(path("deflated.npz"), **arrays)
    np.savez(path("stored.npz"), **arrays)
    whole = np.concatenate(list(arrays.values()))
    joblib.dump(whole, path("zlib.joblib"), compress=3)
    joblib.dump(whole, path("plain.joblib"))


def main():
    def path(name):
        return os.path.join(sys.argv[-1], name)

    if len(sys.argv) < 2:
        sys.exit("run by bench_files: make bench")
    if sys.argv[1] == "make":
        make(path)
        return
    for load in (lambda: load_npz(path("deflated.npz")),
                 lambda: load_npz(path("stored.npz")),
                 lambda: joblib.load(path("zlib.joblib")),
                 lambda: joblib.load(path("plain.joblib")),
                 lambda: joblib.load(path("plain.joblib"), mmap_mode="r")):
        print(timed(load))


main()
