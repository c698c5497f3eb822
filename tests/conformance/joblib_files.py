"""Arrays of joblib files against joblib's: what it dumps is listed, mapped and
loaded, and it loads and maps what is saved; files of older versions, and such
as are cut short, damaged or hostile.

    joblib_files.py FILES_CHECK
"""
import collections
import datetime
import decimal
import fractions
import gzip
import io
import os
import pickle
import sys
import types
import uuid
import zlib

import joblib
import numpy as np

import files
from files import SHAPES, TYPES, fail, facts, is_same, make, read, write

COMPRESSORS = ['zlib', 'gzip', 'bz2', 'xz', 'lzma']
try:
    import lz4.frame  # noqa: F401
    COMPRESSORS.append('lz4')
except ImportError:
    print('no python3-lz4: lz4 is not compared')


def all_arrays(random):
    return {f'{k}_{i}{order}': make(dtype, shape, order, random)
            for k, dtype in enumerate(TYPES)
            for i, shape in enumerate(SHAPES) for order in 'CF'}


def check_list(check, path, arrays, layout):
    lines = check.good('list', path)
    for line, (name, array) in zip(lines, arrays.items()):
        got = line.split('|')
        if (got[0] != name or got[-1] != layout or
                '|'.join(got[:-4]) != '|'.join(facts(name, array)) or
                got[-2] != str(array.nbytes)):
            fail(f'list: {line}\n  joblib: {facts(name, array)}')
    if len(lines) != len(arrays):
        fail(f'{path}: {len(lines)} arrays of {len(arrays)}')


def check_theirs(check, here, arrays):
    path, out = here('theirs.joblib'), here('out.npy')
    for protocol in (2, 3, 4, 5):
        joblib.dump(arrays, path, protocol=protocol)
        check_list(check, path, arrays, 'stored')
        step = 1 if protocol == 4 else 17
        for name, array in list(arrays.items())[::step]:
            check.expect(path, name, array, out)
    some = dict(list(arrays.items())[::37])
    for compressor in COMPRESSORS:
        for level in (1, 3, 9):
            joblib.dump(some, path, compress=(compressor, level))
            check_list(check, path, some, compressor)
            for name, array in some.items():
                check.expect(path, name, array, out, ('r',))
    for name, array in some.items():
        for compress in [0] + COMPRESSORS:
            joblib.dump(array, path, compress=compress)
            check.expect(path, '', array, out)
    for compress in [0] + COMPRESSORS:
        # Larger than what is read at once; xz takes its time to write it.
        n = 150000 if compress in ('xz', 'lzma') else 500000
        large = np.arange(n, dtype='<f8').reshape(5, -1)
        joblib.dump([large, large[::-1]], path, compress=compress)
        check.expect(path, '1', large[::-1].copy(), out)
        joblib.dump(large, path, compress=compress)
        check.expect(path, '', large, out)


def check_nested(check, here):
    a, b = np.arange(6.), np.ones((2, 3), 'u1', order='F')
    path, out = here('nested.joblib'), here('out.npy')
    np.save(here('mapped.npy'), a)
    mapped = np.load(here('mapped.npy'), mmap_mode='r')
    value = {
        'a': [{'b': a}, (b, None, 1.5)], 7: a, -3: [b], True: a, None: a,
        (1, 2): a, 'text': 'x' * 100000, 'bytes': b'y' * 70000, 'set': {1, 2},
        'frozen': frozenset('ab'), 'large': 1 << 80, 'small': -1 << 40,
        'scalar': np.float64(3), 'complex': 1j, 'flag': np.bool_(True), 'time':
        np.datetime64('2020-01-01'), 'ordered':
        collections.OrderedDict([('z', a), ('y', b)]), 'empty': [(), [], {}],
        'map': mapped, 'long': (1,) * 5000 + (a,), 'same': a}
    # numpy.matrix is still pickled by some.
    value['matrix'] = np.matrix([[1, 2], [3, 4]])
    ways = {'a/0/b': a, 'a/1/0': b, '7': a, '-3/0': b, 'True': a, 'None': a,
            '#5': a, 'ordered/z': a, 'ordered/y': b, 'map': a,
            'long/5000': a, 'same': a, 'matrix': np.asarray(value['matrix'])}
    for protocol in (2, 3, 4, 5):
        for compress in (0, 'zlib'):
            joblib.dump(value, path, protocol=protocol, compress=compress)
            lines = check.good('list', path)
            if sorted(line.split('|')[0] for line in lines) != sorted(ways):
                fail(f'nested: {lines}')
            for name, array in ways.items():
                check.expect(path, name, array, out)
    check.refused(['ENOENT', 'nested.joblib', '"a/0/b"'], 'open', 'r', path,
                  'nothing', out)
    check.refused(['ENOENT', 'several'], 'open', 'r', path, '', out)
    joblib.dump([1, 'x'], path)
    check.refused(['ENOENT', 'no arrays'], 'open', 'r', path, '', out)
    joblib.dump((a,), path)
    check.expect(path, '', a, out)
    joblib.dump((a,), path, compress=3)
    check.expect(path, '', a, out)
    # A list in itself.
    value = [a]
    value.append(value)
    joblib.dump(value, path)
    check.refused(['ETOOLARGE'], 'list', path)


