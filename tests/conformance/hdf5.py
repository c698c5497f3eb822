"""Datasets of HDF5 files: what h5py wrote, foray opens; what foray wrote, h5py,
h5diff and h5dump read.

    hdf5.py HDF5_CHECK
"""
import itertools
import os
import subprocess
import sys
import tempfile

import h5py
import numpy as np

TYPES = ["?", "i1", "u1", "<i2", ">i2", "<u4", ">i8", "<u8", "<f2", ">f2",
         "<f4", ">f4", "<f8", ">f8", "<c8", ">c8", "<c16", ">c16"]
# Those that foray has no name for.
ITEMS = ["S5", [("a", "<i4"), ("b", ">f8", (2,))], "V7"]
if os.environ.get("FORAY_QUICK"):
    TYPES = TYPES[::4]
SHAPES = [(), (0,), (1,), (7,), (13, 9), (5, 0, 3), (6, 7, 8), (3, 2, 2, 4, 3)]
FILTERS = [{}, {"shuffle": True}, {"compression": "gzip"},
           {"compression": "gzip", "compression_opts": 9, "shuffle": True},
           {"fletcher32": True},
           {"compression": "gzip", "shuffle": True, "fletcher32": True},
           {"compression": "lzf", "shuffle": True}]
# Filters of plug-ins, and the packages that have them.
PLUGINS = [("blosc", 32001, (0, 0, 0, 0, 5, 1, 1),
            "hdf5-filter-plugin-blosc-serial"),
           ("lz4", 32004, (), "hdf5-filter-plugin"),
           ("bzip2", 307, (9,), "hdf5-filter-plugin")]


