#include "array/npy.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "array/literal.h"
#include "array/npy_descr.h"
#include "array/npy_text.h"
#include "array/text.h"
#include "base/error.h"
#include "base/size.h"

static const unsigned char magic[6] = {0x93, 'N', 'U', 'M', 'P', 'Y'};

enum { PREFIX_V1 = 10, PREFIX_V2 = 12 }; /* bytes before the header's text */

/* Where the header's text lies in the file. */
struct span {
    size_t start, length;
};

static int read_prefix(struct foray__npy_header *out, struct span *text,
                       const unsigned char *bytes, size_t nbytes,
                       uint64_t file_size, const char *name,
                       struct foray_error *err)
{
    size_t known = nbytes < sizeof magic ? nbytes : sizeof magic;

    if (!known)
        return foray__fail(err, FORAY_ETRUNCATED, "%s: the file is empty",
                           name);
    if (memcmp(bytes, magic, known) != 0)
        return foray__fail(err, FORAY_EFORMAT,
                           "%s: not a .npy file: it does not begin with "
                           "\\x93NUMPY",
                           name);
    if (nbytes < PREFIX_V1 || (bytes[6] > 1 && nbytes < PREFIX_V2))
        return foray__fail(err, FORAY_ETRUNCATED,
                           "%s: the file ends inside its header, after %zu "
                           "bytes",
                           name, nbytes);
    if (bytes[6] < 1 || bytes[6] > 3 || bytes[7] != 0)
        return foray__fail(err, FORAY_EFORMAT,
                           "%s: .npy version %d.%d, foray reads 1.0, 2.0 and "
                           "3.0",
                           name, bytes[6], bytes[7]);
    out->version = bytes[6];
    text->start = out->version == 1 ? PREFIX_V1 : PREFIX_V2;
    text->length = bytes[8] | (size_t)bytes[9] << 8;
    if (out->version > 1)
        text->length |= (size_t)bytes[10] << 16 | (size_t)bytes[11] << 24;
    if (text->length > FORAY__NPY_MAX_HEADER)
        return foray__fail(err, FORAY_EFORMAT,
                           "%s: the file claims a header of %zu bytes, more "
                           "than %d",
                           name, text->length, FORAY__NPY_MAX_HEADER);
    out->offset = text->start + text->length;
    if (out->offset > file_size || out->offset > nbytes)
        return foray__fail(err, FORAY_ETRUNCATED,
                           "%s: the file claims a header of %zu bytes, but has "
                           "%" PRIu64 " in all",
                           name, text->length, file_size);
    return 0;
}

/* The header's text in UTF-8, malloc'ed, with its length. */
static int read_text(char **out, size_t *length, int version, const char *text,
                     size_t nbytes, const char *name, struct foray_error *err)
{
    if (memchr(text, 0, nbytes))
        return foray__fail(err, FORAY_EFORMAT,
                           "%s: the header holds a zero byte", name);
    if (version == 3 && !foray__is_utf8(text, nbytes))
        return foray__fail(err, FORAY_EFORMAT, "%s: the header is not UTF-8",
                           name);
    *out = malloc(2 * nbytes + 1);
    if (!*out)
        return foray__fail(err, FORAY_ENOMEM,
                           "%s: no memory to read the header", name);
    if (version == 3) {
        memcpy(*out, text, nbytes);
        *length = nbytes;
    } else {
        *length = foray__latin1_to_utf8(*out, text, nbytes);
    }
    return 0;
}

/* The values behind the three keys. */
struct entries {
    const struct foray__literal *descr, *fortran_order, *shape;
};

static int find_entries(struct entries *out, const struct foray__literal *dict,
                        const char *name, struct foray_error *err)
{
    const struct foray__literal *key, *value;

    if (dict->kind != FORAY__LITERAL_DICT)
        return foray__fail(err, FORAY_EFORMAT,
                           "%s: the header is not a dictionary", name);
    for (key = dict->items; key; key = value->next) {
        value = key->next; /* of equal keys the last counts, as in Python */
        if (foray__literal_is(key, "descr"))
            out->descr = value;
        else if (foray__literal_is(key, "fortran_order"))
            out->fortran_order = value;
        else if (foray__literal_is(key, "shape"))
            out->shape = value;
        else
            return foray__fail(err, FORAY_EFORMAT,
                               "%s: the header has a key that is none of "
                               "'descr', 'fortran_order' and 'shape'",
                               name);
    }
    if (!out->descr || !out->fortran_order || !out->shape)
        return foray__fail(err, FORAY_EFORMAT, "%s: the header has no '%s'",
                           name,
                           !out->descr           ? "descr"
                           : !out->fortran_order ? "fortran_order"
                                                 : "shape");
    return 0;
}

static int read_dict(struct foray__npy_header *out,
                     const struct foray__literal *dict, const char *name,
                     struct foray_error *err)
{
    struct entries entries = {NULL, NULL, NULL};
    const char *wrong;

    FORAY_TRY(find_entries(&entries, dict, name, err));
    if (entries.fortran_order->kind != FORAY__LITERAL_BOOL)
        return foray__fail(err, FORAY_EFORMAT,
                           "%s: 'fortran_order' is neither True nor False",
                           name);
    out->fortran_order = entries.fortran_order->value;
    wrong = foray__npy_read_shape(out->shape, &out->ndim, entries.shape);
    if (wrong)
        return foray__fail(err, FORAY_EFORMAT, "%s: the shape %s", name, wrong);
    return foray__npy_read_descr(out, entries.descr, name, err);
}

/* Set nbytes, and check that the file holds them. */
static int check_data(struct foray__npy_header *out, uint64_t file_size,
                      const char *name, struct foray_error *err)
{
    size_t end;

    if (!foray__shape_nbytes(&out->nbytes, out->itemsize, out->ndim,
                             out->shape) ||
        !foray__add(&end, out->offset, out->nbytes) || end > PTRDIFF_MAX)
        return foray__fail(err, FORAY_EFORMAT,
                           "%s: the shape %s of %zu-byte items is larger than "
                           "memory",
                           name,
                           foray__shape_text_of(out->ndim, out->shape).text,
                           out->itemsize);
    if (end > file_size)
        return foray__fail(err, FORAY_ETRUNCATED,
                           "%s: the shape %s needs %zu bytes of data, the file "
                           "has %" PRIu64,
                           name,
                           foray__shape_text_of(out->ndim, out->shape).text,
                           out->nbytes, file_size - out->offset);
    return 0;
}

int foray__npy_parse(struct foray__npy_header *out, const void *bytes,
                     size_t nbytes, uint64_t file_size, const char *name,
                     struct foray_error *err)
{
    struct foray__literal *dict = NULL;
    char tail[FORAY__TAIL_SIZE];
    char *text = NULL;
    struct span span = {0, 0};
    size_t length = 0;
    int code;

    memset(out, 0, sizeof *out);
    name = foray__tail(tail, name);
    if ((code = read_prefix(out, &span, bytes, nbytes, file_size, name, err)) ||
        (code = read_text(&text, &length, out->version,
                          (const char *)bytes + span.start, span.length, name,
                          err)) ||
        (code = foray__literal_parse(&dict, text, length, name, err)) ||
        (code = read_dict(out, dict, name, err)))
        goto out;
    code = check_data(out, file_size, name, err);
out:
    foray__literal_free(dict);
    free(text);
    if (code)
        foray__npy_free(out);
    return code;
}

void foray__npy_free(struct foray__npy_header *header)
{
    free(header->descr);
    memset(header, 0, sizeof *header);
}
