#include <foray/dtype.h>

#include <string.h>

#include "array/typestring.h"
#include "base/error.h"

static const struct {
    size_t size;
    const char *name;
} dtypes[] = {[FORAY_OPAQUE] = {0, "opaque"},
#define DTYPE_ENTRY(name, bytes, text, numpy) [FORAY_##name] = {bytes, text},
              FORAY_DTYPE_MAP(DTYPE_ENTRY)
#undef DTYPE_ENTRY
};

enum { N_DTYPES = sizeof dtypes / sizeof dtypes[0] };

size_t foray_dtype_size(enum foray_dtype dtype)
{
    return (unsigned)dtype < N_DTYPES ? dtypes[dtype].size : 0;
}

const char *foray_dtype_name(enum foray_dtype dtype)
{
    return (unsigned)dtype < N_DTYPES ? dtypes[dtype].name : "opaque";
}

int foray_dtype_parse(enum foray_dtype *dtype, bool *swapped, const char *text,
                      struct foray_error *err)
{
    struct foray__typestring type;

    /* Ours first: "i8", "u8" and "f16" mean other types to NumPy. */
    for (int k = FORAY_OPAQUE + 1; k < N_DTYPES; k++)
        if (!strcmp(text, dtypes[k].name)) {
            *dtype = (enum foray_dtype)k;
            if (swapped)
                *swapped = false;
            return 0;
        }
    if (foray__typestring_parse(&type, text, strlen(text)) ||
        type.dtype == FORAY_OPAQUE)
        return foray__fail(err, FORAY_EDTYPE,
                           "'%.64s' is no element type: use bool, i8..i64, "
                           "u8..u64, f16, f32, f64, c64, c128 or NumPy's name "
                           "or type string",
                           text);
    *dtype = type.dtype;
    if (swapped)
        *swapped = type.swapped;
    return 0;
}
