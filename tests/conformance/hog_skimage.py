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
        values *= 200
    elif dtype.kind == "i":
        values -= 128
    return np.clip(values, np.iinfo(dtype).min, np.iinfo(dtype).max).astype(dtype)


def run(folder, image, n, cells, blocks, norm, sqrt, out):
    names = [os.path.join(folder, name) for name in ("i.npy", "f.npy", "p.npy")]
    np.save(names[0], image)
    subprocess.run([dump, *names, "skimage", str(n), *map(str, cells),
                    *map(str, blocks), norm, str(int(sqrt)), out], check=True)
    return np.load(names[1]), np.load(names[2])


def main():
    sizes = [(64, 48), (37, 53), (40, 40)]
    types = [np.dtype(t) for t in ("u1", "u2", "i1", "i4", "?", "f4", "f8", "f2")]
    cases = [((8, 8), (3, 3), 9), ((7, 5), (2, 2), 8), ((6, 6), (1, 1), 12),
             ((4, 9), (2, 3), 5), ((5, 5), (4, 4), 16)]
    norms = ["L2-Hys", "L2", "L1", "L1-sqrt"]
    n_exact = n_close = 0
    with tempfile.TemporaryDirectory() as folder:
        for i, ((cells, blocks, n), dtype, channels) in enumerate(
                itertools.product(cases, types, (0, 3, 4))):
            for sqrt in ((False, True) if i % 3 == 0 else (False,)):
                rows, cols = sizes[i % len(sizes)]
                norm = norms[i % len(norms)]
                image = picture(rows, cols, channels, dtype)
                if sqrt and dtype.kind == "i":
                    image = np.abs(image)
                args = dict(orientations=n, pixels_per_cell=cells,
                            cells_per_block=blocks, block_norm=norm,
                            transform_sqrt=sqrt)
                if channels:
                    args["channel_axis"] = -1
                wanted, drawn = hog(image, visualize=True, **args)
                ours, ours_drawn = run(folder, image, n, cells, blocks, norm,
                                       sqrt, "f64")
                name = (image.shape, dtype.name, cells, blocks, n, norm, sqrt)
                assert ours.shape == wanted.shape, name
                if dtype.kind == "f" or sqrt:
                    far = np.abs(ours - wanted) > 2e-6
                    assert far.sum() <= 2 * np.prod(blocks) ** 2 * n, (
                        name, far.sum(), far.size)
                    n_close += 1
                else:
                    assert np.array_equal(ours, wanted), (
                        name, np.abs(ours - wanted).max())
                    assert np.array_equal(ours_drawn, drawn), name
                    n_exact += 1
        # Rounded outputs.
        image = picture(64, 64, 0, np.dtype("u1"))
        wanted = hog(image)
        for out, dtype in (("f32", "f4"), ("f16", "f2")):
            ours, _ = run(folder, image, 9, (8, 8), (3, 3), "L2-Hys", False, out)
            assert np.array_equal(ours, wanted.astype(dtype)), out
    print("%d images equal in every bit, %d close" % (n_exact, n_close))


main()
