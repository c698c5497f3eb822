"""foray from Python: run the command, map what it made.

    import foray

    features, index = foray.hog(["cat.jpg", "dog.jpg"], resize=(128, 64))
    x = foray.open("features.h5:/features")
    rows = foray.rows("ragged.h5")  # foray hog --ragged: rows[3] is an image's

Pure Python; needs NumPy, and the command `foray` in PATH or in the variable
FORAY. Nothing is copied: arrays are numpy.memmap of the files that the command
wrote, or of what it unpacked.
"""
import ast
import collections.abc
import csv
import io
import json
import os
import shutil
import subprocess
import tempfile

import numpy

__all__ = ["Error", "Rows", "hog", "open", "rows"]


class Error(Exception):
    """What the command said, and its exit status."""

    def __init__(self, message, status):
        super().__init__(message)
        self.status = status


def _run(arguments, given=b"", accepted=(0,)):
    """Run the command; its standard output. KeyboardInterrupt ends it, too."""
    command = [os.environ.get("FORAY", "foray"), *arguments]
    try:
        done = subprocess.run(command, input=given, capture_output=True,
                              check=False)
    except FileNotFoundError:
        raise Error(f"there is no command {command[0]}: install foray, or set "
                    "FORAY", 127) from None
    if done.returncode in accepted:
        return done.stdout
    said = done.stderr.decode(errors="surrogateescape").strip()
    if done.returncode < 0:
        said += f" (killed by signal {-done.returncode})"
    raise Error(said or f"exit status {done.returncode}", done.returncode)


def _word(value):
    """An option's value as the command reads it: (8, 8) is 8x8."""
    if isinstance(value, (tuple, list)):
        return "x".join(str(part) for part in value)
    return os.fspath(value) if hasattr(value, "__fspath__") else str(value)


def _options(options):
    """orientations=9, exif=True as --orientations=9 --exif."""
    words = []
    for name, value in options.items():
        name = "--" + name.replace("_", "-")
        if value is True:
            words.append(name)
        elif value is not None and value is not False:
            words.append(f"{name}={_word(value)}")
    return words


def _read_index(path):
    """The index as a list of dicts, its numbers as numbers."""
    with io.open(path, newline="", encoding="utf-8") as file:
        if not path.endswith(".csv"):
            return [json.loads(line) for line in file]
        rows = list(csv.DictReader(file))
    for row in rows:
        for name, kind in (("row", int), ("rows", int), ("cols", int),
                           ("seconds", float), ("bytes", int),
                           ("mtime_ns", int)):
            if row.get(name):
                row[name] = kind(row[name])
    return rows


_PREFIX = "foray-python-"


def _folder():
    """A new one in memory, if there is such a place."""
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    return tempfile.mkdtemp(prefix=_PREFIX, dir=memory)


def _map_and_remove(path, folder):
    """Map a .npy file of ours; nobody needs its name any more."""
    try:
        return numpy.load(path, mmap_mode="r")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def hog(paths, out=None, **options):
    """HOG features of images: (array, index).

    paths: files and folders, in the order of the rows. out: the .npy file to
    make; None: one without a name, which is gone with the array. options: those
    of `foray hog`: orientations=9, pixels_per_cell=(8, 8), resize=(128, 64),
    dtype="f32", on_error="skip", jobs=2, ... The array is a read-only memmap of
    shape (images, features), or with ragged=True Rows; the index a list of
    dicts: row, path, rows, cols, status, seconds, bytes, mtime_ns, message.
    update=True computes into an `out` that is there what is new or changed; its
    index is the file beside it, out.csv, or `index`. Raises Error with what the
    command said.
    """
    if isinstance(paths, (str, bytes, os.PathLike)):
        paths = [paths]
    given = b"".join(os.fsencode(path) + b"\0" for path in paths)
    folder = _folder() if out is None else tempfile.mkdtemp(prefix=_PREFIX)
    try:
        ragged = options.get("ragged")
        target = os.path.join(
            folder, "features.h5" if ragged else "features.npy")
        target = target if out is None else out
        keeps = options.pop("index", None)
        is_csv = keeps and not str(keeps).endswith((".jsonl", ".json"))
        index = os.path.join(folder, "index.csv" if is_csv else "index.jsonl")
        if options.get("update"):  # it is read again the next time
            index = os.fspath(keeps or os.path.splitext(target)[0] + ".csv")
            keeps = None
        _run(["hog", "-q", *_options(options), "--from", "-", "-0", "-o",
              os.fspath(target), "--index", index], given, (0, 3))
        found = _read_index(index)
        if keeps:
            shutil.copyfile(index, keeps)
        if ragged:
            return rows(target), found
        return numpy.load(target, mmap_mode="r"), found
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _dtype(descr):
    """NumPy's, of what `foray info` says."""
    return numpy.dtype(ast.literal_eval(descr) if descr[:1] == "[" else descr)


def open(name, mode="r"):  # pylint: disable=redefined-builtin
    """An array of any file that foray reads, mapped.

    name: as the command has it, "x.npy", "x.npz:name", "x.h5:/group/x",
    "x.joblib:a/0". mode: "r", "r+" or "c", as numpy.memmap. What is compressed
    or in chunks is unpacked into memory, by all CPUs, and read-only.
    """
    text = _run(["info", "--json", os.fspath(name)])
    about = json.loads(text.decode(errors="surrogateescape"))
    members = about.get("members")
    if members is not None:
        raise Error(f"{name} has several arrays: name one of them: " +
                    ", ".join(member["name"] for member in members), 1)
    if about["mappable"]:
        return _map(about, mode)
    if mode != "r":
        raise Error(f"{name} is {about['layout']}: it can be read only", 1)
    folder = _folder()
    path = os.path.join(folder, "x.npy")
    try:
        _run(["convert", "-q", os.fspath(name), path])
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return _map_and_remove(path, folder)


class Rows(collections.abc.Sequence):
    """Features of images that kept their sizes: rows[i] is those of image i,
    in their own shape (blocks_r, blocks_c, br, bc, n); of one that failed an
    array of nothing. All of them, one behind another, are in .features, where
    each begins in .offsets, and their shapes in .shapes."""

    def __init__(self, features, offsets, shapes):
        self.features, self.offsets, self.shapes = features, offsets, shapes

    def __len__(self):
        return len(self.shapes)

    def __getitem__(self, i):
        if isinstance(i, slice):
            return [self[k] for k in range(*i.indices(len(self)))]
        i = range(len(self))[i]
        row = self.features[int(self.offsets[i]):int(self.offsets[i + 1])]
        return row.reshape(tuple(int(n) for n in self.shapes[i]))


def rows(path):
    """The rows of an HDF5 file that `foray hog --ragged` made: Rows, mapped."""
    path = os.fspath(path)
    return Rows(*(open(f"{path}:/{name}")
                  for name in ("features", "offsets", "shapes")))


def _map(about, mode):
    dtype, shape = _dtype(about["descr"]), tuple(about["shape"])
    if not about["nbytes"]:  # nothing to map
        return numpy.empty(shape, dtype, about["order"])
    return numpy.memmap(about["path"], dtype, mode, about["offset"], shape,
                        about["order"])
