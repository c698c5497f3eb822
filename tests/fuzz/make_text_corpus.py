#!/usr/bin/env python3
"""Write tests/fuzz/corpus/{csv,index,journal,options,settings,descriptor}/*:
tables, indices, journals, options, settings and messages that lead the fuzzer into each part of
their readers. Run it in any folder."""
import os
import struct

CSV = {
    'empty': '',
    'commas': 'a,b\n1,2\n3,4\n',
    'semicolons': '1;2,5\n',
    'tabs': '1\t2\n\t\n3\t\n',
    'blanks': ' 1  2 \n3\t4\n',
    'one': '1\n2\n3',
    'comments': '# what\n1 # more\n\n#\n',
    'nothing': '1,,3\n,,\n',
    'words': '1,x\n',
    'names_only': 'a,b\n',
    'ragged': '1,2\n3\n',
    'kinds': 'nan,-inf,1e400,0x1p-3,1e-400,infinity\n',
    'carriage': '1,2\r\n3,4\r\n',
    'inner_carriage': '1\r2\n3 4\n',
    'zero_byte': '1,2\0,3\n4,5\n',
    'many_digits': 400 * '9' + '.' + 400 * '1' + '\n',
}

# The first byte: 1, and JSON lines follow.
INDEX_HEAD = 'row,path,rows,cols,status,seconds,bytes,mtime_ns,message\n'
INDEX_JSON = ('{"row": %d, "path": "%s", "rows": 9, "cols": 9, "status": "ok", '
              '"seconds": 0.5, "bytes": 9, "mtime_ns": 1795756897794789810, '
              '"message": ""}\n')
INDEX = {
    'csv': '\0' + INDEX_HEAD + '0,a.png,9,9,ok,0.5,9,1795756897794789810,\n'
           '1,"b""\n,.png",0,0,missing,0.000000,,,"no, file"\n',
    'csv_head': '\0' + INDEX_HEAD[3:],
    'csv_cut': '\0' + INDEX_HEAD + '0,a.png,9,9,ok,0.5',
    'csv_open': '\0' + INDEX_HEAD + '0,"a.png\n1,b.png,9',
    'csv_fields': '\0' + INDEX_HEAD + '0,a,1,1,ok,0,1,1,,,,\n',
    'csv_row': '\0' + INDEX_HEAD + '1,a,1,1,ok,0,1,1,\n',
    'csv_status': '\0' + INDEX_HEAD + '0,a,1,1,fine,0,1,1,\n',
    'csv_numbers': '\0' + INDEX_HEAD +
                   '0,a,-1,99999999999,gone,1e999,99999999999999999999,-x,\n',
    'csv_bytes': '\0' + INDEX_HEAD + '0,\xff\xe9\\xff,1,1,ok,0,1,1,\n',
    'json': '\1' + INDEX_JSON % (0, 'a.png') + INDEX_JSON % (1, 'b.png'),
    'json_escapes': '\1' + INDEX_JSON % (
        0, '\\udce9 \\u00e9\\u20ac\\n\\"\\\\\\/ \\ud83d\\ude00\\u0000 \\u1'),
    'json_null': '\1{"row": null, "path": null}\n',
    'json_kinds': '\1{"row": 0, "path": [1, {"a": 2}], "status": {}}\n',
    'json_cut': '\1' + (INDEX_JSON % (0, 'a.png'))[:-4],
}

