#!/usr/bin/python3
"""`foray hog --update` by NumPy and h5py: after each change to a folder of
images the output has, for each of them, the row that a new run gives it, and
the others as they were; the same when an update is killed at any call that
changes a file and repeated. The command is ./foray, or $FORAY.
"""
import json
import os
import shutil
import sys

try:
    import h5py
    import numpy as np
except ImportError as error:
    print(f"SKIPPED: {error}: apt-get install python3-numpy python3-h5py")
    sys.exit(77)

sys.dont_write_bytecode = True
from update_images import (  # noqa: E402  pylint: disable=wrong-import-position
    DROP, STRIKE, add_others, anew, begin, change, compare, copy_of,
    features_of, has_hdf5, hog, index_of, nothing_left, others_are_there,
    picture, run_all)


def drops(out):
    """What failed has no row, ever."""
    begin()
    said = hog("-o", out, *DROP, status=3)
    assert "1 of 8 images failed: they have no row" in said, said
    before = features_of(out)
    assert len(before) == 7
    change()
    said = hog("-o", out, *DROP, "--trace", "trace.json", status=3)
    assert "10 rows: 4 as they were, 3 new, 1 again, 2 gone" in said, said
    compare(out, anew(out, *DROP, status=3), ["im/2.pgm", "im/5.pgm"])
    after = features_of(out)
    assert np.array_equal(np.delete(after[:7], 2, 0), np.delete(before, 2, 0))
    lines = index_of(out)
    assert [line["path"] for line in lines[7:]] == [
        "im/0.pgm", "im/3.pgm", "im/9.pgm", "im/5.pgm", "im/01.pgm"]
    assert [line["row"] for line in lines[10:]] == ["", ""]
    nothing_left(out)
    with open("trace.json", encoding="utf-8") as file:
        rows = {event["name"]: event["args"]["row"]
                for event in json.load(file)["traceEvents"]
                if event.get("ph") == "X"}
    assert [rows[f"{k}.pgm"] for k in (4, 0, 3, 9)] == [2, 7, 8, 9], rows
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


def main():
    tests = [(test, out) for out in ("out.npy", "out.h5")
             for test in (drops, pictures, killed)
             if (out == "out.npy" or has_hdf5()) and
             (test != killed or os.path.exists(STRIKE))]
    run_all(tests)


main()
