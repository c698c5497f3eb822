"""HDF5 files that are damaged: each is an error that names the file, whatever
becomes of the HDF5 library, and no other file suffers from it.

    hdf5_damage.py HDF5_CHECK
"""
import os
import select
import struct
import sys
import tempfile

import h5py
import numpy as np

from hdf5 import Check

NAMES = ["plain", "packed", "sums", "many", "lib", "words"]


def make(path, version):
    x = np.arange(6000, dtype="<i4").reshape(60, 100)
    with h5py.File(path, "w", libver=version) as file:
        file["plain"] = x
        file.create_dataset("packed", data=x, chunks=(20, 30), shuffle=True,
                            compression="gzip")
        file.create_dataset("sums", data=x, chunks=(20, 30), fletcher32=True,
                            maxshape=(None, 100))
        file.create_dataset("many", data=x, chunks=(4, 5),
                            maxshape=(None, None))
        file.create_dataset("lib", data=x, chunks=(20, 30), scaleoffset=0)
        file["words"] = ["a", "b" * 100]
        file["words"].attrs["unit"] = "m"
    return x


class Damage(Check):
    def ask(self, *words):
        self.process.stdin.write("\t".join(words) + "\n")
        self.process.stdin.flush()
        ready, _, _ = select.select([self.process.stdout], [], [], 60)
        return self.process.stdout.readline().rstrip("\n") if ready else ""

    def try_all(self, path, out, what, must_fail=()):
        """Every answer is "ok", or an error with the file's name."""
        base = os.path.basename(path)
        questions = [("list", path), ("attributes", path, "words")]
        questions += [("strings" if name == "words" else "load", path, name) +
                      (() if name == "words" else (out,)) for name in NAMES]
        for words in questions:
            answer = self.ask(*words)
            failed = answer.startswith("FORAY_")
            right = base in answer if failed else answer != "" or \
                words[0] in ("list", "attributes", "strings")
            if words[-2] in must_fail or words[0] in must_fail:
                right = failed and base in answer
            self.expect("%s: %s: %s" % (what, words[0::2], answer), right)
            if self.process.poll() is not None:
                sys.exit("FAILED: hdf5_check died of %s" % what)


def truncate(check, good, folder, step):
    path = os.path.join(folder, "cut.h5")
    for size in list(range(0, 100, 9)) + list(range(100, len(good), step)):
        with open(path, "wb") as file:
            file.write(good[:size])
        # What lies before the cut may be whole, but the file says how long
        # it is.
        check.try_all(path, os.path.join(folder, "out.npy"),
                      "cut at %d" % size, ["list", "plain", "packed", "sums"])


def scribble(check, good, folder, times, random):
    path = os.path.join(folder, "bad.h5")
    for i in range(times):
        bad = bytearray(good)
        where = int(random.integers(0, len(bad)))
        if i % 2:
            # Most of a file is data: into what describes it.
            where = [k for k in (bad.find(s, where) for s in
                                 (b"TREE", b"SNOD", b"HEAP", b"OHDR", b"FRHP",
                                  b"EAHD", b"BTHD", b"FADB", b"GCOL")) if k > 0]
            where = (min(where) if where else 0) + int(random.integers(0, 64))
        for k in range(int(random.integers(1, 5))):
            if where + k < len(bad):
                bad[where + k] = int(random.choice([0, 1, 255, 128, 77]))
        with open(path, "wb") as file:
            file.write(bad)
        check.try_all(path, os.path.join(folder, "out.npy"),
                      "scribble %d at %d" % (i, where))


def cycle(check, good, folder):
    """The first B-tree of chunks becomes a node above itself."""
    path = os.path.join(folder, "cycle.h5")
    at = good.find(b"TREE\x01\x00")
    bad = bytearray(good)
    while at > 0:
        bad[at + 5] = 1
        entries = struct.unpack_from("<H", bad, at + 6)[0]
        key = 8 + 8 * 3
        for k in range(entries):
            struct.pack_into("<Q", bad, at + 24 + key + k * (key + 8), at)
        at = good.find(b"TREE\x01\x00", at + 1)
    with open(path, "wb") as file:
        file.write(bad)
    check.try_all(path, os.path.join(folder, "out.npy"), "cyclic B-tree",
                  ["packed", "sums", "many"])


def own_source(check, folder):
    path = os.path.join(folder, "own.h5")
    with h5py.File(path, "w", libver="latest") as file:
        layout = h5py.VirtualLayout((4,), "<i4")
        layout[:] = h5py.VirtualSource(".", "own", (4,))
        file.create_virtual_dataset("own", layout)
    answer = check.ask("load", path, "own", os.path.join(folder, "out.npy"))
    check.expect("a source of itself: " + answer,
                 answer == "ok" or "own.h5" in answer)


def sums(check, good, folder, x):
    """A byte of the data of a chunk with a checksum."""
    path = os.path.join(folder, "sum.h5")
    chunk = np.ascontiguousarray(x[20:40, 30:60]).tobytes()
    at = good.find(chunk)
    bad = bytearray(good)
    bad[at + 100] ^= 1
    with open(path, "wb") as file:
        file.write(bad)
    answer = check.ask("load", path, "sums", os.path.join(folder, "out.npy"))
    check.expect("a wrong sum: " + answer,
                 "sum.h5:/sums: the chunk at (20, 30) does not have the "
                 "checksum" in answer)


def main(program):
    quick = bool(os.environ.get("FORAY_QUICK"))
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    failed = done = 0
    with tempfile.TemporaryDirectory(prefix="foray-hdf5-",
                                     dir=memory) as folder:
        for version, jobs in ("earliest", "2"), ("latest", "2"):
            random = np.random.default_rng(3)
            check = Damage(program, jobs)
            path = os.path.join(folder, "good.h5")
            x = make(path, version)
            with open(path, "rb") as file:
                good = file.read()
            check.try_all(path, os.path.join(folder, "out.npy"), "undamaged")
            truncate(check, good, folder, 9973 if quick else 2503)
            scribble(check, good, folder, 10 if quick else 60, random)
            sums(check, good, folder, x)
            if version == "earliest":
                cycle(check, good, folder)
                own_source(check, folder)
            check.close()
            failed += check.failed
            done += check.done
    print("%d of %d comparisons failed" % (failed, done))
    return failed != 0


if __name__ == "__main__":
    sys.exit(main(os.path.abspath(sys.argv[1])))
