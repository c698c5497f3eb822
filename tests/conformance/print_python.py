#!/usr/bin/python3
"""What `foray hog --print-python` prints gives what `foray hog` does: the
scripts are run, and their numbers compared, for each method, way to resize and
colour, of files, archives, lists and stacks. The command is ./foray, or $FORAY.
"""
import contextlib
import io
import os
import subprocess
import sys
import tarfile
import tempfile

os.environ.setdefault("NPY_DISABLE_CPU_FEATURES",
                      "AVX512F AVX512CD AVX512_SKX AVX512_CLX AVX512_CNL "
                      "AVX512_ICL")

try:
    import numpy as np
    from PIL import Image, ImageFile
    import skimage.feature
except ImportError as error:
    print(f"SKIPPED: {error}: apt-get install python3-skimage python3-pil")
    sys.exit(77)

FORAY = os.path.abspath(os.environ.get("FORAY", "foray"))
rng = np.random.default_rng(8)


def texture(rows, cols, channels):
    y, x = np.mgrid[0:rows, 0:cols]
    planes = [127 + 90 * np.sin(x / (4 + c) + y / (9.0 + c)) +
              rng.normal(0, 12, (rows, cols)) for c in range(channels)]
    return np.clip(np.stack(planes, -1), 0, 255).astype(np.uint8)


def write_images():
    """Of one size, in every mode; and photographs to be resized."""
    rgba = Image.fromarray(texture(48, 40, 4), "RGBA")
    rgb, gray = rgba.convert("RGB"), rgba.convert("L")
    rgb.save("rgb.jpg", quality=95)
    rgb.save("rgb.png")
    rgba.save("rgba.png")
    rgb.save("key.png", transparency=rgb.getpixel((3, 3)))
    rgb.quantize(50).save("palette.png")
    rgb.quantize(50).save("alpha.png", transparency=bytes(range(50)))
    gray.save("gray.pgm")
    gray.convert("1").save("bits.png")
    Image.merge("LA", (gray, rgba.getchannel("A"))).save("la.png")
    deep = rng.integers(0, 65536, (48, 40)).astype(np.int32)
    Image.fromarray(deep, "I").save("deep.png")
    exif = Image.Exif()
    for turn in 1, 3, 6:
        exif[0x0112] = turn
        large = Image.fromarray(texture(300, 410, 3))
        large.save(f"large{turn}.jpg", exif=exif)


def foray(words):
    done = subprocess.run([FORAY, "hog", "-o", "ours.npy", "-q", "-j1", *words],
                          capture_output=True, text=True)
    if "built without" in done.stderr:
        print(f"SKIPPED: {done.stderr}")
        sys.exit(77)
    if done.returncode not in (0, 3):
        sys.exit(f"FAILED: foray hog {words}: {done.stderr}")
    return done.stdout


def run_here(script):
    """As a program, but that what it imports is imported already."""
    before = Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES, sys.argv
    sys.argv = ["script", "theirs.npy"]
    try:
        with contextlib.redirect_stderr(io.StringIO()):
            exec(compile(script, "script", "exec"), {"__name__": "__main__"})
    finally:
        Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES, sys.argv = \
            before


def check(words, far=None, says=()):
    """Bit for bit, or at most `far` away but for a hundredth of the values."""
    words = words.split() if isinstance(words, str) else words
    script = foray([*words, "--print-python"])
    assert not os.path.exists("ours.npy"), "computed, not only printed"
    for text in says:
        assert text in script, (text, script)
    foray(words)
    run_here(script)
    ours, theirs = np.load("ours.npy"), np.load("theirs.npy")
    os.remove("ours.npy")
    assert ours.dtype == theirs.dtype and ours.shape == theirs.shape, (
        words, ours.dtype, ours.shape, theirs.dtype, theirs.shape)
    if far is None:
        assert np.array_equal(ours, theirs, equal_nan=True), (words, script)
    else:
        away = np.count_nonzero(np.abs(ours - theirs) > far)
        assert away <= ours.size // 100, (words, away, ours.size)
    return script


COLOR = "rgb.jpg rgb.png rgba.png key.png palette.png alpha.png"
GRAY = "gray.pgm bits.png la.png deep.png"
LARGE = "large1.jpg large3.jpg large6.jpg rgb.png"


def check_files():
    check(f"{COLOR}")
    check(f"{GRAY}")
    check(f"{COLOR} {GRAY} --color all")
    check(f"{COLOR} {GRAY} --color gray --dtype f32")
    check(f"{COLOR} {GRAY} --color rgb2gray", 2e-6, ["rgb2gray", "last bit"])
    check(f"{COLOR} --block-norm L1-sqrt --orientations 7 --pixels-per-cell "
          "6x5 --cells-per-block 2x1 --dtype f16")
    check("rgb.png --transform-sqrt --block-norm L2", 1e-9, ["last bit"])
    for fit, how in (("stretch", "bilinear"), ("crop", "lanczos"),
                     ("pad", "box")):
        check(f"{LARGE} la.png alpha.png --color gray --exif --fit {fit} "
              f"--filter {how} --resize 60x50 --jpeg-scale auto")
    check(f"{LARGE} la.png key.png rgba.png --resize 30x41 --color all "
          "--jpeg-scale auto --fit pad")


