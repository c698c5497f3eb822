#!/usr/bin/python3
"""`foray eval` against NumPy, on random expressions over random arrays.

Types must be NumPy 2's, values the same bits but for functions whose last bits
libraries disagree on. eval.py [ROUNDS [SEED]]: each round is some arrays and
eight expressions, one call of the command. The command is ./foray, or $FORAY.
"""
import os
import random
import subprocess
import sys
import tempfile
import warnings

# NumPy's vector functions are less exact than libm's.
os.environ.setdefault("NPY_DISABLE_CPU_FEATURES",
                      "AVX512F AVX512CD AVX512_SKX AVX512_CLX AVX512_CNL "
                      "AVX512_ICL")

import numpy as np

FORAY = os.path.abspath(os.environ.get("FORAY", "foray"))
warnings.simplefilter("ignore")
np.seterr(all="ignore")
if np.lib.NumpyVersion(np.__version__) < "2.0.0":
    np._set_promotion_state("weak")

INTEGERS = ["i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"]
REALS = ["f2", "f4", "f8"]
DTYPES = ["?"] + INTEGERS + REALS + ["c8", "c16"]
NAMES = {"?": "bool", "i1": "i8", "i2": "i16", "i4": "i32", "i8": "i64",
         "u1": "u8", "u2": "u16", "u4": "u32", "u8": "u64", "f2": "f16",
         "f4": "f32", "f8": "f64", "c8": "c64", "c16": "c128"}


class Unlike(Exception):
    """What versions of NumPy do differently."""


def fits(x, dtype):
    """Python's integers must fit, as in NumPy 2."""
    dtype = np.dtype(dtype)
    if type(x) is int and dtype.kind in "iu" and not (
            np.iinfo(dtype).min <= x <= np.iinfo(dtype).max):
        raise OverflowError
    return x


def kind(x):
    return np.result_type(x).kind


def weak(x):
    return type(x) in (int, float, complex)


def where(condition, a, b):
    if weak(a) and weak(b):
        return np.where(condition, a, b)
    dtype = np.result_type(a, b)
    return np.where(condition, np.asarray(fits(a, dtype)).astype(dtype),
                    np.asarray(fits(b, dtype)).astype(dtype))


def power(x, exponent):
    if not weak(x) and kind(x) in "bc" and not (kind(x) == "c" and
                                                exponent == 2):
        raise Unlike
    return x ** exponent


def positive(x):
    return +x if weak(x) or type(x) is bool else np.positive(x)


def reciprocal(x):
    if kind(x) in "iu" and np.any(np.asarray(x) == 0):
        raise Unlike
    return np.reciprocal(x)


def part(name):
    """Of Python's own numbers NumPy takes Python's own parts."""
    def taken(x):
        if weak(x) or type(x) is bool:
            raise Unlike
        return getattr(np, name)(x)
    return taken


def whole(function):
    """Floors of integers are integers since NumPy 2.1."""
    def rounded(x):
        if kind(x) in "iub":
            return np.asarray(x)
        return function(x)
    return rounded


def ordered(function):
    """Complex numbers have an order in NumPy, none in foray."""
    def compared(*args):
        if any(kind(x) == "c" for x in args):
            raise TypeError("complex")
        return function(*args)
    return compared


def cast(name):
    dtype = np.dtype(name)

    def convert(x):
        x = np.asarray(fits(x, dtype))
        if dtype.kind in "iu" and x.dtype.kind in "fc":
            x = x.real.astype("f8")
            info = np.iinfo(dtype)
            out = np.zeros(x.shape, dtype)
            inside = (x > float(info.min)) & (x < float(info.max) + 1)
            out[inside] = x[inside].astype(dtype)
            out[x <= float(info.min)] = info.min
            out[x >= float(info.max) + 1] = info.max
            return out
        if dtype.kind == "f" and x.dtype.kind == "c":
            x = x.real
        return x.astype(dtype)
    return convert


def sign(x):
    if kind(x) in "bc":
        raise TypeError("sign")
    return np.sign(x)


def exactly(function):
    """i64 and u64 are compared as the numbers they are, as in NumPy 2."""
    def compared(a, b):
        a, b = np.asarray(a), np.asarray(b)
        if {a.dtype.kind, b.dtype.kind} == {"i", "u"} and \
                np.result_type(a, b).kind == "f":
            return function(a.astype(object), b.astype(object)).astype(bool)
        return function(a, b)
    return compared


