"""Arrays of .npz files against NumPy's: what it saves is listed, mapped and
loaded, and it loads what is saved; archives that are unusual, cut short or
damaged.

    npz.py FILES_CHECK
"""
import io
import struct
import sys
import zipfile

import numpy as np

import files
from files import SHAPES, TYPES, fail, facts, is_same, make, read, write


def all_arrays(random):
    return {f'{k}_{i}{order}': make(dtype, shape, order, random)
            for k, dtype in enumerate(TYPES)
            for i, shape in enumerate(SHAPES) for order in 'CF'}


def check_theirs(check, here, arrays):
    for save, layout in ((np.savez, 'stored'),
                         (np.savez_compressed, 'deflate')):
        path = here('theirs.npz')
        save(path, **arrays)
        lines = check.good('list', path)
        for line, (name, array) in zip(lines, arrays.items()):
            got = line.split('|')
            wanted = facts(name, array)
            # The type string may have bars in it.
            if (got[0] != name or got[-1] != layout or
                    '|'.join(got[:-4]) != '|'.join(wanted) or
                    got[-4] != str(int(layout == 'stored')) or
                    got[-2] != str(array.nbytes)):
                fail(f'list: {line}\n  NumPy: {wanted}')
        if len(lines) != len(arrays):
            fail(f'{len(lines)} arrays of {len(arrays)}')
        for name, array in arrays.items():
            check.expect(path, name, array, here('out.npy'))
        check.good('verify', path)


def check_ours(check, here, arrays):
    paths = []
    for name, array in arrays.items():
        np.save(here(name + '.npy'), array)
        paths.append(f'{name}={here(name + ".npy")}')
    for level in ('0', '1', '6', '9'):
        path = here('ours.npz')
        for begin in range(0, len(paths), 250):
            some = paths[begin:begin + 250]
            check.good('save', level, path, *some)
            with zipfile.ZipFile(path) as archive:
                if archive.testzip():
                    fail(f'level {level}: a checksum is wrong')
            with np.load(path) as loaded:
                names = list(arrays)[begin:begin + 250]
                if loaded.files != names:
                    fail(f'level {level}: other names')
                for name in names:
                    if not is_same(loaded[name], arrays[name]):
                        fail(f'level {level}: {name} is another array')
            for line in check.good('list', path):
                if int(line.split('|')[-3]) % 64:
                    fail(f'not at a multiple of 64: {line}')


def check_names(check, here):
    array = np.arange(6.)
    np.save(here('in.npy'), array)
    path = here('names.npz')
    check.good('save', '', path, here('in.npy'), '\u03bb/b=' + here('in.npy'),
               here('in.npy'))
    with np.load(path) as loaded:
        if loaded.files != ['arr_0', '\u03bb/b', 'arr_2']:
            fail(f'names: {loaded.files}')
    check.expect(path, '\u03bb/b', array, here('out.npy'))
    check.expect(path, 'arr_2.npy', array, here('out.npy'))
    check.expect(path, '', array, here('out.npy'))
    check.refused(['ENOENT', 'names.npz', '"arr_0"', '"\u03bb/b"'], 'open',
                  'r', path, 'other', here('out.npy'))
    check.refused(['EINVAL', 'arr_0'], 'save', '', path, here('in.npy'),
                  'arr_0=' + here('in.npy'))
    check.refused(['EINVAL'], 'save', '10', path, here('in.npy'))


def check_writing(check, here):
    """Mode r+ leaves a file that NumPy reads; c leaves it alone."""
    array = np.arange(100, dtype='u1')
    for name, save in (('a', np.savez), ('b', None)):
        path = here(f'{name}.npz')
        if save:
            save(path, x=array, y=array)
        else:
            np.save(here('in.npy'), array)
            check.good('save', '', path, 'x=' + here('in.npy'),
                       'y=' + here('in.npy'))
        check.good('open', 'c', path, 'x', here('out.npy'))
        check.good('open', 'r+', path, 'x', here('out.npy'))
        with np.load(path) as loaded:
            if loaded['x'][0] != 255 or not is_same(loaded['x'][1:], array[1:]):
                fail('r+ did not write')
            if not is_same(loaded['y'], array):
                fail('r+ wrote elsewhere')
    np.savez_compressed(here('c.npz'), x=array)
    check.refused(['ENOTSUP', 'c.npz:x', 'compressed'], 'open', 'r+',
                  here('c.npz'), 'x', here('out.npy'))


class Pipe(io.RawIOBase):
    """Takes bytes and cannot go back, so that sums follow the data."""

    def __init__(self):
        self.content = b''

    def writable(self):
        return True

    def write(self, content):
        self.content += bytes(content)
        return len(content)


def npy(array):
    out = io.BytesIO()
    np.save(out, array)
    return out.getvalue()


