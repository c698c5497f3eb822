#include "array/convert.h"

#include <math.h>
#include <string.h>

#include "array/half.h"

/* Elements pass through the widest type of their family, a block at a time:
 * fourteen readers and fourteen writers instead of 196 pairs, and no value is
 * rounded twice. */
enum { BLOCK = 256 };

enum family { SIGNED, UNSIGNED, REAL, COMPLEX };

struct block {
    enum family family;
    union {
        int64_t i[BLOCK];
        uint64_t u[BLOCK];
        double d[BLOCK];
    } re;
    double im[BLOCK]; /* COMPLEX only; re.d has the other half */
};

static uint16_t swap16(uint16_t x)
{
    return __builtin_bswap16(x);
}

static uint32_t swap32(uint32_t x)
{
    return __builtin_bswap32(x);
}

static uint64_t swap64(uint64_t x)
{
    return __builtin_bswap64(x);
}

static uint8_t swap8(uint8_t x)
{
    return x;
}

/* Read `n` elements of `type`, whose bits are an unsigned of `bits`, into the
 * block's member `to`. */
#define READ(type, bits, to)                                                   \
    for (size_t k = 0; k < n; k++) {                                           \
        uint##bits##_t raw;                                                    \
        type value;                                                            \
                                                                               \
        memcpy(&raw, data + (ptrdiff_t)k * stride, sizeof raw);                \
        if (swapped)                                                           \
            raw = swap##bits(raw);                                             \
        memcpy(&value, &raw, sizeof value);                                    \
        to[k] = value;                                                         \
    }

static void read_half(double *to, const char *data, ptrdiff_t stride,
                      bool swapped, size_t n)
{
    for (size_t k = 0; k < n; k++) {
        uint16_t raw;

        memcpy(&raw, data + (ptrdiff_t)k * stride, sizeof raw);
        to[k] = foray__half_to_double(swapped ? swap16(raw) : raw);
    }
}

static void read_block(struct block *block, const struct foray__row *row,
                       const char *data, size_t n)
{
    ptrdiff_t stride = row->stride;
    bool swapped = row->swapped;

    switch (row->dtype) {
    case FORAY_BOOL:
        block->family = UNSIGNED;
        for (size_t k = 0; k < n; k++)
            block->re.u[k] = data[(ptrdiff_t)k * stride] != 0;
        break;
    case FORAY_I8:
        block->family = SIGNED;
        READ(int8_t, 8, block->re.i)
        break;
    case FORAY_I16:
        block->family = SIGNED;
        READ(int16_t, 16, block->re.i)
        break;
    case FORAY_I32:
        block->family = SIGNED;
        READ(int32_t, 32, block->re.i)
        break;
    case FORAY_I64:
        block->family = SIGNED;
        READ(int64_t, 64, block->re.i)
        break;
    case FORAY_U8:
        block->family = UNSIGNED;
        READ(uint8_t, 8, block->re.u)
        break;
    case FORAY_U16:
        block->family = UNSIGNED;
        READ(uint16_t, 16, block->re.u)
        break;
    case FORAY_U32:
        block->family = UNSIGNED;
        READ(uint32_t, 32, block->re.u)
        break;
    case FORAY_U64:
        block->family = UNSIGNED;
        READ(uint64_t, 64, block->re.u)
        break;
    case FORAY_F16:
        block->family = REAL;
        read_half(block->re.d, data, stride, swapped, n);
        break;
    case FORAY_F32:
        block->family = REAL;
        READ(float, 32, block->re.d)
        break;
    case FORAY_F64:
        block->family = REAL;
        READ(double, 64, block->re.d)
        break;
    case FORAY_C64:
        block->family = COMPLEX;
        READ(float, 32, block->re.d)
        data += sizeof(float);
        READ(float, 32, block->im)
        break;
    case FORAY_C128:
        block->family = COMPLEX;
        READ(double, 64, block->re.d)
        data += sizeof(double);
        READ(double, 64, block->im)
        break;
    case FORAY_OPAQUE:
        break;
    }
}

/* Floats to integers: truncated, clipped, NaN is 0. The limits as doubles are
 * exact or, for 64 bits, one above the largest: hence >=. */
static int64_t clip_signed(double x, int64_t low, int64_t high)
{
    if (isnan(x))
        return 0;
    if (x <= (double)low)
        return low;
    if (x >= (double)high)
        return high;
    return (int64_t)x;
}

static uint64_t clip_unsigned(double x, uint64_t high)
{
    if (!(x > 0))
        return 0;
    if (x >= (double)high)
        return high;
    return (uint64_t)x;
}

#define STORE(bits, expression)                                                \
    for (size_t k = 0; k < n; k++) {                                           \
        uint##bits##_t raw = (uint##bits##_t)(expression);                     \
                                                                               \
        if (swapped)                                                           \
            raw = swap##bits(raw);                                             \
        memcpy(data + (ptrdiff_t)k * stride, &raw, sizeof raw);                \
    }

/* From integers an integer takes the low bits, as a C cast; from floats it is
 * clipped. */
