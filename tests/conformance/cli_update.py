#!/usr/bin/python3
"""`foray hog --update` by NumPy and h5py: after each change to a folder of
images the output has, for each of them, the row that a new run gives it, and
the others as they were; the same when an update is killed at any call that
changes a file and repeated. The command is ./foray, or $FORAY.
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
        return file["features"][:]


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


def drops(out):
    """What failed has no row, ever."""
    begin()
    said = hog("-o", out, *DROP, status=3)
    assert "1 of 8 images failed: they have no row" in said, said
    before = features_of(out)
    assert len(before) == 7
    change()
    said = hog("-o", out, *DROP, status=3)
    assert "10 rows: 4 as they were, 3 new, 1 again, 2 gone" in said, said
    compare(out, anew(out, *DROP, status=3), ["im/2.pgm", "im/5.pgm"])
    after = features_of(out)
    assert np.array_equal(np.delete(after[:7], 2, 0), np.delete(before, 2, 0))
    lines = index_of(out)
    assert [line["path"] for line in lines[7:]] == [
        "im/0.pgm", "im/3.pgm", "im/9.pgm", "im/5.pgm", "im/01.pgm"]
    assert [line["row"] for line in lines[10:]] == ["", ""]
    nothing_left(out)
    # Tried again, to no avail; then to some.
    said = hog("-o", out, *DROP, status=3)
    assert "2 of 2 images failed" in said and "10 rows: 8 as they" in said, said
    assert np.array_equal(features_of(out), after)
    picture("01", 55)
    picture(5, 5)
    said = hog("-o", out, *DROP)
    assert "11 rows: 8 as they were, 1 new, 1 again, 1 gone" in said, said
    compare(out, anew(out, *DROP), ["im/2.pgm"])
    said = hog("-o", out, *DROP[:2], status=1)
    assert 'made with failed "drop", and it is "nan" now' in said, said


def pictures(out):
    """Of what was computed, by the numbers of rows."""
    begin()
    words = ["-o", out, "--on-error", "skip", "--visualize", "glyphs"]
    hog(*words, status=3)
    assert len(os.listdir("glyphs")) == 7
    shutil.rmtree("glyphs")
    change()
    hog(*words, status=3)
    assert sorted(os.listdir("glyphs")) == ["10-9.png", "2-3.png", "3-4.png",
                                            "8-0.png"]
    hog("-o", "other.npy", "--visualize", "wanted", "--on-error", "skip",
        update=False, status=3)
    with open("glyphs/10-9.png", "rb") as drawn, \
            open("wanted/9-9.png", "rb") as wanted:
        assert drawn.read() == wanted.read()
    hog(*words, *DROP, status=2)


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


def whole(out):
    """An HDF5 file is made anew, and all that it has goes with it."""
    begin()
    hog("-q", "-o", out, *DROP, status=3)
    add_others(out)
    os.chmod(out, 0o640)
    os.mkdir("real")
    os.rename(out, "real/" + out)
    os.symlink("real/" + out, out)
    change()
    hog("-q", "-o", out, *DROP, status=3)
    compare(out, anew(out, *DROP, status=3), ["im/2.pgm", "im/5.pgm"])
    others_are_there(out)
    assert os.path.islink(out) and os.stat(out).st_mode & 0o777 == 0o640
    assert os.listdir("real") == [out]
    nothing_left(out)
    # Without anything else it is the file that a new run makes.
    os.remove(out)
    os.remove("im/01.pgm")
    os.remove("im/5.pgm")
    hog("-q", "-o", out)
    picture(7, 77)
    hog("-q", "-o", out)
    with open(out, "rb") as made, open(anew(out), "rb") as wanted:
        assert made.read() == wanted.read()


def refused(out):
    """And the file as it was."""
    begin()
    hog("-q", "-o", out, "--on-error", "skip", update=False, status=3)
    words = ["-o", out, "--on-error", "skip"]
    said = hog(*words, status=1)
    assert "out.csv" in said and "--update needs the index" in said, said
    hog("-q", *words, "--index", "out.csv", update=False, status=3)
    with open("out.npy", "wb"):
        said = hog(*words, status=2)
    assert "out.csv is the index of the .npy file" in said, said
    os.remove("out.npy")
    change()

    def refuse(told, *more, status=1):
        with open(out, "rb") as file:
            before = file.read()
        said = hog(*words, *more, status=status)
        assert told in said, said
        with open(out, "rb") as file:
            assert file.read() == before
        nothing_left(out)

    refuse('made with block-norm "L2-Hys", and it is "L1" now', "--block-norm",
           "L1")
    refuse("and it is [24, 25] now", "--resize", "24x25")
    refuse("without --ragged", "--ragged", status=2)
    refuse("no --no-index", "--no-index", status=2)
    with h5py.File(out, "r+"):
        refuse("is open in another program")
    with open("out.csv", encoding="utf-8") as file:
        lines = file.read()
    with open("out.csv", "w", encoding="utf-8") as file:
        file.write(lines.replace("im/1.pgm", "im/7.png"))
    refuse("row 0 of out.h5 is of im/1.pgm, and of im/7.png in out.csv")
    with open("out.csv", "w", encoding="utf-8") as file:
        file.write(lines)
    with h5py.File(out, "r+") as file:
        file["features"].attrs["shape"] = [8, 325]
    refuse("does not tell of its features")
    with h5py.File(out, "r+") as file:
        features = file["features"][:]
        del file["features"]
        file.create_dataset("features", data=features, compression=4)
    refuse("stored as chunks")


def killed(out):
    """Struck at some calls and at each of the last, finished by the next run;
    with a full disk likewise."""
    begin()
    hog("-q", "-o", out, *DROP, status=3)
    is_hdf5 = out.endswith(".h5")
    if is_hdf5:
        add_others(out)
    change()
    stem = os.path.splitext(out)[0]
    made = [name for name in os.listdir() if name.startswith(stem + ".")]
    copy_of(made, "state")
    fresh = anew(out, *DROP, status=3)

    def struck(at, how):
        """The exit status of an update of the old state."""
        for name in os.listdir():
            if name.startswith(stem + "."):
                os.remove(name)
        for name in made:
            shutil.copy2(os.path.join("state", name), name)
        # The HDF5 library does not stand a full disk: it is in the workers.
        backend = "fork" if how == "full" else "serial"
        return hog("-q", "-o", out, *DROP, status=None, LD_PRELOAD=STRIKE,
                   FORAY_STRIKE=str(at), FORAY_STRIKE_HOW=how,
                   FORAY_STRIKE_SAY="count", FORAY_FORCE_BACKEND=backend)

    def sample(how):
        assert struck(100000, how) == 3
        with open("count", encoding="utf-8") as file:
            count = int(file.read())
        some = list(range(count // 8, count - 8, count // 4))
        return some + list(range(count - 8, count + 1)), some

    kills, early = sample("kill")
    fulls = sample("full")[1][:3]
    for at, how in [(at, "kill") for at in kills] + [(at, "full")
                                                     for at in fulls]:
        status = struck(at, how)
        assert status == (-9 if how == "kill" else 1), (at, how, status)
        if how == "full" or at in early:
            assert len(features_of(out)) == 7, "the old one is not whole"
        hog("-q", "-o", out, *DROP, status=3)
        compare(out, fresh, ["im/2.pgm", "im/5.pgm"])
        nothing_left(out)
        if is_hdf5:
            others_are_there(out)
    print(f"{out}: killed {len(kills)} times")
    if not is_hdf5:
        return
    # What is changed between the two runs is not lost.
    for at in kills:
        struck(at, "kill")
        if os.path.exists(out + ".update.whole"):
            with open(out + ".update", encoding="utf-8") as file:
                if "decided" in file.read():
                    break
    with h5py.File(out, "r+") as file:
        file["late"] = [7]
    said = hog("-o", out, *DROP, status=3)
    assert "was changed since its update" in said, said
    assert "4 of 6 rows were done before" in said, said
    with h5py.File(out, "r+") as file:
        assert list(file["late"]) == [7]
        del file["late"]
    compare(out, fresh, ["im/2.pgm", "im/5.pgm"])
    others_are_there(out)
    nothing_left(out)


def has_hdf5():
    done = subprocess.run([FORAY, "info", "none.h5"], capture_output=True,
                          text=True, check=False)
    return ("built without" not in done.stderr and
            "not on this machine" not in done.stderr)


def main():
    tests = {"npy": [drops, pictures], "h5": []}
    if has_hdf5():
        tests["h5"] = [drops, pictures, whole, refused]
    for end in [end for end, some in tests.items() if some]:
        if os.path.exists(STRIKE):
            tests[end].append(killed)
        for test in tests[end]:
            with tempfile.TemporaryDirectory() as work:
                os.chdir(work)
                test("out." + end)
                os.chdir("/")
            print(f"{end}: {test.__name__}")


main()
