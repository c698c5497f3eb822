/* IEEE 754 binary16 in software, rounding to nearest even. */
#ifndef FORAY_ARRAY_HALF_H
#define FORAY_ARRAY_HALF_H

#include <stdint.h>
#include <string.h>

static inline double foray__half_to_double(uint16_t half)
{
    uint64_t sign = (uint64_t)(half >> 15) << 63, bits;
    unsigned exponent = half >> 10 & 31;
    uint64_t fraction = half & 1023;
    double value;

    if (exponent == 0) { /* zero and subnormal: fraction * 2^-24 */
        value = (double)fraction * 0x1p-24;
        return sign ? -value : value;
    }
    bits = sign | fraction << 42 |
           (exponent == 31 ? (uint64_t)2047 << 52
                           : (uint64_t)(exponent + 1023 - 15) << 52);
    memcpy(&value, &bits, sizeof value);
    return value;
}

static inline uint16_t foray__half_from_double(double value)
{
    uint64_t bits, fraction, rest, half_way;
    uint16_t sign, result;
    int exponent, drop;

    memcpy(&bits, &value, sizeof bits);
    sign = (uint16_t)(bits >> 48 & 0x8000);
    exponent = (int)(bits >> 52 & 2047);
    fraction = bits & (((uint64_t)1 << 52) - 1);
    if (exponent == 2047) /* infinity, NaN with the top of its payload */
        return (uint16_t)(sign | 0x7c00 |
                          (fraction ? 0x200 | fraction >> 42 : 0));
    exponent += 15 - 1023;
    if (exponent >= 31)
        return sign | 0x7c00;
    drop = 42;
    if (exponent <= 0) { /* subnormal: the hidden bit becomes visible */
        fraction |= (uint64_t)1 << 52;
        drop += 1 - exponent;
        exponent = 0;
        if (drop > 53)
            return sign;
    }
    rest = fraction & (((uint64_t)1 << drop) - 1);
    half_way = (uint64_t)1 << (drop - 1);
    result = (uint16_t)((unsigned)exponent << 10 | fraction >> drop);
    /* A carry out of the fraction is the next exponent, as it should be. */
    if (rest > half_way || (rest == half_way && (result & 1)))
        result++;
    return (uint16_t)(sign | result);
}

#endif
