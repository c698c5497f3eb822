#include "array/npy.h"

#include <stdlib.h>
#include <string.h>

#include "array/literal.h"
#include "array/npy_descr.h"
#include "base/error.h"
#include "base/size.h"

enum { MAGIC_SIZE = 6 };

/* What the dictionary must hold. */
struct keys {
    bool descr, fortran_order, shape;
    struct foray__span type; /* text of the descr */
};

static int read_shape(struct foray__npy_header *header,
                      struct foray__literal *cursor, const char *name,
                      struct foray_error *err)
{
    bool fits;

    header->ndim = 0;
    if (!foray__literal_accept(cursor, '('))
        return foray__fail(err, FORAY_EFORMAT, "%s: its 'shape' is not a tuple",
                           name);
    while (!foray__literal_accept(cursor, ')')) {
        if (header->ndim == FORAY_MAX_NDIM)
            return foray__fail(err, FORAY_EFORMAT,
                               "%s: it has more than %d axes", name,
                               FORAY_MAX_NDIM);
        if (!foray__literal_size(cursor, &header->shape[header->ndim], &fits))
            return foray__fail(err, FORAY_EFORMAT,
                               "%s: axis %d of its 'shape' is not an integer",
                               name, header->ndim);
        if (!fits)
            return foray__fail(err, FORAY_EFORMAT,
                               "%s: axis %d of its 'shape' is negative or "
                               "larger than any array",
                               name, header->ndim);
        header->ndim++;
        if (foray__literal_accept(cursor, ','))
            continue;
        if (header->ndim == 1) /* "(3)" is a number in brackets */
            return foray__fail(err, FORAY_EFORMAT,
                               "%s: its 'shape' is not a tuple", name);
        if (foray__literal_peek(cursor) != ')')
            return foray__fail(err, FORAY_EFORMAT,
                               "%s: its 'shape' does not end", name);
    }
    return 0;
}

static bool is_key(struct foray__span span, const char *key)
{
    return span.length == strlen(key) && !memcmp(span.text, key, span.length);
}

static int read_value(struct foray__npy_header *header, struct keys *keys,
                      struct foray__span key, struct foray__literal *cursor,
                      const char *name, struct foray_error *err)
{
    int shown = key.length < 32 ? (int)key.length : 32;

    if (is_key(key, "descr")) {
        keys->descr = true;
        return foray__npy_descr_read(header, &keys->type, cursor, name, err);
    }
    if (is_key(key, "fortran_order")) {
        keys->fortran_order = true;
        if (foray__literal_bool(cursor, &header->fortran_order))
            return 0;
        return foray__fail(err, FORAY_EFORMAT,
                           "%s: 'fortran_order' is neither True nor False",
                           name);
    }
    if (is_key(key, "shape")) {
        keys->shape = true;
        return read_shape(header, cursor, name, err);
    }
    return foray__fail(err, FORAY_EFORMAT,
                       "%s: its header has a key \"%.*s\" that .npy files do "
                       "not have",
                       name, shown, key.text);
}

/* {'descr': ..., 'fortran_order': ..., 'shape': ...}; the last of equal keys
 * wins, as in Python. */
static int read_dictionary(struct foray__npy_header *header, struct keys *keys,
                           struct foray__literal *cursor, const char *name,
                           struct foray_error *err)
{
    struct foray__span key;

    if (!foray__literal_accept(cursor, '{'))
        return foray__fail(err, FORAY_EFORMAT,
                           "%s: its header is not a dictionary", name);
    while (!foray__literal_accept(cursor, '}')) {
        if (!foray__literal_string(cursor, &key) ||
            !foray__literal_accept(cursor, ':'))
            return foray__fail(err, FORAY_EFORMAT,
                               "%s: its header is no dictionary of names, or "
                               "ends too early",
                               name);
        FORAY_TRY(read_value(header, keys, key, cursor, name, err));
        if (!foray__literal_accept(cursor, ',') &&
            foray__literal_peek(cursor) != '}')
            return foray__fail(err, FORAY_EFORMAT,
                               "%s: a \",\" or the end is missing behind "
                               "\"%.*s\" in its header",
                               name, (int)key.length, key.text);
    }
    if (foray__literal_peek(cursor))
        return foray__fail(err, FORAY_EFORMAT,
                           "%s: something follows the dictionary in its header",
                           name);
    if (!keys->descr || !keys->fortran_order || !keys->shape)
        return foray__fail(err, FORAY_EFORMAT, "%s: its header lacks '%s'",
                           name,
                           !keys->descr           ? "descr"
                           : !keys->fortran_order ? "fortran_order"
                                                  : "shape");
    return 0;
}

