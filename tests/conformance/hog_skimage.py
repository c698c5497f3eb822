#!/usr/bin/python3
"""HOG of many images, options and types, compared with scikit-image.

Usage: hog_skimage.py HOG_DUMP.  Integer images without transform_sqrt must give
the same bits, others may differ by 2e-6 in all but a few cells. Exit status 77
without scikit-image.
"""
import itertools
import os
import subprocess
import sys
import tempfile
import warnings

# NumPy's own AVX-512 arctan2 differs from the C library's in the last bit,
# and then from itself: compare with the one that scikit-image has elsewhere.
os.environ.setdefault(
    "NPY_DISABLE_CPU_FEATURES",
    "AVX512F AVX512CD AVX512_SKX AVX512_CLX AVX512_CNL AVX512_ICL")
warnings.simplefilter("ignore")
try:
    import numpy as np
    from skimage.feature import hog
except ImportError as missing:
    print("skipped: %s" % missing)
    sys.exit(77)

dump = sys.argv[1]
rng = np.random.default_rng(7)


def picture(rows, cols, channels, dtype):
    shape = (rows, cols) if channels == 0 else (rows, cols, channels)
    y, x = np.mgrid[0:rows, 0:cols]
    smooth = 100 + 60 * np.sin(y / 5.0) + 50 * np.cos(x / 7.0 + y / 11.0)
    values = rng.integers(0, 256, shape) * 0.4
    values += smooth if channels == 0 else smooth[..., None]
    if dtype.kind == "f":
        return (values / 255).astype(dtype)
    if dtype == np.bool_:
        return values > 128
    if dtype.itemsize > 1:
        values *= 120 if dtype.kind == "i" else 200
    elif dtype.kind == "i":
        values -= 128
    return np.clip(values, np.iinfo(dtype).min, np.iinfo(dtype).max).astype(dtype)


def run(folder, image, n, cells, blocks, norm, sqrt, out):
    names = [os.path.join(folder, name) for name in ("i.npy", "f.npy", "p.npy")]
    np.save(names[0], image)
    subprocess.run([dump, *names, "skimage", str(n), *map(str, cells),
                    *map(str, blocks), norm, str(int(sqrt)), out], check=True)
    return np.load(names[1]), np.load(names[2])


def equally_long():
    """Channels whose gradients are equally long, but not to hypot."""
    image = np.zeros((24, 24, 3), "u1")
    for c, (gx, gy) in enumerate(((15, 113), (63, 95), (17, 112))):
        image[2:22:4, 3:23:4, c] = gx
        image[3:23:4, 2:22:4, c] = gy
    return image


def compare(folder, image, n, cells, blocks, norm, sqrt):
    """True where the bits had to be equal."""
    args = dict(orientations=n, pixels_per_cell=cells, cells_per_block=blocks,
                block_norm=norm, transform_sqrt=sqrt)
    if image.ndim == 3:
        args["channel_axis"] = -1
    wanted, drawn = hog(image, visualize=True, **args)
    ours, ours_drawn = run(folder, image, n, cells, blocks, norm, sqrt, "f64")
    name = (image.shape, image.dtype.name, cells, blocks, n, norm, sqrt)
    assert ours.shape == wanted.shape, name
    if image.dtype.kind == "f" or sqrt:
        far = np.abs(ours - wanted) > 2e-6
        assert far.sum() <= 2 * np.prod(blocks) ** 2 * n, (
            name, far.sum(), far.size)
        return False
    assert np.array_equal(ours, wanted), (name, np.abs(ours - wanted).max())
    assert np.array_equal(ours_drawn, drawn), name
    return True


def main():
    sizes = [(64, 48), (37, 53), (40, 40), (51, 36)]
    integers = ("u1", "u2", "i1", "i2", "i4", "?", "u4", "i8", "u8")
    floats = ("f4", "f8", "f2")
    cases = [((8, 8), (3, 3), 9), ((7, 5), (2, 2), 8), ((6, 6), (1, 1), 12),
             ((4, 9), (2, 3), 5), ((5, 5), (4, 4), 16), ((3, 12), (5, 1), 39),
             ((12, 3), (1, 2), 180)]
    norms = ["L2-Hys", "L2", "L1", "L1-sqrt"]
    n_equal = n_close = 0
    with tempfile.TemporaryDirectory() as folder:
        for i, ((cells, blocks, n), dtype, channels) in enumerate(
                itertools.product(cases, integers + floats, (0, 3, 4))):
            norm = norms[i % len(norms)]
            image = picture(*sizes[i % len(sizes)], channels, np.dtype(dtype))
            equal = compare(folder, image, n, cells, blocks, norm, False)
            n_equal += equal
            n_close += not equal
            if i % 6 == 0:
                compare(folder, image.astype("f8").clip(0).astype(dtype), n,
                        cells, blocks, norm, True)
                n_close += 1
        # Every norm and odd channel counts; values far apart and close.
        for norm, channels in itertools.product(norms, (0, 1, 2, 3, 5)):
            shape = (60, 75) if channels == 0 else (60, 75, channels)
            for step in (1, 85):
                image = (rng.integers(0, 256, shape) // step).astype("u1")
                compare(folder, image, 9, (8, 8), (3, 3), norm, False)
                n_equal += 1
        for order in itertools.permutations(range(3)):
            compare(folder, equally_long()[..., order], 9, (8, 8), (3, 3),
                    "L2-Hys", False)
            n_equal += 1
        # Rounded outputs.
        image = picture(64, 64, 0, np.dtype("u1"))
        wanted = hog(image)
        for out, dtype in (("f32", "f4"), ("f16", "f2")):
            ours, _ = run(folder, image, 9, (8, 8), (3, 3), "L2-Hys", False,
                          out)
            assert np.array_equal(ours, wanted.astype(dtype)), out
    print("%d images equal in every bit, %d close" % (n_equal, n_close))


main()
