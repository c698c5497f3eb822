/* IEEE 754 binary16 in software, the same bits on every machine. */
#ifndef FORAY_ARRAY_HALF_H
#define FORAY_ARRAY_HALF_H

#include <stdint.h>
#include <string.h>

/* Exact; NaNs keep the bits that tell them apart. */
static inline float foray__half_to_float(uint16_t half)
{
    uint32_t sign = (half & 0x8000U) << 16, exponent = half >> 10 & 31;
    uint32_t fraction = half & 0x3FFU, bits;
    float number;

    if (exponent == 31) { /* infinity, NaN */
        bits = sign | 0x7F800000U | fraction << 13;
    } else if (exponent) {
        bits = sign | (exponent + 127 - 15) << 23 | fraction << 13;
    } else { /* zero, subnormal */
        number = (float)fraction * 0x1p-24F;
        memcpy(&bits, &number, sizeof bits);
        bits |= sign;
    }
    memcpy(&number, &bits, sizeof number);
    return number;
}

/* Rounded to nearest, ties to even; from 65520 upwards infinity. */
static inline uint16_t foray__half_from_double(double number)
{
    const uint64_t infinity = UINT64_C(0x7FF) << 52;
    uint64_t bits, magnitude, significand, rest, tie;
    unsigned sign, shift, half;

    memcpy(&bits, &number, sizeof bits);
    sign = (unsigned)(bits >> 48) & 0x8000U;
    magnitude = bits & ~(UINT64_C(1) << 63);
    if (magnitude > infinity) {
        half = 0x7C00U | ((unsigned)(magnitude >> 42) & 0x3FFU);
        if (half == 0x7C00U)
            half++; /* still a NaN */
        return (uint16_t)(sign | half);
    }
    if (magnitude >= (UINT64_C(1023) + 16) << 52) /* 65536 */
        return (uint16_t)(sign | 0x7C00U);
    if (magnitude >= (UINT64_C(1023) - 14) << 52) {
        significand = magnitude - ((UINT64_C(1023) - 15) << 52);
        shift = 52 - 10;
    } else { /* subnormal: units of 2^-24 */
        unsigned exponent = (unsigned)(magnitude >> 52);

        if (exponent < 1023 - 25)
            return (uint16_t)sign;
        significand = (magnitude & ((UINT64_C(1) << 52) - 1)) | UINT64_C(1)
                                                                    << 52;
        shift = 52 - 10 + (1023 - 14) - exponent;
    }
    half = (unsigned)(significand >> shift);
    rest = significand & ((UINT64_C(1) << shift) - 1);
    tie = UINT64_C(1) << (shift - 1);
    half += rest > tie || (rest == tie && half & 1);
    return (uint16_t)(sign | half);
}

#endif
