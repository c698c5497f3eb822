#!/usr/bin/python3
"""OpenCV and Pillow beside bench_methods, turn by turn: megapixels a second.

Usage: bench_methods.py BENCH_METHODS.  Exit status 77 without them.
"""
import subprocess
import sys
import time

try:
    import cv2
    import numpy as np
    from PIL import Image
except ImportError as missing:
    print("skipped: %s" % missing)
    sys.exit(77)

SIZE, TURNS, ROUNDS = 512, 3, 15
MODES = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}


def paint(channels):
    width = SIZE * channels
    y, x = np.mgrid[0:SIZE, 0:width]
    noise = np.random.default_rng(1).integers(0, 256, y.shape) / 8
    values = 120 + 60 * np.sin(y / 9 + x / 17) + 40 * np.cos(x / 5) + noise
    image = values.astype(np.uint8).reshape(SIZE, SIZE, channels)
    return image[..., 0].copy() if channels == 1 else image


def cases():
    hog = cv2.HOGDescriptor((SIZE, SIZE), (16, 16), (8, 8), (8, 8), 9, 1, -1,
                            0, 0.2, True)
    for name, channels in (("gray", 1), ("RGB", 3)):
        image = paint(channels)
        yield "dalal-triggs " + name, lambda image=image: hog.compute(image)
    for channels, mode in MODES.items():
        image = Image.fromarray(paint(channels), mode)
        for rows, cols in ((128, 64), (300, 400), (800, 900)):
            yield ("resize %d channels to %dx%d" % (channels, rows, cols),
                   lambda image=image, to=(cols, rows):
                   image.resize(to, Image.BILINEAR))


def theirs(call):
    best = np.inf
    for _ in range(ROUNDS):
        start = time.perf_counter()
        call()
        best = min(best, time.perf_counter() - start)
    return SIZE * SIZE / best / 1e6


def ours():
    text = subprocess.run([sys.argv[1]], check=True, stdout=subprocess.PIPE,
                          text=True).stdout
    lines = [line.rsplit(None, 1) for line in text.splitlines()[1:]]
    return {name.strip(): float(value) for name, value in lines}


cv2.setNumThreads(1)
best_ours, best_theirs = {}, {}
for _ in range(TURNS):
    for name, call in cases():
        best_theirs[name] = max(best_theirs.get(name, 0), theirs(call))
    for name, value in ours().items():
        best_ours[name] = max(best_ours.get(name, 0), value)
print("%-36s %9s %9s %6s" % ("Mpixel/s", "foray", "theirs", "ratio"))
for name, value in best_theirs.items():
    print("%-36s %9.1f %9.1f %6.2f" % (name, best_ours[name], value,
                                       best_ours[name] / value))
