#!/usr/bin/python3
"""Write data/hog/*.npy with scikit-image: what the tests of HOG compare with.

Run it in this folder; the files are checked in, so that the tests need no
scikit-image. Made with scikit-image 0.19.3 and NumPy 1.24.2. The images are a
formula, the same as in tests/hog_cases.c.
"""
import os

# NumPy's own AVX-512 arctan2 and sine differ from the C library's in the last
# bit.
os.environ.setdefault(
    'NPY_DISABLE_CPU_FEATURES',
    'AVX512F AVX512CD AVX512_SKX AVX512_CLX AVX512_CNL AVX512_ICL')

import numpy as np
from skimage.feature import hog

# name: dtype, channels (0: gray), then the arguments of hog
CASES = {
    'gray': ('u1', 0, {}),
    'gray_l1': ('u1', 0, {'block_norm': 'L1', 'cells_per_block': (2, 2)}),
    'gray_l2': ('u1', 0, {'block_norm': 'L2', 'orientations': 12,
                          'pixels_per_cell': (9, 7),
                          'cells_per_block': (1, 3)}),
    'gray_l1_sqrt': ('u1', 0, {'block_norm': 'L1-sqrt', 'orientations': 39,
                               'pixels_per_cell': (16, 16),
                               'cells_per_block': (1, 1)}),
    'long_blocks': ('u1', 0, {'orientations': 18, 'pixels_per_cell': (6, 7),
                              'cells_per_block': (5, 4)}),
    'rgb': ('u1', 3, {}),
    'four': ('u1', 4, {'cells_per_block': (2, 2)}),
    'wide': ('u2', 0, {'orientations': 8}),
    'wide_rgb': ('u2', 3, {'cells_per_block': (2, 2)}),
    'signed': ('i1', 0, {'cells_per_block': (2, 2)}),
    'truth': ('?', 0, {'cells_per_block': (2, 2)}),
    'sqrt': ('u1', 0, {'transform_sqrt': True, 'cells_per_block': (2, 2)}),
    'single': ('f4', 0, {'cells_per_block': (2, 2)}),
    'single_rgb': ('f4', 3, {'cells_per_block': (2, 2)}),
    'double': ('f8', 0, {'cells_per_block': (2, 2)}),
}
ROWS, COLS = 33, 42


def pattern(dtype, channels):
    y, x, c = np.mgrid[0:ROWS, 0:COLS, 0:max(channels, 1)]
    values = (7 * y + 13 * x + y * x * x // 16 + 90 * c * (x % 5)) % 256
    dtype = np.dtype(dtype)
    if dtype.kind == 'f':
        values = values / 255
    elif dtype.kind == 'b':
        values = values > 127
    elif dtype.kind == 'i':
        values = values - 128
    elif dtype.itemsize == 2:
        values = values * 257
    image = values.astype(dtype)
    return image if channels else image[..., 0]


def main():
    os.makedirs('hog', exist_ok=True)
    for name, (dtype, channels, args) in CASES.items():
        features, picture = hog(pattern(dtype, channels), visualize=True,
                                channel_axis=-1 if channels else None, **args)
        np.save('hog/%s.npy' % name, features)
        if name in ('gray', 'gray_l2', 'single'):
            np.save('hog/%s_picture.npy' % name, picture)


main()
