#!/usr/bin/env python3
"""Write tests/fuzz/corpus/{npy,npz,joblib,hdf5}/*: files that once fooled some
reader, or that lead the fuzzer into a corner of ours. Run it in any folder."""
import bz2
import gzip
import io
import lzma
import os
import struct
import zipfile
import zlib

F8 = "{'descr': '<f8', 'fortran_order': False, 'shape': %s, }"
TYPE = "{'descr': %s, 'fortran_order': True, 'shape': (2,), }"


def npy(text, data=48, version=1, length=None):
    """A file of `version` with the header `text`, nothing added."""
    text = text.encode('latin-1' if version < 3 else 'utf-8')
    length = len(text) if length is None else length
    return (b'\x93NUMPY' + bytes([version, 0]) +
            struct.pack('<H' if version == 1 else '<I', length) + text +
            b'\7' * data)


CORPUS = {
    'empty': b'',
    'magic_only': b'\x93NUMPY',
    'version_4': npy(F8 % '(2, 3)', version=4),
    'length_of_4_gib': npy('', 0, 2, 0xFFFFFFFF),
    'length_beyond_file': npy(F8 % '(2, 3)', 0, 1, 9999),
    'length_0': npy(''),
    'plain': npy(F8 % '(2, 3)'),
    'plain_v2': npy(F8 % '(2, 3)', version=2),
    'utf8_v3': npy(TYPE % "[('\u03bb', '<f8')]", version=3),
    'latin1_v1': npy(TYPE % "[('h\u00f6he', '<f8')]"),
    'utf8_cut': npy(TYPE % "[('\u03bb', '<f8')]", version=3).replace(
        b'\xbb', b''),
    'data_truncated': npy(F8 % '(2, 3)', 47),
    'item_of_2_63_bytes': npy("{'descr': '<U2305843009213693925', "
                              "'fortran_order': True, 'shape': (1,), }", 0),
    'shape_overflows': npy(F8 % '(4294967296, 4294967296)'),
    'shape_overflows_behind_0': npy(F8 % '(1099511627776, 1099511627776, 0)'),
    'shape_beyond_64_bits': npy(F8 % '(1180591620717411303424,)'),
    'shape_negative': npy(F8 % '(-1, 3)'),
    'shape_numpy_2': npy(F8 % '(np.int64(2), 3)'),
    'shape_python_2': npy(F8 % '(2L, 3L)'),
    'shape_other_bases': npy(F8 % '(0x2, 0b1_1)'),
    'shape_0d': npy(F8 % '()'),
    'shape_33_axes': npy(F8 % ('(' + 33 * '1, ' + ')')),
    'deep_nesting': npy(400 * '('),
    'deep_fields': npy(TYPE % (60 * "[('a', " + "'<i4'" + 60 * ')]')),
    'comments_and_quotes': npy(
        '{"shape": (2, 3), # why\n "fortran_order": False, "descr": u"=f8"}'),
    'key_twice': npy("{'descr': '|O', " + (F8 % '(2, 3)')[1:]),
    'key_unknown': npy((F8 % '(2, 3)')[:-1] + "'x': {1: [None, True]}}"),
    'key_missing': npy("{'descr': '<f8', 'shape': (2, 3)}"),
    'string_open': npy("{'descr': '<f8"),
    'string_escape': npy(TYPE % r"[('a\'b\\', '<f8')]"),
    'string_escape_at_end': npy("{'descr': '\\"),
    'type_object': npy(TYPE % "'|O'"),
    'type_date': npy(TYPE % "'>M8[25us]'"),
    'type_text': npy(TYPE % "'<U3'"),
    'type_of_no_bytes': npy(TYPE % "'|S0'"),
    'type_of_too_many_bytes': npy(TYPE % "'<U4611686018427387904'"),
    'type_subarray': npy(TYPE % "('<f4', (2,))"),
    'type_fields': npy(
        TYPE % "[(('t', 'a'), '<i4'), ('b', [('c', '|V3')], (2, 2))]"),
    'type_field_overflows': npy(
        TYPE % "[('a', '<i4', (4611686018427387904, 4))]"),
}



