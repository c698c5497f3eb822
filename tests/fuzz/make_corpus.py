#!/usr/bin/env python3
"""Write tests/fuzz/corpus/npy/*: .npy files that once fooled some reader, or
that lead the fuzzer into a corner of ours. Run it in any folder."""
import os
import struct

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

if __name__ == '__main__':
    folder = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                          'corpus', 'npy')
    os.makedirs(folder, exist_ok=True)
    for name, content in CORPUS.items():
        with open(os.path.join(folder, name), 'wb') as out:
            out.write(content)
