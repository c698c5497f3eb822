#!/usr/bin/python3
"""Decoded pixels compared with Pillow's: every file is equal in every sample.

Usage: decode.py DECODE_DUMP.  Exit status 77 without Pillow. Photographs of
propaganda-debian and images of scikit-image take part where installed.
"""
import glob
import os
import subprocess
import sys
import tempfile

try:
    import numpy as np
    from PIL import Image, ImageOps
except ImportError as missing:
    print("skipped: %s" % missing)
    sys.exit(77)

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "../../data"))
from tiff_files import DEFLATE, PACKBITS, STORED, tiff  # noqa: E402

dump = sys.argv[1]
rng = np.random.default_rng(5)


def in_memory():
    """A folder where it costs nothing that each array is saved for good."""
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    return tempfile.TemporaryDirectory(prefix="decode-", dir=memory)


def decode(folder, paths, color="all", exif=0, size="0"):
    """Arrays of our decoder, or the word it fails with."""
    outs = [os.path.join(folder, "%d.npy" % i) for i in range(len(paths))]
    args = [name for pair in zip(paths, outs) for name in pair]
    words = subprocess.run([dump, color, str(exif), size, *args], check=True,
                           stdout=subprocess.PIPE, text=True).stdout
    lacking = "built without" in words or "not on this machine" in words
    assert not lacking or sys.exit(77), words
    words = iter(words.splitlines())
    arrays = []
    for out in outs:
        if os.path.exists(out):
            arrays.append(np.load(out))
            os.remove(out)
        else:
            arrays.append(next(words))
    return arrays


def reference(image):
    """What Pillow makes of a file, its modes reduced to ours."""
    image._tile_orientation = None  # of a TIFF, which it turns unasked
    if image.mode == "P":
        image = image.convert("RGBA" if "transparency" in image.info else "RGB")
    elif image.mode == "RGBX":
        image = image.convert("RGB")
    elif image.mode == "1":
        image = image.convert("L")
    elif "transparency" in image.info:
        image = image.convert("LA" if image.mode == "L" else "RGBA")
    pixels = np.asarray(image)
    return (pixels.astype(np.uint16) if pixels.dtype in (np.int32, ">u2") else
            pixels)


def compare(folder, paths, what, color="all"):
    equal = 0
    for path, ours in zip(paths, decode(folder, paths, color)):
        try:
            with Image.open(path) as image:
                wanted = reference(image)
        except (OSError, ValueError) as error:
            print("Pillow: %s; foray: %s" % (
                error, ours if isinstance(ours, str) else "has pixels"))
            continue
        assert not isinstance(ours, str), ours
        if ours.dtype == np.uint16 and wanted.ndim == 3:
            ours = (ours >> 8).astype(np.uint8)  # Pillow keeps the high byte
        assert ours.dtype == wanted.dtype and ours.shape == wanted.shape, (
            path, ours.dtype, ours.shape, wanted.dtype, wanted.shape)
        assert np.array_equal(ours, wanted), path
        equal += 1
    print("%d %s equal Pillow's" % (equal, what))


def installed(folder, patterns):
    found = []
    for pattern in patterns:
        found += glob.glob(os.path.join(folder, "**", pattern), recursive=True)
    return sorted(found)


def texture(rows, cols, channels):
    """Waves and noise, so that blocks and filters of every kind occur."""
    y, x = np.mgrid[0:rows, 0:cols]
    planes = [127 + 90 * np.sin(x / (4 + c) + y / (9.0 + c)) +
              rng.normal(0, 12, (rows, cols)) for c in range(channels)]
    return np.clip(np.stack(planes, -1), 0, 255).astype(np.uint8)


def write_jpegs(folder):
    paths = []

    def add(image, **options):
        paths.append(os.path.join(folder, "%d.jpg" % len(paths)))
        image.save(paths[-1], **options)

    for rows, cols in [(1, 1), (8, 8), (17, 33), (100, 75), (240, 319)]:
        image = Image.fromarray(texture(rows, cols, 3))
        for options in [{"subsampling": 0}, {"subsampling": 1},
                        {"subsampling": 2}, {"subsampling": "4:1:1"}]:
            for more in [{}, {"progressive": True}, {"optimize": True},
                         {"quality": 15}, {"quality": 100}]:
                add(image, **options, **more)
        add(image.convert("L"))
        add(image.convert("L"), progressive=True)
    return paths


