#include "array/npy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

/* np.save leaves room for the growing axis to become a 64-bit number. */
enum { GROWTH_DIGITS = 21 };

static int count_digits(size_t n)
{
    int digits = 1;

    while (n >= 10) {
        n /= 10;
        digits++;
    }
    return digits;
}

/* The dictionary as Python's repr of its sorted items, and np.save's spare
 * room. Returns its length; `text` may be NULL to measure. */
static size_t write_dictionary(char *text, size_t size, const char *descr,
                               bool fortran_order, int ndim,
                               const size_t *shape)
{
    bool structured = descr[0] == '[';
    const char *quote = structured ? "" : "'";
    size_t used;

#define APPEND(...)                                                            \
    used += (size_t)snprintf(text ? text + used : NULL,                        \
                             text ? size - used : 0, __VA_ARGS__)
    used = 0;
    APPEND("{'descr': %s%s%s, 'fortran_order': %s, 'shape': (", quote, descr,
           quote, fortran_order ? "True" : "False");
    for (int k = 0; k < ndim; k++)
        APPEND("%s%zu", k ? ", " : "", shape[k]);
    APPEND("%s), }", ndim == 1 ? "," : "");
    if (ndim)
        APPEND("%*s",
               GROWTH_DIGITS -
                   count_digits(shape[fortran_order ? ndim - 1 : 0]),
               "");
#undef APPEND
    return used;
}

/* Versions 1 and 2 are Latin-1, 3 is UTF-8. Turn UTF-8 into Latin-1 in place;
 * false, and nothing done, when some letter is not in it. */
static bool make_latin1(char *text)
{
    const unsigned char *from = (unsigned char *)text;
    char *to = text;

    for (const unsigned char *at = from; *at; at++)
        if (*at > 0xc3) /* begins a letter from U+0100 on */
            return false;
    for (; *from; from++) {
        if (*from >= 0xc2 && from[1]) {
            *to++ = (char)((*from & 3) << 6 | (from[1] & 0x3f));
            from++;
        } else {
            *to++ = (char)*from;
        }
    }
    *to = '\0';
    return true;
}

int foray__npy_format(char **out, size_t *nbytes, const char *descr,
                      bool fortran_order, int ndim, const size_t *shape,
                      size_t align, struct foray_error *err)
{
    size_t text = write_dictionary(NULL, 0, descr, fortran_order, ndim, shape);
    size_t prefix = 10, total, length;
    int version = 1;
    char *dictionary = malloc(text + 1), *bytes;

    if (!dictionary)
        return foray__fail(err, FORAY_ENOMEM, "no memory for a .npy header");
    write_dictionary(dictionary, text + 1, descr, fortran_order, ndim, shape);
    if (!make_latin1(dictionary))
        version = 3;
    text = strlen(dictionary);
    if (version == 1 && text + 1 + align > UINT16_MAX)
        version = 2;
    if (version > 1)
        prefix = 12;
    /* As NumPy: at least one blank, and the newline is the last byte. */
    total = (prefix + text + 1) / align * align + align;
    length = total - prefix;
    bytes = length <= FORAY__NPY_MAX_HEADER ? malloc(total) : NULL;
    if (!bytes) {
        free(dictionary);
        return length > FORAY__NPY_MAX_HEADER
                   ? foray__fail(err, FORAY_ETOOLARGE,
                                 "a .npy header of %zu bytes would be needed, "
                                 "at most %d are read: choose a smaller "
                                 "alignment or a shorter type description",
                                 length, FORAY__NPY_MAX_HEADER)
                   : foray__fail(err, FORAY_ENOMEM,
                                 "no memory for a .npy header");
    }
    memcpy(bytes, "\x93NUMPY", 6);
    bytes[6] = (char)version;
    bytes[7] = 0;
    for (size_t k = 8; k < prefix; k++)
        bytes[k] = (char)(length >> 8 * (k - 8));
    memcpy(bytes + prefix, dictionary, text);
    memset(bytes + prefix + text, ' ', total - prefix - text);
    bytes[total - 1] = '\n';
    free(dictionary);
    *out = bytes;
    *nbytes = total;
    return 0;
}