class Model:
    """What only Python can make, with arrays in it that come by."""

    def __init__(self, **state):
        self.__dict__.update(state)


class ListOfOurs(list):
    pass


class DictOfOurs(dict):
    pass


def check_objects(check, here):
    """Arrays of Python objects are told of, and not in the way of others."""
    a, b = np.arange(6.), np.ones((2, 3), 'u1', order='F')
    path, out = here('objects.joblib'), here('out.npy')
    deep = []
    for _ in range(200):
        deep = [deep]
    date = datetime.datetime(2020, 1, 2, tzinfo=datetime.timezone.utc)
    plain = np.array([1, 'x', None, {}, deep, date, a, 1 << 80, b'y' * 300,
                      'z' * 70000, frozenset('ab'), 1j, 2.5], dtype=object)
    mixed = np.zeros((2, 2), [('x', '<f8'), ('o', 'O')])
    empty = np.empty((0, 3), object)
    value = {'a': a, 'o': plain.reshape(1, -1), 'b': b, 'm': mixed,
             'l': [empty, a], 'nul': np.array([{}, None], object)}
    for protocol in (2, 3, 4, 5):
        for compress in [0] + COMPRESSORS:
            joblib.dump(value, path, protocol=protocol, compress=compress)
            lines = [line.split('|') for line in check.good('list', path)]
            if [line[0] for line in lines] != ['a', 'o', 'b', 'm', 'l/0',
                                               'l/1', 'nul']:
                fail(f'objects: {lines}')
            for line in lines:
                if ((line[0] in ('o', 'm', 'l/0', 'nul')) !=
                        (line[1:3] == ['', 'O'] and line[-1] ==
                         'Python objects' and line[-4:-1] == ['0'] * 3)):
                    fail(f'objects: {line}')
            for name in ('o', 'm', 'l/0', 'nul'):
                for how in ('r', 'load'):
                    check.refused(['ENOTSUP', 'objects.joblib', name,
                                   'Python objects'], 'open', how, path, name,
                                  out)
            for name, array in (('a', a), ('b', b), ('l/1', a)):
                check.expect(path, name, array, out)
    joblib.dump(plain, path)
    check.refused(['ENOTSUP', 'objects.joblib', 'Python objects'], 'open',
                  'r', path, '', out)


def check_unknown(check, here):
    """What only Python can make is passed over, with the arrays in it."""
    a, b = np.arange(6.), np.ones((2, 3), 'u1', order='F')
    path, out = here('unknown.joblib'), here('out.npy')
    counts = collections.defaultdict(list, x=[b], y=[a])
    ours = ListOfOurs([a, 1])
    ours.name = 'x'
    value = [datetime.datetime(2020, 1, 2), a, Model(w=b, deeper=Model(w=[a])),
             b, fractions.Fraction(1, 3), counts, ours, DictOfOurs(w=a),
             np.ma.array([1., 2.], mask=[0, 1]), collections.Counter('abb'),
             decimal.Decimal('1.5'), range(3), slice(1), collections.deque(
                 [a]), uuid.UUID(int=1), {date_of(1): a}, np.random.RandomState(
                     1), len, Model, types.SimpleNamespace(w=a), b * 2]
    ways = {'1': a, '3': b, '15/#0': a, '20': b * 2}
    for protocol in (2, 3, 4, 5):
        for compress in (0, 'zlib'):
            joblib.dump([x if x is not a and x is not b else x.copy('K')
                         for x in value], path, protocol=protocol,
                        compress=compress)
            names = [line.split('|')[0] for line in check.good('list', path)]
            if sorted(names) != sorted(ways):
                fail(f'unknown: {names}')
            for name, array in ways.items():
                check.expect(path, name, array, out)
    joblib.dump(Model(w=a), path)
    check.refused(['ENOTSUP', 'unknown.joblib', 'Model'], 'list', path)
    check.refused(['ENOTSUP', 'unknown.joblib', 'Model'], 'open', 'r', path,
                  'w', out)


