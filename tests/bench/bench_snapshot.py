#!/usr/bin/python3
"""What joblib takes for what bench_snapshot measures: a large array in memory
for a few tasks, in a pool that is made for them.

    bench_snapshot.py [MB]
"""
import sys
import time

import numpy as np
from joblib import Parallel, delayed
from joblib.externals.loky import get_reusable_executor


def peek(x, i):
    return float(x[i])


def best_of(rounds, function):
    best = 1e9
    for _ in range(rounds):
        # As if nothing had run before: loky keeps its workers.
        get_reusable_executor().shutdown(wait=True)
        start = time.perf_counter()
        function()
        best = min(best, time.perf_counter() - start)
    return best


def tell(name, seconds):
    print(f"joblib, {name:36s} {seconds * 1e3:7.1f} ms", flush=True)


def main():
    n = (int(sys.argv[1]) if len(sys.argv) > 1 else 800) * 125000
    x = np.arange(n, dtype=float)
    for backend in ("loky", "multiprocessing"):
        tell(f"8 tasks, {backend}", best_of(3, lambda: Parallel(
            n_jobs=2, backend=backend)(
                delayed(peek)(x, i * (n // 8)) for i in range(8))))
    x = np.arange(12500000, dtype=float)
    for backend in ("threading", "loky"):
        tell(f"100 means, {backend}", best_of(3, lambda: Parallel(
            n_jobs=2, backend=backend)(
                delayed(np.mean)(x) for _ in range(100))))


main()
