"""Random numbers are NumPy's, bit for bit; normal ones are the polar method's
of NumPy's numbers and logarithm, but for rounding.

    philox.py PHILOX_DUMP
"""
import subprocess
import sys

import numpy as np

TOP = 2**64 - 1
N = 50003
LIMITS = [2**32 + 1, 10**15, 2**63 + 1, 2**64 // 3 * 2 + 3, TOP]


def philox(seed, stream):
    return np.random.Philox(key=seed + (stream << 64))


def dump(program, dtype, *words):
    done = subprocess.run([program, *map(str, words)], check=True,
                          stdout=subprocess.PIPE)
    return np.frombuffer(done.stdout, dtype)


def polar(seed, stream):
    points = np.random.Generator(philox(seed, stream)).random(4 * N) * 2 - 1
    x, y = points.reshape(-1, 2).T
    s = x * x + y * y
    inside = (s > 0) & (s < 1)
    x, s = x[inside][:N], s[inside][:N]
    assert len(x) == N
    return x * np.sqrt(-2 * np.log(s) / s)


def compare(program, seed, stream):
    """The failures of one sequence."""
    failed = []
    if not np.array_equal(dump(program, "u8", "raw", seed, stream, N),
                          philox(seed, stream).random_raw(N)):
        failed.append("raw")
    if not np.array_equal(dump(program, "f8", "floats", seed, stream, N),
                          np.random.Generator(philox(seed, stream)).random(N)):
        failed.append("floats")
    for n in LIMITS:
        wanted = np.random.Generator(philox(seed, stream)).integers(
            n, size=N, dtype="u8")
        if not np.array_equal(
                dump(program, "u8", "below", seed, stream, N, n), wanted):
            failed.append(f"below {n}")
    normal = dump(program, "f8", "normal", seed, stream, N)
    wanted = polar(seed, stream)
    if not np.all(np.abs(normal - wanted) <= 8e-16 * np.abs(wanted)):
        failed.append("normal")
    return failed


def main():
    random = np.random.default_rng(1)
    keys = [(0, 0), (0, 1), (1, 0), (TOP, TOP)]
    keys += [tuple(map(int, random.integers(TOP, size=2, dtype="u8")))
             for _ in range(20)]
    failures = 0
    for seed, stream in keys:
        for what in compare(sys.argv[1], seed, stream):
            print("FAIL", what, "of seed", seed, "and stream", stream)
            failures += 1
    print(f"{len(keys)} sequences compared with NumPy, {failures} differ")
    sys.exit(failures != 0)


main()
