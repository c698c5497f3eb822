/* Sizes that cannot overflow unseen. */
#ifndef FORAY_BASE_SIZE_H
#define FORAY_BASE_SIZE_H

#include <stdbool.h>
#include <stddef.h>

static inline bool foray__mul(size_t *out, size_t a, size_t b)
{
    return !__builtin_mul_overflow(a, b, out);
}

static inline bool foray__add(size_t *out, size_t a, size_t b)
{
    return !__builtin_add_overflow(a, b, out);
}

/* `n` rounded up to a multiple of the power of two `align`; no overflow for
 * sizes that passed foray__shape_nbytes. */
static inline size_t foray__round_up(size_t n, size_t align)
{
    return (n + align - 1) & ~(align - 1);
}

/* Bytes of an array, at most PTRDIFF_MAX; false when they overflow, also when
 * a zero axis hides the overflow, as NumPy refuses it. */
bool foray__shape_nbytes(size_t *out, size_t itemsize, int ndim,
                         const size_t *shape);

#endif