SCOPE = {name: getattr(np, name) for name in
         """add subtract multiply divide floor_divide remainder absolute
         negative square hypot copysign logical_and logical_or
         logical_xor logical_not isnan isinf isfinite signbit sqrt fmod
         conjugate""".split()}
SCOPE.update(
    {name: ordered(getattr(np, name)) for name in ("minimum", "maximum")},
    where=where, sign=sign, real=part("real"), imag=part("imag"), power=power,
    positive=positive, reciprocal=reciprocal, abs=np.absolute,
    clip=ordered(np.core.umath.clip), floor=whole(np.floor),
    ceil=whole(np.ceil), trunc=whole(np.trunc), rint=np.rint)
SCOPE.update({name: cast(dtype) for dtype, name in NAMES.items()})
INEXACT = {
    "cbrt": np.cbrt, "exp": np.exp, "exp2": np.exp2, "expm1": np.expm1,
    "log": np.log, "log2": np.log2, "log10": np.log10, "log1p": np.log1p,
    "sin": np.sin, "cos": np.cos, "tan": np.tan, "arcsin": np.arcsin,
    "acos": np.arccos, "arctan": np.arctan, "sinh": np.sinh, "cosh": np.cosh,
    "tanh": np.tanh, "asinh": np.arcsinh, "acosh": np.arccosh,
    "arctanh": np.arctanh, "degrees": np.degrees, "deg2rad": np.radians}
# Which of two zeros fmin takes is nobody's promise.
INEXACT2 = {"arctan2": np.arctan2, "hypot": np.hypot, "fmin": np.fmin,
            "fmax": np.fmax}


def compare(a, op, b):
    function = {"<": np.less, "<=": np.less_equal, ">": np.greater,
                ">=": np.greater_equal, "==": np.equal,
                "!=": np.not_equal}[op]
    if op not in ("==", "!=") and (kind(a) == "c" or kind(b) == "c"):
        raise TypeError("complex")
    return exactly(function)(a, b)


SCOPE["compare"] = compare


def random_array(rng, dtype, shape):
    if dtype == "?":
        return rng.integers(0, 2, shape).astype("?")
    if dtype in INTEGERS:
        info = np.iinfo(dtype)
        wide = rng.integers(info.min, info.max, shape, dtype=dtype,
                            endpoint=True)
        small = rng.integers(max(info.min, -3), 4, shape).astype(dtype)
        return np.where(rng.random(shape) < 0.6, small, wide).astype(dtype)
    values = rng.normal(0, 4, shape)
    special = rng.choice([0.0, -0.0, 1, -2, np.inf, -np.inf, np.nan, 1e-7,
                          1e30, 0.5], shape)
    values = np.where(rng.random(shape) < 0.25, special, values)
    if dtype in ("c8", "c16"):
        return (np.rint(rng.normal(0, 4, shape)) +
                1j * np.rint(rng.normal(0, 4, shape))).astype(dtype)
    return values.astype(dtype)


def random_shape(rng):
    ndim = int(rng.choice([0, 1, 1, 2, 2, 3]))
    full = (3, 70, 5)[3 - ndim:]
    return tuple(1 if rng.random() < 0.25 else n for n in full)