def check_archives(check, here):
    """Whatever zip files can be."""
    array = np.arange(1000, dtype='<i4').reshape(10, 100)
    path, out = here('archive.npz'), here('out.npy')
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        pipe = Pipe()
        with zipfile.ZipFile(pipe, 'w', method) as archive:
            archive.writestr('x.npy', npy(array))
            archive.comment = b'a comment' * 99
        write(path, pipe.content)
        check.expect(path, 'x', array, out)
        check.good('verify', path)
        # Behind something else, as in programs that unpack themselves.
        write(path, b'#!/bin/sh\n' + pipe.content)
        check.expect(path, 'x', array, out)
        if method == zipfile.ZIP_STORED:
            check.good('open', 'r+', path, 'x', out)
            check.good('verify', path)
            with zipfile.ZipFile(path) as archive:
                if archive.testzip():
                    fail('r+ behind a prefix')
        pipe = io.BytesIO()
        with zipfile.ZipFile(pipe, 'w', method) as archive:
            archive.writestr('readme.txt', 'hello')
            archive.writestr('folder/', '')
            with archive.open('x.npy', 'w', force_zip64=True) as member:
                member.write(npy(array))
        write(path, pipe.getvalue())
        check.expect(path, '', array, out)
        if len(check.good('list', path)) != 1:
            fail('other files are listed')
    for method in (zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        with zipfile.ZipFile(path, 'w', method) as archive:
            archive.writestr('x.npy', npy(array))
        check.refused(['ENOTSUP', 'archive.npz:x', 'method'], 'list', path)
    with zipfile.ZipFile(path, 'w') as archive:
        archive.writestr('x.npy', npy(array))
        archive.writestr('y.npy', b'no array')
    check.expect(path, 'x', array, out)
    check.refused(['EFORMAT', 'archive.npz:y'], 'list', path)
    content = bytearray(read(path))
    content[6] |= 1
    content[content.rindex(b'PK\1\2') + 8] |= 1
    content[content.index(b'PK\1\2') + 8] |= 1
    write(path, content)
    check.refused(['ENOTSUP', 'encrypted'], 'open', 'r', path, 'x', out)
    np.savez(path, x=array, o=np.array([{}, None], dtype=object))
    check.expect(path, 'x', array, out)
    check.refused(['EDTYPE', 'objects'], 'open', 'load', path, 'o', out)
    check.good('verify', path)
    with zipfile.ZipFile(path, 'w') as archive:
        pass
    if check.good('list', path):
        fail('nothing is something')
    check.refused(['ENOENT', 'no arrays'], 'open', 'r', path, '', out)
    check.refused(['EFORMAT', 'folder'], 'list', here(''))
    check.refused(['ENOENT'], 'list', here('nowhere.npz'))


def check_lies(check, here):
    """Sizes that cannot be, of what is small."""
    array = np.zeros(1000)
    path, out = here('lies.npz'), here('out.npy')
    np.savez_compressed(path, x=array)
    content = read(path)
    entry = content.rindex(b'PK\1\2')
    write(path, content[:entry + 24] + struct.pack('<I', 0xFFFFFFF0) +
          content[entry + 28:])
    check.refused(['EFORMAT', 'lies.npz:x'], 'open', 'load', path, 'x', out)
    member = npy(array)
    for shape in ('(1000,)', '(9999,)', '(9223372036854775807,)',
                  '(4294967296, 4294967296)'):
        changed = member.replace(b'(1000,), }' + b' ' * (len(shape) - 7),
                                 shape.encode() + b', }')
        with zipfile.ZipFile(path, 'w', zipfile.ZIP_DEFLATED) as archive:
            archive.writestr('x.npy', changed)
        if shape == '(1000,)':
            check.expect(path, 'x', array, out)
        else:
            check.refused(['lies.npz:x'], 'open', 'load', path, 'x', out)


def check_large(check, here, random):
    """What is decompressed straight into its memory, where that is possible."""
    path, out = here('large.npz'), here('out.npy')
    arrays = {'x': random.integers(0, 99, (3, 100000)) * .5,
              'y': np.asfortranarray(random.integers(0, 9, (999, 400))),
              'z': np.zeros(300000, [('a', '<f4'), ('b', 'S3')])}
    np.savez_compressed(path, **arrays)
    for name, array in arrays.items():
        check.expect(path, name, array, out)
    content = bytearray(read(path))
    content[len(content) // 3] ^= 1
    write(path, content)
    check.refused(['EFORMAT', 'large.npz:x'], 'open', 'load', path, 'x', out)


def check_damage(check, here, random):
    """Cut at every byte, each is refused; with a bit turned over, what loads is
    what was saved: the checksum says so."""
    small = np.arange(7, dtype='<f4')
    path, out = here('damaged.npz'), here('out.npy')
    for save in (np.savez, np.savez_compressed):
        save(path, x=small, y=np.arange(3))
        content = read(path)
        for n in range(len(content)):
            write(path, content[:n])
            check.refused(['damaged.npz'], 'list', path)
        for at, spoiled in files.spoil(content, random, 2500):
            write(path, spoiled)
            check.ask('list', path)
            check.ask('open', 'r', path, 'x', out)
            got = check.get('load', path, 'x', out)
            if got is not None and not is_same(got, small):
                fail(f'byte {at} was turned over unseen')
        write(path, content)


def main():
    random = np.random.default_rng(1)
    arrays = all_arrays(random)
    # Without libdeflate zlib does it all.
    for without in ('', 'libdeflate.so.0'):
        check = files.Check(sys.argv[1], 'npz', without)
        with files.make_folder() as folder:
            here = files.in_folder(folder)
            check_large(check, here, random)
            check_damage(check, here, random)
            if not without:
                check_theirs(check, here, arrays)
                check_ours(check, here, arrays)
                check_names(check, here)
                check_writing(check, here)
                check_archives(check, here)
                check_lies(check, here)
            check.end()
    print(f'{len(arrays)} arrays both ways, {files.failures} failures')
    return files.failures > 0


if __name__ == '__main__':
    sys.exit(main())
