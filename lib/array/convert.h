/* Runs of elements from one type to another. */
#ifndef FORAY_ARRAY_CONVERT_H
#define FORAY_ARRAY_CONVERT_H

#include <stddef.h>

#include <foray/dtype.h>

/* Convert `n` elements that lie one behind the other, aligned, in this
 * machine's byte order. Either `dst` and `src` do not overlap, or they are the
 * same address and the elements of the same size. */
typedef void (*foray__convert_fn)(void *dst, const void *src, size_t n);

/* The function for a pair of types, which are not FORAY_OPAQUE. */
foray__convert_fn foray__convert_find(enum foray_dtype dst,
                                      enum foray_dtype src);

#endif