def npz(members, method=zipfile.ZIP_STORED, comment=b''):
    """An archive of members, a name and its bytes each."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, 'w', method) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content, method)
        archive.comment = comment
    return out.getvalue()


def npz64():
    """The same with numbers of 64 bits."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, 'w') as archive:
        with archive.open(zipfile.ZipInfo('x.npy'), 'w',
                          force_zip64=True) as member:
            member.write(npy(F8 % '(2, 3)'))
    content = out.getvalue()
    at = content.rindex(b'PK\5\6')
    size, start = struct.unpack('<II', content[at + 12:at + 20])
    return (content[:at] +
            struct.pack('<IQHHIIQQQQ', 0x06064B50, 44, 45, 45, 0, 0, 1, 1,
                        size, start) +
            struct.pack('<IIQI', 0x07064B50, 0, at, 1) + content[at:])


X = {'x.npy': npy(F8 % '(2, 3)')}
NPZ = {
    'empty': b'',
    'nothing': npz({}),
    'stored': npz(X),
    'deflated': npz(X, zipfile.ZIP_DEFLATED),
    'bzip2': npz(X, zipfile.ZIP_BZIP2),
    'two': npz({**X, 'folder/y.npy': npy(F8 % '()', 8), 'z.txt': b'text'}),
    'comment': npz(X, comment=b'PK\5\6' + bytes(30)),
    'prefix': b'#!/bin/sh\n' + npz(X),
    'zip64': npz64(),
    'objects': npz({'o.npy': npy(TYPE % "'|O'"), **X}),
    'damaged_member': npz({'x.npy': b'\x93NUMPY\1\0\xff\xff'}),
    'short_member': npz({'x.npy': b'\x93NUM'}),
    'overlong': npz(X).replace(struct.pack('<I', len(X['x.npy'])),
                               struct.pack('<I', 0xFFFFFFF0)),
    'end_only': b'PK\5\6' + bytes(18),
    'end_far': b'PK\5\6' + bytes(8) + b'\xff' * 8 + bytes(2),
}


def text(words):
    """SHORT_BINUNICODE."""
    words = words.encode()
    return b'\x8c' + bytes([len(words)]) + words


def name(module, words):
    return text(module) + text(words) + b'\x93'


def dtype(kind='f8', state=b'NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\0'):
    return (name('numpy', 'dtype') + text(kind) + b'\x89\x88\x87R(K\3' +
            text('<') + state + b'tb')


def array(shape=b'K\2K\3', data=48, type=None, padding=b'\3\xff\xff\xff',
          order='C', extra=b''):
    """What joblib writes for an array."""
    alignment = text('numpy_array_alignment_bytes') + b'K\x10'
    return (name('joblib.numpy_pickle', 'NumpyArrayWrapper') + b')\x81}(' +
            text('subclass') + name('numpy', 'ndarray') + text('shape') + b'(' +
            shape + b't' + text('order') + text(order) + text('dtype') +
            (type or dtype()) + text('allow_mmap') + b'\x88' + extra +
            (alignment if padding else b'') + b'ub' + padding + b'\7' * data)


def pickled(content):
    return b'\x80\4' + content + b'.'


OLD = (b'\x80\3csklearn.externals.joblib.numpy_pickle\nNumpyArrayWrapper\n'
       b'q\0)\x81q\1}q\2(X\x08\0\0\0subclassq\3cnumpy\nndarray\nq\4'
       b'X\5\0\0\0shapeq\5K\2\x85q\6X\5\0\0\0orderq\7X\1\0\0\0Cq\x08'
       b'X\5\0\0\0dtypeq\tcnumpy\ndtype\nq\nX\2\0\0\0i4q\x0bK\0K\1\x87q\x0c'
       b'Rq\r(K\3X\1\0\0\0<q\x0eNNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\0tq\x0f'
       b'bX\n\0\0\0allow_mmapq\x10\x88ub\1\0\0\0\2\0\0\0.')
FIELDS = (b'N(' + text('a') + text('b') + b't}(' + text('a') + b'(' + dtype() +
          b'K\0t' + text('b') + b'(' + dtype('i4') + b'K\x0ct' +
          b'uK\x10K\1K\0')
SUBARRAY = (b'(' + dtype() + b'K\2K\3\x86tNNK\x30K\1K\0')
DATE = b'NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\0}(C\2usK\x19K\1K\1t\x86'
NESTED = pickled(b'}(' + text('a') + b'](' + array() + b'}\x94(K\7' +
                 array(b'', 8) + text('s') + b'Nue' + text('b') + b'h\0u')
ONE = pickled(array())
OBJECTS = (array(b'K\2', 0, dtype('O8'), padding=b'') + b'\x80\2' +
           b'cnumpy.core.multiarray\n_reconstruct\n)R(K\1](}U\1xe' +
           b'X\3\0\0\0abcG' + bytes(8) + b'\x8a\1\xfftb.')