def date_of(day):
    return datetime.date(2020, 1, day)


def check_writing(check, here):
    array = np.arange(100, dtype='u1')
    path, out = here('writing.joblib'), here('out.npy')
    joblib.dump({'x': array, 'y': array}, path)
    check.good('open', 'c', path, 'x', out)
    check.good('open', 'r+', path, 'x', out)
    loaded = joblib.load(path)
    if loaded['x'][0] != 255 or not is_same(loaded['y'], array):
        fail('r+ did not write, or elsewhere')
    joblib.dump(array, path, compress=3)
    check.refused(['ENOTSUP', 'writing.joblib', 'compressed'], 'open', 'r+',
                  path, '', out)
    check.refused(['EINVAL'], 'open', 'w', path, '', out)


def check_loaded(path, wanted, how):
    for mode in (None, 'r', 'r+', 'c'):
        if mode and how:
            continue
        loaded = joblib.load(path, mmap_mode=mode)
        if set(loaded) != set(wanted):
            fail(f'{how}: other names')
            continue
        for name, array in wanted.items():
            if mode and not array.size:
                continue  # joblib maps one byte of those
            # What is not in this machine's order some versions swap.
            native = np.asarray(
                array.astype(array.dtype.newbyteorder('=')),
                order='F' if np.isfortran(array) else 'C')
            got = np.asarray(loaded[name])
            if not is_same(got, array) and not is_same(got, native):
                fail(f'{how} {mode}: {name} is another array: {got!r}')
            if mode and not isinstance(loaded[name], np.memmap):
                fail(f'{how} {mode}: {name} is not mapped')


def check_ours(check, here, arrays):
    paths = {}
    for name, array in arrays.items():
        np.save(here(name + '.npy'), array)
        paths[name] = f'{name}={here(name + ".npy")}'
    names = list(arrays)
    path = here('ours.joblib')
    # joblib cannot map what has no elements.
    full = [name for name in names if arrays[name].size]
    for begin in range(0, len(full), 250):
        some = full[begin:begin + 250]
        check.good('save', '', path, *(paths[name] for name in some))
        check_loaded(path, {name: arrays[name] for name in some}, '')
        for line in check.good('list', path):
            if int(line.split('|')[-3]) % 64:
                fail(f'not at a multiple of 64: {line}')
    some = names[::13]
    for compressor in COMPRESSORS:
        for level in ('', ' 1', ' 9'):
            check.good('save', compressor + level, path,
                       *(paths[name] for name in some))
            check_loaded(path, {name: arrays[name] for name in some},
                         compressor)
    check_structure(check, here, paths, arrays)


def check_structure(check, here, paths, arrays):
    path, one, two = here('ours.joblib'), '9_6C', '13_7F'
    name, other = (paths[n].split('=')[1] for n in (one, two))
    check.good('save', '', path, name)
    loaded = joblib.load(path, mmap_mode='r')
    if not is_same(np.asarray(loaded), arrays[one]):
        fail('one array')
    check.good('save', 'zlib', path, name, other)
    loaded = joblib.load(path)
    if not isinstance(loaded, list) or len(loaded) != 2:
        fail('a list')
    check.good('save', '', path, 'a/x=' + name, 'b=' + other, 'a/y/\u03bb=' +
               other)
    loaded = joblib.load(path)
    if (list(loaded) != ['a', 'b'] or list(loaded['a']) != ['x', 'y'] or
            not is_same(loaded['a']['y']['\u03bb'], arrays[two])):
        fail(f'dictionaries in each other: {loaded}')
    for wrong in (['a=' + name, 'a/b=' + name], ['a=' + name, 'a=' + name],
                  ['a/b=' + name, 'a=' + name], ['a=' + name, name],
                  ['a//b=' + name], ['/=' + name], ['=' + name]):
        check.refused(['EINVAL'], 'save', '', path, *wrong)
    check.refused(['EINVAL', 'brotli'], 'save', 'brotli', path, name)
    check.refused(['EINVAL'], 'save', 'zlib 10', path, name)
    if list(joblib.load(path)) != ['a', 'b']:
        fail('what was refused was written')


