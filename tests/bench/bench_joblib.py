#!/usr/bin/python3
"""HOG of 200 photographs by joblib and scikit-image with two jobs.

    bench_joblib.py JPEG...

Prints seconds: pool started and warm, imports done, as a Python program that
goes on would see it.
"""
import sys
import time

import numpy as np
from joblib import Parallel, delayed
from PIL import Image
from skimage.feature import hog


def features(path):
    pixels = np.asarray(Image.open(path))
    return hog(pixels, channel_axis=-1 if pixels.ndim == 3 else None)


def main():
    paths = [sys.argv[1 + i % (len(sys.argv) - 1)] for i in range(200)]
    with Parallel(n_jobs=2) as parallel:
        parallel(delayed(features)(path) for path in paths[:4])
        start = time.perf_counter()
        np.array(parallel(delayed(features)(path) for path in paths))
        print(f"{time.perf_counter() - start:.3f}")


main()
