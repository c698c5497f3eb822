/* Items from one spacing in memory to another, bytes turned around or not. */
#ifndef FORAY_ARRAY_MOVE_H
#define FORAY_ARRAY_MOVE_H

#include <stddef.h>

/* Copy `n` items of `itemsize` bytes whose addresses are `dst_stride` and
 * `src_stride` bytes apart; any alignment. `swap` is the number of bytes whose
 * order is turned around (half an item for complex numbers), 0 for none.
 * Item i is read before item i is written, and nothing else is promised when
 * the memory overlaps. */
void foray__move(void *dst, ptrdiff_t dst_stride, const void *src,
                 ptrdiff_t src_stride, size_t n, size_t itemsize, size_t swap);

#endif
