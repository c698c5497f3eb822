#!/usr/bin/python3
"""Nearest neighbours of HOG features of Fashion-MNIST: `foray knn` and
scikit-learn's brute force, both on all CPUs, alternating in one run.

    bench_knn.py [IMAGES [ROUNDS]]

Needs the Debian packages dataset-fashion-mnist and python3-sklearn. The command
is ./foray, or $FORAY. Exit status 1 when a ratio misses its target, or the
neighbours differ.
"""
import gzip
import os
import subprocess
import sys
import tempfile
import time

import numpy as np
from sklearn.neighbors import NearestNeighbors

FORAY = os.path.abspath(os.environ.get("FORAY", "foray"))
FOLDER = "/usr/share/datasets/fashion-mnist"
K = 10


def images():
    """All 70,000, 28x28."""
    parts = []
    for name in ("train-images-idx3-ubyte.gz", "t10k-images-idx3-ubyte.gz"):
        with gzip.open(os.path.join(FOLDER, name)) as file:
            parts.append(np.frombuffer(file.read(), "u1", offset=16))
    return np.concatenate(parts).reshape(-1, 28, 28)


def main():
    """Both types."""
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 70000
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 2
    missed = False
    with tempfile.TemporaryDirectory(dir="/dev/shm") as work:
        stack, x, out = (os.path.join(work, name)
                         for name in ("stack.npy", "x.npy", "out.npz"))
        np.save(stack, images()[:n])
        for dtype, least in (("f64", 1.0), ("f32", 1.6)):
            subprocess.run([FORAY, "hog", "-q", "--no-index", "--pixels-per-cell",
                            "7x7", "--cells-per-block", "2x2", "--dtype", dtype,
                            "-o", x, stack], check=True)
            features = np.load(x)
            ours, theirs = [], []
            for _ in range(rounds):
                start = time.perf_counter()
                subprocess.run([FORAY, "knn", "-q", x, "-k", str(K), "-o", out],
                               check=True)
                ours.append(time.perf_counter() - start)
                start = time.perf_counter()
                model = NearestNeighbors(n_neighbors=K, algorithm="brute",
                                         n_jobs=-1)
                lengths, order = model.fit(features).kneighbors()
                theirs.append(time.perf_counter() - start)
            with np.load(out) as found:
                indices, distances = found["indices"], found["distances"]
            # Of rows equally near scikit-learn may take any.
            differ = (indices != order) & (np.abs(distances - lengths) > 1e-6)
            ratio = min(theirs) / min(ours)
            missed |= ratio < least or bool(differ.any())
            print(f"knn of {len(features)} x {features.shape[1]} {dtype}, k {K}: "
                  f"foray {min(ours):.2f} s, scikit-learn {min(theirs):.2f} s, "
                  f"ratio {ratio:.2f} (at least {least}); {(indices != order).sum()} "
                  f"others among equally near ones, {differ.sum()} wrong")
    sys.exit(missed)


main()