def write_pngs(folder):
    paths = []

    def add(image, **options):
        paths.append(os.path.join(folder, "%d.png" % len(paths)))
        image.save(paths[-1], **options)

    for rows, cols in [(1, 1), (3, 70), (64, 65), (121, 80)]:
        rgba = Image.fromarray(texture(rows, cols, 4), "RGBA")
        rgb = rgba.convert("RGB")
        gray = rgb.convert("L")
        for image in (rgba, rgb, gray, gray.convert("1"),
                      Image.merge("LA", (gray, rgba.getchannel("A")))):
            for level in (0, 6):
                add(image, compress_level=level)
        add(gray, transparency=100)
        add(rgb, transparency=(1, 2, 3))
        for colors in (2, 4, 16, 200):
            add(rgb.quantize(colors))
            add(rgb.quantize(colors), transparency=1)
            add(rgb.quantize(colors), transparency=bytes(range(colors // 2)))
        deep = rng.integers(0, 65536, (rows, cols)).astype(np.uint16)
        add(Image.fromarray(deep.astype(np.int32), "I"))
    return paths


def write_pnms(folder):
    paths = []
    for maxval in (1, 3, 100, 254, 255, 256, 1000, 65534, 65535):
        for kind in (2, 3, 5, 6):
            if kind in (3, 6) and maxval > 255:
                continue  # Pillow reduces colour to 8 bits
            shape = (9, 11, 3) if kind in (3, 6) else (9, 11)
            values = rng.integers(0, maxval + 1, shape)
            if kind < 4:
                data = " ".join(map(str, values.ravel())).encode()
            else:
                data = values.astype(">u2" if maxval > 255 else "u1").tobytes()
            paths.append(os.path.join(folder, "%d.pnm" % len(paths)))
            with open(paths[-1], "wb") as out:
                out.write(b"P%d\n# made\n11 9 %d\n" % (kind, maxval) + data)
    for kind, data in [(1, b"0110 1\n1 0 0 # c\n11"), (4, b"\xa5\x80")]:
        paths.append(os.path.join(folder, "%d.pnm" % len(paths)))
        with open(paths[-1], "wb") as out:
            out.write(b"P%d 5 2\n" % kind + data)
    return paths


def write_tiffs(folder):
    """Strips and tiles of every kind that Pillow reads."""
    paths = []

    def add(data):
        paths.append(os.path.join(folder, "%d.tif" % len(paths)))
        with open(paths[-1], "wb") as out:
            out.write(data)

    kinds = []  # samples, and how they are called
    for rows, cols in [(1, 1), (37, 50)]:
        rgba = texture(rows, cols, 5)
        for bits in (1, 2, 4, 8):
            gray = rgba[..., :1] >> (8 - bits)
            palette = rng.integers(0, 65536, 3 << bits).tolist()
            kinds += [(gray, dict(bits=bits, photometric=0)),
                      (gray, dict(bits=bits)),
                      (gray, dict(bits=bits, photometric=3, palette=palette))]
        deep = rng.integers(0, 65536, (rows, cols, 4)).astype(np.uint16)
        kinds += [(deep[..., :1], dict(bits=16)),
                  (deep[..., :3], dict(bits=16, photometric=2)),
                  (deep, dict(bits=16, photometric=2, extra=[2])),
                  (rgba[..., :2], dict(extra=[2])),
                  (rgba[..., :3], dict(photometric=2)),
                  (rgba[..., :4], dict(photometric=2))]
        kinds += [(rgba[..., :3 + len(extra)],
                   dict(photometric=2, extra=extra))
                  for extra in ([0], [1], [2], [0, 0], [1, 0], [2, 0])]
    for samples, kind in kinds:
        for layout in (dict(), dict(rows=5), dict(rows=16, cols=32)):
            if len(samples) == 1 and layout == dict(rows=5):
                continue
            for order, big, compression in (
                    ("<", False, STORED), (">", False, STORED),
                    (">", False, DEFLATE), ("<", True, PACKBITS)):
                add(tiff(samples, order=order, big=big, first=big,
                         compression=compression, **layout, **kind))
            if kind.get("bits", 8) >= 8:
                add(tiff(samples, compression=DEFLATE, predictor=True,
                         **layout, **kind))
            if samples.shape[2] == 3 or (kind.get("extra") == [2] and
                                         samples.shape[2] == 4):
                add(tiff(samples, planar=True, compression=DEFLATE, **layout,
                         **kind))
        if samples.shape[2] == 1 and kind.get("bits", 8) < 16:
            add(tiff(samples, fill=2, rows=7, **kind))
    return paths


def write_pillows_tiffs(folder):
    """Those that libtiff compresses, and of more than one page."""
    paths = []
    rgba = Image.fromarray(texture(121, 80, 4), "RGBA")
    rgb = rgba.convert("RGB")
    gray = rgb.convert("L")
    deep = rng.integers(0, 65536, (30, 41)).astype(np.uint16)
    for compression in ("raw", "tiff_lzw", "tiff_adobe_deflate",
                        "tiff_deflate", "packbits", "zstd", "webp", "jpeg",
                        "group3", "group4", "tiff_ccitt"):
        for image in (rgba, rgb, gray, gray.convert("1"), rgb.quantize(99),
                      Image.fromarray(deep)):
            fax = compression in ("group3", "group4", "tiff_ccitt")
            if fax != (image.mode == "1") or (
                    compression in ("jpeg", "webp") and
                    image.mode not in ("RGB", "L")):
                continue
            if compression == "webp" and image.mode != "RGB":
                continue
            paths.append(os.path.join(folder, "%d.tif" % len(paths)))
            image.save(paths[-1], compression=compression, save_all=True,
                       append_images=[image])
    return paths


def write_webps(folder):
    paths = []

    def add(image, **options):
        paths.append(os.path.join(folder, "%d.webp" % len(paths)))
        image.save(paths[-1], **options)

    for rows, cols in [(1, 1), (17, 33), (121, 80), (240, 319)]:
        rgba = Image.fromarray(texture(rows, cols, 4), "RGBA")
        for image in (rgba, rgba.convert("RGB"), rgba.convert("L")):
            for quality in (0, 50, 80, 100):
                add(image, quality=quality)
            for method in (0, 4, 6):
                add(image, lossless=True, method=method)
            add(image, lossless=True, exact=True)
        add(rgba, alpha_quality=20)
        add(rgba.quantize(7), lossless=True)
        add(rgba, save_all=True, append_images=[rgba.rotate(90)])
        add(rgba.convert("RGB"), save_all=True, lossless=True,
            append_images=[rgba.rotate(90)])
    return paths


def check_cut_tiffs(folder):
    """Stored rows, as far as they go, as Pillow has them."""
    from PIL import ImageFile, TiffImagePlugin  # noqa: F401
    samples = texture(40, 61, 3)
    palette = rng.integers(0, 65536, 768).tolist()
    paths = []
    for data in (tiff(samples, photometric=2), tiff(samples[..., :1], rows=7),
                 tiff(samples[..., :1], photometric=0, rows=40),
                 tiff(samples[..., :1], photometric=3, palette=palette)):
        paths.append(os.path.join(folder, "cut%d.tif" % len(paths)))
        with open(paths[-1], "wb") as out:
            out.write(data[:len(data) * 2 // 3])
    ImageFile.LOAD_TRUNCATED_IMAGES = True
    compare(folder, paths, "cut TIFFs", "accept")
    ImageFile.LOAD_TRUNCATED_IMAGES = False


def check_orientations(folder):
    paths = []
    image = Image.fromarray(texture(40, 61, 3))
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[0x0112] = orientation
        for kind in ("jpg", "png", "tif", "webp"):
            paths.append(os.path.join(folder, "%d.%s" % (orientation, kind)))
            image.save(paths[-1], exif=exif)
    for path, ours in zip(paths, decode(folder, paths, exif=1)):
        with Image.open(path) as stored:
            stored.load()
            if not path.endswith("tif"):  # which Pillow turns unasked
                stored = ImageOps.exif_transpose(stored)
            wanted = np.asarray(stored)
        assert np.array_equal(ours, wanted), path
    print("%d turned images equal Pillow's" % len(paths))


def draft(path, size, fit):
    """Decoded at 1/8, 1/4 or 1/2 where twice the size is left, then resized."""
    resize = [Image.Image.resize, ImageOps.fit, ImageOps.pad][fit]
    with Image.open(path) as image:
        turned = image.getexif().get(0x0112, 1) > 4
        whole = image.size[::-1] if turned else image.size
        inner = size if fit < 2 else ImageOps.contain(
            Image.new("L", whole), size, Image.BOX).size
        twice = (2 * inner[0], 2 * inner[1])
        image.draft(None, twice[::-1] if turned else twice)
        scale = image.decoderconfig[0]
        upright = ImageOps.exif_transpose(image)
        return np.asarray(resize(upright, size, Image.BILINEAR)), scale


def check_drafts(folder):
    paths = write_jpegs(folder)
    large = Image.fromarray(texture(601, 902, 3))
    for orientation in (1, 6):
        exif = Image.Exif()
        exif[0x0112] = orientation
        paths.append(os.path.join(folder, "large%d.jpg" % orientation))
        large.save(paths[-1], exif=exif)
    scales = {}
    for size in ((64, 128), (33, 20), (9, 12), (1, 1)):
        for fit in range(3):
            word = "%dx%dx%d" % (size[1], size[0], fit)
            for path, ours in zip(paths, decode(folder, paths, exif=1,
                                                size=word)):
                try:
                    wanted, scale = draft(path, size, fit)
                except ValueError:  # Pillow has no pixels left to pad
                    continue
                assert np.array_equal(ours, wanted), (path, word, scale)
                scales[scale] = scales.get(scale, 0) + 1
    assert set(scales) == {1, 2, 4, 8}, scales
    print("resized equal Pillow's draft, by scale: %s" % scales)


def main():
    photographs = installed("/usr/share/wallpapers", ["*.jpg", "*.JPG"])
    skimage = installed("/usr/lib/python3/dist-packages/skimage/data",
                        ["*.png", "*.jpg", "*.pgm", "*.ppm", "*.tif"])
    if photographs:
        with in_memory() as folder:
            compare(folder, photographs, "photographs")
    if skimage:
        with in_memory() as folder:
            compare(folder, skimage, "images of scikit-image")
    for write, what in [(write_jpegs, "JPEGs"), (write_pngs, "PNGs"),
                        (write_pnms, "PNMs"), (write_tiffs, "TIFFs"),
                        (write_pillows_tiffs, "TIFFs of Pillow's own"),
                        (write_webps, "WebPs")]:
        with in_memory() as folder:
            compare(folder, write(folder), what)
    with in_memory() as folder:
        check_orientations(folder)
    with in_memory() as folder:
        check_drafts(folder)
    with in_memory() as folder:
        check_cut_tiffs(folder)


main()
