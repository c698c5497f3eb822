#!/usr/bin/python3
"""`foray stats` and `foray info` against NumPy: random arrays, parts and axes.

The command is ./foray, or $FORAY.
"""
import json
import math
import os
import subprocess
import sys
import tempfile
import warnings

try:
    import numpy as np
except ImportError as error:
    print(f"SKIPPED: {error}: apt-get install python3-numpy")
    sys.exit(77)

FORAY = os.path.abspath(os.environ.get("FORAY", "foray"))
CASES = int(os.environ.get("FORAY_CASES", "60"))
DTYPES = ["?", "i1", "<i2", ">i4", "<i8", "u1", ">u2", "<u4", "<u8",
          "<f2", "<f4", ">f8", "<f8"]
random = np.random.default_rng(7)


def run(*arguments, status=0):
    """Standard output of the command."""
    done = subprocess.run([FORAY, *arguments], capture_output=True, text=True,
                          check=False)
    if done.returncode != status:
        sys.exit(f"foray {' '.join(arguments)}: exit status {done.returncode}: "
                 f"{done.stderr}")
    return done.stdout


def make_array():
    """Any dtype and order, NaNs and infinities among floats."""
    dtype = np.dtype(str(random.choice(DTYPES)))
    shape = tuple(random.integers(0, 9, random.integers(0, 4)))
    x = np.asarray(random.normal(0, 20, shape))
    if dtype.kind == "f" and x.size and random.random() < 0.5:
        x[random.random(shape) < 0.3] = np.nan
        if random.random() < 0.3:
            x.flat[0] = np.inf
    if dtype.kind in "u?":
        x = abs(x)
    x = x.astype(dtype)
    return np.asfortranarray(x) if random.random() < 0.3 else x


def make_part(ndim):
    """Text of brackets, and what it means."""
    items = []
    for _ in range(random.integers(0, ndim + 1)):
        kind = random.integers(0, 4)
        bound = [int(i) for i in random.integers(-10, 10, 2)]
        items.append([f"{bound[0]}:{bound[1]}", "::-1", "::2", "..."][kind])
        if items.count("...") == 2:
            items.pop()
    return f"[{','.join(items)}]" if items else ""


def same(got, wanted):
    """Numbers as `foray stats --json` has them."""
    if isinstance(wanted, list):
        return len(got) == len(wanted) and all(map(same, got, wanted))
    if isinstance(wanted, int):
        return got == wanted
    if wanted is None or math.isnan(wanted):
        return got is None
    if math.isinf(wanted):
        return got == ("inf" if wanted > 0 else "-inf")
    return isinstance(got, (int, float)) and math.isclose(
        got, wanted, rel_tol=1e-12, abs_tol=1e-11)


def expected(x, axis):
    """What NumPy says; None where there is no number."""
    if axis is not None:
        kept = np.moveaxis(x, axis, -1)
        if kept.ndim == 1:
            return expected(kept, None)
        parts = [expected(row, -1) for row in kept]
        return {name: [part[name] for part in parts]
                for name in ("count", "nans", "min", "max", "mean", "std", "sum")}
    numbers = x.ravel()
    whole = x.dtype.kind in "iu?"
    if not whole:
        numbers = numbers[~np.isnan(numbers)].astype("f8")
    facts = {"count": x.size, "nans": x.size - numbers.size}
    if not numbers.size:
        return facts | dict.fromkeys(("min", "max", "mean", "std", "sum"))
    if whole:
        items = [int(item) for item in numbers]
        return facts | {"min": min(items), "max": max(items), "sum": sum(items),
                        "mean": sum(items) / len(items),
                        "std": float(np.std(numbers.astype("f8")))}
    return facts | {"min": float(numbers.min()), "max": float(numbers.max()),
                    "mean": float(numbers.mean()), "std": float(numbers.std()),
                    "sum": float(numbers.sum())}


def check_case(work, case):
    """One array, as a file of one of three kinds."""
    x, path = make_array(), os.path.join(work, "x.npy")
    np.save(path, x)
    if case % 3 == 1 and not x.dtype.hasobject:
        path = os.path.join(work, "x.npz:inner")
        np.savez(path[:-6], other=np.arange(3), inner=x)
    part = make_part(x.ndim)
    wanted = eval(f"x{part}") if part else x  # pylint: disable=eval-used
    axis = None
    if wanted.ndim and random.random() < 0.5:
        axis = int(random.integers(-wanted.ndim, wanted.ndim))
    options = [] if axis is None else ["--axis", str(axis)]
    got = json.loads(run("stats", "-j2", "--json", *options, path + part))
    facts = expected(wanted, axis)
    for name, value in facts.items():
        if not same(got[name], value):
            sys.exit(f"case {case}: {x.dtype}{x.shape}{part} axis {axis}: {name} "
                     f"is {got[name]}, not {value}")
    info = json.loads(run("info", "--json", path))
    if (info["shape"], info["nbytes"]) != (list(x.shape), x.nbytes):
        sys.exit(f"case {case}: info says {info} of {x.dtype}{x.shape}")


def check_names(work):
    """Files whose names look like parts win over these."""
    np.save(os.path.join(work, "a.npy"), np.arange(4.0))
    np.save(os.path.join(work, "a.npy[1]"), np.arange(6.0))
    os.rename(os.path.join(work, "a.npy[1].npy"), os.path.join(work, "a.npy[1]"))
    np.savez(os.path.join(work, "b:c.npz"), **{"d[0]": np.arange(9.0), "d": [1.0, 2]})
    for name, count in (("a.npy", 4), ("a.npy[1]", 6), ("a.npy[1][2]", 1),
                        ("a.npy[2]", 1), ("b:c.npz:d[0]", 9), ("b:c.npz:d", 2),
                        ("b:c.npz:d[1]", 1), ("b:c.npz:d[0][-3:]", 3)):
        got = json.loads(run("stats", "--json", os.path.join(work, name)))
        if got["count"] != count:
            sys.exit(f"{name}: {got['count']} elements, not {count}")
    path = os.path.join(work, "a.npy")
    run("stats", path + "[::0]", status=2)
    run("stats", path + "[x]", status=2)
    run("stats", path + "[0,0]", status=1)
    run("stats", path + "[4]", status=1)
    run("stats", path + ":x", status=1)
    run("stats", "--axis", "1", path, status=1)
    run("stats", "--axis", "x", path, status=2)
    run("stats", status=2)
    run("info", path + "[0]", status=2)
    run("info", os.path.join(work, "b:c.npz:nix"), status=1)
    np.save(path, np.array([1j]))
    run("stats", path, status=1)


def main():
    """All cases."""
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as work:
        for case in range(CASES):
            check_case(work, case)
        check_names(work)


main()
