/* All elements of an array as numbers of one type. */
#ifndef FORAY_COMPUTE_ELEMENTS_H
#define FORAY_COMPUTE_ELEMENTS_H

#include <foray/array.h>

/* `n` elements one behind the other, aligned, in this machine's byte order. */
typedef void (*foray__block_fn)(void *arg, const void *block, size_t n);

/* Call `fn` with every element once, in C order, as `dtype`. Where a block
 * ends depends on the shape only: not on strides, addresses or byte order. */
int foray__elements_each(const struct foray_array *array,
                         enum foray_dtype dtype, foray__block_fn fn, void *arg,
                         struct foray_error *err);

#endif
