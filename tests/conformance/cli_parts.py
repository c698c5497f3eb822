#!/usr/bin/python3
"""Parts that `foray hog --shard K/N` wrote in HDF5, joined by `foray convert`,
against what one run writes: by h5py, every dataset and attribute.
The command is ./foray, or $FORAY.
"""
import os
import subprocess
import sys
import tempfile

try:
    import h5py
    import numpy as np
except ImportError as error:
    print(f"SKIPPED: {error}: apt-get install python3-h5py")
    sys.exit(77)

FORAY = os.path.abspath(os.environ.get("FORAY", "foray"))
RNG = np.random.default_rng(5)
SKIP = ["--on-error", "skip"]


def run(*words, status=0):
    """Standard error of the command."""
    done = subprocess.run([FORAY, *words], capture_output=True, text=True,
                          check=False)
    if "built without" in done.stderr or "not on this machine" in done.stderr:
        print("SKIPPED: " + done.stderr)
        sys.exit(77)
    assert done.returncode == status, (words, done.returncode, done.stderr)
    return done.stderr


def says(text, *words, status=1):
    told = run("convert", *words, status=status)
    assert text in told, (text, told)


def write_image(path, rows, cols):
    with open(path, "wb") as file:
        file.write(b"P5 %d %d 255\n" % (cols, rows))
        file.write(RNG.integers(0, 256, rows * cols, np.uint8).tobytes())


def contents(path):
    """Datasets with their types, and attributes."""
    with h5py.File(path, "r") as file:
        data = {name: (item.dtype, item.shape, item[()].tolist())
                for name, item in file.items()}
        return data, {name: np.asarray(value).tolist()
                      for name, value in file["features"].attrs.items()}


def make_parts(n, *words, status=0):
    """Their names. An exit status for all, or for each."""
    names = [f"part{k}.h5" for k in range(1, n + 1)]
    for k, name in enumerate(names):
        run("hog", "-q", "-o", name, "--shard", f"{k + 1}/{n}", *words,
            status=status if isinstance(status, int) else status[k])
    return names


def check_joined(parts, *words, status=0, without=(), options=()):
    """As one run over all; but for attributes that are not known."""
    run("hog", "-q", "-o", "whole.h5", *words, status=status)
    run("convert", "-q", "--overwrite", *options, *parts, "joined.h5")
    data, about = contents("whole.h5")
    joined, joined_about = contents("joined.h5")
    for name, values in data.items():
        assert repr(joined[name]) == repr(values), name  # NaN is NaN
    assert joined.keys() == data.keys()
    for name in without:
        about.pop(name)
    assert joined_about == about, (joined_about, about)
    assert not os.path.exists("joined.h5.partial")


def check_ragged(paths):
    """Also images that fail, and their rows dropped."""
    ragged = ["--ragged", *paths]
    parts = make_parts(3, *ragged)
    check_joined(parts[::-1], *ragged)  # as part1, part10, part2 may be
    check_joined(parts, *ragged,
                 options=["--deflate", "1", "--shuffle", "--chunk", "1000"])
    with h5py.File("joined.h5", "r") as file:
        assert file["features"].compression == "gzip"
    ragged = ["--ragged", "--method", "uoctti", "--dtype", "f32", *SKIP,
              "cut.pgm", "cut.pgm", *paths[:3], "cut.pgm"]
    parts = make_parts(3, *ragged, status=[3, 0, 3])
    with h5py.File(parts[0], "r") as file:  # nothing is known of its axes
        assert file["shapes"].shape[1] == 5 and len(file["features"]) == 0
    check_joined(parts, *ragged, status=3)
    drop = [*ragged, "--failed", "drop"]
    parts = make_parts(3, *drop, status=[3, 0, 3])
    check_joined(parts, *drop, status=3, without=["paths_sha256"])