MODEL = name('model', 'Model') + b')\x81'
JOBLIB = {
    'empty': b'',
    'one': ONE,
    'framed': b'\x80\4\x95' + struct.pack('<Q', 99) + ONE[2:],
    'unpadded': pickled(array(padding=b'')),
    'padded_much': pickled(array(padding=b'\xff' + b'\xff' * 255)),
    'fortran': pickled(array(order='F')),
    'nested': NESTED,
    'tuples': pickled(array() + b'\x85N\x86'),
    'old': OLD,
    'before_0_10': b'\x80\3cjoblib.numpy_pickle\nNDArrayWrapper\n)\x81.',
    'zf': b'ZF0x10' + zlib.compress(ONE),
    'numbers': pickled(b'(' + array() + b'G' + bytes(8) + b'\x8a\x01\xff' +
                       b'\x8b\x02\0\0\0\xff\x7fM\1\0\x88\x89]}\x8f(\x91t'),
    'scalar': pickled(b']' + name('numpy.core.multiarray', 'scalar') +
                      dtype() + b'C\x08' + bytes(8) + b'\x86Ra'),
    'ordered': pickled(name('collections', 'OrderedDict') + b')R(' +
                       text('k') + array() + b'u'),
    'encode': pickled(name('_codecs', 'encode') + text('us') +
                      text('latin1') + b'\x86R'),
    'itself': pickled(b']\x94h\0a'),
    'itself_in_dict': pickled(b'}\x94' + text('x') + b'h\0s'),
    'twice': pickled(b'](' + array() + b'\x94h\0h\0e'),
    'system': pickled(name('os', 'system') + text('true') + b'\x85R'),
    'shape_overflows': pickled(array(b'\x8a\x08' + b'\xff' * 7 + b'\x7f' +
                                     b'K\x10')),
    'shape_negative': pickled(array(b'J\xff\xff\xff\xff')),
    'shape_33_axes': pickled(array(33 * b'K\1', 8)),
    'type_object': pickled(array(type=dtype('O8'))),
    'objects': pickled(b'](' + OBJECTS + array() + OBJECTS + b'e'),
    'objects_cut': pickled(b'](' + OBJECTS[:-1] + array() + b'e'),
    'objects_other_code': pickled(b'](' + OBJECTS[:-1] + b'P.' + array() +
                                  b'e'),
    'objects_of_all': pickled(array(type=dtype('O8'), padding=b'', data=0) +
                              pickled(b'(lp0\n')),
    'objects_in_fields': pickled(array(
        b'K\2', 0, dtype('V16', FIELDS.replace(dtype('i4'), dtype('O8'))),
        padding=b'') + pickled(b']')),
    'unknown': pickled(b'](' + MODEL + b'}' + text('w') + array() + b'sb' +
                       array() + b'\x94' + MODEL + b'h\0bh\0e'),
    'unknown_items': pickled(b'](' + MODEL + array() + b'a' + MODEL + b'(' +
                             array() + b'Nu' + MODEL + b'(' + array() +
                             b'\x90e'),
    'unknown_alone': pickled(MODEL + b'}b'),
    'unknown_called': pickled(MODEL + b')R' + array() + b'\x86'),
    'unknown_dtype': pickled(array(type=name('numpy', 'record') + b'\x85R')
                             .replace(text('subclass'), text('x'))),
    'unknown_type': pickled(array(type=(
        name('numpy', 'dtype') + name('numpy', 'record') + b'\x85R'))),
    'type_text': pickled(array(b'K\2', 24, dtype(
        'U3', b'NNNK\x0cK\4K\x08'))),
    'type_date': pickled(array(b'K\2', 16, dtype('M8', DATE))),
    'type_fields': pickled(array(b'K\2', 32, dtype('V16', FIELDS))),
    'type_subarray': pickled(array(b'K\1', 48, dtype('V48', SUBARRAY))),
    'type_of_itself': pickled(array(type=(
        name('numpy', 'dtype') + text('V8') + b'\x85R\x94(K\3' + text('|') +
        b'(h\0K\1tNNK\x08K\1K\0tb'))),
    'marks': pickled(b'((((tttt'),
    'underflow': pickled(b'ase'),
    'zlib': zlib.compress(NESTED),
    'gzip': gzip.compress(NESTED, mtime=0),
    'gzip_two': gzip.compress(NESTED[:60], mtime=0) +
    gzip.compress(NESTED[60:], mtime=0),
    'bz2': bz2.compress(NESTED),
    'xz': lzma.compress(NESTED),
    'lzma': lzma.compress(NESTED, lzma.FORMAT_ALONE),
    'zlib_one': zlib.compress(ONE),
    'zlib_cut': zlib.compress(ONE)[:-3],
    'zlib_bomb': zlib.compress(pickled(array(b'J\0\0\0\x40', 99))),
    'lz4': b'\x04\x22\x4d\x18\x60\x40\x82' +
    struct.pack('<I', 0x80000000 | len(ONE)) + ONE + bytes(4),
}


