#include "base/number.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_DIGITS = 64, MAX_EXPONENT = 9999 };

/* The digits of a number without its point, and where the point was. */
struct mantissa {
    char digits[MAX_DIGITS + 16]; /* room for an exponent */
    size_t n, n_behind_point;
};

/* Append the digits at `text`; how many, or more than MAX_DIGITS. */
static size_t take_digits(struct mantissa *mantissa, const char *text)
{
    size_t n = 0;

    while (isdigit((unsigned char)text[n]) && mantissa->n < MAX_DIGITS)
        mantissa->digits[mantissa->n++] = text[n++];
    return isdigit((unsigned char)text[n]) ? MAX_DIGITS + 1 : n;
}

/* The exponent at `text`, "e-3": the characters it takes, 0 when there is
 * none. */
static size_t take_exponent(int *out, const char *text)
{
    bool negative = text[0] && text[1] == '-';
    size_t n = 1;
    int exponent = 0;

    if (*text != 'e' && *text != 'E')
        return 0;
    if (text[1] == '-' || text[1] == '+')
        n++;
    if (!isdigit((unsigned char)text[n]))
        return 0;
    for (; isdigit((unsigned char)text[n]); n++)
        if (exponent <= MAX_EXPONENT)
            exponent = 10 * exponent + (text[n] - '0');
    *out = negative ? -exponent : exponent;
    return n;
}

bool foray__number(struct foray__number *out, const char *text)
{
    struct mantissa mantissa = {.n = 0};
    size_t length = take_digits(&mantissa, text), taken;
    int exponent = 0;

    if (length > MAX_DIGITS)
        return false;
    out->whole = true;
    if (text[length] == '.') {
        mantissa.n_behind_point = take_digits(&mantissa, text + length + 1);
        if (mantissa.n_behind_point > MAX_DIGITS)
            return false;
        length += 1 + mantissa.n_behind_point;
        out->whole = false;
    }
    if (!mantissa.n)
        return false;
    taken = take_exponent(&exponent, text + length);
    if (taken)
        out->whole = false;
    out->length = length + taken;
    /* Without a point strtod is the same in all locales, and exact. */
    snprintf(mantissa.digits + mantissa.n, sizeof mantissa.digits - mantissa.n,
             "e%d", exponent - (int)mantissa.n_behind_point);
    out->value = strtod(mantissa.digits, NULL);
    return true;
}
