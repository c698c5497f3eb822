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
    from PIL import Image, ImageOps
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


# In the order of the enums.
FILTERS = [Image.BILINEAR, Image.BOX, Image.BICUBIC, Image.LANCZOS]
FITS = [Image.Image.resize, ImageOps.fit, ImageOps.pad]
MODES = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}


def resize_cases():
    sizes = [(1, 1), (1, 7), (5, 1), (8, 8), (13, 21), (64, 48), (100, 37)]
    for rows, cols in sizes:
        for to in sizes + [(rows, 50), (33, cols), (rows, cols)]:
            yield (rows, cols), to
    yield (1, 2000), (1, 3)
    yield (1500, 2), (1, 2)
    for _ in range(60):
        yield tuple(rng.integers(1, 150, 2)), tuple(rng.integers(1, 150, 2))


def resized(image, mode, to, how, fit):
    """None where Pillow would have no pixels left."""
    try:
        return np.asarray(FITS[fit](Image.fromarray(image, mode),
                                    (int(to[1]), int(to[0])), FILTERS[how]))
    except ValueError:
        assert fit == 2
        return None


def check_resize(folder):
    """Every size with BILINEAR, and each with one of the other ways."""
    ways = [(how, fit) for fit in range(3) for how in range(4)]
    n = 0
    for channels, mode in MODES.items():
        for (rows, cols), to in resize_cases():
            image = random_image(rows, cols, channels)
            for how, fit in (0, 0), ways[1 + n % 11]:
                wanted = resized(image, mode, to, how, fit)
                got = ours(folder, image, "resize", *to, how, fit)
                assert got.shape[:2] == tuple(to)
                assert wanted is None or np.array_equal(got, wanted), (
                    mode, image.shape, to, how, fit)
            n += 1
    return 2 * n


def check_gray(folder, image, rgb):
    """All of RGB: the sum of skimage's is BLAS's, so one bit may differ."""
    got = ours(folder, image, "color", "rgb2gray")
    assert got.dtype == np.float64
    assert np.abs(got - rgb2gray(rgb)).max() <= 2.0 ** -53


def check_color(folder):
    for channels in (3, 4):
        image = random_image(50, 40, channels)
        rgb = image[..., :3]
        wanted = np.asarray(Image.fromarray(rgb, "RGB").convert("L"))
        assert np.array_equal(ours(folder, image, "color", "gray"), wanted)
        assert np.array_equal(ours(folder, image, "color", "color"), rgb)
        assert np.array_equal(ours(folder, image, "color", "all"), image)
        check_gray(folder, image, rgb)
        deep = rng.integers(0, 65536, image.shape, dtype=np.uint16)
        check_gray(folder, deep, deep[..., :3])
        weights = np.array([19595, 38470, 7471], dtype=np.uint64)
        wanted = (deep[..., :3] @ weights + 0x8000 >> 16).astype(np.uint16)
        assert np.array_equal(ours(folder, deep, "color", "gray"), wanted)
    for channels in (1, 2):
        image = random_image(50, 40, channels)
        gray = image if channels == 1 else image[..., 0]
        for word in ("gray", "rgb2gray", "color"):
            assert np.array_equal(ours(folder, image, "color", word), gray)
        assert np.array_equal(ours(folder, image, "color", "all"), image)


with tempfile.TemporaryDirectory() as folder:
    print("%d resized images equal Pillow's" % check_resize(folder))
    check_color(folder)
    print("colours equal Pillow's and scikit-image's")
