#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include <foray/size.h>

#include "base/error.h"
#include "base/number.h"

/* The unit that `text` consists of as a shift, or -1. */
static int unit_shift(const char *text)
{
    static const char units[] = "KMGT";
    const char *unit;

    if (!*text)
        return 0;
    unit = strchr(units, toupper((unsigned char)*text));
    if (!unit || (text[1] && strcmp(text + 1, "iB") != 0))
        return -1;
    return 10 * (int)(unit - units + 1);
}

/* Digits only, which a double would round. */
static bool read_whole(uint64_t *out, const char *digits, size_t length)
{
    uint64_t n = 0;

    for (size_t i = 0; i < length; i++)
        if (__builtin_mul_overflow(n, (uint64_t)10, &n) ||
            __builtin_add_overflow(n, (uint64_t)(digits[i] - '0'), &n))
            return false;
    *out = n;
    return true;
}

static bool scale(uint64_t *out, const struct foray__number *number,
                  const char *text, int shift)
{
    double nbytes = number->value * (double)((uint64_t)1 << shift);
    uint64_t n;

    if (!number->whole) {
        if (!(nbytes < 0x1p64))
            return false;
        *out = (uint64_t)nbytes;
        return true;
    }
    if (!read_whole(&n, text, number->length) || n > UINT64_MAX >> shift)
        return false;
    *out = n << shift;
    return true;
}

int foray_size_parse(uint64_t *out, const char *text, struct foray_error *err)
{
    struct foray__number number;
    int shift = -1;

    if (foray__number(&number, text))
        shift = unit_shift(text + number.length);
    if (shift < 0 || (shift == 0 && !number.whole))
        return foray__fail(err, FORAY_EINVAL,
                           "\"%.80s\" is no size: write bytes, such as "
                           "1048576, or a number with K, M, G or T for powers "
                           "of 1024, such as 1.5G",
                           text);
    if (!scale(out, &number, text, shift))
        return foray__fail(err, FORAY_EINVAL,
                           "the size \"%.80s\" is too large: it must be below "
                           "2^64 bytes",
                           text);
    return 0;
}
