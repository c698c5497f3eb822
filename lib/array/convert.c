/* Every pair of types has a loop of its own, LOOP below, put together from how
 * the source is loaded (LOAD_...) and how the target is stored (STORE_...). */
#include "array/convert.h"

#include <stdint.h>

#include "array/half.h"

struct complex64 {
    float re, im;
};

struct complex128 {
    double re, im;
};

typedef uint8_t type_BOOL;
typedef int8_t type_I8;
typedef int16_t type_I16;
typedef int32_t type_I32;
typedef int64_t type_I64;
typedef uint8_t type_U8;
typedef uint16_t type_U16;
typedef uint32_t type_U32;
typedef uint64_t type_U64;
typedef uint16_t type_F16;
typedef float type_F32;
typedef double type_F64;
typedef struct complex64 type_C64;
typedef struct complex128 type_C128;

/* Loading: the real part as a number of the nearest C type, and the imaginary
 * part, 0 where there is none. */
#define LOAD_BOOL(s) ((uint8_t)((s) != 0))
#define LOAD_I8(s) (s)
#define LOAD_I16(s) (s)
#define LOAD_I32(s) (s)
#define LOAD_I64(s) (s)
#define LOAD_U8(s) (s)
#define LOAD_U16(s) (s)
#define LOAD_U32(s) (s)
#define LOAD_U64(s) (s)
#define LOAD_F16(s) foray__half_to_float(s)
#define LOAD_F32(s) (s)
#define LOAD_F64(s) (s)
#define LOAD_C64(s) ((s).re)
#define LOAD_C128(s) ((s).re)

#define IMAG_BOOL(s) 0
#define IMAG_I8(s) 0
#define IMAG_I16(s) 0
#define IMAG_I32(s) 0
#define IMAG_I64(s) 0
#define IMAG_U8(s) 0
#define IMAG_U16(s) 0
#define IMAG_U32(s) 0
#define IMAG_U64(s) 0
#define IMAG_F16(s) 0
#define IMAG_F32(s) 0
#define IMAG_F64(s) 0
#define IMAG_C64(s) ((s).im)
#define IMAG_C128(s) ((s).im)

/* Integers to integers wrap around. Floats are cut towards zero and clipped:
 * `limit` is the first power of two beyond the type, exact in every float. */
#define WRAP(type, least, most, limit, x) ((type)(x))
#define CLIP(type, least, most, limit, x)                                      \
    ((type)((x) >= (limit)   ? (most)                                          \
            : (x) > (least)  ? (type)(x)                                       \
            : (x) <= (least) ? (type)(least)                                   \
                             : (type)0)) /* NaN */

#define KIND_BOOL WRAP
#define KIND_I8 WRAP
#define KIND_I16 WRAP
#define KIND_I32 WRAP
#define KIND_I64 WRAP
#define KIND_U8 WRAP
#define KIND_U16 WRAP
#define KIND_U32 WRAP
#define KIND_U64 WRAP
#define KIND_F16 CLIP
#define KIND_F32 CLIP
#define KIND_F64 CLIP
#define KIND_C64 CLIP
#define KIND_C128 CLIP

/* Storing `re` and `im`; `into` is WRAP or CLIP, as the source asks. */
#define STORE_BOOL(d, into, re, im) ((d) = (re) != 0 || (im) != 0)
#define STORE_I8(d, into, re, im)                                              \
    ((d) = into(int8_t, -0x1p7F, INT8_MAX, 0x1p7F, re))
#define STORE_I16(d, into, re, im)                                             \
    ((d) = into(int16_t, -0x1p15F, INT16_MAX, 0x1p15F, re))
#define STORE_I32(d, into, re, im)                                             \
    ((d) = into(int32_t, -0x1p31F, INT32_MAX, 0x1p31F, re))
#define STORE_I64(d, into, re, im)                                             \
    ((d) = into(int64_t, -0x1p63F, INT64_MAX, 0x1p63F, re))
#define STORE_U8(d, into, re, im)                                              \
    ((d) = into(uint8_t, 0.0F, UINT8_MAX, 0x1p8F, re))
#define STORE_U16(d, into, re, im)                                             \
    ((d) = into(uint16_t, 0.0F, UINT16_MAX, 0x1p16F, re))
#define STORE_U32(d, into, re, im)                                             \
    ((d) = into(uint32_t, 0.0F, UINT32_MAX, 0x1p32F, re))
#define STORE_U64(d, into, re, im)                                             \
    ((d) = into(uint64_t, 0.0F, UINT64_MAX, 0x1p64F, re))
#define STORE_F16(d, into, re, im) ((d) = foray__half_from_double((double)(re)))
#define STORE_F32(d, into, re, im) ((d) = (float)(re))
#define STORE_F64(d, into, re, im) ((d) = (double)(re))
#define STORE_C64(d, into, re_, im_)                                           \
    ((d) = (struct complex64){(float)(re_), (float)(im_)})
#define STORE_C128(d, into, re_, im_)                                          \
    ((d) = (struct complex128){(double)(re_), (double)(im_)})

#define LOOP(to, from)                                                         \
    static void from##_to_##to(void *dst, const void *src, size_t n)           \
    {                                                                          \
        const type_##from *s = src;                                            \
        type_##to *d = dst;                                                    \
                                                                               \
        for (size_t i = 0; i < n; i++)                                         \
            STORE_##to(d[i], KIND_##from, LOAD_##from(s[i]),                   \
                       IMAG_##from(s[i]));                                     \
    }

/* It cannot make up its mind about a list of macros. */
// clang-format off
#define FROM_EACH(XX, to)                                                      \
    XX(to, BOOL) XX(to, I8) XX(to, I16) XX(to, I32) XX(to, I64)                \
    XX(to, U8) XX(to, U16) XX(to, U32) XX(to, U64)                             \
    XX(to, F16) XX(to, F32) XX(to, F64) XX(to, C64) XX(to, C128)
// clang-format on

#define LOOPS_TO(to, bytes, text, numpy) FROM_EACH(LOOP, to)
FORAY_DTYPE_MAP(LOOPS_TO)

#define ENTRY(to, from) [FORAY_##from] = from##_to_##to,
#define ENTRIES_TO(to, bytes, text, numpy)                                     \
    [FORAY_##to] = {FROM_EACH(ENTRY, to)},

enum { N_DTYPES = FORAY_C128 + 1 };

static const foray__convert_fn functions[N_DTYPES][N_DTYPES] = {
    FORAY_DTYPE_MAP(ENTRIES_TO)};

foray__convert_fn foray__convert_find(enum foray_dtype dst,
                                      enum foray_dtype src)
{
    return functions[dst][src];
}
