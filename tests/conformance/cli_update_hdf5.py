#!/usr/bin/python3
"""`foray hog --update` of HDF5 files, by h5py: what others added is kept, images
may keep their sizes, and what cannot be is refused. The command is ./foray, or
$FORAY.
"""
import os
import random
import sys

try:
    import h5py
except ImportError as error:
    print(f"SKIPPED: {error}: apt-get install python3-numpy python3-h5py")
    sys.exit(77)

sys.dont_write_bytecode = True
from update_images import (  # noqa: E402  pylint: disable=wrong-import-position
    DROP, add_others, anew, begin, change, compare, damage, features_of,
    has_hdf5, hog, nothing_left, others_are_there, picture, run_all)


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


def large(name, seed, rows):
    numbers = random.Random(seed)
    with open(f"im/{name}.pgm", "wb") as file:
        file.write(b"P5 32 %d 255\n" % rows +
                   bytes(numbers.randrange(256) for _ in range(32 * rows)))


def ragged(out):
    """Images keep their sizes, others come with others."""
    words = ["--ragged", "--on-error", "skip"]
    begin()
    for k in range(4, 9):
        large(k, k, 24 + 8 * (k % 3))
    hog("-q", "-o", out, *words, status=3)
    assert [len(row) for row in features_of(out)] == [1, 1, 0, 2, 3, 1, 2, 3]
    change()
    large(7, 7, 56)
    hog("-q", "-o", out, *words, status=3)
    compare(out, anew(out, *words, status=3), ["im/2.pgm"])
    assert [len(row) for row in features_of(out)] == [1, 1, 1, 1, 0, 1, 5, 3, 1,
                                                      0, 1]
    # What fails alone, and nothing but what is gone.
    hog("-q", "-o", out, *words, status=3)
    picture("01", 1)
    picture(5, 5)
    hog("-q", "-o", out, *words)
    os.remove("im/9.pgm")
    hog("-q", "-o", out, *words)
    compare(out, anew(out, *words), ["im/2.pgm", "im/9.pgm"])
    nothing_left(out)
    said = hog("-o", out, *words[1:], status=1)
    assert "made with ragged true, and it is false now" in said, said
    # As a new run makes it; then without what failed.
    os.remove(out)
    hog("-q", "-o", out, *words)
    large(9, 99, 40)
    large(8, 98, 24)
    hog("-q", "-o", out, *words)
    with open(out, "rb") as made, open(anew(out, *words), "rb") as wanted:
        assert made.read() == wanted.read()
    os.remove(out)
    words += DROP[2:]
    damage(5)
    hog("-q", "-o", out, *words, status=3)
    damage(4)
    picture(5, 5)
    hog("-q", "-o", out, *words, status=3)
    compare(out, anew(out, *words, status=3), ["im/4.pgm"])


def nothing(out):
    """No row has any features before, or afterwards."""
    for more in [], ["--ragged"]:
        begin()
        for k in range(1, 9):
            with open(f"im/{k}.pgm", "r+b") as file:
                file.truncate(100)
        for name in (out, "out.csv"):
            if os.path.exists(name):
                os.remove(name)
        hog("-q", "-o", out, *DROP, *more, status=3)
        said = hog("-o", out, *DROP, *more, status=3)
        assert "0 rows: 0 as they were" in said, said
        picture(5, 5)
        hog("-q", "-o", out, *DROP, *more, status=3)
        compare(out, anew(out, *DROP, *more, status=3), [])
        assert len(features_of(out)) == 1


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
    refuse("made with ragged false, and it is true now", "--ragged")
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


if not has_hdf5():
    print("SKIPPED: this build has no HDF5")
    sys.exit(77)
run_all([(test, "out.h5") for test in (whole, ragged, nothing, refused)])
