#!/usr/bin/python3
"""`foray convert` against NumPy, joblib, h5py and Pillow, as far as installed.

The command is ./foray, or $FORAY.
"""
import glob
import os
import subprocess
import sys
import tempfile

try:
    import numpy as np
except ImportError as error:
    print(f"SKIPPED: {error}: apt-get install python3-numpy")
    sys.exit(77)

FORAY = os.path.abspath(os.environ.get("FORAY", "foray"))
X = np.arange(24, dtype="f4").reshape(4, 6)


def convert(*arguments, status=0):
    """Standard error of the command."""
    done = subprocess.run([FORAY, "convert", *arguments], capture_output=True,
                          text=True, check=False)
    if done.returncode != status:
        sys.exit(f"foray convert {' '.join(arguments)}: exit status "
                 f"{done.returncode}, not {status}: {done.stderr}")
    return done.stderr


def expect(got, wanted, what):
    """Values, shape and type."""
    got, wanted = np.asarray(got), np.asarray(wanted)
    if got.dtype != wanted.dtype or got.shape != wanted.shape or \
            got.tobytes() != wanted.tobytes():
        sys.exit(f"{what}: {got.dtype}{got.shape}, not the {wanted.dtype}"
                 f"{wanted.shape} that was wanted")


def load(path):
    """An array that keeps no file open."""
    return np.array(np.load(path))


def check_npy():
    """Concatenation, order, types."""
    np.save("x.npy", X)
    np.save("f.npy", np.asfortranarray(X))
    np.save("b.npy", X.astype(">i2"))
    convert("x.npy", "x.npy", "x.npy[1:3]", "o.npy")
    expect(load("o.npy"), np.concatenate([X, X, X[1:3]]), "three inputs")
    convert("f.npy", "o.npy")
    if not np.load("o.npy").flags.f_contiguous:
        sys.exit("the order of the input was lost")
    convert("--order", "C", "f.npy", "o.npy")
    if not np.load("o.npy").flags.c_contiguous:
        sys.exit("--order C: it is not")
    convert("b.npy", "o.npy")
    expect(load("o.npy"), X.astype(">i2"), "the other byte order")
    convert("--dtype", "f64", "b.npy[1:,::-2]", "o.npy")
    expect(load("o.npy"), X[1:, ::-2].astype("f8"), "a part as f64")
    records = np.array([(1, 2.5)], dtype="i4,f8")
    np.save("s.npy", records)
    for out in ("o.npy", "o.npz"):
        convert("s.npy", out)
    expect(load("o.npy"), records, "records")
    expect(np.load("o.npz")["arr_0"], records, "records in npz")
    for value in (np.array(3.5), np.zeros((0, 3)), np.array([True, False])):
        np.save("z.npy", value)
        for out in ("o.npy", "o.npz", "o.joblib", "o.raw"):
            convert("z.npy", out)
        expect(load("o.npy"), value, "an odd shape")
    convert("x.npy", "b.npy", "o.npy", status=1)
    convert("x.npy", "z.npy", "o.npy", status=1)


def check_others():
    """npz, raw, CSV; what is wrong."""
    convert("x.npy", "o.npz")
    expect(np.load("o.npz")["arr_0"], X, "npz")
    convert("--deflate", "6", "x.npy", "o.npz:q")
    expect(np.load("o.npz")["q"], X, "npz, deflated")
    convert("o.npz:q", "o.raw")
    expect(np.fromfile("o.raw", "f4"), X.ravel(), "raw")
    convert("--dtype", ">u2", "--shape", "8x6", "o.raw", "o.npy")
    expect(load("o.npy"), np.fromfile("o.raw", ">u2").reshape(8, 6), "from raw")
    for dtype in ("f8", "i8", "u1"):
        values = (X * (1.1 if dtype == "f8" else 1)).astype(dtype)
        np.save("v.npy", values)
        convert("v.npy", "o.csv")
        expect(np.loadtxt("o.csv", delimiter=",").astype(dtype), values, "CSV")
    convert("o.csv", "o.npy")
    expect(load("o.npy"), X.astype("f8"), "from CSV")
    with open("h.csv", "w", encoding="utf-8") as file:
        file.write("# a table\nname; size\n1; 2\n\n-3.5;\n")
    convert("h.csv", "o.npy")
    expect(load("o.npy"), [[1, 2], [-3.5, np.nan]], "CSV with a header")
    with open("t.csv", "w", encoding="utf-8") as file:
        file.write("1 2   3\n  4\t5 6  \n")
    convert("t.csv", "o.npy")
    expect(load("o.npy"), [[1.0, 2, 3], [4, 5, 6]], "blanks")
    for bad in ("1,2\n3\n", "1,2\n3,x\n", "", "a,b\n"):
        with open("w.csv", "w", encoding="utf-8") as file:
            file.write(bad)
        convert("w.csv", "o.npy", status=1)
    convert("x.npy", "o.foo", status=2)
    convert("x.npy", status=2)
    convert("--shuffle", "x.npy", "o.npy", status=2)
    convert("--compress", "zip", "x.npy", "o.joblib", status=2)
    convert("o.raw", "o.npy", status=2)
    convert("--dtype", "f32", "--shape", "100x100", "o.raw", "o.npy", status=1)
    if "nix.npy" not in convert("x.npy", "nix.npy", "o.npy", status=1):
        sys.exit("a missing input is not named")
    before = load("o.npy")
    convert("x.npy", "missing/o.npy", status=1)
    expect(load("o.npy"), before, "an output though it failed")
    convert("--dry-run", "x.npy", "x.npy", "never.npy")
    with open("o.npz", "r+b") as file:  # a stored member, one bit changed
        np.savez(file, q=X)
        file.seek(300)
        byte = file.read(1)
        file.seek(300)
        file.write(bytes([byte[0] ^ 1]))
    convert("o.npz:q", "never.npy", status=1)
    if os.path.exists("never.npy") or glob.glob("*.partial"):
        sys.exit("something was left behind")


