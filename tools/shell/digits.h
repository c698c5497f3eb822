/* Numbers as digits, many of them: of millions of rows printf would take
 * seconds. */
#ifndef FORAY_TOOLS_SHELL_DIGITS_H
#define FORAY_TOOLS_SHELL_DIGITS_H

#include <stdint.h>

/* Into memory that has room for 20 of them, or for `width`, which there are at
 * least; no NUL. Returns where they end. */
static inline char *digits_put(char *at, uint64_t number, int width)
{
    char digits[20];
    int n = 0;

    do {
        digits[n++] = (char)('0' + number % 10);
        number /= 10;
    } while (number || n < width);
    while (n)
        *at++ = digits[--n];
    return at;
}

#endif