def check_one_size(paths):
    """Without --ragged; of a stack, too."""
    paths = [*paths, "no.pgm"]
    same = ["--resize", "64x48", *SKIP, *paths]
    parts = make_parts(3, *same, status=[0, 0, 3])
    check_joined(parts, *same, status=3)
    drop = [*same, "--failed", "drop"]
    parts = make_parts(3, *drop, status=[0, 0, 3])
    check_joined(parts, *drop, status=3, without=["paths_sha256"])
    np.save("stack.npy", RNG.integers(0, 256, (7, 64, 32), np.uint8))
    check_joined(make_parts(3, "stack.npy"), "stack.npy")


def check_refused(paths):
    """What is no part of one, or not all."""
    parts = make_parts(3, "--resize", "64x48", *paths)
    says("part 2 is the first: --on-error skip", parts[0], parts[2], "o.h5")
    told = run("convert", *SKIP, parts[2], parts[0], "o.h5", status=3)
    assert "1 of 3 parts are missing in o.h5" in told, told
    with h5py.File("o.h5", "r") as file:
        assert file["paths"].asstr()[0] == paths[0]
        assert "options.shard" not in file["features"].attrs
    says("o.h5 is there already: --overwrite", parts[0], "o.h5")
    os.remove("o.h5")
    says("are both part 1 of 3", *parts, parts[0], "o.h5")
    run("hog", "-q", "-o", "all.h5", "--resize", "64x48", *paths)
    says("is part 1 of 3, all.h5 is none of these", *parts, "all.h5", "o.h5")
    says("one of the parts", "--overwrite", *parts, parts[0], status=2)
    says("part99.h5: no such file", *parts, "part99.h5", "o.h5")
    says("--dtype", "--dtype", "f32", *parts, "o.h5", status=2)
    says("--append", "--append", *parts, "o.h5", status=2)
    says("all that is in it", parts[0], "part2.h5:paths", "o.h5", status=2)
    run("hog", "-q", "-o", "l1.h5", "--block-norm", "L1", "--resize", "64x48",
        paths[0])
    says("differ in --block-norm", "all.h5", "l1.h5", "o.h5")
    run("hog", "-q", "-o", "wide.h5", "--resize", "64x64", paths[0])
    says("rows of 1944 features, wide.h5 of", "all.h5", "wide.h5", "o.h5")
    run("hog", "-q", "-o", "f32.h5", "--dtype", "f32", "--resize", "64x48",
        paths[0])
    says("f32.h5 of type f32", "all.h5", "f32.h5", "o.h5")
    run("hog", "-q", "-o", "r.h5", "--ragged", paths[0])
    says("it is no part of what foray hog --ragged writes", "r.h5", parts[0],
         "o.h5")
    says("r.h5 was made with --ragged", parts[0], "r.h5", "o.h5")
    with h5py.File("l1.h5", "r+") as file:
        file["labels"] = [1]
    says("l1.h5 holds labels, too", "l1.h5", "o.h5")
    with h5py.File("r.h5", "r+") as file:
        file["offsets"][1] = 7
    says("its offsets do not end where", "r.h5", "o.h5")
    assert not os.path.exists("o.h5") and not os.path.exists("o.h5.partial")
    # One dataset after the other, as ever; a run that would be.
    run("convert", "-q", "part1.h5:features", "part2.h5:features", "f.npy")
    run("convert", "--dry-run", *parts, "o.h5")
    assert len(np.load("f.npy")) == 4 and not os.path.exists("o.h5")


def main():
    with tempfile.TemporaryDirectory() as work:
        os.chdir(work)
        paths = [f"{k:02}.pgm" for k in range(6)]
        for path in paths:
            write_image(path, *RNG.integers(40, 70, 2))
        write_image("cut.pgm", 64, 48)
        os.truncate("cut.pgm", 1000)
        check_ragged(paths)
        check_one_size(paths)
        check_refused(paths)
        os.chdir("/")


main()
