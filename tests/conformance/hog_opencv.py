#!/usr/bin/python3
"""Method dalal-triggs compared with OpenCV's HOGDescriptor, within 1e-5.

Usage: hog_opencv.py HOG_DUMP.  Exit status 77 without OpenCV.
"""
import itertools
import os
import subprocess
import sys
import tempfile

try:
    import cv2
    import numpy as np
except ImportError as missing:
    print("skipped: %s" % missing)
    sys.exit(77)

dump = sys.argv[1]
rng = np.random.default_rng(3)


def picture(rows, cols, channels):
    y = np.mgrid[0:rows, 0:cols][0]
    shape = (rows, cols) if channels == 1 else (rows, cols, channels)
    smooth = (60 * np.sin(y / 5) + 70).astype(int)
    values = rng.integers(0, 120, shape)
    values += smooth if channels == 1 else smooth[..., None]
    return np.clip(values, 0, 255).astype(np.uint8)


def main():
    n_cases, worst = 0, 0
    with tempfile.TemporaryDirectory() as folder:
        source, out = (os.path.join(folder, name) for name in ("i.npy", "o.npy"))
        for (rows, cols), channels, n, (cr, cc), (br, bc) in itertools.product(
                [(128, 64), (64, 64), (50, 45)], [1, 3], [9, 8],
                [(8, 8), (6, 10)], [(2, 2), (3, 2)]):
            image = picture(rows, cols, channels)
            window = (cols // cc * cc, rows // cr * cr)
            # The constructor with sizes leaves the square roots out by default.
            theirs = cv2.HOGDescriptor(window, (cc * bc, cr * br), (cc, cr),
                                       (cc, cr), n, 1, -1, 0, 0.2, True)
            bgr = image if channels == 1 else np.ascontiguousarray(
                image[..., ::-1])
            wanted = theirs.compute(bgr, winStride=(cc, cr), padding=(0, 0),
                                    locations=[(0, 0)]).ravel()
            np.save(source, image)
            subprocess.run([dump, source, out, "-", "dalal-triggs",
                            *map(str, (n, cr, cc, br, bc)), "-", "0", "f32"],
                           check=True)
            ours = np.load(out)
            assert ours.shape == wanted.shape
            far = np.abs(ours - wanted).max()
            assert far <= 1e-5, (image.shape, n, (cr, cc), (br, bc), far)
            worst = max(worst, far)
            n_cases += 1
    print("%d images, at most %.1e apart" % (n_cases, worst))


main()
