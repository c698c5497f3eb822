#!/usr/bin/python3
"""Write data/random/*.npy with NumPy: what tests/unit/test_random.c reads.

Run it in this folder; the files are checked in, so that the tests need no
NumPy. Made with NumPy 1.24.2. Row k of raw, floats and integers belongs to row
k of keys, (seed, stream); column i of integers is below limits[i].
"""
import os
import sys

import numpy as np

TOP = 2**64 - 1
KEYS = [(0, 0), (1, 0), (0, 1), (2026, 7), (TOP, TOP), (2**63 + 5, 12345)]
# More than 2^32: below that NumPy draws numbers of 32 bits. The odd ones refuse
# a third or half of the numbers.
LIMITS = [2**32 + 1, 10**12, 2**63 + 1, 2**64 // 3 * 2 + 3, 2**63, TOP] * 3
N = 18


def philox(key):
    seed, stream = key
    return np.random.Philox(key=seed + (stream << 64))


if __name__ == '__main__':
    folder = os.path.join(os.path.dirname(os.path.abspath(sys.argv[0])),
                          'random')
    os.makedirs(folder, exist_ok=True)
    integers = []
    for key in KEYS:
        generator = np.random.Generator(philox(key))
        integers.append([generator.integers(n, dtype='u8') for n in LIMITS])
    for name, array in {
            'keys': np.array(KEYS, 'u8'),
            'limits': np.array(LIMITS, 'u8'),
            'raw': np.array([philox(key).random_raw(N) for key in KEYS]),
            'floats': np.array([np.random.Generator(philox(key)).random(N)
                                for key in KEYS]),
            'integers': np.array(integers, 'u8')}.items():
        np.save(os.path.join(folder, name + '.npy'), array)
