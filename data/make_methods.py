#!/usr/bin/python3
"""Write data/methods/*.npy: what the tests of resampling, colours and the HOG
of OpenCV and VLFeat compare with.

Run it in this folder; the files are checked in, so that the tests need none of
these programs. Made with Pillow 9.4, scikit-image 0.19.3, OpenCV 4.6 and VLFeat
0.9.21. The images are a formula, the same as in tests/hog_cases.c.
"""
import ctypes
import os

import cv2
import numpy as np
from PIL import Image, ImageOps
from skimage.color import rgb2gray

ROWS, COLS = 33, 42
MODES = {1: 'L', 2: 'LA', 3: 'RGB', 4: 'RGBA'}
FILTERS = {'bilinear': Image.BILINEAR, 'box': Image.BOX,
           'bicubic': Image.BICUBIC, 'lanczos': Image.LANCZOS}
FITS = {'stretch': Image.Image.resize, 'crop': ImageOps.fit,
        'pad': ImageOps.pad}
SIZES = ((7, 11), (50, 60), (33, 10), (9, 42), (1, 1))


def pattern(channels):
    y, x, c = np.mgrid[0:ROWS, 0:COLS, 0:channels]
    values = (7 * y + 13 * x + y * x * x // 16 + 90 * c * (x % 5)) % 256
    image = values.astype(np.uint8)
    return image if channels > 1 else image[..., 0].copy()


def save(name, values):
    np.save('methods/%s.npy' % name, values)


def make_resized():
    for channels, mode in MODES.items():
        image = Image.fromarray(pattern(channels), mode)
        for rows, cols in SIZES:
            save('resize_%d_%dx%d' % (channels, rows, cols),
                 np.asarray(image.resize((cols, rows), Image.BILINEAR)))


def make_fitted():
    for channels in (1, 4):
        image = Image.fromarray(pattern(channels), MODES[channels])
        for name, how in FILTERS.items():
            for fit, resize in FITS.items():
                for rows, cols in ((12, 9), (40, 60)):
                    save('%s_%s_%d_%dx%d' % (fit, name, channels, rows, cols),
                         np.asarray(resize(image, (cols, rows), how)))


def make_drafted():
    """A file is decoded at a quarter of its size."""
    with Image.open('image/jpeg_420.jpg') as image:
        image.draft(None, (4, 4))
        assert image.size == (7, 6)
        save('drafted', np.asarray(image.resize((2, 2), Image.BILINEAR)))


def make_colors():
    rgb = pattern(3)
    save('gray', np.asarray(Image.fromarray(rgb, 'RGB').convert('L')))
    save('rgb2gray', rgb2gray(rgb))
    save('rgb2gray_wide', rgb2gray(rgb.astype(np.uint16) * 257))


def make_dalal_triggs(name, channels, n, cell, block):
    image = pattern(channels)
    if channels == 3:
        image = np.ascontiguousarray(image[..., ::-1])
    (rows, cols), (high, wide) = cell, block
    window = (COLS // cols * cols, ROWS // rows * rows)
    hog = cv2.HOGDescriptor(window, (cols * wide, rows * high), (cols, rows),
                            (cols, rows), n, 1, -1, 0, 0.2, True)
    save(name, hog.compute(image, winStride=(cols, rows), padding=(0, 0),
                           locations=[(0, 0)]).ravel())


def make_uoctti(name, channels, n, cell):
    """vl_hog: planes in, planes out."""
    vl = ctypes.CDLL('libvl.so')
    vl.vl_hog_new.restype = ctypes.c_void_p
    sizes = []
    for which in ('height', 'width', 'dimension'):
        getter = vl['vl_hog_get_' + which]
        getter.restype = ctypes.c_size_t
        sizes.append(getter)
    image = pattern(channels).reshape(ROWS, COLS, channels)
    planes = np.ascontiguousarray(image.transpose(2, 0, 1), dtype=np.float32)
    hog = ctypes.c_void_p(vl.vl_hog_new(1, ctypes.c_size_t(n), 0))
    vl.vl_hog_put_image(hog, planes.ctypes.data_as(ctypes.c_void_p),
                        *map(ctypes.c_size_t, (COLS, ROWS, channels, cell)))
    rows, cols, depth = (size(hog) for size in sizes)
    features = np.empty((depth, rows, cols), dtype=np.float32)
    vl.vl_hog_extract(hog, features.ctypes.data_as(ctypes.c_void_p))
    vl.vl_hog_delete(hog)
    save(name, features.ravel())


def main():
    os.makedirs('methods', exist_ok=True)
    make_resized()
    make_fitted()
    make_drafted()
    make_colors()
    make_dalal_triggs('dalal_triggs_gray', 1, 9, (8, 8), (2, 2))
    make_dalal_triggs('dalal_triggs_rgb', 3, 9, (8, 8), (2, 2))
    make_dalal_triggs('dalal_triggs_long', 1, 8, (6, 10), (3, 2))
    make_dalal_triggs('dalal_triggs_odd', 3, 5, (5, 7), (1, 3))
    make_uoctti('uoctti_gray', 1, 9, 8)
    make_uoctti('uoctti_rgb', 3, 9, 8)
    make_uoctti('uoctti_small', 3, 8, 5)


main()
