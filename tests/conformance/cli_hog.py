#!/usr/bin/python3
"""`foray hog` against scikit-image on Pillow's pixels, real photographs.

Integer images must agree bit for bit; float pixels (rgb2gray) but for the few
cells where an angle lies on the edge of two bins.
The images are those of the Debian package propaganda-debian, or of the folder
in FORAY_IMAGES. The command is ./foray, or $FORAY.
"""
import csv
import glob
import os
import subprocess
import sys
import tempfile

# NumPy's own atan2 of AVX-512 and libm's differ in last bits, which matter at
# the edges of bins: scikit-image then differs from itself.
os.environ.setdefault("NPY_DISABLE_CPU_FEATURES",
                      "AVX512F AVX512CD AVX512_SKX AVX512_CLX AVX512_CNL "
                      "AVX512_ICL")

try:
    import numpy as np
    from PIL import Image, ImageOps
    from skimage.color import rgb2gray
    from skimage.feature import hog
except ImportError as error:
    print(f"SKIPPED: {error}: apt-get install python3-skimage python3-pil")
    sys.exit(77)

FORAY = os.path.abspath(os.environ.get("FORAY", "foray"))
FOLDER = "/usr/share/wallpapers"


def find_images():
    """JPEGs of one size, at most eight."""
    folder = os.environ.get("FORAY_IMAGES", FOLDER)
    found = sorted(path for path in glob.glob(folder + "/**/*", recursive=True)
                   if path.lower().endswith((".jpg", ".jpeg")))
    if found:
        size = Image.open(found[0]).size
        return [path for path in found if Image.open(path).size == size][:8]
    print("SKIPPED: no photographs: apt-get install propaganda-debian")
    sys.exit(77)


def run(work, paths, *options):
    """Features and index of a run over paths that standard input lists."""
    out = os.path.join(work, "out.npy")
    subprocess.run([FORAY, "hog", "-q", "-o", out, "--from", "-", "-0", *options],
                   input="\0".join(paths).encode(), check=True)
    with open(os.path.join(work, "out.csv"), newline="") as file:
        return np.load(out, mmap_mode="r"), list(csv.DictReader(file))


def check(name, got, wanted):
    """Bit for bit."""
    if got.shape != wanted.shape or got.dtype != wanted.dtype:
        sys.exit(f"{name}: {got.dtype}{got.shape}, not {wanted.dtype}{wanted.shape}")
    if not np.array_equal(got.view(np.uint64), wanted.view(np.uint64)):
        worst = np.abs(got - wanted).max()
        sys.exit(f"{name}: differs in {np.count_nonzero(got != wanted)} values, "
                 f"by at most {worst:.3g}")
    print(f"{name}: {got.shape} equal")


def reference(paths, prepare, **options):
    rows = []
    for path in paths:
        pixels = np.asarray(prepare(Image.open(path)))
        axis = -1 if pixels.ndim == 3 else None
        rows.append(hog(pixels, channel_axis=axis, **options))
    return np.array(rows)


def check_resized(work, paths):
    """foray resize writes the images: the same pixels, and Pillow's JPEG."""
    for suffix, size in ("png", "200x100"), ("jpg", "99x131"):
        folder = os.path.join(work, suffix)
        subprocess.run([FORAY, "resize", "-q", size, "-o", folder, "--format",
                        suffix, "--fit", "crop", *paths], check=True)
        rows, cols = map(int, size.split("x"))
        for path in paths:
            wanted = ImageOps.fit(Image.open(path), (cols, rows),
                                  Image.BILINEAR)
            stem = os.path.splitext(os.path.basename(path))[0]
            if suffix == "jpg":
                wanted.save(os.path.join(work, "wanted.jpg"))
                wanted = Image.open(os.path.join(work, "wanted.jpg"))
            got = Image.open(os.path.join(folder, stem + "." + suffix))
            if not np.array_equal(np.asarray(got), np.asarray(wanted)):
                sys.exit(f"foray resize {size} to {suffix}: {path}")
    print(f"foray resize: {2 * len(paths)} files equal Pillow's")


def main():
    paths = find_images()
    tutorial = dict(orientations=8, pixels_per_cell=(16, 16),
                    cells_per_block=(1, 1))
    words = ["--orientations", "8", "--pixels-per-cell", "16x16",
             "--cells-per-block", "1x1"]
    with tempfile.TemporaryDirectory() as work:
        features, index = run(work, paths)
        check("as stored", features, reference(paths, lambda image: image))
        if [row["path"] for row in index] != paths:
            sys.exit("the index is not in the order of the paths")
        size = Image.open(paths[0]).size
        if any((int(row["cols"]), int(row["rows"])) != size or
               row["status"] != "ok" for row in index):
            sys.exit(f"the index: {index}")
        features, _ = run(work, paths, "--color", "gray", *words)
        check("gray", features,
              reference(paths, lambda image: image.convert("L"), **tutorial))
        for rows, cols in (128, 64), (301, 777):
            features, _ = run(work, paths, "--resize", f"{rows}x{cols}", *words)
            check(f"resize {rows}x{cols}", features, reference(
                paths, lambda image, size=(cols, rows): image.resize(
                    size, Image.BILINEAR), **tutorial))
        for fit, resize in ("crop", ImageOps.fit), ("pad", ImageOps.pad):
            features, _ = run(work, paths, "--resize", "64x96", "--fit", fit,
                              "--filter", "lanczos", *words)
            check(fit, features, reference(
                paths, lambda image, resize=resize: resize(
                    image, (96, 64), Image.LANCZOS), **tutorial))
        check_resized(work, paths)
        for norm in "L1", "L1-sqrt", "L2":
            features, _ = run(work, paths[:2], "--block-norm", norm)
            check(norm, features, reference(paths[:2], lambda image: image,
                                            block_norm=norm))
        features, _ = run(work, paths, "--color", "rgb2gray", *words)
        wanted = reference(paths, lambda image: rgb2gray(np.asarray(image))
                           if image.mode == "RGB" else image, **tutorial)
        far = np.count_nonzero(np.abs(features - wanted) > 2e-6)
        if far > features.size // 100:
            sys.exit(f"rgb2gray: {far} of {features.size} values differ")
        print(f"rgb2gray: {features.shape} within 2e-6 but {far} values")
        features, _ = run(work, paths, "--dtype", "f32")
        single = reference(paths, lambda image: image).astype(np.float32)
        if not np.array_equal(features, single):
            sys.exit("f32: not the f64 values rounded")
        print("f32: equal to the rounded values")


main()