# What fuzz_journal.c puts a sum for.
HEAD = 'foray journal 1\ntasks 200\nout[0] <f8 (200, 81)\nbegin ????????\n'
JOURNAL = {
    'empty': '',
    'torn_name': 'foray jour',
    'other': 'hello\n',
    'no_head': 'foray journal 1\nbegin ????????\ndone 0 9 ????????\n',
    'torn_head': HEAD[:40],
    'wrong_head': HEAD.replace('?', '0'),
    'done': HEAD + 'done 0 9 ????????\ndone 20 199 ????????\n',
    'done_torn': HEAD + 'done 0 9 ????????\ndone 20 1',
    'done_wrong': HEAD + 'done 0 9 01234567\ndone 20 29 ????????\n',
    'done_beyond': HEAD + 'done 199 200 ????????\n',
    'done_backwards': HEAD + 'done 9 0 ????????\n',
    'done_negative': HEAD + 'done -1 -1 ????????\n',
    'done_huge': HEAD + 'done 0 18446744073709551615 ????????\n',
    'done_more': HEAD + 'done 0 9 x ????????\n',
    'again': HEAD + HEAD,
    'zero_byte': HEAD + 'done 0 9\0 ????????\n',
    'long_line': 'foray journal 1\n' + 5000 * 'x' + '\nbegin ????????\n',
}

# The first byte names the reader: see the targets.
OPTIONS = {
    'slices': 's[1:4:2, -1, ..., ::-1]',
    'slices_empty': 's[]',
    'slices_huge': 's[-9223372036854775808:9223372036854775807:'
                   '-9223372036854775808]',
    'slices_step_0': 's[::0]',
    'slices_33': 's[' + 33 * '0,' + '0]',
    'slices_twice': 's[...,...]',
    'slices_signs': 's[+1:-+1]',
    'size': 'b1.5GiB',
    'size_huge': 'b18446744073709551616',
    'size_exponent': 'b1e300T',
    'expression': 'e2*n_jobs//3%5-(1+.5)**2',
    'expression_zero': 'e1//0%0',
    'expression_deep': 'e' + 15 * '(' + '1' + 15 * ')',
    'expression_root': 'e(-8)**.5',
    'all': 'eall',
    'dtype': 'd<f8',
    'dtype_name': 'dcomplex128',
    'dtype_date': 'd>M8[25us/7]',
    'dtype_text': 'd<U4611686018427387904',
    'dtype_void': 'd|V0',
    'jobs': 'j-2',
    'jobs_share': 'j50%',
    'jobs_huge': 'j99999999999',
    'output': 'oy.npy:f64:ROWSx3',
    'output_dataset': 'oy.h5:/a:b:f32:7',
    'output_33': 'oy:f64:1' + 32 * 'x1',
    'output_empty': 'o:f64:1',
    'value': 'v8x8',
    'value_seconds': 'v2.5',
    'value_word': 'vrgb2gray',
    'value_method': 'vdalal-triggs',
    'words': 'w-f\n--count=3\n-tx\n--\n-f',
    'words_short': 'w-fc\n3\nIN\n--extent\n8x8',
    'words_wrong': 'w--flag=1',
    'words_missing': 'w--text',
    'words_unknown': 'w-z\n--zz',
    'words_ambiguous': 'w--fl\n--',
    'help': 'w-h',
}

VARIABLES = ('4', 'fork', '2', '1M', '/tmp', 'w+', 'auto', '2*n_jobs', '3',
             '1.5', 'skip', '.5', '100', 'never', '2G', 'never', '1', '17',
             'pidfd,memfd,')
SETTINGS = {
    'parameters': 'palpha=0.5\nbeta=-1e3\n_9=x',
    'parameters_twice': 'pa=1\na=2',
    'parameters_prefix': 'pa=1\nab=2\nabc=',
    'parameters_number': 'p1=2',
    'config_mode': 'cr+',
    'config_backend': 'cthreads',
    'config_prefer': 'cprocesses',
    'config_require': 'csharedmem',
    'config_batch': 'cauto',
    'config_long': 'c' + 5000 * 'x',
}
for number, text in enumerate(VARIABLES):
    SETTINGS['variable_%d' % number] = 'v' + chr(number) + text

# struct foray__packet and its values; struct foray__packet_array;
# struct foray__outcome; struct foray__record.
I64, F64, STR, BYTES, ARRAY = 2, 4, 6, 7, 8
DONE, VALUES, ERROR = 2, 1, 3