class OldPickler(pickle._Pickler):
    """What joblib was from 0.10 to 1.1: no bytes before the elements; or any
    number of them."""

    def __init__(self, file, protocol, wrapper, **attributes):
        super().__init__(file, protocol)
        self.file = file
        self.wrapper, self.attributes = wrapper, attributes

    def save(self, obj, **kwargs):
        if type(obj) is not np.ndarray:
            return super().save(obj, **kwargs)
        wrapper = self.wrapper()
        fortran = obj.flags.f_contiguous and not obj.flags.c_contiguous
        wrapper.__dict__.update(
            subclass=np.ndarray, shape=obj.shape,
            order='F' if fortran else 'C', dtype=obj.dtype, allow_mmap=True)
        padding = self.attributes.get('padding')
        if padding is not None:
            wrapper.numpy_array_alignment_bytes = 16
        elif self.attributes.get('none'):
            wrapper.numpy_array_alignment_bytes = None
        super().save(wrapper, **kwargs)
        if self.proto >= 4:
            self.framer.commit_frame(force=True)
        if padding is not None:
            self.file.write(bytes([padding]) + b'\xff' * padding)
        self.file.write(obj.tobytes('F' if fortran else 'C'))


def fake_class(module, name):
    """A class that pickles as of that module."""
    parts = module.split('.')
    for k in range(1, len(parts) + 1):
        sys.modules.setdefault('.'.join(parts[:k]),
                               types.ModuleType('.'.join(parts[:k])))
    cls = type(name, (), {'__module__': module})
    setattr(sys.modules[module], name, cls)
    return cls


def check_older(check, here, arrays):
    path, out = here('older.joblib'), here('out.npy')
    some = dict(list(arrays.items())[::23])
    sklearn = fake_class('sklearn.externals.joblib.numpy_pickle',
                         'NumpyArrayWrapper')
    modern = joblib.numpy_pickle.NumpyArrayWrapper

    class Plain:
        """As the modern one, without the attributes of its constructor."""
    Plain.__name__ = Plain.__qualname__ = 'NumpyArrayWrapper'
    Plain.__module__ = 'joblib.numpy_pickle'
    for wrapper in (sklearn, Plain):
        if wrapper is Plain:
            joblib.numpy_pickle.NumpyArrayWrapper = Plain
        for protocol in (2, 3, 4):
            for attributes in ({}, {'none': True}, {'padding': 0},
                               {'padding': 255}):
                with open(path, 'wb') as file:
                    OldPickler(file, protocol, wrapper, **attributes).dump(
                        some)
                for name, array in some.items():
                    check.expect(path, name, array, out)
                check.good('list', path)
    joblib.numpy_pickle.NumpyArrayWrapper = modern
    # Compressed ones are the same stream, compressed.
    stream = io.BytesIO()
    OldPickler(stream, 3, sklearn).dump(some)
    for content in (zlib.compress(stream.getvalue()),
                    gzip.compress(stream.getvalue()),
                    gzip.compress(stream.getvalue()[:100]) +
                    gzip.compress(stream.getvalue()[100:])):
        write(path, content)
        for name, array in some.items():
            check.expect(path, name, array, out)
    # Before 0.10: an array in a file beside it, or compressed with a length.
    for module, name in (('joblib.numpy_pickle', 'NDArrayWrapper'),
                         ('joblib.numpy_pickle', 'ZNDArrayWrapper'),
                         ('sklearn.externals.joblib.numpy_pickle',
                          'NDArrayWrapper')):
        content = b'\x80\x03c' + f'{module}\n{name}\n'.encode() + (
            b'q\x00)\x81q\x01}q\x02X\x08\x00\x00\x00filenameq\x03'
            b'X\x0b\x00\x00\x00x.pkl_01.npyq\x04sb.')
        write(path, content)
        check.refused(['ENOTSUP', 'older.joblib', '0.10'], 'list', path)
    write(path, b'ZF0x30              ' + zlib.compress(b'\x80\x03N.'))
    check.refused(['ENOTSUP', 'older.joblib', '0.10'], 'list', path)


class Attack:
    def __init__(self, function, *args):
        self.answer = function, args

    def __reduce__(self):
        return self.answer


