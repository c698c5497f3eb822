#!/usr/bin/python3
"""python/foray.py against what NumPy and h5py say. Run by python_door.sh."""
import glob
import os
import pickle
import sys
import tempfile

import numpy as np

sys.path.insert(0, os.environ["DOOR"])
import foray  # noqa: E402  pylint: disable=wrong-import-position

FAILED = []


def expect(what, value):
    """A condition, by name."""
    if not value:
        FAILED.append(what)
        print("FAILED:", what)


def fails(what, words, function, *args, **kwargs):
    """It raises Error, which says all words."""
    try:
        function(*args, **kwargs)
    except foray.Error as error:
        expect(f"{what}: {error}", all(w in str(error) for w in words))
    else:
        expect(what + " did not fail", False)


def check_hog(folder):
    """Features, index, options, what fails."""
    picture = os.path.join(folder, "a b.pgm")
    with open(picture, "wb") as file:
        file.write(b"P5 64 48 255\n" + bytes(i * i % 251 for i in range(64 * 48)))
    paths = [picture] * 2
    features, index = foray.hog(paths, pixels_per_cell=(8, 8), dtype="f32",
                                cells_per_block=(1, 1))
    expect("shape", features.shape[0] == 2 and features.dtype == np.float32)
    expect("rows are equal", np.array_equal(features[0], features[1]))
    expect("index", [row["status"] for row in index] == ["ok", "ok"])
    expect("numbers", index[1]["row"] == 1 and index[1]["rows"] > 0)
    expect("path", index[0]["path"] == paths[0])
    out = os.path.join(folder, "out.npy")
    again, _ = foray.hog(paths, out=out, dtype="f32", cells_per_block="1x1",
                         index=os.path.join(folder, "i.csv"))
    expect("the same in a file", np.array_equal(again, features))
    expect("the index, too", os.path.exists(os.path.join(folder, "i.csv")))
    expect("a file of that name", np.array_equal(np.load(out), features))
    new = os.path.join(folder, "new.npy")
    foray.hog(paths[:1], out=new, update=True)
    more, index = foray.hog(paths, out=new, update=True)
    expect("updated", np.array_equal(more[0], more[1]) and len(more) == 2)
    expect("its index", [row["row"] for row in index] == [0, 1] and
           index[0]["mtime_ns"] == os.stat(picture).st_mtime_ns)
    half, _ = foray.hog((path.encode() for path in paths[:1]), shard=(1, 1),
                        dtype=np.float32, cells_per_block=np.array([1, 1]))
    expect("bytes, a generator, NumPy's values", np.array_equal(half[0], again[0]))
    hdf5 = os.path.join(folder, "out.h5")
    try:
        expect("in HDF5", np.array_equal(foray.hog(
            paths, out=hdf5, dtype="f32", cells_per_block=(1, 1))[0], again))
    except foray.Error as error:
        expect(str(error), "built without" in str(error))
    missing, index = foray.hog([paths[0], "missing.jpg"], on_error="skip",
                               cells_per_block=(1, 1))
    expect("skipped", index[1]["status"] == "missing" and
           np.isnan(missing[1]).all() and not np.isnan(missing[0]).any())
    fails("a missing image", ["missing.jpg"], foray.hog, ["missing.jpg"])
    fails("an unknown option", ["--colour"], foray.hog, paths, colour="all")
    fails("no images", ["empty"], foray.hog, [])
    fails("a path of two", ["is no path"], foray.hog, ["a\0b"])
    fails("a value that is missing", ["--color needs a value"], foray.hog, paths,
          color=True)
    fails("another way", ["name the file by out"], foray.hog, paths,
          output="x.npy")
    expect("nothing is left", not glob.glob("/dev/shm/foray-python-*"))


def check_open(folder):
    """Every format, mapped and unpacked."""
    x = np.arange(24, dtype=">i2").reshape(2, 3, 4)
    name = os.path.join(folder, "x")
    np.save(name + ".npy", np.asfortranarray(x))
    np.savez(name + ".npz", a=x, b=np.zeros((0, 3)))
    np.savez_compressed(name + "z.npz", x)
    np.save(name + "r.npy", np.array([(1, 2.5)], dtype="i4,f8"))
    for path in (".npy", ".npz:a", "z.npz:arr_0"):
        got = foray.open(name + path)
        expect(f"x{path}", got.dtype == x.dtype and np.array_equal(got, x) and
               not got.flags.writeable)
    expect("the only one", np.array_equal(foray.open(name + "z.npz"), x))
    expect("empty", foray.open(name + ".npz:b").shape == (0, 3))
    expect("records", foray.open(name + "r.npy")["f1"][0] == 2.5)
    mine = foray.open(name + ".npy", "r+")
    mine[0, 0, 0] = 99
    mine.flush()
    expect("written", np.load(name + ".npy")[0, 0, 0] == 99)
    fails("several", ["several", "a, b"], foray.open, name + ".npz")
    fails("compressed r+", ["read only"], foray.open, name + "z.npz:arr_0",
          "r+")
    fails("none", ["nowhere.npy"], foray.open, "nowhere.npy")
    fails("a dash", ["-x.npy"], foray.open, "-x.npy")
    fails("a mode that empties files", ["must be 'r'"], foray.open,
          name + "r.npy", "w+")
    expect("it is whole", foray.open(os.fsencode(name + "r.npy"))["f1"] == 2.5)
    try:
        import h5py  # pylint: disable=import-outside-toplevel
    except ImportError:
        return
    with h5py.File(name + ".h5", "w") as file:
        file["g/x"] = x
        file.create_dataset("c", data=x, chunks=True, compression="gzip")
    try:
        for path in (".h5:/g/x", ".h5:/c"):
            got = foray.open(name + path)
            expect(f"x{path}", np.array_equal(got, x))
    except foray.Error as error:
        expect(str(error), "built without" in str(error))


def main():
    """All."""
    with tempfile.TemporaryDirectory() as folder:
        check_hog(folder)
        check_open(folder)
    os.environ["FORAY"] = "/nowhere/foray"
    fails("no command", ["install foray"], foray.open, "x.npy")
    error = pickle.loads(pickle.dumps(foray.Error("words", 3)))
    expect("an error of another process", (str(error), error.status) == (
        "words", 3))
    os.environ["FORAY"] = "/etc/passwd"
    fails("no command", ["install foray"], foray.open, "x.npy")
    print(f"{len(FAILED)} failed")
    return bool(FAILED)


if __name__ == "__main__":
    sys.exit(main())
