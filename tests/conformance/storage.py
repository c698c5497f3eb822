"""Files written by foray are np.save's, byte for byte; NumPy maps the unnamed
arrays of a living process through /proc.

    storage.py STORAGE_CHECK
"""
import os
import subprocess
import sys
import tempfile

import numpy as np

from files import SHAPES, make

TYPES = ["?", "i1", "u1", "<i2", ">i2", "<u4", ">i8", "<f2", "<f4", ">f8",
         "<c8", ">c16", "S3", "<U2", ">U2", "<M8[ns]", "V5",
         [("a", "<i4"), ("b", ">f8", (2,))]]
LARGE = [("<f8", (1000, 817)), ("u1", (3, 2500, 1111)), (">i2", (2, 1500000))]
VIEWS = {
    "same": lambda x: x,
    "dump": lambda x: x,
    "load": lambda x: x,
    "transposed": lambda x: x.T,
    "reversed": lambda x: x[(slice(None, None, -1),) * x.ndim],
    "second": lambda x: x[(slice(None, None, 2),) * x.ndim],
}


def compare_saved(check, folder):
    source, ours, theirs = (os.path.join(folder, name)
                            for name in ("in.npy", "ours.npy", "theirs.npy"))
    random = np.random.default_rng(1)
    saver = subprocess.Popen([check, "save"], stdin=subprocess.PIPE,
                             stdout=subprocess.PIPE, text=True)
    cases = [(t, s, o) for t in TYPES for s in SHAPES for o in "CF"]
    cases += [(t, s, o) for t, s in LARGE for o in "CF"]
    failed = done = 0
    for dtype, shape, order in cases:
        array = make(dtype, shape, order, random)
        np.save(source, array)
        for how, view in VIEWS.items():
            # Indexing a 0-d array with () would make it a scalar.
            wanted = view(array) if array.ndim else array
            np.save(theirs, wanted)
            print(source, ours, how, sep="\t", file=saver.stdin, flush=True)
            if saver.stdout.readline() != "ok\n":
                sys.exit(f"FAIL {how} {array.dtype} {shape} {order}: not saved")
            with open(ours, "rb") as a, open(theirs, "rb") as b:
                same = a.read() == b.read()
            done += 1
            if not same:
                failed += 1
                print("FAIL", how, array.dtype, shape, order)
    saver.stdin.close()
    if saver.wait():
        failed += 1
        print("FAIL: storage_check ends with", saver.returncode)
    print(f"{done} files compared with np.save, {failed} differ")
    return failed


def map_unnamed(check, folder):
    source = os.path.join(folder, "in.npy")
    values = np.arange(700 * 900, dtype=">i4").reshape(700, 900, order="F")
    np.save(source, values)
    holder = subprocess.Popen([check, "hold", source], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, text=True)
    created, dumped = (
        np.load(f"/proc/{holder.pid}/fd/{holder.stdout.readline().strip()}",
                mmap_mode="r") for _ in range(2))
    right = (isinstance(created, np.memmap) and isinstance(dumped, np.memmap)
             and np.array_equal(created,
                                np.arange(700000.0).reshape(700, 1000))
             and np.array_equal(dumped, values)
             and dumped.dtype == values.dtype and dumped.flags.f_contiguous)
    holder.stdin.close()
    right = holder.wait() == 0 and right
    # The mappings outlive their maker.
    right = right and created[699, 999] == 699999
    print("unnamed arrays through /proc:", "ok" if right else "FAIL")
    return not right


def main():
    with tempfile.TemporaryDirectory(prefix="foray-test-") as folder:
        failed = compare_saved(sys.argv[1], folder)
        failed += map_unnamed(sys.argv[1], folder)
    sys.exit(failed != 0)


main()