def packet(values, rest=b'', size=None):
    """Values are (kind, placed, a, b); `rest` lies behind them."""
    body = b''.join(struct.pack('=IIQQ', *value) for value in values) + rest
    size = 40 + len(body) if size is None else size
    return struct.pack('=QIIQQQ', size, len(values), 0, 0, 0, 0) + body


def array(segment, offset, shape, strides, dtype=12, itemsize=8, access=3):
    return struct.pack('=QqQBBBBi%dq' % (2 * len(shape)), segment, offset,
                       itemsize, dtype, 0, 1, access, len(shape), *shape,
                       *strides)


def outcome(kind, payload):
    padding = bytes(-len(payload) % 8)
    return struct.pack('=QIIdQq', 40 + len(payload) + len(padding), kind, 1,
                       .5, len(payload), 3) + payload + padding


def record(kind, payload):
    padding = bytes(-len(payload) % 8)
    return struct.pack('=IIIIQd', 32 + len(payload) + len(padding), kind, 1, 0,
                       7, .5) + payload + padding


TWO_NUMBERS = packet([(I64, 0, 7, 0), (F64, 0, 0x3ff0000000000000, 0)])
TEXT = packet([(STR, 0, 64, 5)], b'hello\0\0\0')
INLINE = packet([(ARRAY, 0, 64, 0)],
                array(0, 128, [2, 1], [8, 8]) + bytes(64))
PLACED = packet([(BYTES, 1, 64, 32)],
                array(9, 0, [32], [1], dtype=6, itemsize=1))
DESCRIPTOR = {
    'values': b'\0\0' + outcome(VALUES, TWO_NUMBERS) + outcome(DONE, b''),
    'values_array': b'\0\0' + outcome(VALUES, INLINE),
    'tasks': b'\0\1' + outcome(DONE, b'') + outcome(0, b''),
    'error': b'\0\0' + outcome(ERROR, bytes(1024)),
    'error_open': b'\0\0' + outcome(ERROR, b'\xff' * 1024),
    'cut': b'\0\0' + outcome(VALUES, TEXT)[:-8],
    'text': b'\1\0' + TEXT,
    'text_open': b'\1\0' + TEXT[:-3] + b'...',
    'inline': b'\1\0' + INLINE,
    'segment': b'\1\xff' + packet([(ARRAY, 0, 64, 0)],
                                  array(9, 16, [3, 4], [32, 8])),
    'segment_backwards': b'\1\xff' + packet([(ARRAY, 0, 64, 0)],
                                            array(9, 80, [3, 4], [-32, 8])),
    'segment_short': b'\1\x40' + packet([(ARRAY, 0, 64, 0)],
                                        array(9, 16, [3, 4], [32, 8])),
    'strides_overflow': b'\1\xff' + packet(
        [(ARRAY, 0, 64, 0)], array(9, 0, [2, 2], [2**62, 2**62])),
    'placed': b'\1\x40' + PLACED,
    'axes_huge': b'\1\xff' + packet(
        [(ARRAY, 0, 64, 0)], array(9, 0, [], [])[:-4] + b'\xff\xff\xff\x7f'),
    'too_many': b'\1\0' + packet([(I64, 0, k, 0) for k in range(17)]),
    'size_huge': b'\1\0' + packet([(I64, 0, 1, 0)], size=2**64 - 1),
    'ring': b'\2\0' + record(2, TWO_NUMBERS) + record(1, bytes(64)),
}

if __name__ == '__main__':
    here = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'corpus')
    for kind, corpus in (('csv', CSV), ('index', INDEX), ('journal', JOURNAL),
                         ('options', OPTIONS), ('settings', SETTINGS),
                         ('descriptor', DESCRIPTOR)):
        os.makedirs(os.path.join(here, kind), exist_ok=True)
        for label, content in corpus.items():
            if isinstance(content, str):
                content = content.encode('latin-1')
            with open(os.path.join(here, kind, label), 'wb') as out:
                out.write(content)
