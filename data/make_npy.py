#!/usr/bin/python3
"""Write data/npy/*.npy with NumPy: what tests/unit/test_npy.c reads.

Run it in this folder; the files are checked in, so that the tests need no
NumPy. Made with NumPy 1.24.2 (since 1.23 np.save leaves room for growth).
"""
import os
import sys
import warnings

import numpy as np

ARRAYS = {
    'bool_5': np.array([True, False, False, True, True]),
    'i8_0d': np.array(-7, 'i1'),
    'i16_big_2x3': np.arange(-2, 4, dtype='>i2').reshape(2, 3),
    'u64_3x0': np.zeros((3, 0), 'u8'),
    'f16_6': np.array([0, -0.5, 65504, 6e-8, np.inf, np.nan], 'f2'),
    'f32_fortran_2x3': np.asfortranarray(
        np.arange(6, dtype='f4').reshape(2, 3)),
    'f64_2x3x4': np.arange(24, dtype='f8').reshape(2, 3, 4),
    'c64_2x1': np.array([[1 + 2j], [3 - 4j]], 'c8'),
    'c128_big_2': np.array([1 + 2j, -3.5j], '>c16'),
    'i64_32_axes': np.array(9, 'i8').reshape((1,) * 32),
    'text_2': np.array(['ab', 'xyz']),
    'bytes_3': np.array([b'a', b'bc', b'def']),
    'date_1': np.array(['2026-01-02'], 'M8[us]'),
    'structured_2': np.array(
        [(1, (2.5, -1)), (3, (4.5, 5))],
        [('id', '<i4'), ('xy', '>f4', (2,))]),
    'nested_1': np.zeros(1, [('a', [('b', 'u1'), ('c', '<f8')]),
                             ("it's", 'S3')]),
    'latin1_1': np.zeros(1, [('h\u00f6he', '<f8')]),
    'greek_1': np.zeros(1, [('\u03bb', '<f8')]),
}

if __name__ == '__main__':
    warnings.simplefilter('ignore')  # greek_1 needs version 3.0
    folder = os.path.join(os.path.dirname(os.path.abspath(sys.argv[0])), 'npy')
    os.makedirs(folder, exist_ok=True)
    for name, array in ARRAYS.items():
        np.save(os.path.join(folder, name + '.npy'), array)
