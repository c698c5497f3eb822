#include "array/typestring.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "array/npy.h"
#include "base/size.h"

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
enum { NATIVE_ORDER = '<', FOREIGN_ORDER = '>' };
#else
enum { NATIVE_ORDER = '>', FOREIGN_ORDER = '<' };
#endif

const char foray__typestring_objects[] =
    "means Python objects, which only Python can read";
static const char not_a_type[] = "is no type NumPy writes";

static const char *const codes[] = {[FORAY_OPAQUE] = "",
#define CODE_ENTRY(name, bytes, text, numpy) [FORAY_##name] = numpy,
                                    FORAY_DTYPE_MAP(CODE_ENTRY)
#undef CODE_ENTRY
};

enum { N_CODES = sizeof codes / sizeof codes[0] };

/* The names that spell a type out, "float64". */
static const struct {
    const char *name;
    enum foray_dtype dtype;
} names[] = {
    {"bool", FORAY_BOOL},     {"int8", FORAY_I8},
    {"int16", FORAY_I16},     {"int32", FORAY_I32},
    {"int64", FORAY_I64},     {"uint8", FORAY_U8},
    {"uint16", FORAY_U16},    {"uint32", FORAY_U32},
    {"uint64", FORAY_U64},    {"float16", FORAY_F16},
    {"float32", FORAY_F32},   {"float64", FORAY_F64},
    {"complex64", FORAY_C64}, {"complex128", FORAY_C128},
};

void foray__npy_descr(char out[8], enum foray_dtype dtype, bool swapped)
{
    char order = swapped ? FOREIGN_ORDER : NATIVE_ORDER;

    snprintf(out, 8, "%c%.6s", foray_dtype_size(dtype) == 1 ? '|' : order,
             codes[dtype]);
}

static void set_named(struct foray__typestring *out, enum foray_dtype dtype,
                      char order)
{
    out->dtype = dtype;
    out->itemsize = foray_dtype_size(dtype);
    out->swapped = order == FOREIGN_ORDER && out->itemsize > 1;
    foray__npy_descr(out->text, dtype, out->swapped);
}

/* Decimal digits; false when there is none or the number is beyond `size_t`. */
static bool read_number(size_t *out, const char **text, const char *end)
{
    size_t number = 0;
    const char *p = *text;

    for (; p < end && *p >= '0' && *p <= '9'; p++)
        if (!foray__mul(&number, number, 10) ||
            !foray__add(&number, number, (size_t)(*p - '0')))
            return false;
    if (p == *text)
        return false;
    *text = p;
    *out = number;
    return true;
}

/* Types without a foray name: how many bytes an item of "kind number" has, or
 * 0 when NumPy knows none such. */
static size_t opaque_size(char kind, size_t number)
{
    size_t size;

    switch (kind) {
    case 'S':
    case 'V':
        return number;
    case 'U': /* four bytes a character */
        return foray__mul(&size, number, 4) ? size : 0;
    case 'M':
    case 'm':
        return number == 8 ? 8 : 0;
    case 'f': /* long double, as wide as the machine that wrote it had it */
        return number == 12 || number == 16 ? number : 0;
    case 'c':
        return number == 24 || number == 32 ? number : 0;
    default:
        return 0;
    }
}

/* "[us]", "[25s]" behind dates; nothing else follows a number. */
static bool is_unit(const char *text, const char *end)
{
    const char *p = text;

    if (p == end)
        return true;
    if (*p++ != '[' || end - p < 2 || end - p > 24 || end[-1] != ']')
        return false;
    for (; p < end - 1; p++)
        if (!(*p >= 'a' && *p <= 'z') && !(*p >= 'A' && *p <= 'Z') &&
            !(*p >= '0' && *p <= '9') && *p != '/')
            return false;
    return true;
}

static const char *parse_opaque(struct foray__typestring *out, char order,
                                char kind, size_t number, const char *unit,
                                const char *end)
{
    bool date = kind == 'M' || kind == 'm';

    if (kind == 'a') /* an old name of S */
        kind = 'S';
    if ((kind == 'S' || kind == 'U' || kind == 'V') && !number)
        return "has items of 0 bytes, which foray does not open";
    out->dtype = FORAY_OPAQUE;
    out->swapped = false;
    out->itemsize = opaque_size(kind, number);
    if (!out->itemsize || !(date ? is_unit(unit, end) : unit == end))
        return not_a_type;
    if (out->itemsize > PTRDIFF_MAX)
        return "has items larger than memory";
    snprintf(out->text, sizeof out->text, "%c%c%zu%.*s",
             kind == 'S' || kind == 'V' ? '|' : order, kind, number,
             (int)(end - unit), unit);
    return NULL;
}

const char *foray__typestring_parse(struct foray__typestring *out,
                                    const char *text, size_t length)
{
    const char *end = text + length, *p = text;
    char order = NATIVE_ORDER, kind;
    size_t number;

    for (size_t k = 0; k < sizeof names / sizeof names[0]; k++)
        if (strlen(names[k].name) == length &&
            !memcmp(names[k].name, text, length)) {
            set_named(out, names[k].dtype, order);
            return NULL;
        }
    if (p < end && (*p == '<' || *p == '>'))
        order = *p++;
    else if (p < end && (*p == '=' || *p == '|'))
        p++;
    if (p == end)
        return not_a_type;
    kind = *p;
    if (kind == 'O')
        return foray__typestring_objects;
    for (int k = FORAY_OPAQUE + 1; k < N_CODES; k++)
        if (strlen(codes[k]) == (size_t)(end - p) &&
            !memcmp(codes[k], p, (size_t)(end - p))) {
            set_named(out, (enum foray_dtype)k, order);
            return NULL;
        }
    p++;
    if (!read_number(&number, &p, end))
        return not_a_type;
    return parse_opaque(out, order, kind, number, p, end);
}
