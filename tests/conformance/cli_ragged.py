#!/usr/bin/python3
"""`foray hog --ragged` against a loop of scikit-image over Pillow's pixels:
images of many sizes and formats, each in its own. `foray.rows` opens them.
The command is ./foray, or $FORAY.
"""
import os
import subprocess
import sys
import tempfile

# NumPy's own atan2 of AVX-512 and libm's differ in last bits: see cli_hog.py.
os.environ.setdefault("NPY_DISABLE_CPU_FEATURES",
                      "AVX512F AVX512CD AVX512_SKX AVX512_CLX AVX512_CNL "
                      "AVX512_ICL")

try:
    import h5py
    import numpy as np
    from PIL import Image
    from skimage.feature import hog
except ImportError as error:
    print(f"SKIPPED: {error}: apt-get install python3-skimage python3-pil "
          "python3-h5py")
    sys.exit(77)

FORAY = os.environ["FORAY"] = os.path.abspath(os.environ.get("FORAY", "foray"))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "../../tools/python"))
import foray  # noqa: E402  pylint: disable=wrong-import-position

RNG = np.random.default_rng(7)


def write_images(folder, formats):
    """A picture of another size in each."""
    paths = []
    for k, suffix in enumerate(formats):
        rows, cols = (int(n) for n in RNG.integers(24, 120, 2))
        channels = (1, 3)[k % 2]
        y, x = np.mgrid[0:rows, 0:cols]
        pixels = np.stack([127 + 60 * np.sin(x / (5 + c)) * np.cos(y / 7.0) +
                           RNG.normal(0, 15, (rows, cols))
                           for c in range(channels)], -1)
        pixels = np.clip(pixels, 0, 255).astype(np.uint8)
        image = Image.fromarray(pixels if channels > 1 else pixels[..., 0])
        paths.append(os.path.join(folder, f"{k:02}.{suffix}"))
        image.save(paths[-1])
    return paths


def reference(path, **options):
    """Features of one image, not flattened."""
    with Image.open(path) as image:
        pixels = np.asarray(image)
    axis = -1 if pixels.ndim == 3 else None
    return hog(pixels, channel_axis=axis, feature_vector=False, **options)


def run(out, paths, *words, status=0):
    done = subprocess.run([FORAY, "hog", "-q", "--ragged", "-o", out, *words,
                           *paths], capture_output=True, text=True,
                          check=False)
    if "built without" in done.stderr or "not on this machine" in done.stderr:
        print("SKIPPED: " + done.stderr)
        sys.exit(77)
    assert done.returncode == status, (done.returncode, done.stderr)


def compare(out, wanted, dtype):
    """Every row, by h5py and by foray.rows."""
    rows = foray.rows(out)
    assert len(rows) == len(wanted)
    with h5py.File(out, "r") as file:
        features, offsets = file["features"], file["offsets"][:]
        shapes = file["shapes"][:]
        assert features.dtype == dtype and offsets.dtype == np.uint64
        assert len(offsets) == len(wanted) + 1 and len(features) == offsets[-1]
        for i, row in enumerate(wanted):
            got = features[offsets[i]:offsets[i + 1]].reshape(shapes[i])
            assert np.array_equal(got, row.astype(dtype)), i
            assert np.array_equal(rows[i], got) and rows[i].shape == got.shape
    assert np.array_equal(rows[-1], rows[len(wanted) - 1])
    assert len(rows[1:3]) == 2
    print(f"{len(wanted)} rows equal scikit-image's")


def main():
    nothing = np.zeros((0, 0, 0, 0, 0))
    with tempfile.TemporaryDirectory() as work:
        out = os.path.join(work, "out.h5")
        paths = write_images(work, ["png", "jpg", "pgm", "ppm"] * 5)
        wanted = [reference(path) for path in paths]
        run(out, paths)
        compare(out, wanted, np.float64)
        run(out, paths, "--dtype", "f32", "-j", "1")
        compare(out, wanted, np.float32)
        words = ["--orientations", "8", "--pixels-per-cell", "16x16",
                 "--cells-per-block", "1x1"]
        run(out, paths, *words)
        compare(out, [reference(path, orientations=8, pixels_per_cell=(16, 16),
                                cells_per_block=(1, 1)) for path in paths],
                np.float64)
        with open(paths[1], "rb") as file:
            half = file.read()[:-200]
        with open(paths[1], "wb") as file:
            file.write(half)
        os.remove(paths[3])
        skip = ["--on-error", "skip"]
        wanted[1] = wanted[3] = nothing
        run(out, paths, *skip, status=3)
        compare(out, wanted, np.float64)
        run(out, paths, *skip, "--failed", "drop", status=3)
        compare(out, [wanted[0], wanted[2], *wanted[4:]], np.float64)
        rows, index = foray.hog(paths[4:7], ragged=True)
        assert [row["status"] for row in index] == ["ok"] * 3
        assert all(np.array_equal(a, b) for a, b in zip(rows, wanted[4:7]))
        paths = write_images(work, ["tif", "webp"] * 3)
        run(out, paths)
        compare(out, [reference(path) for path in paths], np.float64)


main()
