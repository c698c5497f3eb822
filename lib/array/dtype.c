#include <foray/dtype.h>

#include <stdio.h>
#include <string.h>

#include "base/error.h"

struct type {
    enum foray_dtype dtype;
    size_t size;
    const char *name;  /* "f64" */
    const char *numpy; /* "f8" */
};

static const struct type types[] = {
#define TYPE(name, bytes, text, numpy) {FORAY_##name, bytes, text, numpy},
    FORAY_DTYPE_MAP(TYPE)
#undef TYPE
};

enum { N_TYPES = sizeof types / sizeof types[0] };

/* NumPy's long names, where they are not kind and bits put together. */
static const struct {
    const char *prefix;
    char kind;
} kinds[] = {{"int", 'i'}, {"uint", 'u'}, {"float", 'f'}, {"complex", 'c'}};

static const struct type *find(enum foray_dtype dtype)
{
    for (int i = 0; i < N_TYPES; i++)
        if (types[i].dtype == dtype)
            return &types[i];
    return NULL;
}

size_t foray_dtype_size(enum foray_dtype dtype)
{
    const struct type *type = find(dtype);

    return type ? type->size : 0;
}

const char *foray_dtype_name(enum foray_dtype dtype)
{
    const struct type *type = find(dtype);

    return type ? type->name : "opaque";
}

/* Whether `text` is the long name of a type, "float64" for "f8". */
static bool is_long_name(const char *text, const struct type *type)
{
    char name[16];

    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (kinds[i].kind == type->numpy[0]) {
            snprintf(name, sizeof name, "%s%zu", kinds[i].prefix,
                     8 * type->size);
            return !strcmp(text, name);
        }
    return false;
}

/* Without a byte order. NumPy's "i8" is eight bytes, ours is eight bits: the
 * short name wins. */
static const struct type *parse(const char *text)
{
    for (int i = 0; i < N_TYPES; i++)
        if (!strcmp(text, types[i].name))
            return &types[i];
    for (int i = 0; i < N_TYPES; i++)
        if (!strcmp(text, types[i].numpy) || is_long_name(text, &types[i]))
            return &types[i];
    return NULL;
}

/* Behind a byte order only NumPy's own letters make sense. */
static const struct type *parse_marked(const char *text)
{
    for (int i = 0; i < N_TYPES; i++)
        if (!strcmp(text, types[i].numpy))
            return &types[i];
    return NULL;
}

int foray_dtype_parse(enum foray_dtype *dtype, bool *swapped, const char *text,
                      struct foray_error *err)
{
    static const char foreign =
        __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? '>' : '<';
    bool marked = text[0] && strchr("<>=|", text[0]);
    const struct type *type = marked ? parse_marked(text + 1) : parse(text);

    if (!type)
        return foray__fail(err, FORAY_EDTYPE,
                           "there is no element type \"%.64s\": use one of "
                           "bool i8 i16 i32 i64 u8 u16 u32 u64 f16 f32 f64 c64 "
                           "c128",
                           text);
    *dtype = type->dtype;
    if (swapped)
        *swapped = text[0] == foreign && type->size > 1;
    return 0;
}
