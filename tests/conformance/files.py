"""What npz.py, joblib_files.py and storage.py have in common: arrays of every
kind; and of the former a files_check process that is asked questions."""
import os
import subprocess
import tempfile
import warnings

import numpy as np

TYPES = ['?', 'i1', 'u1', '<i2', '>i2', '<u4', '>i8', '<u8', '<f2', '<f4',
         '>f8', '<c8', '>c16', 'g', 'S3', '<U2', '>U2', '<M8[ns]', '>M8[25s]',
         '<m8[D]', '<M8', 'V5',
         [('a', '<i4'), ('b', '>f8', (2,))],
         [('x', [('y', '<u2'), ('z', 'S3', 4)]), ("it's", 'f8')],
         [(('title', 'name'), 'i4'), ('\u03bb', 'M8[us]')],
         [('back\\slash', 'u1', (2, 3))],
         np.dtype('i1,f8,i2', align=True),
         np.dtype({'names': ['a', 'b'], 'formats': ['u1', '<f4'],
                   'offsets': [3, 8], 'itemsize': 16})]
SHAPES = [(), (0,), (1,), (7,), (3, 5), (5, 0, 2), (4, 3, 6), (1, 9), (9, 1),
          (2, 1, 3, 2)]

# NumPy tells that names beyond latin-1 are new.
warnings.filterwarnings("ignore", message=".*format 3.0.*")

# Places that are damaged, of every so many.
FEWER = 5 if os.environ.get('FORAY_QUICK') else 1

failures = 0


def fail(message):
    global failures
    failures += 1
    print('FAIL:', message, flush=True)


def make(dtype, shape, order, random):
    dtype = np.dtype(dtype)
    count = int(np.prod(shape, dtype=np.int64))
    if dtype.kind == 'U':
        flat = np.array([chr(97 + i % 26) * 2 for i in range(count)], dtype)
    elif dtype.kind == 'b':
        flat = random.integers(0, 2, count).astype(dtype)
    elif dtype.kind == 'g' or dtype.char in 'gG':
        flat = random.integers(0, 999, count).astype(dtype)
    else:
        flat = np.frombuffer(random.bytes(count * dtype.itemsize), dtype)
    return np.asarray(flat.reshape(shape), order=order)


def has_same_bytes(a, b):
    """But for the gaps between fields, which NumPy does not always copy."""
    if a.dtype.names is None:
        return a.tobytes() == b.tobytes()
    return all(has_same_bytes(a[name], b[name]) for name in a.dtype.names)


def is_same(a, b):
    """The same type, shape, order and bytes."""
    return (a.dtype == b.dtype and a.dtype.str == b.dtype.str and
            a.shape == b.shape and
            a.flags.f_contiguous == b.flags.f_contiguous and
            has_same_bytes(a, b))


def facts(name, array):
    """What `list` says of an array, up to the shape."""
    order = ('F' if array.flags.f_contiguous and not array.flags.c_contiguous
             else 'C')
    return [name, str(np.lib.format.dtype_to_descr(array.dtype)), order,
            str(array.dtype.itemsize), ''.join(f'{n} ' for n in array.shape)]


class Check:
    """files_check, asked one question after another."""

    def __init__(self, program, format, without=''):
        self.format = format
        self.process = subprocess.Popen(
            [program], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            env={**os.environ, 'FORAY_TEST_NO': without},
            text=True, encoding='utf-8', errors='surrogateescape')

    def ask(self, *parts):
        """The lines of the answer, and None or why it failed."""
        print(self.format, *parts, sep='\t', file=self.process.stdin,
              flush=True)
        lines = []
        for line in self.process.stdout:
            line = line.rstrip('\n')
            if line == 'ok':
                return lines, None
            if line.startswith('failed: '):
                return lines, line[8:]
            lines.append(line)
        raise SystemExit(f'files_check died of {parts}')

    def good(self, *parts):
        lines, why = self.ask(*parts)
        if why:
            fail(f'{parts}: {why}')
        return lines

    def refused(self, words, *parts):
        """It fails, and the sentence has each of these words in it."""
        why = self.ask(*parts)[1]
        for word in words:
            if word not in (why or 'no failure'):
                fail(f'{parts}: not "{word}": {why}')

    def get(self, mode, path, name, out):
        """An array, as NumPy sees what was saved of it; None if refused."""
        if self.ask('open', mode, path, name, out)[1]:
            return None
        return np.load(out, allow_pickle=False)

    def expect(self, path, name, array, out, modes=('r', 'load')):
        for mode in modes:
            self.good('open', mode, path, name, out)
            if not is_same(np.load(out), array):
                fail(f'{path}:{name} in mode {mode} is another array')

    def end(self):
        self.process.stdin.close()
        if self.process.wait():
            fail(f'files_check ends with {self.process.returncode}')


def spoil(content, random, n):
    """The content with a bit turned over, in n places."""
    for at in random.permutation(8 * len(content))[:n // FEWER]:
        spoiled = bytearray(content)
        spoiled[at // 8] ^= 1 << at % 8
        yield int(at) // 8, bytes(spoiled)


def write(path, content):
    with open(path, 'wb') as out:
        out.write(content)


def read(path):
    with open(path, 'rb') as file:
        return file.read()


def make_folder():
    """In memory if possible: every file that is saved is flushed."""
    memory = '/dev/shm' if os.access('/dev/shm', os.W_OK) else None
    return tempfile.TemporaryDirectory(prefix='files-', dir=memory)


def in_folder(folder):
    return lambda name: os.path.join(folder, name)