class Maker:
    """Random expressions: the text, and what Python evaluates."""

    def __init__(self, pick, names):
        self.pick, self.names = pick, names

    def leaf(self):
        if self.pick.random() < 0.75:
            name = self.pick.choice(self.names)
            return name, name
        number = self.pick.choice(["0", "1", "2", "3", "7", "1.5", "0.1",
                                   "2.0", "True", "-1", "-2.5", "0x11",
                                   "1e2"])
        return (f"({number})",) * 2 if number[0] == "-" else (number,) * 2

    def make(self, depth):
        if depth == 0 or self.pick.random() < 0.1:
            return self.leaf()
        choice = self.pick.random()
        if choice < 0.5:
            op = self.pick.choice("+ - * / // % & | ^ + - * << >>".split())
            a, b = self.make(depth - 1), self.make(depth - 1)
            if op in ("<<", ">>") and self.pick.random() < 0.7:
                b = ("3", "3")
            return tuple(f"({x} {op} {y})" for x, y in zip(a, b))
        if choice < 0.6:
            op = self.pick.choice("< <= > >= == !=".split())
            a, b = self.make(depth - 1), self.make(depth - 1)
            return f"({a[0]} {op} {b[0]})", f"compare({a[1]}, '{op}', {b[1]})"
        if choice < 0.66:
            op = self.pick.choice("- ~ +".split())
            a = self.make(depth - 1)
            return f"({op}{a[0]})", (f"positive({a[1]})" if op == "+" else
                                     f"({op}{a[1]})")
        if choice < 0.7:
            a = self.make(depth - 1)
            power = self.pick.choice(["2", "0.5", "3", "2.0"])
            return f"({a[0]} ** {power})", f"power({a[1]}, {power})"
        if choice < 0.74:
            a, b, c = (self.make(depth - 1) for _ in range(3))
            return tuple(f"where({x}, {y}, {z})" for x, y, z in zip(a, b, c))
        if choice < 0.77:
            a = self.make(depth - 1)
            return tuple(f"clip({x}, 1, 3)" for x in a)
        if choice < 0.84:
            name = self.pick.choice("minimum maximum logical_and logical_or "
                                    "logical_xor copysign fmod".split())
            a, b = self.make(depth - 1), self.make(depth - 1)
            return tuple(f"{name}({x}, {y})" for x, y in zip(a, b))
        if choice < 0.9:
            name = self.pick.choice(list(NAMES.values()))
        else:
            name = self.pick.choice("abs sqrt square reciprocal floor ceil "
                                    "trunc rint sign isnan isinf isfinite "
                                    "signbit logical_not conjugate real imag"
                                    .split())
        a = self.make(depth - 1)
        return tuple(f"{name}({x})" for x in a)


def expected(python, arrays):
    """NumPy's value, None where it refuses, Unlike where nobody knows."""
    try:
        value = eval(python, dict(SCOPE, **arrays))
    except Unlike:
        return Unlike
    except (TypeError, ValueError, OverflowError, ZeroDivisionError):
        return None
    return np.asarray(value)


def run(work, text, arrays, outputs, *options):
    command = [FORAY, "eval", text, "-q", "-j2", *options]
    command += [f"{name}={work}/{name}.npy" for name in arrays]
    for name in outputs:
        command += ["-o", f"{name}={work}/out_{name}.npy"]
    return subprocess.run(command, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, check=False)


def same(a, b, tolerance):
    if a.shape != b.shape or a.dtype != b.dtype:
        return False
    if tolerance and a.dtype.kind in "fc":
        return np.allclose(a, b, rtol=tolerance, atol=tolerance / 100,
                           equal_nan=True)
    return np.array_equal(a, b, equal_nan=a.dtype.kind in "fc")


FAILED = []


def fail(text, arrays, why, want=None, got=None):
    FAILED.append(text)
    shapes = {name: (a.dtype.str, a.shape) for name, a in arrays.items()
              if name in text}
    print(f"FAILED: {text}\n  {shapes}\n  {why}")
    if got is not None:
        print(f"  {want.dtype} {want.shape}, foray {got.dtype} {got.shape}")
        if want.shape == got.shape:
            bad = ~((want == got) | ((want != want) & (got != got)))
            if bad.any():
                at = tuple(int(i[0]) for i in np.nonzero(np.atleast_1d(bad)))
                print(f"  at {at}: {np.atleast_1d(want)[at]!r}, foray "
                      f"{np.atleast_1d(got)[at]!r}")


def compare_all(work, cases, arrays, tolerance=None):
    """cases: (text, value) of a round, one call."""
    names = [f"r{k}" for k in range(len(cases))]
    text = "; ".join(f"{name} = {case[0]}" for name, case in zip(names, cases))
    done = run(work, text, arrays, names)
    if done.returncode:
        if len(cases) > 1:
            for case in cases:
                compare_all(work, [case], arrays, tolerance)
        else:
            fail(text, arrays, done.stderr.strip())
        return
    for name, (text, value) in zip(names, cases):
        got = np.load(f"{work}/out_{name}.npy")
        limit = tolerance(value.dtype) if tolerance else None
        if not same(value, got, limit):
            fail(text, arrays, "values differ", value, got)


