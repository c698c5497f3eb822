#!/usr/bin/python3
"""Images in tar archives against Python's tarfile: the same files under the
same names in the same order, and the features of loose files to the byte, for
every format and for what GNU tar writes. The command is ./foray, or $FORAY.
"""
import csv
import io
import os
import random
import shutil
import subprocess
import sys
import tarfile
import tempfile

FORAY = os.path.abspath(os.environ.get("FORAY", "foray"))
FORMATS = {"ustar": tarfile.USTAR_FORMAT, "gnu": tarfile.GNU_FORMAT,
           "pax": tarfile.PAX_FORMAT}
if not os.path.exists(FORAY):
    print(f"SKIPPED: no command {FORAY}")
    sys.exit(77)


def picture(seed):
    numbers = random.Random(seed)
    return b"P5 24 24 255\n" + bytes(numbers.randrange(256)
                                     for _ in range(24 * 24))


def hog(output, *inputs, command="hog", options=()):
    done = subprocess.run([FORAY, command, "-q", "-o", output, *options,
                           *inputs], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"FAILED: foray {command} {inputs}: {done.stderr}")


def paths(index):
    # Bytes that are no UTF-8 are \xff in it.
    with open(index, newline="", encoding="utf-8") as lines:
        return [row["path"] for row in csv.DictReader(lines)]


def read(path):
    with open(path, "rb") as file:
        return file.read()


def names(style):
    """Short, long, and of other letters; ustar's longest."""
    plain = ["a.pgm", "./b.PGM", "d/c.pgm", "d/with, comma.pgm",
             "n" * 96 + ".pgm", "p" * 150 + "/" + "q" * 90 + ".pgm",
             "d//e.pgm", "-.pgm", "d/.hidden.pgm", "._d/f.pgm", "../g.pgm",
             "d/notes.txt", "caf\u00e9/\u03bb.pgm"]
    if style != "ustar":
        plain += ["long/" * 100 + "h.pgm", "l" * 250 + "/" + "m" * 250 + ".pgm"]
    return plain


def write(path, style):
    with tarfile.open(path, "w", format=FORMATS[style]) as tar:
        for i, name in enumerate(names(style)):
            info = tarfile.TarInfo(name)
            content = picture(i)
            info.size = len(content)
            info.mtime = 1e9 + i / 3  # pax writes it as a record
            info.uname = "\u00fc"
            tar.addfile(info, io.BytesIO(content))
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE,
                     tarfile.FIFOTYPE, tarfile.CHRTYPE):
            info = tarfile.TarInfo(f"kind{kind[0]}.pgm")
            info.type = kind
            info.linkname = "a.pgm"
            tar.addfile(info)
        info = tarfile.TarInfo("last.pgm")
        info.size = len(picture(99))
        tar.addfile(info, io.BytesIO(picture(99)))


def is_image(name):
    hidden = any(part.startswith(".") and part not in (".", "..")
                 for part in name.split("/"))
    return name.lower().endswith(".pgm") and not hidden


def compare(archive):
    """What tarfile finds, foray finds; loose files have the same features."""
    with tarfile.open(archive) as tar:
        members = [m for m in tar if m.isreg() and is_image(m.name)]
        os.mkdir("loose")
        for i, member in enumerate(members):
            with open(f"loose/{i:04}.pgm", "wb") as out:
                shutil.copyfileobj(tar.extractfile(member), out)
    hog("in.npy", archive)
    wanted = [f"{archive}:{m.name}" for m in members]
    if paths("in.csv") != wanted:
        sys.exit(f"FAILED: {archive}: {paths('in.csv')}, not {wanted}")
    hog("loose.npy", "loose")
    if read("in.npy") != read("loose.npy"):
        sys.exit(f"FAILED: {archive}: other features than of loose files")
    # One by one, and backwards, by the paths that the index has.
    with open("list", "wb") as out:
        out.write(b"".join(os.fsencode(p) + b"\0" for p in wanted[::-1]))
    hog("back.npy", "--from", "list", "-0")
    row = (len(read("in.npy")) - 128) // len(members)
    rows = [read("back.npy")[128 + i * row:128 + (i + 1) * row]
            for i in range(len(members))]
    if b"".join(rows[::-1]) != read("in.npy")[128:]:
        sys.exit(f"FAILED: {archive}: other features from a list")
    shutil.rmtree("loose")


def gnu_tar(style):
    os.makedirs("real/sub", exist_ok=True)
    for i in range(20):
        with open(f"real/{'sub/' if i % 3 else ''}{'x' * 7 * i}{i}.pgm",
                  "wb") as out:
            out.write(picture(i))
    done = subprocess.run(["tar", f"--format={style}", "-cf",
                           f"real_{style}.tar", "real"], capture_output=True)
    if not done.returncode:
        compare(f"real_{style}.tar")


def large():
    """10,000 files: their headers alone are read."""
    content = picture(0)
    with tarfile.open("large.tar", "w") as tar:
        for i in range(10000):
            info = tarfile.TarInfo(f"{i:05}.pgm")
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    hog("first.npy", "large.tar:00000.pgm")
    hog("last.npy", "large.tar:09999.pgm")
    if read("first.npy") != read("last.npy"):
        sys.exit("FAILED: the last of 10000 is not the first")


with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    for style in FORMATS:
        write(f"{style}.tar", style)
        compare(f"{style}.tar")
    for style in ("v7", "oldgnu", "gnu", "ustar", "pax"):
        gnu_tar(style)
    large()
print("tar: the same as tarfile and loose files")