def check_methods():
    try:
        import cv2
        check(f"{COLOR} --method dalal-triggs", 1e-5, [cv2.__name__])
        check("gray.pgm rgb.png --method dalal-triggs --pixels-per-cell 6x10 "
              "--cells-per-block 3x2 --orientations 8 --dtype f32", 1e-5)
    except ImportError:
        print("no OpenCV: dalal-triggs not compared")
    try:
        check("rgb.png --method uoctti --dtype f32", 1e-5,
              ["No package for Python"])
        check("gray.pgm --method uoctti --pixels-per-cell 5x5 "
              "--orientations 6", 1e-5)
    except OSError:
        print("no VLFeat: uoctti not compared")


def check_inputs():
    with tarfile.open("in.tar", "w") as tar:
        tar.add("rgb.png")
        tar.add("rgba.png", "d/caf\u00e9.png")
    check("in.tar rgb.jpg", says=["in.tar:rgb.png"])
    odd = b"odd\xff'\"\n.png"
    with open("rgb.png", "rb") as png, open(odd, "wb") as out:
        out.write(png.read())
    check(["rgb.jpg", os.fsdecode(odd)])
    with open("list", "wb") as out:
        out.write(b"\0".join([b"rgb.png", odd, b"alpha.png"] * 10))
    check("--from list -0", says=['open("list", "rb")'])
    check("--from list -0 --shard 2/3", says=["alpha.png"])
    with open("cut.jpg", "wb") as cut, open("rgb.jpg", "rb") as jpg:
        cut.write(jpg.read()[:1500])
    check("rgb.jpg cut.jpg none.jpg rgb.png --on-error skip")
    check("rgb.jpg cut.jpg none.jpg rgb.png --on-error skip --failed drop")
    check("rgb.jpg cut.jpg --truncated accept")


def check_stacks():
    for channels, words in ((1, "--shard 2/3"), (2, ""), (3, "--color gray"),
                            (4, "--resize 40x30 --filter bicubic")):
        stack = np.stack([texture(33, 42, channels) for _ in range(5)])
        np.save("stack.npy", stack)
        check(f"stack.npy {words}")
    np.save("stack.npy", stack.astype(">u2") * 257)
    check("stack.npy --color gray")
    check("stack.npy --color rgb2gray", 2e-6)
    check("stack.npy --color all")
    np.save("stack.npy", rng.normal(0, 1, (3, 30, 30)).astype(np.float32))
    check("stack.npy", 1e-5, ["last bit"])
    np.save("stack.npy", np.zeros((3, 3)))
    done = subprocess.run([FORAY, "hog", "-o", "o.npy", "--print-python",
                           "stack.npy"], capture_output=True, text=True)
    assert done.returncode == 1 and "3 axes" in done.stderr, done


def check_ragged():
    """Images of their own sizes, in HDF5."""
    try:
        import h5py
    except ImportError:
        print("no h5py: --ragged not compared")
        return
    words = [FORAY, "hog", "-q", "--ragged", "--on-error", "skip", "-o",
             "ours.h5", "rgb.png", "none.jpg", "large1.jpg", "gray.pgm"]
    done = subprocess.run(words, capture_output=True, text=True)
    if done.returncode != 3:
        print(f"no HDF5: {done.stderr}")
        return
    run_here(subprocess.run([*words, "--print-python"], capture_output=True,
                            text=True, check=True).stdout)
    with h5py.File("ours.h5") as ours, h5py.File("theirs.npy") as theirs:
        for name in "features", "offsets":
            assert np.array_equal(ours[name][:], theirs[name][:]), name


def check_program():
    """One of them as a program, with what it says it writes."""
    script = foray(["rgb.png", "rgb.jpg", "--print-python"])
    with open("script.py", "w") as out:
        out.write(script)
    foray(["rgb.png", "rgb.jpg"])
    before = os.stat("ours.npy")
    subprocess.run([sys.executable, "script.py"], check=True)
    assert os.stat("ours.npy") == before, "what is compared was overwritten"
    assert np.array_equal(np.load("ours-python.npy"), np.load("ours.npy"))


with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    write_images()
    check_files()
    check_methods()
    check_inputs()
    check_stacks()
    check_ragged()
    check_program()
    os.chdir("/")
print("scripts of --print-python give the same numbers")