def make_arrays(work, rng, dtypes):
    arrays = {}
    for name in "abcdef":
        array = random_array(rng, rng.choice(dtypes), random_shape(rng))
        order = rng.random()
        if order < 0.3:
            array = np.asfortranarray(array)
        if rng.random() < 0.15:
            array = array.astype(array.dtype.newbyteorder(">"))
        arrays[name] = array
        np.save(f"{work}/{name}.npy", array)
    return arrays


def try_round(work, pick, rng, dtypes):
    arrays = make_arrays(work, rng, dtypes)
    native = {name: a.astype(a.dtype.newbyteorder("="))
              for name, a in arrays.items()}
    maker = Maker(pick, list(arrays))
    cases = []
    refused = 0
    while len(cases) < 8:
        text, python = maker.make(pick.choice([1, 2, 2, 3]))
        value = expected(python, native)
        if value is Unlike:
            continue
        if value is None and refused < 3:
            refused += 1
            done = run(work, "r0 = " + text, arrays, ["r0"])
            if done.returncode == 0 or "\n" in done.stderr.strip():
                fail(text, arrays, "NumPy refuses it, foray does not")
        elif value is not None:
            cases.append((text, value))
    compare_all(work, cases, arrays)


def tolerance(dtype):
    return {"float16": 2e-3, "float32": 2e-6, "complex64": 1e-5}.get(
        dtype.name, 1e-13)


def try_functions(work, rng):
    for dtypes in (REALS, ["i1", "u1", "i2", "u2", "i4", "?"]):
        arrays = make_arrays(work, rng, dtypes)
        native = {name: np.clip(a.astype(a.dtype.newbyteorder("=")), 0, 30)
                  if a.dtype.kind != "b" else a for name, a in arrays.items()}
        for name, array in native.items():
            np.save(f"{work}/{name}.npy", array)
        for table in (INEXACT, INEXACT2):
            cases = []
            for name, function in table.items():
                one, two = rng.choice(list(native), 2)
                args = (one,) if table is INEXACT else (one, two)
                try:
                    value = function(*(native[x] for x in args))
                except TypeError:
                    continue
                cases.append((f"{name}({', '.join(args)})", np.asarray(value)))
            for first in range(0, len(cases), 8):
                compare_all(work, cases[first:first + 8], native, tolerance)


REDUCTIONS = {"sum": np.sum, "mean": np.mean, "min": np.min, "max": np.max}


def try_reductions(work, rng):
    for dtype in DTYPES:
        for shape in ((), (70, 60), (5, 1, 900)):
            array = random_array(rng, dtype, shape)
            np.save(f"{work}/x.npy", np.asfortranarray(array))
            for name, function in REDUCTIONS.items():
                if dtype in ("c8", "c16") and name in ("min", "max"):
                    continue
                done = subprocess.run(
                    [FORAY, "eval", "x", f"x={work}/x.npy", "--reduce", name,
                     "-o", f"{work}/out_x.npy", "-q"], text=True,
                    stdout=subprocess.PIPE, check=False)
                got = np.load(f"{work}/out_x.npy")
                exact = array.astype({"f": "f8", "c": "c16"}.get(
                    array.dtype.kind, dtype))
                want = np.asarray(function(exact)).astype(got.dtype)
                scale = 1e-12 * max(1, float(np.abs(exact[np.isfinite(exact)])
                                             .sum())) if exact.size else 0
                close = np.isclose(got, want, rtol=1e-12, atol=scale,
                                   equal_nan=True) if got.dtype.kind in "fc" \
                    else got == want
                text = done.stdout.strip()
                if done.returncode or not close or (
                        got.dtype.kind in "iu" and text != str(got)):
                    fail(f"{name} of {dtype} {shape}", {}, f"{text!r}", want,
                         got)


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else \
        10 if os.environ.get("FORAY_QUICK") else 40
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    pick = random.Random(seed)
    rng = np.random.default_rng(seed)
    with tempfile.TemporaryDirectory() as work:
        os.environ["XDG_CACHE_HOME"] = work
        for i in range(rounds):
            dtypes = [DTYPES, DTYPES[:-2], INTEGERS, REALS + ["i2"]][i % 4]
            try_round(work, pick, rng, dtypes)
        try_functions(work, rng)
        try_reductions(work, rng)
    print(f"{8 * rounds} expressions, {len(FAILED)} failures")
    sys.exit(bool(FAILED))


if __name__ == "__main__":
    main()
