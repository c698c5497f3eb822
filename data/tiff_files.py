"""TIFF files of every layout, for samples and for comparisons: put together
here, since Pillow writes strips of one plane only."""
import struct
import zlib

SHORT, LONG, LONG8 = 3, 4, 16
SIZES = {SHORT: 2, LONG: 4, LONG8: 8}
STORED, DEFLATE, PACKBITS = 1, 8, 32773


def pack(samples, bits, order):
    """Bytes of rows of samples, (rows, n); each row ends at a byte."""
    if bits == 16:
        return samples.astype(order + 'u2').tobytes()
    rows = []
    for row in samples:
        text = ''.join(format(v, '0%db' % bits) for v in row)
        text += '0' * (-len(text) % 8)
        rows.append(int(text, 2).to_bytes(len(text) // 8, 'big'))
    return b''.join(rows)


def reversed_bits(data):
    return bytes(int(format(b, '08b')[::-1], 2) for b in data)


def differences(samples):
    """What predictor 2 makes of (rows, cols, samples)."""
    out = samples.copy()
    out[:, 1:] -= samples[:, :-1]
    return out


def compress(data, compression):
    if compression == DEFLATE:
        return zlib.compress(data, 9)
    if compression == PACKBITS:  # literal runs
        return b''.join(bytes([len(data[i:i + 128]) - 1]) + data[i:i + 128]
                        for i in range(0, len(data), 128))
    return data


def segments(samples, rows, cols):
    """Strips, or tiles, which are filled up with zeros."""
    for r in range(0, samples.shape[0], rows):
        for c in range(0, samples.shape[1], cols or samples.shape[1]):
            part = samples[r:r + rows]
            if cols:
                part = part[:, c:c + cols]
                full = samples[:1, :1].repeat(rows, 0).repeat(cols, 1) * 0
                full[:part.shape[0], :part.shape[1]] = part
                part = full
            yield part


def directory(fields, order, big, start):
    """Fields {tag: (type, values)} as the bytes of a directory at `start`."""
    word = 'Q' if big else 'I'
    head = struct.pack(order + ('Q' if big else 'H'), len(fields))
    size = len(head) + len(fields) * (20 if big else 12) + (8 if big else 4)
    entries, values = b'', b''
    for tag, (kind, numbers) in sorted(fields.items()):
        code = {SHORT: 'H', LONG: 'I', LONG8: 'Q'}[kind]
        data = struct.pack(order + '%d%s' % (len(numbers), code), *numbers)
        if len(data) > struct.calcsize(word):
            place = struct.pack(order + word, start + size + len(values))
            values += data + b'\0' * (len(data) % 2)
        else:
            place = data.ljust(struct.calcsize(word), b'\0')
        entries += struct.pack(order + 'HH' + word, tag, kind,
                               len(numbers)) + place
    return head + entries + struct.pack(order + word, 0) + values


def tiff(samples, bits=8, photometric=1, order='<', big=False, rows=None,
         cols=None, planar=False, compression=STORED, predictor=False,
         extra=None, palette=None, fill=1, orientation=None, first=True,
         more=None):
    """(rows, cols, n) of unsigned integers as a file. `cols`: of a tile;
    `first`: the directory stands before the pixels."""
    height, width, n = samples.shape
    tiled, rows = cols is not None, rows or height
    planes = [samples[..., k:k + 1] for k in range(n)] if planar else [samples]
    parts = []
    for plane in planes:
        for part in segments(plane, rows, cols):
            if predictor:
                part = differences(part.astype('u%d' % (bits // 8)))
            data = compress(pack(part.reshape(part.shape[0], -1), bits, order),
                            compression)
            parts.append(reversed_bits(data) if fill == 2 else data)
    fields = {256: (LONG, [width]), 257: (LONG, [height]),
              258: (SHORT, [bits] * n), 259: (SHORT, [compression]),
              262: (SHORT, [photometric]), 277: (SHORT, [n]),
              284: (SHORT, [2 if planar else 1])}
    if fill == 2:
        fields[266] = (SHORT, [2])
    if predictor:
        fields[317] = (SHORT, [2])
    if extra is not None:
        fields[338] = (SHORT, extra)
    if palette is not None:
        fields[320] = (SHORT, palette)
    if orientation:
        fields[274] = (SHORT, [orientation])
    if tiled:
        fields[322], fields[323] = (LONG, [cols]), (LONG, [rows])
    else:
        fields[278] = (LONG, [rows])
    fields.update(more or {})
    at, counts = (324, 325) if tiled else (273, 279)
    fields[counts] = (LONG, [len(part) for part in parts])
    kind = LONG8 if big else LONG
    fields[at] = (kind, [0] * len(parts))
    header = 16 if big else 8
    size = len(directory(fields, order, big, 0))
    start = header + size if first else header
    start += start % 2
    offsets = []
    for part in parts:
        offsets.append(start)
        start += len(part)
    start += start % 2
    fields[at] = (kind, offsets)
    where = header if first else start
    head = b'II' if order == '<' else b'MM'
    head += (struct.pack(order + 'HHHQ', 43, 8, 0, where) if big else
             struct.pack(order + 'HI', 42, where))
    table = directory(fields, order, big, where)
    if first:
        out = head + table
        out += b'\0' * (len(out) % 2) + b''.join(parts)
    else:
        out = head + b''.join(parts)
        out += b'\0' * (len(out) % 2) + table
    return out
