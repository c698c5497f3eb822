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

    def __reduce__(self):  # from the process of another
        return type(self), (str(self), self.status)


def _run(arguments, given=b"", accepted=(0,)):
    """Run the command; its standard output. KeyboardInterrupt ends it, too."""
    command = [os.environ.get("FORAY", "foray"), *arguments]
    try:
        done = subprocess.run(command, input=given, capture_output=True,
                              check=False)
    except OSError as error:
        raise Error(f"there is no command {command[0]} that runs "
                    f"({error.strerror}): install foray, or set FORAY",
                    127) from None
    if done.returncode in accepted:
        return done.stdout
    said = done.stderr.decode(errors="surrogateescape").strip()
    if done.returncode < 0:
        said += f" (killed by signal {-done.returncode})"
    raise Error(said or f"exit status {done.returncode}", done.returncode)


def _word(name, value):
    """An option's value as the command reads it: (8, 8) is 8x8."""
    if isinstance(value, (tuple, list, numpy.ndarray)):
        between = "/" if name == "shard" else "x"
        return between.join(str(part) for part in value)
    if isinstance(value, type) and issubclass(value, numpy.generic):
        value = numpy.dtype(value)
    if isinstance(value, (float, numpy.floating)):
        return numpy.format_float_positional(value, trim="-")
    if isinstance(value, (bytes, os.PathLike)):
        return os.fsdecode(value)
    return str(value)


# What is said in another way here, or has no answer in Python.
_NOT_HERE = {"output": "name the file by out", "from": "give the paths",
             "null": "give the paths", "no_index": "the index comes back",
             "dry_run": "it is for people", "verbose": "it is for people",
             "print_python": "it is for people", "help": "it is for people"}


def _options(options):
    """orientations=9, exif=True as --orientations=9 --exif."""
    words = []
    for name, value in options.items():
        if name in _NOT_HERE:
            raise Error(f"there is no option {name} in Python: "
                        f"{_NOT_HERE[name]}", 2)
        name = "--" + name.replace("_", "-")
        if value is True:
            words.append(name)
        elif value is not None and value is not False:
            words.append(f"{name}={_word(name[2:], value)}")
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


def _given(paths):
    """Paths as --from reads them with -0."""
    if isinstance(paths, (str, bytes, os.PathLike)):
        paths = [paths]
    paths = [os.fsencode(path) for path in paths]
    if not paths:
        raise Error("there are no images: the list of paths is empty", 2)
    for path in paths:
        if not path or b"\0" in path:
            raise Error(f"{os.fsdecode(path)!r} is no path", 2)
    return b"\0".join(paths) + b"\0"


def hog(paths, out=None, **options):
    """HOG features of images: (array, index).

    paths: files, folders and archives, in the order of the rows. out: the .npy
    or .h5 file to make; None: one in memory, which is gone with the array.
    options: those of `foray hog`: orientations=9, pixels_per_cell=(8, 8),
    resize=(128, 64), dtype="f32", on_error="skip", jobs=2, ... The array is a
    read-only memmap of shape (images, features), or with ragged=True Rows; the
    index a list of dicts: row, path, rows, cols, status, seconds, bytes,
    mtime_ns, message.
    update=True computes into an `out` that is there what is new or changed; its
    index is the file beside it, out.csv, or `index`. Raises Error with what the
    command said.
    """
    given = _given(paths)
    folder = _folder() if out is None else tempfile.mkdtemp(prefix=_PREFIX)
    try:
        ragged = options.get("ragged")
        target = os.path.join(
            folder, "features.h5" if ragged else "features.npy")
        target = target if out is None else os.fsdecode(out)
        keeps = options.pop("index", None)
        is_csv = keeps and not os.fsdecode(keeps).lower().endswith(
            (".jsonl", ".ndjson", ".json"))
        index = os.path.join(folder, "index.csv" if is_csv else "index.jsonl")
        if options.get("update"):  # it is read again the next time
            index = os.fsdecode(keeps or os.path.splitext(target)[0] + ".csv")
            keeps = None
        _run(["hog", "-q", "--from", "-", "-0", "-o", target, "--index", index,
              *_options(options)], given, (0, 3))
        found = _read_index(index)
        if keeps:
            shutil.copyfile(index, keeps)
        if ragged:
            return rows(target), found
        if target.lower().endswith(".npy"):
            return numpy.load(target, mmap_mode="r"), found
        return open(f"{target}:/features"), found
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _dtype(descr):
    """NumPy's, of what `foray info` says."""
    return numpy.dtype(ast.literal_eval(descr) if descr[:1] == "[" else descr)


def _only_member(name, about):
    """What a file means without a name, as for the command."""
    members = about["members"]
    usual = {"npz": "arr_0", "hdf5": "data"}.get(about["format"])
    meant = [member for member in members
             if len(members) == 1 or member["name"] == usual]
    if meant:
        return meant[0]
    raise Error(f"{name} has several arrays: name one of them: " +
                ", ".join(member["name"] for member in members), 1)


def open(name, mode="r"):  # pylint: disable=redefined-builtin
    """An array of any file that foray reads, mapped.

    name: as the command has it, "x.npy", "x.npz:name", "x.h5:/group/x",
    "x.joblib:a/0"; without a name the only array, or arr_0, or /data. mode: "r",
    "r+" or "c", as numpy.memmap. What is compressed or in chunks is unpacked
    into memory, by all CPUs, and read-only.
    """
    if mode not in ("r", "r+", "c"):  # w+ would empty the file
        raise Error(f"mode {mode!r}: must be 'r', 'r+' or 'c'", 2)
    name = os.fsdecode(name)
    text = _run(["info", "--json", "--", name])
    about = json.loads(text.decode(errors="surrogateescape"))
    if "members" in about:
        about.update(_only_member(name, about))
    if about["mappable"]:
        return _map(about, mode)
    if mode != "r":
        raise Error(f"{name} is {about['layout']}: it can be read only", 1)
    folder = _folder()
    path = os.path.join(folder, "x.npy")
    try:
        _run(["convert", "-q", "--", name, path])
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
    path = os.fsdecode(path)
    return Rows(*(open(f"{path}:/{name}")
                  for name in ("features", "offsets", "shapes")))


def _map(about, mode):
    dtype, shape = _dtype(about["descr"]), tuple(about["shape"])
    if not about["nbytes"]:  # nothing to map
        return numpy.empty(shape, dtype, about["order"])
    return numpy.memmap(about["path"], dtype, mode, about["offset"], shape,
                        about["order"])
