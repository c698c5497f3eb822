"""Changes of an HDF5 file where the file system copies by reference: a copy
takes its name when it is whole, and nobody sees another state of it.

    hdf5_reflink.py HDF5_CHECK    in an empty folder of such a file system;
                                  FORAY is the command
"""
import os
import subprocess
import sys
import threading

import h5py
import numpy as np

MODE, OWNER = 0o640, 12345
failed = 0


def expect(what, right):
    global failed
    if not right:
        failed += 1
        print("FAILED:", what)


def ask(check, *words):
    done = subprocess.run([check, "0"], input="\t".join(words) + "\n",
                          stdout=subprocess.PIPE, text=True, check=False)
    return done.stdout.rstrip("\n")


def make(path):
    with h5py.File(path, "w") as file:
        file["x"] = np.arange(500_000.0)
        file.create_dataset("rows", data=np.zeros((10, 1000)),
                            chunks=(4, 1000), maxshape=(None, 1000))
    os.chmod(path, MODE)
    os.chown(path, OWNER, OWNER)
    os.setxattr(path, "user.note", b"kept")


def looks_the_same(path):
    state = os.stat(path)
    return (state.st_mode & 0o7777 == MODE and state.st_uid == OWNER and
            state.st_gid == OWNER and os.getxattr(path, "user.note") == b"kept")


def compare_changes(check):
    """Every change is another file; who has the old one open sees no change."""
    make("old.h5")
    with open("old.h5", "rb") as old:
        before = old.read()
        for words in (["save", "y.npy", "old.h5", "y"],
                      ["save", "y.npy", "old.h5", "y", "overwrite",
                       "deflate=1"],
                      ["create", "y.npy", "old.h5", "z"],
                      ["append", "y.npy", "old.h5", "rows"],
                      ["tag", "old.h5", "x"]):
            number = os.stat("old.h5").st_ino
            answer = ask(check, *words)
            expect("%s: %s" % (words, answer), answer == "ok")
            expect("%s: changed in place" % words,
                   os.stat("old.h5").st_ino != number)
            expect("%s: another owner, mode or attribute" % words,
                   looks_the_same("old.h5"))
        old.seek(0)
        expect("the old file is what it was", old.read() == before)
    y = np.load("y.npy")
    with h5py.File("old.h5") as file:
        expect("what was there", np.array_equal(file["x"], np.arange(5e5)))
        expect("what was saved", np.array_equal(file["y"], y) and
               np.array_equal(file["z"], y))
        expect("what was appended",
               np.array_equal(file["rows"], np.vstack([np.zeros((10, 1000)),
                                                       y])))
        expect("what was tagged", file["x"].attrs["scale"] == 0.5)


def compare_failures(check):
    """What does not fit, or is refused, leaves the file that was there."""
    number = os.stat("old.h5").st_ino
    for words, answers in (
            (["save", "huge.npy", "old.h5", "huge"], "FORAY_ENOSPC"),
            (["append", "huge.npy", "old.h5", "rows"], "FORAY_ENOSPC"),
            (["save", "y.npy", "old.h5", "y"], "FORAY_EEXIST")):
        answer = ask(check, *words)
        expect("%s: %s" % (words, answer),
               answer.startswith(answers) and "old.h5" in answer and
               "partial" not in answer)
    expect("it is the same file", os.stat("old.h5").st_ino == number)


def compare_links(check):
    """A name that others share stays the name of the same file."""
    os.symlink("old.h5", "soft.h5")
    make("first.h5")
    os.link("first.h5", "second.h5")
    for name in "soft.h5", "second.h5":
        number = os.stat(name).st_ino
        answer = ask(check, "save", "y.npy", name, "linked")
        expect("save to %s: %s" % (name, answer), answer == "ok")
        expect("%s is another file now" % name, os.stat(name).st_ino == number)
    expect("a link became a file", os.path.islink("soft.h5"))


def compare_writers(check):
    """Two that save into one file, each again while the other one does: no
    dataset is lost."""
    make("both.h5")

    def save(prefix):
        process = subprocess.Popen([check, "0"], stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, text=True)
        for i in range(15):
            answer = "FORAY_EBUSY"
            while answer.startswith("FORAY_EBUSY"):
                process.stdin.write("save\ty.npy\tboth.h5\t%s%d\n" %
                                    (prefix, i))
                process.stdin.flush()
                answer = process.stdout.readline().rstrip("\n")
            expect("save %s%d: %s" % (prefix, i, answer), answer == "ok")
        process.stdin.close()
        process.wait()

    threads = [threading.Thread(target=save, args=prefix) for prefix in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with h5py.File("both.h5") as file:
        expect("lost: only %s" % sorted(file), len(file) == 2 + 2 * 15)


def free_space():
    os.sync()
    state = os.statvfs(".")
    return state.f_bavail * state.f_frsize


def compare_updates(foray):
    """Rows that stay are not written again."""
    random = np.random.default_rng(2)

    def picture(name):
        with open("im/" + name, "wb") as file:
            file.write(b"P5 256 256 255\n" + random.bytes(256 * 256))

    def hog():
        done = subprocess.run([foray, "hog", "-q", "--update", "-o", "f.h5",
                               "im"], stderr=subprocess.PIPE, text=True,
                              check=False)
        expect("update: " + done.stderr, done.returncode == 0)

    os.mkdir("im")
    for k in range(20):
        picture("%02d.pgm" % k)
    hog()
    with open("f.h5", "rb") as old, h5py.File("f.h5") as file:
        before = file["features"][:]
        size, room = os.fstat(old.fileno()).st_size, free_space()
        picture("07.pgm")
        picture("20.pgm")
        hog()
        used = room - free_space()
    expect("an update of %d bytes used %d" % (size, used), used < size / 2)
    with h5py.File("f.h5") as file:
        after = file["features"][:]
    expect("rows that stay", len(after) == 21 and
           [k for k in range(20) if not np.array_equal(before[k], after[k])]
           == [7])


def main(check):
    np.save("y.npy", np.random.default_rng(1).random((7, 1000)))
    np.lib.format.open_memmap("huge.npy", "w+", "<f8", (1 << 16, 1000))
    compare_changes(check)
    compare_failures(check)
    compare_links(check)
    compare_writers(check)
    compare_updates(os.environ["FORAY"])
    wanted = {"y.npy", "huge.npy", "old.h5", "soft.h5", "first.h5",
              "second.h5", "both.h5", "f.h5", "f.csv", "im"}
    expect("left behind: %s" % (set(os.listdir(".")) - wanted),
           set(os.listdir(".")) == wanted)
    return failed != 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
