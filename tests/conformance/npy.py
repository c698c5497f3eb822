"""Compare .npy headers and element conversions with NumPy's.

usage: npy.py ARRAY_CHECK

Headers: what np.save writes is read, and written again byte for byte.
Conversions: all pairs of types in both byte orders equal astype where C and
NumPy define it; where they do not (floats beyond an integer's range), the
clipped value that foray_array_copy promises.
"""
import io
import itertools
import os
import subprocess
import sys
import tempfile
import warnings

import numpy as np

CHECK = sys.argv[1]
NAMES = ('bool i8 i16 i32 i64 u8 u16 u32 u64 f16 f32 f64 c64 c128').split()
CODES = 'b1 i1 i2 i4 i8 u1 u2 u4 u8 f2 f4 f8 c8 c16'.split()
OPAQUE = ['S1', 'S300', '<U7', '>U2', 'V5', 'M8[us]', 'm8[25s]', '>M8[D]',
          'g', 'G', [('a', 'i1'), ('b', '>f4', (2, 3))],
          [('x', [('y', '<u2'), ('z', 'S3', 4)]), ("it's", 'f8')],
          [(('title', 'name'), 'i4')], [('h\u00f6he', 'f8')],
          [('\u03bb', 'f8'), ('\u4e2d', 'i2')],
          np.dtype('i1,f8', align=True), [('f%d' % i, 'f8')
                                          for i in range(400)]]
SHAPES = [(), (0,), (1,), (7,), (2, 3), (3, 1, 2), (0, 5), (5, 0), (2, 0, 3),
          (10, 100), (100, 10), (12345,), (1,) * 32, (2,) * 10]
failures = 0


def fail(message):
    global failures
    failures += 1
    print('FAIL:', message)


def run(*arguments):
    result = subprocess.run([CHECK, *arguments], capture_output=True)
    if result.returncode:
        fail(f'{arguments[0]}: {result.stderr.decode()}')
    return result.stdout


def expected_facts(array, offset):
    dtype = array.dtype
    named = dtype.names is None and dtype.str[1:] in CODES
    descr = str(np.lib.format.dtype_to_descr(dtype))
    name = NAMES[CODES.index(dtype.str[1:])] if named else 'opaque'
    fortran = array.flags.f_contiguous and not array.flags.c_contiguous
    return '|'.join(
        ['1', descr, name, str(int(named and not dtype.isnative)),
         str(int(fortran)), str(dtype.itemsize), str(offset),
         str(array.nbytes), ''.join(f'{n} ' for n in array.shape)])


def check_headers(folder):
    types = [np.dtype(o + c) for o in '<>' for c in CODES]
    types += [np.dtype(t) for t in OPAQUE]
    paths, expected = [], []
    for dtype, shape, order in itertools.product(types, SHAPES, 'CF'):
        array = np.zeros(shape, dtype, order=order)
        path = os.path.join(folder, f'{len(paths)}.npy')
        np.save(path, array)
        paths.append(path)
        expected.append(
            expected_facts(array, os.path.getsize(path) - array.nbytes))
    got = run('header', *paths).decode().splitlines()
    if len(got) != len(expected):
        fail(f'{len(got)} lines for {len(expected)} files')
    for a, b in zip(got, expected):
        if a != b:
            fail(f'header: {a}\n  NumPy: {b}')
    for path in paths:
        os.remove(path)
    return len(paths)


def check_large_shapes():
    shapes = [tuple(10 ** k + d for k in ks) for d in (-1, 0)
              for ks in ((1,), (9,), (18,), (3, 4, 5), (1, 1, 1, 1, 2))]
    for shape, order in itertools.product(shapes, 'CF'):
        out = io.BytesIO()
        np.lib.format.write_array_header_1_0(
            out, {'descr': '<f8', 'fortran_order': order == 'F',
                  'shape': shape})
        got = run('format', '<f8', order, *map(str, shape))
        if got != out.getvalue():
            fail(f'format of {shape} in order {order}')
    return 2 * len(shapes)