def chunk(stages, content, size=64, mask=0):
    """What fuzz_hdf5.c reads: filters, a mask, the chunk's size, the chunk."""
    return (bytes([len(stages)]) +
            b''.join(struct.pack('>BH', *stage) for stage in stages) +
            bytes([mask]) + struct.pack('>H', size) + content)


# Kinds of filters, and the sum of 64 zeros.
SHUFFLE, DEFLATE, FLETCHER32, LZF, SUM = 0, 1, 2, 3, bytes(4)
HDF5 = {
    'no_filter': chunk([], bytes(64)),
    'no_filter_short': chunk([], bytes(63)),
    'shuffle': chunk([(SHUFFLE, 4)], bytes(range(64))),
    'shuffle_of_3': chunk([(SHUFFLE, 3)], bytes(range(64))),
    'shuffle_larger': chunk([(SHUFFLE, 999)], bytes(range(64))),
    'shuffle_of_nothing': chunk([(SHUFFLE, 0)], bytes(range(64))),
    'deflate': chunk([(SHUFFLE, 4), (DEFLATE, 4)], zlib.compress(bytes(64))),
    'deflate_short': chunk([(DEFLATE, 4)], zlib.compress(bytes(63))),
    'deflate_long': chunk([(DEFLATE, 4)], zlib.compress(bytes(65))),
    'deflate_cut': chunk([(DEFLATE, 4)], zlib.compress(bytes(64))[:-5]),
    'deflate_bomb': chunk([(DEFLATE, 4)], zlib.compress(bytes(1 << 20))),
    'deflate_empty': chunk([(DEFLATE, 4)], b''),
    'deflate_twice': chunk([(DEFLATE, 4)] * 2,
                           zlib.compress(zlib.compress(bytes(64)))),
    'deflate_skipped': chunk([(SHUFFLE, 4), (DEFLATE, 4)], bytes(64), mask=2),
    'sum': chunk([(FLETCHER32, 0)], bytes(64) + SUM),
    'sum_wrong': chunk([(FLETCHER32, 0)], bytes(64) + b'\1\2\3\4'),
    'sum_alone': chunk([(FLETCHER32, 0)], b'\0\0\0'),
    'sum_first': chunk([(FLETCHER32, 0), (SHUFFLE, 4), (DEFLATE, 1)],
                       zlib.compress(bytes(68))),
    'sum_last': chunk([(DEFLATE, 1), (SHUFFLE, 2), (FLETCHER32, 0)],
                      zlib.compress(bytes(64)) + SUM),
    'eight_filters': chunk([(SHUFFLE, 2), (FLETCHER32, 0)] * 4,
                           bytes(64) + 4 * SUM),
    'odd_sizes': chunk([(SHUFFLE, 7), (FLETCHER32, 0), (DEFLATE, 9)],
                       zlib.compress(bytes(65)), 61),
    'lzf': chunk([(SHUFFLE, 4), (LZF, 0)], b'\0\0\xe0\x36\0'),
    'lzf_short': chunk([(LZF, 0)], b'\0\0\xe0\x35\0'),
    'lzf_long': chunk([(LZF, 0)], b'\0\0\xe0\x37\0'),
    'lzf_cut': chunk([(LZF, 0)], b'\0\0\xe0\x36'),
    'lzf_before': chunk([(LZF, 0)], b'\0\0\xe0\x36\1'),
    'lzf_literals_cut': chunk([(LZF, 0)], b'\x1f' + bytes(31)),
    'lzf_deflate': chunk([(LZF, 0), (DEFLATE, 1)], zlib.compress(bytes(64))),
}

if __name__ == '__main__':
    here = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'corpus')
    for kind, corpus in (('npy', CORPUS), ('npz', NPZ), ('joblib', JOBLIB),
                         ('hdf5', HDF5)):
        os.makedirs(os.path.join(here, kind), exist_ok=True)
        for label, content in corpus.items():
            with open(os.path.join(here, kind, label), 'wb') as out:
                out.write(content)