/* Magic, version, length: where the dictionary is. */
static int find_dictionary(struct foray__npy_header *header,
                           struct foray__literal *cursor,
                           const unsigned char *bytes, size_t nbytes,
                           const char *name, struct foray_error *err)
{
    size_t prefix, length;

    if (nbytes < MAGIC_SIZE + 4 || memcmp(bytes, "\x93NUMPY", MAGIC_SIZE))
        return foray__fail(
            err, nbytes < MAGIC_SIZE + 4 ? FORAY_ETRUNCATED : FORAY_EFORMAT,
            "%s is not a .npy file: %s", name,
            nbytes < MAGIC_SIZE + 4 ? "it is too short"
                                    : "it does not begin with \\x93NUMPY");
    header->version = bytes[6];
    if (header->version < 1 || header->version > 3 || bytes[7])
        return foray__fail(err, FORAY_EFORMAT,
                           "%s: .npy version %d.%d is unknown here, 1.0 to 3.0 "
                           "are not",
                           name, bytes[6], bytes[7]);
    prefix = header->version == 1 ? 10 : 12;
    if (nbytes < prefix)
        return foray__fail(err, FORAY_ETRUNCATED,
                           "%s ends in the middle of its header", name);
    length = (size_t)bytes[8] | (size_t)bytes[9] << 8;
    if (header->version > 1)
        length |= (size_t)bytes[10] << 16 | (size_t)bytes[11] << 24;
    if (length > FORAY__NPY_MAX_HEADER)
        return foray__fail(err, FORAY_EFORMAT,
                           "%s: its header claims %zu bytes, at most %d are "
                           "read",
                           name, length, FORAY__NPY_MAX_HEADER);
    if (length > nbytes - prefix)
        return foray__fail(err, FORAY_ETRUNCATED,
                           "%s: its header claims %zu bytes, the file has %zu",
                           name, length, nbytes - prefix);
    header->offset = prefix + length;
    cursor->at = (const char *)bytes + prefix;
    cursor->end = cursor->at + length;
    return 0;
}

static int check_size(struct foray__npy_header *header, uint64_t file_size,
                      const char *name, struct foray_error *err)
{
    if (!foray__shape_nbytes(&header->nbytes, header->itemsize, header->ndim,
                             header->shape))
        return foray__fail(err, FORAY_EFORMAT,
                           "%s: its 'shape' has more bytes than memory has "
                           "addresses",
                           name);
    if (header->nbytes > file_size - header->offset)
        return foray__fail(err, FORAY_ETRUNCATED,
                           "%s: its header says %zu bytes of data, the file "
                           "has %llu",
                           name, header->nbytes,
                           (unsigned long long)(file_size - header->offset));
    return 0;
}

/* The text as UTF-8: versions 1 and 2 are Latin-1. */
static char *keep_text(struct foray__span span, int version)
{
    char *text = malloc(2 * span.length + 1), *to = text;

    for (size_t i = 0; text && i < span.length; i++) {
        unsigned char c = (unsigned char)span.text[i];

        if (version == 3 || c < 0x80) {
            *to++ = (char)c;
        } else {
            *to++ = (char)(0xc0 | c >> 6);
            *to++ = (char)(0x80 | (c & 0x3f));
        }
    }
    if (text)
        *to = '\0';
    return text;
}

static int parse(struct foray__npy_header *out, const void *bytes,
                 size_t nbytes, uint64_t file_size, const char *name,
                 struct foray_error *err)
{
    struct foray__literal cursor;
    struct keys keys = {0};

    FORAY_TRY(find_dictionary(out, &cursor, bytes, nbytes, name, err));
    FORAY_TRY(read_dictionary(out, &keys, &cursor, name, err));
    FORAY_TRY(check_size(out, file_size, name, err));
    out->descr = keep_text(keys.type, out->version);
    if (!out->descr)
        return foray__fail(err, FORAY_ENOMEM, "%s: no memory for its header",
                           name);
    return 0;
}

int foray__npy_parse(struct foray__npy_header *out, const void *bytes,
                     size_t nbytes, uint64_t file_size, const char *name,
                     struct foray_error *err)
{
    char tail[FORAY__TAIL_SIZE];
    int code;

    memset(out, 0, sizeof *out);
    code = parse(out, bytes, nbytes, file_size, foray__tail(tail, name), err);
    if (code)
        memset(out, 0, sizeof *out);
    return code;
}

void foray__npy_free(struct foray__npy_header *header)
{
    free(header->descr);
    memset(header, 0, sizeof *header);
}
