#!/usr/bin/python3
"""`foray matmul`, `gram` and `knn` against NumPy, and against scikit-learn where
it is installed.

The command is ./foray, or $FORAY.
"""
import os
import subprocess
import sys
import tempfile

try:
    import numpy as np
except ImportError as error:
    print(f"SKIPPED: {error}: apt-get install python3-numpy")
    sys.exit(77)

FORAY = os.path.abspath(os.environ.get("FORAY", "foray"))
random = np.random.default_rng(11)


def run(*arguments, status=0):
    """Standard error of the command."""
    done = subprocess.run([FORAY, *map(str, arguments)], capture_output=True,
                          text=True, check=False)
    if "built without" in done.stderr:
        print("SKIPPED: linear algebra was left out of this build")
        sys.exit(77)
    if done.returncode != status:
        sys.exit(f"foray {' '.join(map(str, arguments))}: exit status "
                 f"{done.returncode}, not {status}: {done.stderr}")
    return done.stderr


def matrix(path, rows, cols):
    """Of any order, byte order and float type."""
    dtype = str(random.choice(["<f4", ">f4", "<f8", ">f8"]))
    x = random.normal(size=(rows, cols)).astype(dtype)
    if random.random() < 0.5:
        x = np.asfortranarray(x)
    np.save(path, x)
    return x


def close(got, wanted, what):
    """As near as the type allows."""
    if got.shape != wanted.shape or got.dtype != wanted.dtype.newbyteorder("="):
        sys.exit(f"{what}: {got.dtype}{got.shape}, not {wanted.dtype}{wanted.shape}")
    bound = 1e-11 if wanted.dtype.itemsize == 8 else 1e-3
    if wanted.size and not np.abs(got - wanted).max() < bound:
        sys.exit(f"{what}: differs by {np.abs(got - wanted).max()}")


def check_products(work):
    """matmul and gram."""
    a, b, c = (os.path.join(work, name + ".npy") for name in "abc")
    for case in range(12):
        n, k, m = random.integers(0, 400, 3)
        x, y = matrix(a, n, k), matrix(b, k, m)
        dtype = "f4" if x.itemsize == y.itemsize == 4 else "f8"
        run("matmul", "-j2", "-q", a, b, "-o", c)
        close(np.load(c), (x.astype("f8") @ y.astype("f8")).astype(dtype),
              f"matmul, case {case}")
        wide = x.astype("f8")
        run("gram", "-j2", "-q", a, "-o", c)
        close(np.load(c), (wide @ wide.T).astype(f"f{x.itemsize}"),
              f"gram, case {case}")
        run("gram", "-j1", "-q", "--columns", a, "-o", c)
        got = np.load(c)
        close(got, (wide.T @ wide).astype(f"f{x.itemsize}"),
              f"gram --columns, case {case}")
        if not np.array_equal(got, got.T):
            sys.exit(f"gram --columns, case {case}: not symmetric")
    matrix(a, 3, 4)
    run("matmul", a, a, "-o", c, status=1)
    run("matmul", a, "-o", c, status=2)
    run("matmul", a, a, status=2)
    run("gram", a + "[0]", "-o", c, status=1)
    np.save(a, np.arange(6).reshape(2, 3))
    os.remove(c)
    run("gram", a, "-o", c, status=1)
    if os.path.exists(c):
        sys.exit("gram: an output though it failed")


def distances(x, query, metric):
    """All, in f64."""
    x, query = x.astype("f8"), query.astype("f8")
    if metric == "euclidean":
        return np.sqrt(((query[:, None] - x[None]) ** 2).sum(-1))
    lengths = np.linalg.norm(query, axis=1)[:, None] * np.linalg.norm(x, axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        cosines = np.where(lengths > 0, query @ x.T / lengths, 0)
    return 1 - cosines


def check_neighbours(work):
    """knn, with rows that are equal."""
    a, b, c = (os.path.join(work, name) for name in ("a.npy", "b.npy", "c.npz"))
    for case in range(12):
        n, d, k = (int(random.integers(*r)) for r in ((30, 600), (1, 40), (1, 30)))
        metric = ("euclidean", "cosine")[case % 2]
        x, query = matrix(a, n, d), matrix(b, 50, d)
        x[5:9] = x[4]
        np.save(a, x)
        queries = [b] if case % 3 else []
        run("knn", "-j2", "-q", a, *queries, "-k", k, "--metric", metric, "-o", c)
        every = distances(x, query if queries else x, metric)
        if not queries:
            np.fill_diagonal(every, np.inf)
        order = np.argsort(every, axis=1, kind="stable")[:, :k]
        wanted = np.take_along_axis(every, order, 1)
        with np.load(c) as found:
            got, lengths = found["indices"], found["distances"]
        if np.abs(lengths - wanted).max() > 1e-5:
            sys.exit(f"knn, case {case}: distances differ")
        if np.abs(np.take_along_axis(every, got, 1) - wanted).max() > 1e-13:
            sys.exit(f"knn, case {case}: other rows are nearer")
        same = [row[np.isin(row, range(4, 9))] for row in got]
        if any((np.diff(row) < 0).any() for row in same):
            sys.exit(f"knn, case {case}: equal rows are out of order")
    run("knn", a, "-k", n, "-o", c, status=1)
    run("knn", a, "-k", 1, "-o", "x.npy", status=2)
    run("knn", a, "-o", c, status=2)
    x[3, 0] = np.nan
    np.save(a, x)
    if "row 3" not in run("knn", a, "-k", 1, "-o", c, status=1):
        sys.exit("knn: a NaN is not told of")


def check_sklearn(work):
    """The same neighbours as scikit-learn's."""
    try:
        from sklearn.neighbors import NearestNeighbors
    except ImportError:
        print("without scikit-learn: apt-get install python3-sklearn")
        return
    a, c = os.path.join(work, "a.npy"), os.path.join(work, "c.npz")
    for metric in ("euclidean", "cosine"):
        x = random.normal(size=(2000, 24))
        np.save(a, x)
        run("knn", "-q", a, "-k", 6, "--metric", metric, "-o", c)
        model = NearestNeighbors(n_neighbors=6, algorithm="brute", metric=metric)
        lengths, order = model.fit(x).kneighbors()
        with np.load(c) as found:
            if not np.array_equal(found["indices"], order) or not np.allclose(
                    found["distances"], lengths, atol=1e-7):
                sys.exit(f"knn, {metric}: scikit-learn finds others")


with tempfile.TemporaryDirectory() as folder:
    check_products(folder)
    check_neighbours(folder)
    check_sklearn(folder)