#define WRITE_INTEGER(bits, clipped)                                           \
    switch (block->family) {                                                   \
    case SIGNED:                                                               \
        STORE(bits, block->re.i[k])                                            \
        break;                                                                 \
    case UNSIGNED:                                                             \
        STORE(bits, block->re.u[k])                                            \
        break;                                                                 \
    default:                                                                   \
        STORE(bits, clipped)                                                   \
    }

static uint32_t float_bits(float value)
{
    uint32_t raw;

    memcpy(&raw, &value, sizeof raw);
    return raw;
}

static uint64_t double_bits(double value)
{
    uint64_t raw;

    memcpy(&raw, &value, sizeof raw);
    return raw;
}

#define WRITE_FLOAT(bits, of_signed, of_unsigned, of_double)                   \
    switch (block->family) {                                                   \
    case SIGNED:                                                               \
        STORE(bits, of_signed)                                                 \
        break;                                                                 \
    case UNSIGNED:                                                             \
        STORE(bits, of_unsigned)                                               \
        break;                                                                 \
    default:                                                                   \
        STORE(bits, of_double)                                                 \
    }

static void write_f32(const struct block *block, char *data, ptrdiff_t stride,
                      bool swapped, size_t n)
{
    WRITE_FLOAT(32, float_bits((float)block->re.i[k]),
                float_bits((float)block->re.u[k]),
                float_bits((float)block->re.d[k]))
}

static void write_f64(const struct block *block, char *data, ptrdiff_t stride,
                      bool swapped, size_t n)
{
    WRITE_FLOAT(64, double_bits((double)block->re.i[k]),
                double_bits((double)block->re.u[k]),
                double_bits(block->re.d[k]))
}

static void write_f16(const struct block *block, char *data, ptrdiff_t stride,
                      bool swapped, size_t n)
{
    WRITE_FLOAT(16, foray__half_from_double((double)block->re.i[k]),
                foray__half_from_double((double)block->re.u[k]),
                foray__half_from_double(block->re.d[k]))
}

/* The imaginary halves; 0 for what has none. */
static void write_imaginary(const struct block *block, char *data,
                            const struct foray__row *row, size_t n)
{
    ptrdiff_t stride = row->stride;
    bool swapped = row->swapped, has = block->family == COMPLEX;

    if (row->dtype == FORAY_C64)
        STORE(32, has ? float_bits((float)block->im[k]) : 0)
    else
        STORE(64, has ? double_bits(block->im[k]) : 0)
}

static bool is_true(const struct block *block, size_t k)
{
    switch (block->family) {
    case REAL:
        return block->re.d[k] != 0; /* NaN is true */
    case COMPLEX:
        return block->re.d[k] != 0 || block->im[k] != 0;
    default:
        return block->re.u[k] != 0;
    }
}

static void write_block(const struct block *block, const struct foray__row *row,
                        char *data, size_t n)
{
    ptrdiff_t stride = row->stride;
    bool swapped = row->swapped;
    const double *d = block->re.d;

    switch (row->dtype) {
    case FORAY_BOOL:
        for (size_t k = 0; k < n; k++)
            data[(ptrdiff_t)k * stride] = is_true(block, k);
        break;
    case FORAY_I8:
        WRITE_INTEGER(8, clip_signed(d[k], INT8_MIN, INT8_MAX))
        break;
    case FORAY_I16:
        WRITE_INTEGER(16, clip_signed(d[k], INT16_MIN, INT16_MAX))
        break;
    case FORAY_I32:
        WRITE_INTEGER(32, clip_signed(d[k], INT32_MIN, INT32_MAX))
        break;
    case FORAY_I64:
        WRITE_INTEGER(64, clip_signed(d[k], INT64_MIN, INT64_MAX))
        break;
    case FORAY_U8:
        WRITE_INTEGER(8, clip_unsigned(d[k], UINT8_MAX))
        break;
    case FORAY_U16:
        WRITE_INTEGER(16, clip_unsigned(d[k], UINT16_MAX))
        break;
    case FORAY_U32:
        WRITE_INTEGER(32, clip_unsigned(d[k], UINT32_MAX))
        break;
    case FORAY_U64:
        WRITE_INTEGER(64, clip_unsigned(d[k], UINT64_MAX))
        break;
    case FORAY_F16:
        write_f16(block, data, stride, swapped, n);
        break;
    case FORAY_F32:
        write_f32(block, data, stride, swapped, n);
        break;
    case FORAY_F64:
        write_f64(block, data, stride, swapped, n);
        break;
    case FORAY_C64:
        write_f32(block, data, stride, swapped, n);
        write_imaginary(block, data + sizeof(float), row, n);
        break;
    case FORAY_C128:
        write_f64(block, data, stride, swapped, n);
        write_imaginary(block, data + sizeof(double), row, n);
        break;
    case FORAY_OPAQUE:
        break;
    }
}

void foray__convert_row(const struct foray__row *dst,
                        const struct foray__row *src, size_t n)
{
    struct block block;

    for (size_t done = 0; done < n; done += BLOCK) {
        size_t now = n - done < BLOCK ? n - done : BLOCK;

        read_block(&block, src, src->data + (ptrdiff_t)done * src->stride, now);
        write_block(&block, dst, dst->data + (ptrdiff_t)done * dst->stride,
                    now);
    }
}
