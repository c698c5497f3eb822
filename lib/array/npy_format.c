#include "array/npy.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "array/npy_text.h"
#include "base/error.h"

/* np.save leaves room for the growing axis to become 21 digits long. */
enum { GROWTH_DIGITS = 21 };

/* The dictionary as Python's repr writes it: at most this much besides descr.
 * Each axis takes up to 20 digits and ", ". */
enum { DICT_SIZE = 64 + FORAY_MAX_NDIM * 22 + GROWTH_DIGITS };

static size_t put_shape(char *out, int ndim, const size_t *shape)
{
    size_t used = 0;

    out[used++] = '(';
    for (int k = 0; k < ndim; k++)
        used += (size_t)sprintf(out + used, "%zu%s", shape[k],
                                k + 1 < ndim ? ", "
                                : ndim == 1  ? ","
                                             : "");
    out[used++] = ')';
    return used;
}

/* Write the dictionary and its spare spaces; `out` has room. */
static size_t put_dict(char *out, const char *descr, bool fortran_order,
                       int ndim, const size_t *shape)
{
    /* A type string needs quotes, a list of fields is Python already. */
    const char *quote = descr[0] == '[' ? "" : "'";
    size_t used = (size_t)sprintf(
        out, "{'descr': %s%s%s, 'fortran_order': %s, 'shape': ", quote, descr,
        quote, fortran_order ? "True" : "False");

    used += put_shape(out + used, ndim, shape);
    used += (size_t)sprintf(out + used, ", }");
    if (ndim) {
        int digits =
            snprintf(NULL, 0, "%zu", shape[fortran_order ? ndim - 1 : 0]);

        memset(out + used, ' ', (size_t)(GROWTH_DIGITS - digits));
        used += (size_t)(GROWTH_DIGITS - digits);
    }
    return used;
}

/* Length of the header's text with padding and newline. np.save adds `align`
 * spaces where none are needed; so do we. */
static size_t padded(size_t prefix, size_t length, size_t align)
{
    return length + 1 + (align - (prefix + length + 1) % align);
}

int foray__npy_format(char **out, size_t *nbytes, const char *descr,
                      bool fortran_order, int ndim, const size_t *shape,
                      size_t align, struct foray_error *err)
{
    size_t prefix = 10, length, text_length, total;
    char *text = malloc(strlen(descr) + DICT_SIZE), *bytes;
    int version = 1;

    *out = NULL;
    *nbytes = 0;
    if (!text)
        goto no_memory;
    length = put_dict(text, descr, fortran_order, ndim, shape);
    if (!foray__utf8_to_latin1(text, &length, text, length)) {
        version = 3;
        prefix = 12;
    }
    text_length = padded(prefix, length, align);
    if (text_length > FORAY__NPY_MAX_HEADER) {
        free(text);
        return foray__fail(err, FORAY_ETOOLARGE,
                           "the .npy header takes %zu bytes, more than %d: use "
                           "fewer fields or a smaller alignment",
                           text_length, FORAY__NPY_MAX_HEADER);
    }
    total = prefix + text_length;
    bytes = malloc(total);
    if (!bytes)
        goto no_memory;
    memcpy(bytes, "\x93NUMPY", 6);
    for (size_t k = 0; k < prefix - 8; k++)
        bytes[8 + k] = (char)(text_length >> 8 * k & 0xFF);
    bytes[6] = (char)version;
    bytes[7] = 0;
    memcpy(bytes + prefix, text, length);
    memset(bytes + prefix + length, ' ', text_length - length);
    bytes[total - 1] = '\n';
    free(text);
    *out = bytes;
    *nbytes = total;
    return 0;

no_memory:
    free(text);
    return foray__fail(err, FORAY_ENOMEM, "no memory for a .npy header");
}

int foray__npy_refit(char **out, const struct foray__npy_header *header,
                     const char *name, struct foray_error *err)
{
    size_t nbytes, used, prefix = header->version == 1 ? 10 : 12;
    char *bytes, *fitted = malloc(header->offset);
    int code;

    *out = NULL;
    if (!fitted)
        return foray__fail(err, FORAY_ENOMEM, "no memory for a .npy header");
    code =
        foray__npy_format(&bytes, &nbytes, header->descr, header->fortran_order,
                          header->ndim, header->shape, 64, err);
    if (code) {
        free(fitted);
        return code;
    }
    for (used = nbytes; bytes[used - 1] != '}'; used--)
        continue;
    if (bytes[6] != header->version || used + 1 > header->offset) {
        free(bytes);
        free(fitted);
        return foray__fail(err, FORAY_ENOTSUP,
                           "%s has a header without room for its new shape: "
                           "save it anew",
                           name);
    }
    memcpy(fitted, bytes, used);
    memset(fitted + used, ' ', header->offset - used);
    fitted[header->offset - 1] = '\n';
    for (size_t k = 0; k < prefix - 8; k++)
        fitted[8 + k] = (char)((header->offset - prefix) >> 8 * k & 0xFF);
    free(bytes);
    *out = fitted;
    return 0;
}
