"""Updates of outputs that follow a folder of images, for cli_update.py and
cli_update_hdf5.py: the images and how they change, the command, and what its
output has to be.
"""
import csv
import os
import random
import shutil
import subprocess
import sys
import tempfile

try:
    import h5py
    import numpy as np
except ImportError as error:
    print(f"SKIPPED: {error}: apt-get install python3-numpy python3-h5py")
    sys.exit(77)

FORAY = os.path.abspath(os.environ.get("FORAY", "foray"))
STRIKE = os.path.abspath("tests/cli/.libs/strike.so")
DROP = ["--on-error", "skip", "--failed", "drop"]


def hog(*words, status=0, update=True, **environment):
    """What the command says."""
    done = subprocess.run(
        [FORAY, "hog", *(["--update"] if update else []), *words, "im"],
        capture_output=True, text=True, check=False,
        env={**os.environ, "FORAY_FORCE_BACKEND": "serial", **environment})
    if status is not None and done.returncode != status:
        sys.exit(f"FAILED: {words}: exit status {done.returncode}, not "
                 f"{status}: {done.stderr}")
    return done.returncode if status is None else done.stderr


def picture(name, seed):
    numbers = random.Random(seed)
    with open(f"im/{name}.pgm", "wb") as file:
        file.write(b"P5 24 24 255\n" +
                   bytes(numbers.randrange(256) for _ in range(576)))


def damage(name):
    with open(f"im/{name}.pgm", "w", encoding="utf-8") as file:
        file.write("no picture")


def begin():
    """Eight images, of which the third is none."""
    shutil.rmtree("im", ignore_errors=True)
    os.mkdir("im")
    for k in range(1, 9):
        picture(k, k)
    damage(3)


def change():
    """New ones, of which one is none, before and behind; others; one that can
    be read now, one that cannot; one is gone."""
    picture(0, 10)
    damage("01")
    picture(9, 11)
    picture(4, 44)
    picture(3, 3)
    damage(5)
    os.remove("im/2.pgm")


def index_of(out):
    with open(os.path.splitext(out)[0] + ".csv", newline="",
              encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def features_of(out):
    if out.endswith(".npy"):
        return np.load(out)
    with h5py.File(out, "r") as file:
        features = file["features"][:]
        if "offsets" not in file:
            return features
        offsets, shapes = file["offsets"][:], file["shapes"][:]
        assert offsets[-1] == len(features)
        return [features[offsets[i]:offsets[i + 1]].reshape(shape)
                for i, shape in enumerate(shapes)]


def rows_of(out):
    """The features of each image that is there."""
    features, found = features_of(out), {}
    numbers = [line for line in index_of(out) if line["row"]]
    assert [int(line["row"]) for line in numbers] == list(range(len(features)))
    for line in numbers:
        if line["status"] != "gone":
            found[line["path"]] = features[int(line["row"])]
    return found


def compare(out, fresh, gone):
    """Images have the rows that a new run gives them; others are gone."""
    found, wanted = rows_of(out), rows_of(fresh)
    assert found.keys() == wanted.keys(), (sorted(found), sorted(wanted))
    for path, row in wanted.items():
        assert np.array_equal(found[path], row, equal_nan=True), path
    lines = index_of(out)
    assert [line["path"] for line in lines if line["status"] == "gone"] == gone
    failed = {(line["path"], line["status"]) for line in lines
              if line["status"] not in ("ok", "gone")}
    assert failed == {(line["path"], line["status"]) for line in
                      index_of(fresh) if line["status"] != "ok"}


def nothing_left(out):
    left = [name for name in os.listdir() if ".update" in name or
            "partial" in name or "journal" in name]
    assert not left, f"{out}: {left} is left"


def anew(out, *words, status=0):
    """A new run of what there is now."""
    fresh = "fresh" + os.path.splitext(out)[1]
    hog("-q", "-o", fresh, "--index", "fresh.csv", *words, update=False,
        status=status)
    return fresh


def copy_of(names, folder):
    os.mkdir(folder)
    for name in names:
        if os.path.isdir(name):
            shutil.copytree(name, os.path.join(folder, name))
        else:
            shutil.copy2(name, folder)


def add_others(out):
    """What somebody adds to an HDF5 file."""
    with h5py.File(out, "a") as file:
        file["labels"] = np.arange(7) ** 2
        file["group/deep"] = np.ones((5, 3), "f4")
        file["group"].attrs["by"] = "somebody"
        file["same"] = h5py.SoftLink("/group/deep")
        file.attrs["project"] = "cats"
        file["features"].attrs["unit"] = np.float32([1, 2])
        file["features"].attrs["status.corrupt"] = 7
        file["paths"].attrs["of"] = "photos"


def others_are_there(out):
    with h5py.File(out, "r") as file:
        assert sorted(file) == ["features", "group", "labels", "paths", "same",
                                "status"], list(file)
        assert np.array_equal(file["labels"][:], np.arange(7) ** 2)
        assert np.array_equal(file["same"][:], np.ones((5, 3), "f4"))
        assert file["group"].attrs["by"] == "somebody"
        assert file.get("same", getlink=True).path == "/group/deep"
        assert file.attrs["project"] == "cats"
        attributes = file["features"].attrs
        assert attributes["unit"].dtype == np.float32
        assert "status.corrupt" not in attributes
        assert attributes["status.ok"] == 8 and attributes["images"] == 12
        assert attributes["status.unsupported"] == 2
        assert list(attributes["shape"]) == list(file["features"].shape)
        assert file["paths"].attrs["of"] == "photos"
        lines = [line for line in index_of(out) if line["row"]]
        assert list(file["paths"].asstr()) == [row["path"] for row in lines]
        assert list(file["status"].asstr()) == [row["status"] for row in lines]


def has_hdf5():
    with tempfile.TemporaryDirectory() as work:
        path = os.path.join(work, "empty.h5")
        h5py.File(path, "w").close()
        done = subprocess.run([FORAY, "info", path], capture_output=True,
                              text=True, check=False)
    return ("built without" not in done.stderr and
            "not on this machine" not in done.stderr)


def run_all(tests):
    """Each of (test, output) in a folder of its own."""
    for test, out in tests:
        with tempfile.TemporaryDirectory() as work:
            os.chdir(work)
            test(out)
            os.chdir("/")
        print(f"{out}: {test.__name__}")
