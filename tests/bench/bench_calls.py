#!/usr/bin/python3
"""What joblib takes for what bench_calls measures: calls with two numbers.

    bench_calls.py [N]
"""
import math
import sys
import time

from joblib import Parallel, delayed


def add(a, b):
    return a + b


def measure(name, n, **options):
    with Parallel(n_jobs=2, **options) as parallel:
        parallel(delayed(add)(i, 0.5) for i in range(4))
        start = time.perf_counter()
        parallel(delayed(add)(i, 0.5) for i in range(n))
        seconds = time.perf_counter() - start
    print(f"{name:31s} {seconds / n * 1e6:.3f} us a call")


def spread(name, n_jobs, seconds):
    with Parallel(n_jobs=n_jobs) as parallel:
        parallel(delayed(add)(i, 0.5) for i in range(2 * n_jobs))
        start = time.perf_counter()
        parallel(delayed(time.sleep)(s) for s in seconds)
        took = time.perf_counter() - start
    share = sum(seconds) / n_jobs
    print(f"{name:31s} {took:.3f} s, an even share {share:.3f} s: "
          f"{took / share:.3f} times")


def main():
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 100000
    measure("joblib, batches of its own", n)
    measure("joblib, one by one", n // 20, batch_size=1)
    spread("20 calls of 0.5 s, 10 workers", 10, [0.5] * 20)
    spread("300 calls, cos^8 of 0.1 s", 2,
           [0.1 * math.cos(i / 20) ** 8 for i in range(300)])
    spread("20000 short ones, then 40 long", 2, [0] * 20000 + [0.02] * 40)


main()