class Check:
    """A process that answers, line by line."""

    def __init__(self, program, *arguments, **environment):
        self.process = subprocess.Popen(
            [program, *arguments], stdin=subprocess.PIPE,
            env={**os.environ, **environment},
            stdout=subprocess.PIPE, text=True, encoding="utf-8",
            errors="backslashreplace")
        self.failed = self.done = 0

    def ask(self, *words):
        self.process.stdin.write("\t".join(words) + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().rstrip("\n")

    def expect(self, what, right):
        self.done += 1
        if not right:
            self.failed += 1
            print("FAILED:", what)

    def close(self):
        self.process.stdin.close()
        self.expect("the end of hdf5_check", self.process.wait() == 0)


def make(dtype, shape, random):
    dtype = np.dtype(dtype)
    count = int(np.prod(shape, dtype=np.int64))
    if dtype.kind == "b":
        return random.integers(0, 2, shape).astype(dtype)
    if dtype.kind == "S":
        return np.array([b"a" * (i % 5) for i in range(count)],
                        dtype).reshape(shape)
    # Numbers that repeat: something to be compressed.
    few = np.frombuffer(random.bytes(16 * dtype.itemsize), dtype)
    return few[random.integers(0, 16, shape)]


def narrow(x):
    """Integers whose differences fit into fewer bits: scale-offset of HDF5
    1.14.5 and 1.14.6 does not read what takes all of them."""
    return x.view("<i4") >> 4


def same(path, wanted):
    got = np.load(path)
    if wanted.dtype.kind in "biufc" and got.dtype != wanted.dtype:
        return False
    return got.shape == wanted.shape and got.tobytes() == wanted.tobytes()


def chunk_of(shape, random):
    return tuple(int(random.integers(1, n + 1)) for n in shape)


def fill_file(file, random):
    """Datasets of each type, shape, layout and filter; names and values."""
    n = 0
    wanted = {}

    def add(array, **options):
        nonlocal n
        n += 1
        name = "group %d/data %d" % (n % 7, n)
        file.create_dataset(name, data=array, **options)
        wanted[name] = array

    for dtype, shape in itertools.product(TYPES + ITEMS, SHAPES):
        add(make(dtype, shape, random))
        if not shape or 0 in shape:
            continue
        chunk = chunk_of(shape, random)
        for filters in FILTERS:
            add(make(dtype, shape, random), chunks=chunk, **filters)
    for shape in SHAPES[1:]:
        chunk = tuple(max(1, k // 2) for k in shape)
        for filters in FILTERS:
            add(make("<f4", shape, random), chunks=chunk,
                maxshape=(None,) * len(shape), **filters)
            if 0 not in shape[1:]:
                add(make("<i2", shape, random), chunks=chunk,
                    maxshape=(None,) + shape[1:], **filters)
    # Filters and layouts that only the library knows.
    x = make("<i4", (50, 60), random)
    add(narrow(x), chunks=(20, 17), scaleoffset=0)
    add(make("<u2", (50, 60), random) / np.float32(4), chunks=(20, 17),
        scaleoffset=2)
    add(x, chunks=(20, 17), compression="szip")
    add(x, chunks=(20, 17), compression="szip", shuffle=True)
    add(make("<f4", (3000, 2), random), chunks=(1, 1))
    for compression in "gzip", "lzf":
        add(make("<f4", (300000,), random), chunks=(100,),
            compression=compression)
    # Some chunks become smaller, some do not.
    x = make("<u4", (64, 500), random)
    x[::16] = random.integers(0, 1 << 32, (4, 500), "u4")
    for fletcher32 in False, True:
        add(x, chunks=(1, 500), compression="lzf", fletcher32=fletcher32)
    # A single chunk, and one larger than the dataset.
    add(make("<f8", (30, 40), random), chunks=(30, 40), compression="gzip")
    add(make("<f8", (30, 40), random), chunks=(64, 64),
        maxshape=(None, None), compression="gzip", shuffle=True)
    add(make(">f8", (700, 900), random), chunks=(100, 900),
        compression="gzip", shuffle=True)
    return wanted


def sparse(file, random):
    """Chunks that were never written, fill values, filters that some chunks
    are spared."""
    wanted = {}
    for i, (fill, options) in enumerate(itertools.product(
            [None, 0, 7], FILTERS + [{"scaleoffset": 0}])):
        name = "sparse/%d" % i
        d = file.create_dataset(name, (40, 50), "<i4", chunks=(7, 8),
                                fillvalue=fill, **options)
        d[3:9, 10:30] = random.integers(0, 99, (6, 20))
        d[39, 49] = 5
        wanted[name] = d[()]
        name = "never/%d" % i
        d = file.create_dataset(name, (40, 50), "<f8", chunks=(7, 8),
                                fillvalue=fill, **options)
        wanted[name] = d[()]
    d = file.create_dataset("never/contiguous", (4, 5), ">i2", fillvalue=-3)
    wanted["never/contiguous"] = d[()]
    d = file.create_dataset("grown", (10, 6), "<f4", chunks=(4, 6),
                            maxshape=(None, 6), fillvalue=1.5,
                            compression="gzip")
    d[...] = 2
    d.resize(25, 0)
    d[20] = 4
    d.resize(23, 0)
    wanted["grown"] = d[()]
    d = file.create_dataset("masks", (4, 8), "<i4", chunks=(2, 4),
                            compression="gzip", shuffle=True)
    raw = np.arange(8, dtype="<i4")
    d[...] = 1
    d.id.write_direct_chunk((0, 0), raw.tobytes(), 3)
    d.id.write_direct_chunk(
        (2, 4), raw.view("u1").reshape(8, 4).T.tobytes(), 2)
    wanted["masks"] = d[()]
    assert wanted["masks"][3, 7] == 7
    return wanted


def elsewhere(file, folder, random):
    """Virtual and external datasets, links, compact ones."""
    wanted = {}
    x = random.integers(0, 9, (6, 10)).astype("<i8")
    with h5py.File(os.path.join(folder, "source.h5"), "w") as other:
        other["x"] = x
    layout = h5py.VirtualLayout((2, 6, 10), "<i8")
    for i in range(2):
        layout[i] = h5py.VirtualSource("source.h5", "x", (6, 10))
    file.create_virtual_dataset("virtual", layout, fillvalue=-1)
    wanted["virtual"] = np.stack([x, x])
    x.tofile(os.path.join(folder, "external.raw"))
    file.create_dataset("external", (6, 10), "<i8",
                        external=[(os.path.join(folder, "external.raw"), 0,
                                   h5py.h5f.UNLIMITED)])
    wanted["external"] = x
    space = h5py.h5s.create_simple((6, 10))
    properties = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    properties.set_layout(h5py.h5d.COMPACT)
    d = h5py.h5d.create(file.id, b"compact", h5py.h5t.STD_I64LE, space,
                        properties)
    d.write(h5py.h5s.ALL, h5py.h5s.ALL, x)
    wanted["compact"] = x
    file["soft"] = h5py.SoftLink("/compact")
    wanted["soft"] = x
    file["outside"] = h5py.ExternalLink("source.h5", "x")
    wanted["outside"] = x
    file["hard/deep/er"] = file["compact"]
    wanted["/hard//deep/er"] = x
    return wanted


def compare_loaded(check, path, wanted, folder):
    out = os.path.join(folder, "out.npy")
    for i, (name, array) in enumerate(wanted.items()):
        array = np.asarray(array)
        for how in ("load", "open") if i % 4 == 0 else ("open",):
            answer = check.ask(how, path, name, out)
            check.expect("%s of %s: %s" % (how, name, answer),
                         answer == "ok" and same(out, array))


def compare_slabs(check, path, wanted, folder, random):
    out = os.path.join(folder, "out.npy")
    names = [name for name, x in wanted.items() if np.ndim(x)]
    for _ in range(200):
        name = names[int(random.integers(len(names)))]
        array = np.asarray(wanted[name])
        index, words = [], []
        for n in array.shape:
            start = int(random.integers(0, n + 1))
            step = int(random.integers(1, 4))
            most = (n - start + step - 1) // step
            count = int(random.integers(0, most + 1)) if most else 0
            if random.integers(3):
                count = most
            index.append(slice(start, start + count * step, step))
            words.append("%d:%d:%d" % (start, count, step))
        slab = array[tuple(index)]
        for how in "load", "open":
            answer = check.ask(how, path, name, out, ",".join(words))
            check.expect("%s of %s[%s]: %s" % (how, name, words, answer),
                         answer == "ok" and
                         same(out, np.ascontiguousarray(slab)))


def compare_reading(program, folder):
    random = np.random.default_rng(1)
    for version, user_block, jobs in (("earliest", 0, "2"),
                                      ("latest", 0, "3"),
                                      ("earliest", 1024, "0")):
        check = Check(program, jobs)
        path = os.path.join(folder, "%s %d.h5" % (version, user_block))
        with h5py.File(path, "w", libver=version,
                       userblock_size=user_block) as file:
            wanted = {}
            if not user_block:
                wanted = fill_file(file, random)
            wanted.update(sparse(file, random))
            wanted.update(elsewhere(file, folder, random))
        compare_loaded(check, path, wanted, folder)
        compare_slabs(check, path, wanted, folder, random)
        answer = check.ask("list", path)
        check.expect("list: " + answer, "virtual i64 ndim 3" in answer)
        check.close()
        yield check


def compare_plugins(program, folder):
    """Filters that the HDF5 library finds outside of itself, or not."""
    random = np.random.default_rng(3)
    path = os.path.join(folder, "plugins.h5")
    out = os.path.join(folder, "out.npy")
    x = make("<f4", (500, 60), random)
    found = []
    with h5py.File(path, "w") as file:
        for name, number, values, package in PLUGINS:
            if h5py.h5z.filter_avail(number):
                file.create_dataset(name, data=x, chunks=(50, 17),
                                    compression=number,
                                    compression_opts=values)
                found.append((name, number))
            else:
                print("%s: not run, no plug-in (Debian: %s)" % (name, package))
    check = Check(program, "2")
    for name, _ in found:
        answer = check.ask("load", path, name, out)
        check.expect("load of %s: %s" % (name, answer),
                     answer == "ok" and same(out, x))
    check.close()
    yield check
    check = Check(program, "2", HDF5_PLUGIN_PATH=os.path.join(folder, "none"))
    for name, number in found:
        answer = check.ask("load", path, name, out)
        words = "(%d), which the HDF5 library does not find" % number
        check.expect("load of %s: %s" % (name, answer),
                     answer.startswith("FORAY_ENOTSUP") and
                     path + ":/" + name in answer and name in answer and
                     words in answer and "HDF5_PLUGIN_PATH" in answer)
    check.close()
    yield check


def save_options(shape, random):
    """Options of a new dataset, and what h5py should see of them."""
    yield [], {}
    yield ["overwrite"], {}
    if not shape:
        return
    chunk = chunk_of([max(n, 1) for n in shape], random)
    words = "chunk=" + "x".join(map(str, chunk))
    yield [words], {"chunks": chunk}
    yield ["deflate=4", "shuffle"], {"compression": "gzip",
                                     "compression_opts": 4, "shuffle": True}
    yield [words, "deflate=9", "fletcher32"], {
        "chunks": chunk, "compression": "gzip", "fletcher32": True}
    if 0 not in shape[1:]:
        yield [words, "shuffle", "extendable", "fletcher32"], {
            "chunks": chunk, "shuffle": True, "fletcher32": True,
            "maxshape": (None,) + shape[1:]}


def compare_saved(check, folder, random):
    """What foray saved, as h5py reads it."""
    source, path = (os.path.join(folder, name) for name in ("in.npy", "our.h5"))
    wanted = []
    cases = itertools.product(TYPES, SHAPES + [(300, 400)], "CF")
    for i, (dtype, shape, order) in enumerate(cases):
        if i % 3 and len(shape) < 2:
            continue
        array = np.asarray(make(dtype, shape, random), order=order)
        np.save(source, array)
        for words, seen in save_options(shape, random):
            name = "/a/%d" % len(wanted)
            answer = check.ask("save", source, path, name, *words)
            check.expect("save %s %s %s: %s" % (dtype, shape, words, answer),
                         answer == "ok")
            wanted.append((name, array, seen))
    compare_seen(check, path, wanted)
    return path


def compare_seen(check, path, wanted):
    with h5py.File(path) as file:
        for name, array, seen in wanted:
            d = file[name]
            got = d[()]
            right = (d.dtype == array.dtype and d.shape == array.shape and
                     np.asarray(got).tobytes() == array.tobytes())
            if array.size or d.maxshape != d.shape:
                right = right and all(getattr(d, key) == value
                                      for key, value in seen.items())
            check.expect("what h5py sees of %s: %s %s %s" %
                         (name, d, d.chunks, seen), right)
            if not seen and array.nbytes >= 4096:
                check.expect("%s begins on a page" % name,
                             d.id.get_offset() % 4096 == 0)
            elif not seen and array.nbytes:
                check.expect("%s begins where any element may" % name,
                             d.id.get_offset() % 64 == 0)


def compare_changes(check, folder, random):
    """Existing files: replaced, grown, by foray and by h5py in turn."""
    source, path = (os.path.join(folder, name) for name in ("in.npy", "c.h5"))
    rows = [make("<f4", (n, 5), random) for n in (7, 4, 0, 1, 30, 1000)]
    with h5py.File(path, "w") as file:
        file["other"] = rows[0]
        for i, filters in enumerate(FILTERS):
            file.create_dataset("grow%d" % i, data=rows[0], chunks=(6, 2),
                                maxshape=(None, 5), **filters)
        file.create_dataset("scale", data=narrow(rows[0]),
                            chunks=(6, 2), maxshape=(None, 5), scaleoffset=0)
        file.create_dataset("big", data=rows[0].astype(">f4"), chunks=(3, 5),
                            maxshape=(None, 5), compression="gzip")
        file["fixed"] = rows[0]
    for i in range(1, len(rows)):
        np.save(source, rows[i])
        for k in range(len(FILTERS)):
            answer = check.ask("append", source, path, "grow%d" % k)
            check.expect("append: " + answer, answer == "ok")
        answer = check.ask("append", source, path, "big")
        check.expect("append to big: " + answer, answer == "ok")
        np.save(source, narrow(rows[i]))
        answer = check.ask("append", source, path, "scale")
        check.expect("append to scale: " + answer, answer == "ok")
    np.save(source, rows[0])
    for name, words in (("fixed", "cannot grow"), ("scale", "holds i32"),
                        ("nothing", "no dataset"), ("/", "is a group")):
        answer = check.ask("append", source, path, name)
        check.expect("append to %s: %s" % (name, answer), words in answer)
    for name, words in (("other", "already"), ("/", "is a group")):
        answer = check.ask("save", source, path, name)
        check.expect("save %s: %s" % (name, answer), words in answer)
    np.save(source, rows[5])
    for how in "save", "create":
        answer = check.ask(how, source, path, how)
        check.expect("%s: %s" % (how, answer), answer == "ok")
    answer = check.ask("create", source, path, "fixed", "overwrite")
    check.expect("create fixed: " + answer, answer == "ok")
    answer = check.ask("save", source, path, "other", "overwrite", "deflate=1")
    check.expect("save other: " + answer, answer == "ok")
    whole = np.concatenate(rows)
    with h5py.File(path) as file:
        for name in ["grow%d" % k for k in range(len(FILTERS))] + ["big"]:
            check.expect(name, np.array_equal(
                file[name][()].view("u4"),
                whole.astype(file[name].dtype).view("u4")))
        check.expect("scale", np.array_equal(file["scale"][()],
                                             narrow(whole)))
        for name in "save", "create", "fixed", "other":
            check.expect(name, file[name][()].tobytes() == rows[5].tobytes())


def compare_words(check, folder):
    """Strings and attributes, both ways."""
    path = os.path.join(folder, "words.h5")
    names = ["a.jpg", "b\u00e4h/\u96ea.png", "", "x" * 1000]
    with h5py.File(path, "w") as file:
        file["any"] = names
        file["fixed"] = np.array([b"abc", b"", b"abcdef"], "S6")
        file["table"] = np.array([["a", "b"], ["c", "d"]], "O")
        file["number"] = 3
        file["number"].attrs.update({
            "float": 1.5, "list": np.array([1, -2], "i2"), "text": "m\u00b2",
            "bytes": np.bytes_("abc"), "words": ["a", "bc"],
            "big": np.array(7, ">i2"), "empty": h5py.Empty("f4")})
    for name, words in (("any", names), ("fixed", ["abc", "", "abcdef"]),
                        ("table", list("abcd"))):
        answer = check.ask("strings", path, name)
        check.expect("strings of " + name, answer == "|".join(words))
    answer = check.ask("strings", path, "number")
    check.expect(answer, "has no strings" in answer)
    answer = check.ask("attributes", path, "number")
    check.expect(answer, answer == "big i16 0 1: 7; bytes opaque 0 1: abc; "
                 "float f64 0 1: 1.5; list i16 1 2: 1 -2; "
                 "text opaque 0 1: m\u00b2; words opaque 1 2: a bc")
    new = os.path.join(folder, "new.h5")
    for file in path, new:
        answer = check.ask("names", file, "g/paths", "a.jpg", "\u96ea")
        check.expect("names: " + answer, answer == "ok")
        for name in "g/paths", "/":
            answer = check.ask("tag", file, name)
            answer = check.ask("tag", file, name)
            check.expect("tag: " + answer, answer == "ok")
    answer = check.ask("names", new, "g/paths", "a")
    check.expect(answer, "already" in answer)
    answer = check.ask("names", new, "g/paths", "overwrite", "a", "bc")
    check.expect(answer, answer == "ok")
    with h5py.File(path) as file:
        check.expect("h5py's names", list(file["g/paths"].asstr()[()]) ==
                     ["a.jpg", "\u96ea"])
    with h5py.File(new) as file:
        check.expect("overwritten names", list(file["g/paths"].asstr()[()]) ==
                     ["a", "bc"])
        attributes = file.attrs
        check.expect("h5py's attributes",
                     attributes["scale"] == 0.5 and
                     attributes["unit"] == "m\u00b2" and
                     list(attributes["axes"]) == ["rows", "", "columns"] and
                     attributes["truth"] == np.True_ and
                     attributes["none"].shape == (0,) and
                     attributes["matrix"].tolist() == [[1, 2, 3], [4, 5, 6]])


def compare_tools(check, path, folder):
    """h5dump reads what describes the datasets; h5diff reads every byte and
    finds no difference to what h5py writes."""
    plain = os.path.join(folder, "plain.h5")
    with h5py.File(path) as file, h5py.File(plain, "w") as other:
        for name in file["a"]:
            other["a/" + name] = file["a"][name][()]
    for words in (["h5dump", "-H", "-p", "-o", os.devnull, path],
                  ["h5diff", path, plain]):
        try:
            done = subprocess.run(words, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, check=False)
        except FileNotFoundError:
            print("%s is not installed: not run" % words[0])
            continue
        check.expect("%s: %s" % (words, done.stdout[-500:]),
                     done.returncode == 0)


def compare_writing(program, folder):
    for jobs in "2", "0":
        random = np.random.default_rng(2)
        check = Check(program, jobs)
        inside = tempfile.mkdtemp(dir=folder)
        if jobs == "2":
            path = compare_saved(check, inside, random)
            compare_tools(check, path, inside)
        compare_changes(check, inside, random)
        compare_words(check, inside)
        left = [name for name in os.listdir(inside)
                if name.startswith(".") or "partial" in name]
        check.expect("left behind: %s" % left, not left)
        check.close()
        yield check


def main(program):
    checks = []
    # What is in memory needs no waiting for a disk.
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="foray-hdf5-",
                                     dir=memory) as folder:
        checks.extend(compare_writing(program, folder))
        checks.extend(compare_reading(program, folder))
        checks.extend(compare_plugins(program, folder))
    failed = sum(check.failed for check in checks)
    print("%d of %d comparisons failed" %
          (failed, sum(check.done for check in checks)))
    return failed != 0


if __name__ == "__main__":
    sys.exit(main(os.path.abspath(sys.argv[1])))
