#!/usr/bin/env python3
"""Write tests/fuzz/corpus/image/{tiff,webp}_*: TIFF and WebP files that
contradict themselves. Run it in any folder; needs NumPy."""
import os
import struct
import sys

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(HERE, '..', '..', 'data'))
from tiff_files import DEFLATE, LONG, SHORT, tiff  # noqa: E402

GRAY = (np.arange(12 * 20).reshape(12, 20, 1) % 251).astype(np.uint8)
RGB = GRAY.repeat(3, 2)


def with_fields(**more):
    """A file of strips, some of its fields others: f278=(type, numbers)."""
    return tiff(GRAY, rows=4, more={int(k[1:]): v for k, v in more.items()})


def chunk(name, data):
    return name + struct.pack('<I', len(data)) + data + b'\0' * (len(data) % 2)


def webp(*chunks):
    body = b'WEBP' + b''.join(chunks)
    return b'RIFF' + struct.pack('<I', len(body)) + body


def extended(flags, cols, rows):
    return chunk(b'VP8X', bytes([flags, 0, 0, 0]) + (cols - 1).to_bytes(
        3, 'little') + (rows - 1).to_bytes(3, 'little'))


def frame(left, top, cols, rows, *chunks):
    numbers = [left // 2, top // 2, cols - 1, rows - 1, 40]
    return chunk(b'ANMF', b''.join(n.to_bytes(3, 'little') for n in numbers) +
                 b'\0' + b''.join(chunks))


# A lossless image of one colour, of so many columns and rows.
def lossless(cols, rows, alpha=0):
    return chunk(b'VP8L', b'\x2f' + struct.pack(
        '<I', cols - 1 | rows - 1 << 14 | alpha << 28) + b'\x88\x88\x08' +
        bytes(4))


KEY = chunk(b'VP8 ', b'\x30\1\0\x9d\1\x2a\x10\0\x10\0' + bytes(20))
LOOP = chunk(b'ANIM', bytes(6))
CORPUS = {
    'tiff_no_rows_in_strips': with_fields(f278=(LONG, [0])),
    'tiff_strips_too_many': with_fields(f278=(LONG, [1])),
    'tiff_width_negative': with_fields(f256=(LONG, [0xfffffff0])),
    'tiff_palette_short': with_fields(f262=(SHORT, [3]),
                                      f320=(SHORT, [7] * 30)),
    'tiff_white_is_zero_alpha': tiff(GRAY.repeat(2, 2), photometric=0,
                                     extra=[1]),
    'tiff_ycbcr_of_gray': with_fields(f262=(SHORT, [6]), f259=(SHORT, [7])),
    'tiff_says_jpeg': with_fields(f259=(SHORT, [7])),
    'tiff_says_fax': with_fields(f258=(SHORT, [1]), f259=(SHORT, [4])),
    'tiff_says_lzw': with_fields(f259=(SHORT, [5])),
    'tiff_says_zstd': with_fields(f259=(SHORT, [50000])),
    'tiff_says_webp': tiff(RGB, photometric=2,
                           more={259: (SHORT, [50001])}),
    'tiff_plane_missing': tiff(RGB, photometric=2, planar=True,
                               more={277: (SHORT, [4])}),
    'tiff_tile_of_4_gib': tiff(GRAY, rows=16, cols=32,
                               more={322: (LONG, [65536]),
                                     323: (LONG, [65536])}),
    'tiff_tile_of_1': tiff(GRAY[:3, :3], rows=1, cols=1),
    'tiff_predictor_of_16': tiff(GRAY.astype(np.uint16), 16, predictor=True,
                                 compression=DEFLATE, order='>'),
    'tiff_predictor_3': tiff(GRAY, compression=DEFLATE,
                             more={317: (SHORT, [3])}),
    'tiff_cut': tiff(RGB, photometric=2, rows=5, fill=2)[:-200],
    'tiff_big': tiff(GRAY, big=True, rows=5, first=False),
    'tiff_big_fields': b'II\x2b\0\x08\0\0\0\x10\0\0\0\0\0\0\0' + b'\xff' * 40,
    'webp_film_of_nothing': webp(extended(2, 16, 16), LOOP),
    'webp_film': webp(extended(0x12, 20, 16), LOOP,
                      frame(4, 2, 16, 14, lossless(16, 14, 1)),
                      frame(0, 0, 20, 16, lossless(20, 16))),
    'webp_film_other_size': webp(extended(2, 20, 16), LOOP,
                                 frame(0, 0, 20, 16, lossless(4, 4))),
    'webp_film_sticks_out': webp(extended(2, 20, 16), LOOP,
                                 frame(6, 2, 16, 14, lossless(16, 14))),
    'webp_film_empty_frame': webp(extended(2, 20, 16), LOOP,
                                  frame(0, 0, 20, 16)),
    'webp_alpha_of_nothing': webp(extended(0x10, 16, 16),
                                  chunk(b'ALPH', b'\0' + bytes(256))),
    'webp_alpha_short': webp(extended(0x10, 16, 16),
                             chunk(b'ALPH', b'\0' + bytes(9)), KEY),
    'webp_other_size': webp(extended(0, 17, 16), KEY),
    'webp_key_frame': webp(KEY),
    'webp_exif_behind_the_end': webp(extended(8, 8, 8), lossless(8, 8)),
    'webp_exif_of_itself': webp(extended(8, 8, 8), lossless(8, 8),
                                chunk(b'EXIF', b'MM\0*\0\0\0\4\0\0')),
    'webp_size_odd': webp(lossless(8, 8))[:-1],
}

if __name__ == '__main__':
    for label, content in CORPUS.items():
        with open(os.path.join(HERE, 'corpus', 'image', label), 'wb') as out:
            out.write(content)
