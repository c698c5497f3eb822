#!/usr/bin/env python3
"""Write tests/fuzz/corpus/tar/*: archives of each format, and what leads the
fuzzer into each part of their reader. Run it in any folder."""
import io
import os
import tarfile


def header(name=b'a', size=b'00000000003\0', kind=b'0', magic=b'ustar\00000',
           prefix=b'', rest=b''):
    """One header, its sum right."""
    block = bytearray(512)
    block[0:len(name)] = name
    block[100:108] = b'0000644\0'
    block[124:124 + len(size)] = size
    block[136:148] = b'00000000000\0'
    block[156:157] = kind
    block[257:257 + len(magic)] = magic
    block[345:345 + len(prefix)] = prefix
    block[482:482 + len(rest)] = rest
    block[148:156] = 8 * b' '
    block[148:156] = b'%06o\0 ' % sum(block)
    return bytes(block)


def data(content=b'abc'):
    return content + bytes(-len(content) % 512)


def octal(n):
    return b'%011o\0' % n


def behind(kind, content):
    """A header of `kind` with its data."""
    return header(b'x', octal(len(content)), kind) + data(content)


def pax(*records):
    content = b''
    for record in records:
        n = len(record) + 2
        while len(b'%d %s\n' % (n, record)) != n:
            n += 1
        content += b'%d %s\n' % (n, record)
    return content


def archive(style, names):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode='w', format=style) as tar:
        for name in names:
            info = tarfile.TarInfo(name)
            info.size = 3
            tar.addfile(info, io.BytesIO(b'abc'))
    return data(out.getvalue().rstrip(b'\0')) + bytes(1024)


LONG = 60 * 'l' + '/' + 90 * 'o' + '.png'
FILE = header() + data()
END = bytes(1024)
TAR = {
    'empty': b'',
    'short': b'\x1f\x8b\x08',
    'zeros': END,
    'one': FILE + END,
    'no_end': FILE,
    'lone_zeros': FILE + bytes(512) + FILE,
    'cut_header': FILE + header()[:300],
    'cut_data': FILE[:514],
    'ustar': archive(tarfile.USTAR_FORMAT, ['a', LONG]),
    'gnu': archive(tarfile.GNU_FORMAT, ['a', 3 * LONG]),
    'pax': archive(tarfile.PAX_FORMAT, ['a', 3 * LONG, '\u03bb']),
    'v7': header(magic=b'', kind=b'\0') + data() +
          header(b'folder/', octal(0), b'\0', b'') + END,
    'no_nul': header(100 * b'n') + data() + END,
    'prefix': header(prefix=155 * b'p') + data() + END,
    'base_256': header(size=b'\x80' + 10 * b'\0' + b'\3') + data() + END,
    'base_256_large': header(size=12 * b'\xff') + data() + END,
    'base_256_overflow': header(size=b'\x80' + 11 * b'\xff') + data() + END,
    'size_blank': header(size=b'          3 ') + data() + END,
    'size_wrong': header(size=b'12x') + data() + END,
    'size_large': header(size=12 * b'7') + data() + END,
    'sum_wrong': FILE + FILE.replace(b'0000644', b'0000744') + END,
    'kinds': b''.join(header(b'k', octal(0), kind) for kind in
                      (b'1', b'2', b'3', b'4', b'5', b'6', b'7')) + FILE,
    'unknown': behind(b'M', b'more') + behind(b'V', b'') + FILE,
    'long_name': behind(b'L', b'long\0') + FILE + END,
    'long_name_twice': behind(b'L', b'one\0') + behind(b'L', b'two\0') + FILE,
    'long_link': behind(b'K', b'long\0') + FILE + END,
    'long_alone': behind(b'L', b'long\0'),
    'long_large': header(b'x', octal(1 << 25), b'L') + FILE,
    'pax_size': behind(b'x', pax(b'size=600', b'path=b')) +
                header(size=octal(0)) + data(600 * b's') + END,
    'pax_empty': behind(b'x', pax(b'path=', b'size=')) + FILE,
    'pax_nul': behind(b'x', pax(b'path=a\0b')) + FILE,
    'pax_size_wrong': behind(b'x', pax(b'size=-1')) + FILE,
    'pax_size_large': behind(b'x', pax(b'size=99999999999999999999')) + FILE,
    'pax_short': behind(b'x', b'99 path=a\n') + FILE,
    'pax_zero': behind(b'x', b'0 path=a\n') + FILE,
    'pax_no_equals': behind(b'x', b'7 path\n') + FILE,
    'pax_no_line': behind(b'x', b'9 path=abc') + FILE,
    'pax_global': behind(b'g', pax(b'path=g', b'size=3')) + FILE + FILE,
    'pax_sparse': behind(b'x', pax(b'GNU.sparse.major=1',
                                   b'GNU.sparse.name=s', b'path=p')) + FILE,
    'solaris': behind(b'X', pax(b'path=s')) + FILE,
    'sparse': header(kind=b'S', magic=b'ustar  \0', rest=b'\1') +
              bytes(504) + b'\1' + bytes(7) + bytes(512) + data() + END,
    'sparse_cut': header(kind=b'S', magic=b'ustar  \0', rest=b'\1'),
    'twice': FILE + header(b'b') + data() + FILE + END,
}

if __name__ == '__main__':
    here = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'corpus',
                        'tar')
    os.makedirs(here, exist_ok=True)
    for label, content in TAR.items():
        with open(os.path.join(here, label), 'wb') as out:
            out.write(content)
