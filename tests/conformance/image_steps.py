#!/usr/bin/python3
"""Resampling and colours compared with Pillow and scikit-image.

Usage: image_steps.py IMAGE_DUMP.  Exit status 77 without them.
"""
import os
import subprocess
import sys
import tempfile

try:
    import numpy as np
    from PIL import Image
    from skimage.color import rgb2gray
except ImportError as missing:
    print("skipped: %s" % missing)
    sys.exit(77)

dump = sys.argv[1]
rng = np.random.default_rng(11)


def ours(folder, pixels, *args):
    names = [os.path.join(folder, name) for name in ("i.npy", "o.npy")]
    np.save(names[0], pixels)
    subprocess.run([dump, args[0], *names, *map(str, args[1:])], check=True)
    return np.load(names[1])


def random_image(rows, cols, channels):
    shape = (rows, cols) if channels == 1 else (rows, cols, channels)
    return rng.integers(0, 256, shape, dtype=np.uint8)


def check_resize(folder):
    sizes = [(1, 1), (1, 7), (5, 1), (8, 8), (13, 21), (64, 48), (100, 37)]
    modes = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}
    n = 0
    for channels, mode in modes.items():
        for rows, cols in sizes:
            image = random_image(rows, cols, channels)
            for to in sizes + [(rows, 50), (33, cols), (rows, cols)]:
                wanted = np.asarray(Image.fromarray(image, mode).resize(
                    (to[1], to[0]), Image.BILINEAR))
                got = ours(folder, image, "resize", *to)
                assert np.array_equal(got, wanted), (mode, image.shape, to)
                n += 1
    return n


def check_color(folder):
    for channels in (3, 4):
        image = random_image(50, 40, channels)
        rgb = image[..., :3]
        wanted = np.asarray(Image.fromarray(rgb, "RGB").convert("L"))
        assert np.array_equal(ours(folder, image, "color", "gray"), wanted)
        got = ours(folder, image, "color", "rgb2gray")
        assert np.abs(got - rgb2gray(rgb)).max() < 1e-15
        assert np.array_equal(ours(folder, image, "color", "color"), rgb)
        assert np.array_equal(ours(folder, image, "color", "all"), image)
        deep = image.astype(np.uint16) * 257
        got = ours(folder, deep, "color", "rgb2gray")
        assert np.abs(got - rgb2gray(deep[..., :3])).max() < 1e-15
        assert ours(folder, deep, "color", "gray").dtype == np.uint16


with tempfile.TemporaryDirectory() as folder:
    print("%d resized images equal Pillow's" % check_resize(folder))
    check_color(folder)