def check_joblib():
    """Both ways."""
    try:
        import joblib
    except ImportError:
        print("without joblib: apt-get install python3-joblib")
        return
    convert("x.npy", "o.joblib")
    expect(joblib.load("o.joblib", mmap_mode="r"), X, "joblib")
    for method in ("zlib", "gzip", "bz2", "xz", "lzma"):
        convert("--compress", method, "x.npy", "o.joblib")
        expect(joblib.load("o.joblib"), X, f"joblib, {method}")
        convert("o.joblib", "o.npy")
        expect(load("o.npy"), X, f"from joblib, {method}")
    joblib.dump({"a": [X, X.T]}, "d.joblib")
    convert("d.joblib:a/1[1]", "o.npy")
    expect(load("o.npy"), X.T[1], "a part of a list in a dictionary")


def check_hdf5():
    """Both ways, as far as this build has it."""
    try:
        import h5py
    except ImportError:
        print("without h5py: apt-get install python3-h5py")
        return
    with h5py.File("i.h5", "w") as file:
        file.create_dataset("g/x", data=np.arange(6000.0).reshape(60, 100),
                            chunks=(7, 13), compression="gzip", shuffle=True)
    done = subprocess.run([FORAY, "info", "i.h5"], capture_output=True,
                          text=True, check=False)
    if "built without" in done.stderr:
        print("without HDF5: left out of this build")
        return
    wanted = np.arange(6000.0).reshape(60, 100)
    convert("i.h5:/g/x", "o.npy")
    expect(load("o.npy"), wanted, "chunks")
    convert("i.h5:g/x[50:3:-4,::3]", "o.npy")
    expect(load("o.npy"), wanted[50:3:-4, ::3], "a slab")
    convert("i.h5:g/x[-1,...]", "o.npy")
    expect(load("o.npy"), wanted[-1], "a row")
    convert("x.npy", "n.h5")
    convert("--deflate", "5", "--shuffle", "--fletcher32", "--chunk", "2x5",
            "x.npy", "n.h5:/a/b")
    convert("x.npy", "n.h5", status=1)
    convert("--overwrite", "x.npy[1:]", "n.h5")
    with h5py.File("n.h5") as file:
        expect(file["data"][()], X[1:], "replaced")
        expect(file["a/b"][()], X, "deflated")
        if file["a/b"].chunks != (2, 5) or file["a/b"].compression_opts != 5:
            sys.exit("other chunks or another level")


def check_images():
    """A folder as a stack."""
    try:
        from PIL import Image
    except ImportError:
        print("without Pillow: apt-get install python3-pil")
        return
    os.mkdir("images")
    pixels = np.random.default_rng(1).integers(0, 256, (3, 5, 4, 3)).astype("u1")
    for k, image in enumerate(pixels):
        Image.fromarray(image).save(f"images/{k}.ppm")
    convert("images", "o.npy")
    expect(load("o.npy"), pixels, "images")
    Image.fromarray(pixels[0][:-1]).save("images/4.ppm")
    convert("images", "o.npy", status=1)
    os.mkdir("none")
    convert("none", "o.npy", status=1)


with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    check_npy()
    check_others()
    check_joblib()
    check_hdf5()
    check_images()
    os.chdir("/")
