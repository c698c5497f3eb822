#!/usr/bin/python3
"""Write data/image/*: small image files and, beside each, the pixels that
Pillow decodes from it as NAME.npy. Run it in this folder.

Made with Pillow 9.4.0 and NumPy 1.24.2. PNGs are put together here, since
Pillow writes neither interlaced nor 2-bit gray nor 16-bit colour ones; where
Pillow reads such a file without losing bits, the pixels are checked with it.
"""
import io
import os
import struct
import zlib

import numpy as np
from PIL import Image

from tiff_files import DEFLATE, PACKBITS, tiff

ROWS, COLS = 21, 26
ADAM7 = [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2),
         (0, 1, 2, 2), (1, 0, 2, 1)]  # first row, column; step of each
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}


def picture(channels, top=255, rows=ROWS, cols=COLS):
    """Smooth waves with some texture, 0..top."""
    y, x = np.mgrid[0:rows, 0:cols]
    planes = [(np.sin(x / (3.0 + c)) + np.cos(y / (4.0 + c)) + 2) / 4 *
              (top - top // 8) + (x * 7 + y * 13 + c) % (top // 8 + 1)
              for c in range(channels)]
    return np.stack(planes, -1).astype(np.uint16)


def chunk(name, data):
    return (struct.pack('>I', len(data)) + name + data +
            struct.pack('>I', zlib.crc32(name + data)))


def pack_rows(samples, depth):
    """Rows of (rows, cols, channels), each behind the filter byte 0."""
    out = b''
    for row in samples.reshape(samples.shape[0], -1):
        if depth == 16:
            packed = row.astype('>u2').tobytes()
        else:
            bits = ''.join(format(v, '0%db' % depth) for v in row)
            bits += '0' * (-len(bits) % 8)
            packed = int(bits, 2).to_bytes(len(bits) // 8, 'big')
        out += b'\0' + packed
    return out


def png(samples, depth, color, interlaced=False, before=b'', after=b''):
    rows, cols = samples.shape[:2]
    if interlaced:
        passes = [samples[r::dr, c::dc] for r, c, dr, dc in ADAM7]
        data = b''.join(pack_rows(p, depth) for p in passes if p.size)
    else:
        data = pack_rows(samples, depth)
    data = zlib.compress(data, 9)
    half = len(data) // 2
    return (b'\x89PNG\r\n\x1a\n' +
            chunk(b'IHDR', struct.pack('>IIBBBBB', cols, rows, depth, color, 0,
                                       0, interlaced)) +
            before + chunk(b'IDAT', data[:half]) + chunk(b'IDAT', data[half:]) +
            after + chunk(b'IEND', b''))


def exif(orientation, order):
    """A TIFF block with two tags; `order` is '>' or '<'."""
    return (b'MM\0*' if order == '>' else b'II*\0') + struct.pack(
        order + 'IHHHIIHHIHHI', 8, 2, 0x0100, 3, 1, COLS if order == '<' else
        COLS << 16, 0x0112, 3, 1, orientation, 0, 0)


def save(name, data, pixels):
    with open(os.path.join('image', name), 'wb') as out:
        out.write(data)
    if pixels is not None:
        if pixels.ndim == 3 and pixels.shape[2] == 1:
            pixels = pixels[..., 0]
        np.save(os.path.join('image', name.split('.')[0] + '.npy'), pixels)


def opened(data, mode=None):
    image = Image.open(io.BytesIO(data))
    return np.asarray(image.convert(mode) if mode else image)


def save_jpegs():
    rgb = picture(3).astype(np.uint8)
    for name, pixels, options in [
            ('jpeg_gray', rgb[..., 0], {}),
            ('jpeg_420', rgb, {'subsampling': 2}),
            ('jpeg_444', rgb, {'subsampling': 0}),
            ('jpeg_progressive', rgb, {'progressive': True}),
            ('jpeg_exif', rgb, {'exif': b'Exif\0\0' + exif(6, '>')})]:
        out = io.BytesIO()
        Image.fromarray(pixels).save(out, 'JPEG', quality=80, **options)
        save(name + '.jpg', out.getvalue(), opened(out.getvalue()))
    out = io.BytesIO()
    Image.fromarray(rgb).convert('CMYK').save(out, 'JPEG')
    save('jpeg_cmyk.jpg', out.getvalue(), None)


def save_pngs():
    for depth in (1, 2, 4, 8):
        samples = picture(1, 2 ** depth - 1)
        data = png(samples, depth, 0, interlaced=depth in (1, 8))
        pixels = (samples * (255 // (2 ** depth - 1))).astype(np.uint8)
        assert np.array_equal(opened(data, 'L'), pixels[..., 0]), depth
        save('png_gray%d.png' % depth, data, pixels)
    for name, channels, color in [('la', 2, 4), ('rgb', 3, 2), ('rgba', 4, 6)]:
        samples = picture(channels)
        pixels = samples.astype(np.uint8)
        data = png(samples, 8, color, interlaced=color == 6)
        assert np.array_equal(opened(data), pixels), name
        save('png_%s.png' % name, data, pixels)
        save('png_%s16.png' % name,
             png(picture(channels, 65535), 16, color, interlaced=color == 2),
             picture(channels, 65535))
    deep = picture(1, 65535)
    data = png(deep, 16, 0)
    assert np.array_equal(opened(data), deep[..., 0])
    save('png_gray16.png', data, deep)


def save_transparent_pngs():
    palette = picture(3, 255, 4, 4).astype(np.uint8).reshape(16, 3)
    plte = chunk(b'PLTE', palette.tobytes())
    index = picture(1, 15)
    for depth, interlaced in ((4, False), (8, True)):
        data = png(index, depth, 3, interlaced, plte)
        pixels = palette[index[..., 0]]
        assert np.array_equal(opened(data, 'RGB'), pixels)
        save('png_palette%d.png' % depth, data, pixels)
    alpha = np.full(16, 255, np.uint8)
    alpha[:6] = [0, 50, 100, 150, 200, 250]
    data = png(index, 4, 3, False, plte + chunk(b'tRNS', alpha[:6].tobytes()))
    pixels = np.concatenate([palette, alpha[:, None]], 1)[index[..., 0]]
    assert np.array_equal(opened(data, 'RGBA'), pixels)
    save('png_palette_alpha.png', data, pixels)

    rgb = picture(3)
    key = rgb[3, 5]
    data = png(rgb, 8, 2, False, chunk(b'tRNS', key.astype('>u2').tobytes()))
    clear = (rgb == key).all(-1, keepdims=True)
    pixels = np.concatenate([rgb, 255 * ~clear], -1).astype(np.uint8)
    assert np.array_equal(opened(data, 'RGBA'), pixels)
    save('png_rgb_key.png', data, pixels)

    data = png(rgb, 8, 2, before=chunk(b'tEXt', b'a\0b'),
               after=chunk(b'eXIf', exif(8, '<')))
    save('png_exif.png', data, rgb.astype(np.uint8))


def save_pnms():
    gray = picture(1, 100)
    plain = b'P2 # a comment\n%d\t%d\n100\n' % (COLS, ROWS)
    plain += b'\n'.join(b' '.join(b'%d' % v for v in row)
                        for row in gray[..., 0]) + b'\n'
    save('pnm_plain.pgm', plain, opened(plain))
    for name, data in [
            ('pnm_bits.pbm', b'P4\n%d %d\n' % (COLS, ROWS) + np.packbits(
                picture(1, 1)[..., 0].astype(bool), axis=1).tobytes()),
            ('pnm_rgb.ppm', b'P6 %d %d 255\n' % (COLS, ROWS) +
             picture(3).astype(np.uint8).tobytes()),
            ('pnm_deep.pgm', b'P5 %d %d 1000\n' % (COLS, ROWS) +
             picture(1, 1000).astype('>u2').tobytes())]:
        pixels = opened(data, 'L' if name == 'pnm_bits.pbm' else None)
        save(name, data, pixels.astype(
            np.uint16 if pixels.dtype == np.int32 else np.uint8))


def save_tiffs():
    gray, rgb, rgba = picture(1), picture(3), picture(4)
    bits, deep, deep_rgb = picture(1, 1), picture(1, 65535), picture(3, 65535)
    index = picture(1, 15)
    palette = picture(3, 65535, 4, 4).reshape(16, 3)
    for name, data in [
            ('gray1', tiff(bits, 1, photometric=0, fill=2, rows=8,
                           compression=PACKBITS)),
            ('gray4', tiff(index, 4, order='>', rows=5, first=False)),
            ('gray8', tiff(gray, rows=4, compression=DEFLATE, predictor=True)),
            ('gray16', tiff(deep, 16, order='>', rows=21)),
            ('palette4', tiff(index, 4, photometric=3, rows=16, cols=16,
                              palette=palette.T.ravel().tolist())),
            ('rgb', tiff(rgb, photometric=2, planar=True, rows=7)),
            ('rgba', tiff(rgba, photometric=2, extra=[2], rows=16, cols=16,
                          compression=DEFLATE, big=True)),
            ('multiplied', tiff(rgba, photometric=2, extra=[1], rows=6)),
            ('exif', tiff(rgb, photometric=2, orientation=6, first=False))]:
        with Image.open(io.BytesIO(data)) as image:
            image._tile_orientation = None  # which Pillow turns unasked
            pixels = np.asarray(image.convert(
                {'gray1': 'L', 'palette4': 'RGB'}.get(name)))
        save('tiff_%s.tif' % name, data, pixels.astype(
            np.uint16 if name == 'gray16' else np.uint8))
    save('tiff_rgb16.tif', tiff(deep_rgb, 16, photometric=2, rows=8, big=True,
                                compression=DEFLATE, predictor=True), deep_rgb)
    for name, compression, pixels in [
            ('lzw', 'tiff_lzw', rgb.astype(np.uint8)),
            ('jpeg', 'jpeg', rgb.astype(np.uint8)),
            ('fax', 'group4', bits[..., 0].astype(bool))]:
        out = io.BytesIO()
        Image.fromarray(pixels).save(out, 'TIFF', compression=compression)
        save('tiff_%s.tif' % name, out.getvalue(),
             opened(out.getvalue(), 'L' if name == 'fax' else None))


def film(frames, cols, rows, places):
    """A WebP file of the chunks of others, on a picture of that size."""
    def little(value, n):
        return value.to_bytes(n, 'little')

    def riff(name, data):
        return name + little(len(data), 4) + data + b'\0' * (len(data) % 2)

    body = riff(b'VP8X', b'\x12\0\0\0' + little(cols - 1, 3) +
                little(rows - 1, 3)) + riff(b'ANIM', bytes([9, 9, 9, 255, 0, 0]))
    for data, (left, top) in zip(frames, places):
        with Image.open(io.BytesIO(data)) as image:
            width, height = image.size
        start = 30 if data[12:16] == b'VP8X' else 12
        body += riff(b'ANMF', little(left // 2, 3) + little(top // 2, 3) +
                     little(width - 1, 3) + little(height - 1, 3) +
                     little(40, 3) + b'\2' + data[start:])
    return b'RIFF' + little(len(body) + 4, 4) + b'WEBP' + body


def save_webps():
    rgba = Image.fromarray(picture(4).astype(np.uint8))
    rgb = rgba.convert('RGB')
    frames = []
    for name, image, options in [
            ('rgb', rgb, {'quality': 80}),
            ('rgba', rgba, {'quality': 80}),
            ('lossless', rgb, {'lossless': True}),
            ('lossless_alpha', rgba, {'lossless': True, 'exact': True}),
            ('exif', rgb, {'exif': exif(5, '<')})]:
        out = io.BytesIO()
        image.save(out, 'WEBP', **options)
        frames.append(out.getvalue())
        save('webp_%s.webp' % name, frames[-1], opened(frames[-1]))
    data = film(frames[1:3], COLS + 7, ROWS + 6, [(4, 2), (0, 0)])
    save('webp_film.webp', data, opened(data))


os.makedirs('image', exist_ok=True)
save_jpegs()
save_pngs()
save_transparent_pngs()
save_pnms()
save_tiffs()
save_webps()