def values(dtype, random):
    """Numbers of a type: its limits, its oddities, and random bits."""
    if dtype.kind == 'b':
        return np.array([0, 1, 1, 0, 1], dtype)
    bits = random.integers(0, 256, 600 * dtype.itemsize, 'u1')
    noise = bits.view(dtype)
    if dtype.kind in 'iu':
        info = np.iinfo(dtype)
        edges = [info.min, info.min + 1, 0, 1, 2049, info.max - 1, info.max]
        edges = [e for e in edges if info.min <= e <= info.max]
        return np.concatenate([np.array(edges, dtype), noise,
                               (noise % 3000).astype(dtype)])
    edges = [0., -0., .5, -.5, .99, -.99, 1., -1., 1.5, 2.5, 127.9, 128, 255.5,
             256, -128.9, -129, 32768, 65504, 65519.99, 65520, 65535.5, 65536,
             2. ** 31, 2. ** 31 - .5, -2. ** 31, -2. ** 31 - 1, 2. ** 32,
             2. ** 63, -2. ** 63, 2. ** 64, 1e10, 1e300, -1e300, np.inf,
             -np.inf, np.nan, 2. ** -14, 2. ** -24, 2. ** -25,
             1.0000001 * 2. ** -25, 3 * 2. ** -25, 2. ** -26, 5e-324, 6.1e-5,
             1 + 2. ** -11, 1 + 3 * 2. ** -11, 1 + 2. ** -11 + 2. ** -40]
    if dtype.kind == 'f':
        small = random.normal(0, 3e4, 500)
        tiny = random.normal(0, 1e-5, 500)
        return np.concatenate([np.array(edges).astype(dtype), noise,
                               small.astype(dtype), tiny.astype(dtype)])
    pairs = [complex(a, b) for a in edges for b in (0., -3.25, np.nan)]
    return np.concatenate([np.array(pairs).astype(dtype), noise])


def expected_conversion(source, target):
    with warnings.catch_warnings(), np.errstate(all='ignore'):
        warnings.simplefilter('ignore')
        if target.kind in 'iu' and source.dtype.kind in 'fc':
            real = source.real.astype('f8')  # exact
            info = np.iinfo(target)
            low, high = float(info.min), float(info.max) + (
                0 if target.itemsize == 8 else 1)
            inside = (real > low) & (real < high)
            plain = np.where(inside, real, 0).astype(target)
            clipped = np.zeros(len(real), target)  # NaN stays 0
            clipped[real >= high] = info.max
            clipped[real <= low] = info.min
            return np.where(inside, plain, clipped).astype(target)
        return source.astype(target)


def same(got, expected):
    if expected.dtype.kind == 'c':
        return same(got.real, expected.real) and same(got.imag, expected.imag)
    if expected.dtype.kind == 'f':
        nan = np.isnan(expected)
        if not np.array_equal(np.isnan(got), nan):
            return False
        # The sign of zero counts, the payload of NaN does not.
        return (np.array_equal(got[~nan], expected[~nan]) and
                np.array_equal(np.signbit(got[~nan]),
                               np.signbit(expected[~nan])))
    return np.array_equal(got, expected)


def check_conversions(folder):
    random = np.random.default_rng(7)
    types = [np.dtype(o + c) for o in '<>' for c in CODES]
    sources, jobs, arguments = [], [], []
    for i, dtype in enumerate(types):
        source = values(dtype.newbyteorder('='), random).astype(dtype)
        path = os.path.join(folder, f'source{i}.npy')
        np.save(path, source)
        sources.append((source, path))
    for source, path in sources:
        for target in types:
            out = os.path.join(folder, f'out{len(jobs)}')
            jobs.append((source, target, out))
            arguments += [path, target.str, out]
    run('convert', *arguments)
    for source, target, out in jobs:
        got = np.fromfile(out, target)
        expected = expected_conversion(source, target)
        if not same(got, expected):
            k = next((k for k in range(len(expected))
                      if k >= len(got) or not same(got[k:k + 1],
                                                   expected[k:k + 1])))
            fail(f'{source.dtype.str} {source[k]!r} to {target.str}: '
                 f'{got[k:k + 1]!r}, NumPy: {expected[k]!r}')
    return len(jobs)


def check_every_half(folder):
    halves = np.arange(65536, dtype='u2').view('f2')
    path, out = os.path.join(folder, 'h.npy'), os.path.join(folder, 'h')
    np.save(path, halves)
    for target in ('<f4', '<f8'):
        run('convert', path, target, out)
        if not same(np.fromfile(out, target), halves.astype(target)):
            fail(f'f16 to {target}')
    # Half way between any two halves, and a little to either side.
    finite = np.unique(halves[np.isfinite(halves)]).astype('f8')
    middle = (finite[:-1] + finite[1:]) / 2
    near = np.concatenate([finite, middle, np.nextafter(middle, -np.inf),
                           np.nextafter(middle, np.inf)])
    for dtype in ('<f8', '<f4'):
        source = near.astype(dtype)
        np.save(path, source)
        run('convert', path, '<f2', out)
        if not same(np.fromfile(out, '<f2'), source.astype('<f2')):
            fail(f'{dtype} to f16')
    return 2 * 65536 + 2 * len(near)


if __name__ == '__main__':
    warnings.simplefilter('ignore', UserWarning)  # version 3.0
    np.seterr(over='ignore', invalid='ignore')
    with tempfile.TemporaryDirectory() as folder:
        print(f'{check_headers(folder)} headers of np.save')
        print(f'{check_large_shapes()} headers of large shapes')
        print(f'{check_conversions(folder)} pairs of types')
        print(f'{check_every_half(folder)} conversions from and to f16')
    sys.exit(failures > 0)
