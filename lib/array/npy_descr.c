#include "array/npy_descr.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/size.h"

enum { MAX_DEPTH = 16 };

void foray__npy_descr(char out[8], enum foray_dtype dtype, bool swapped)
{
    static const struct {
        enum foray_dtype dtype;
        const char *numpy;
    } types[] = {
#define DESCR(name, bytes, text, numpy) {FORAY_##name, numpy},
        FORAY_DTYPE_MAP(DESCR)
#undef DESCR
    };
    bool little = (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__) != swapped;
    char order = foray_dtype_size(dtype) == 1 ? '|' : little ? '<' : '>';

    out[0] = '\0';
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (types[i].dtype == dtype)
            snprintf(out, 8, "%c%s", order, types[i].numpy);
}

/* The bytes of a type that foray has no name for: text, raw bytes, dates, long
 * doubles. 0 if NumPy has none either. */
static size_t opaque_size(const char *text)
{
    const char *digits;
    char kind;
    size_t n = 0;

    if (*text && strchr("<>=|", *text))
        text++;
    kind = *text;
    if (!kind)
        return 0;
    digits = text + 1;
    if (!strncmp(text, "M8", 2) || !strncmp(text, "m8", 2))
        return text[2] == '\0' || text[2] == '[' ? 8 : 0;
    for (; *digits >= '0' && *digits <= '9'; digits++)
        if (!foray__mul(&n, n, 10) ||
            !foray__add(&n, n, (size_t)(*digits - '0')))
            return 0;
    if (*digits || digits == text + 1 || n > PTRDIFF_MAX / 4)
        return 0;
    if (kind == 'S' || kind == 'a' || kind == 'V')
        return n;
    if (kind == 'U')
        return 4 * n;
    if ((kind == 'f' && (n == 12 || n == 16)) ||
        (kind == 'c' && (n == 24 || n == 32)))
        return n;
    return 0;
}

/* A type string. *itemsize 0 is possible: "|S0". */
static bool read_type(struct foray__span span, enum foray_dtype *dtype,
                      bool *swapped, size_t *itemsize)
{
    char text[64], *bare;

    if (span.length == 0 || span.length >= sizeof text)
        return false;
    memcpy(text, span.text, span.length);
    text[span.length] = '\0';
    if (strlen(text) != span.length)
        return false;
    *dtype = FORAY_OPAQUE;
    *swapped = false;
    /* In a file "i8" is NumPy's, eight bytes: give it a byte order. */
    bare = text;
    if (!strchr("<>=|", text[0]) && span.length + 1 < sizeof text &&
        text[1] >= '0' && text[1] <= '9') {
        memmove(text + 1, text, span.length + 1);
        text[0] = '=';
    }
    if (!foray_dtype_parse(dtype, swapped, bare, NULL)) {
        *itemsize = foray_dtype_size(*dtype);
        return true;
    }
    *itemsize = opaque_size(text);
    return *itemsize || !strcmp(text, "|S0") || !strcmp(text, "<U0") ||
           !strcmp(text, ">U0") || !strcmp(text, "|V0");
}

/* "(2, 3)" or "2" behind a field's type: the number of repetitions. */
static bool read_repeat(struct foray__literal *cursor, size_t *repeat)
{
    bool tuple = foray__literal_accept(cursor, '('), fits;
    size_t n;

    *repeat = 1;
    while (foray__literal_peek(cursor) != ')') {
        if (!foray__literal_size(cursor, &n, &fits) || !fits ||
            !foray__mul(repeat, *repeat, n))
            return false;
        if (!tuple)
            return true;
        if (!foray__literal_accept(cursor, ',') &&
            foray__literal_peek(cursor) != ')')
            return false;
    }
    return !tuple || foray__literal_accept(cursor, ')');
}

static bool read_fields(struct foray__literal *cursor, size_t *itemsize,
                        int depth);

/* (name, type[, shape]) */
static bool read_field(struct foray__literal *cursor, size_t *nbytes, int depth)
{
    struct foray__span span;
    enum foray_dtype dtype;
    bool swapped;
    size_t repeat = 1;

    if (!foray__literal_accept(cursor, '(') ||
        !foray__literal_skip(cursor, &span) || /* name, or (title, name) */
        !foray__literal_accept(cursor, ','))
        return false;
    if (foray__literal_peek(cursor) == '[') {
        if (!read_fields(cursor, nbytes, depth + 1))
            return false;
    } else if (!foray__literal_string(cursor, &span) ||
               !read_type(span, &dtype, &swapped, nbytes)) {
        return false;
    }
    if (foray__literal_accept(cursor, ',') &&
        foray__literal_peek(cursor) != ')' && !read_repeat(cursor, &repeat))
        return false;
    return foray__mul(nbytes, *nbytes, repeat) &&
           foray__literal_accept(cursor, ')');
}

/* [field, ...] */
static bool read_fields(struct foray__literal *cursor, size_t *itemsize,
                        int depth)
{
    size_t nbytes;

    *itemsize = 0;
    if (depth > MAX_DEPTH || !foray__literal_accept(cursor, '['))
        return false;
    while (!foray__literal_accept(cursor, ']')) {
        if (!read_field(cursor, &nbytes, depth) ||
            !foray__add(itemsize, *itemsize, nbytes))
            return false;
        if (!foray__literal_accept(cursor, ',') &&
            foray__literal_peek(cursor) != ']')
            return false;
    }
    return *itemsize <= PTRDIFF_MAX;
}

int foray__npy_descr_read(struct foray__npy_header *header,
                          struct foray__span *text,
                          struct foray__literal *cursor, const char *name,
                          struct foray_error *err)
{
    char first = foray__literal_peek(cursor);
    int shown;

    header->dtype = FORAY_OPAQUE;
    header->swapped = false;
    if (first == '[') {
        text->text = cursor->at;
        if (read_fields(cursor, &header->itemsize, 0)) {
            text->length = (size_t)(cursor->at - text->text);
            return 0;
        }
        return foray__fail(err, FORAY_EFORMAT,
                           "%s: the fields of its structured type make no "
                           "sense, or hold objects",
                           name);
    }
    if (!foray__literal_string(cursor, text))
        return foray__fail(err, FORAY_EFORMAT,
                           "%s: 'descr' is neither a type string nor a list of "
                           "fields",
                           name);
    if (read_type(*text, &header->dtype, &header->swapped, &header->itemsize))
        return 0;
    shown = text->length < 32 ? (int)text->length : 32;
    if (text->length && text->text[text->length - 1] == 'O')
        return foray__fail(err, FORAY_EFORMAT,
                           "%s: it holds Python objects, which only Python "
                           "can load",
                           name);
    return foray__fail(err, FORAY_EFORMAT,
                       "%s: \"%.*s\" is no NumPy type of a fixed size", name,
                       shown, text->text);
}