def check_hostile(check, here):
    path, out = here('hostile.joblib'), here('out.npy')
    touched = here('touched')
    for attack in (Attack(os.system, 'touch ' + touched),
                   Attack(eval, f'open({touched!r}, "w")'),
                   Attack(np.load, 'x')):
        for compress in (0, 'zlib'):
            joblib.dump([np.ones(3), attack, np.zeros(2)], path,
                        compress=compress)
            check_list(check, path, {'0': np.ones(3), '2': np.zeros(2)},
                       compress or 'stored')
            check.expect(path, '2', np.zeros(2), out)
        objects = np.array([attack], dtype=object)
        joblib.dump([objects, np.ones(3)], path)
        check.expect(path, '1', np.ones(3), out)
        joblib.dump(attack, path)
        check.refused(['ENOTSUP', 'hostile.joblib', 'only Python'], 'list',
                      path)
        check.refused(['ENOTSUP', 'hostile.joblib', 'only Python'], 'open',
                      'r', path, '', out)
    if os.path.exists(touched):
        fail('something was run')
    joblib.dump(fractions.Fraction(1, 3), path)
    check.refused(['ENOTSUP', 'fractions.Fraction'], 'list', path)
    # Lists of lists of lists, each ten times the one before.
    value = np.ones(1)
    for _ in range(30):
        value = [value] * 10
    joblib.dump(value, path)
    check.refused(['ETOOLARGE'], 'list', path)
    value = [np.ones(1)]
    for _ in range(100):
        value = [value]
    joblib.dump(value, path)
    check.refused(['ETOOLARGE'], 'list', path)
    # Much from little: of what is promised nothing is there.
    joblib.dump(np.zeros(1 << 22), path)
    for compress in (zlib.compress, gzip.compress):
        content = read(path)
        write(here('bomb.z'), compress(
            content.replace(b'J\0\0\x40\0', b'J\0\0\0\x40')))
        check.refused(['bomb.z'], 'open', 'r', here('bomb.z'), '', out)
    # 4 GiB of marks.
    write(here('bomb.z'), zlib.compress(b'\x80\x04' + b'(' * (1 << 26)))
    check.refused(['bomb.z', 'ETOOLARGE'], 'list', here('bomb.z'))
    write(here('bomb.z'), zlib.compress(b'\x80\x04' + b']' * (1 << 26)))
    check.refused(['bomb.z', 'ETOOLARGE'], 'list', here('bomb.z'))
    for content in (b'', b'\x80', b'\x80\x04', b'\x80\x04.', b'\x80\x06N.',
                    b'(lp0\n.', b'hello', b'\x93NUMPY' + b'\0' * 200,
                    b'\x80\x04q\xff\xff', b'\x80\x04)q\x01h\x02.',
                    b'\x80\x04(tttt.', b'\x80\x04]ses.', b'\x80\x04NNb.',
                    b'\x80\x04r\xff\xff\xff\xff.'):
        write(path, content)
        check.refused(['hostile.joblib'], 'list', path)
    check.refused(['EFORMAT', 'folder'], 'list', here(''))
    check.refused(['ENOENT'], 'list', here('nowhere.joblib'))


def check_damage(check, here, random):
    """Cut at every byte, each is refused; with a bit turned over, what is
    compressed with a checksum is refused, or is what it was."""
    small = np.arange(7, dtype='<f4')
    path, out = here('damaged.joblib'), here('out.npy')
    for compress in [0] + COMPRESSORS:
        joblib.dump({'o': np.array([{}, 'x'], object), 'x': small, 'y':
                     [np.arange(3), datetime.date(2020, 1, 2)]}, path,
                    compress=compress)
        content = read(path)
        for n in range(len(content)):
            write(path, content[:n])
            check.refused(['damaged.joblib'], 'list', path)
        for at, spoiled in files.spoil(content, random, 1500):
            write(path, spoiled)
            check.ask('list', path)
            check.ask('open', 'r', path, 'x', out)
            got = check.get('load', path, 'x', out)
            if (compress in ('zlib', 'gzip', 'bz2', 'xz') and got is not None
                    and not is_same(got, small)):
                fail(f'{compress}: byte {at} was turned over unseen')


def main():
    random = np.random.default_rng(1)
    check = files.Check(sys.argv[1], 'joblib')
    arrays = all_arrays(random)
    with files.make_folder() as folder:
        here = files.in_folder(folder)
        check_theirs(check, here, arrays)
        check_nested(check, here)
        check_objects(check, here)
        check_unknown(check, here)
        check_writing(check, here)
        check_ours(check, here, arrays)
        check_older(check, here, arrays)
        check_hostile(check, here)
        check_damage(check, here, random)
        check.end()
    print(f'{len(arrays)} arrays both ways, {files.failures} failures')
    return files.failures > 0


if __name__ == '__main__':
    sys.exit(main())
