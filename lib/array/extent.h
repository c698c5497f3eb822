/* The memory between the first and the last byte of an array. */
#ifndef FORAY_ARRAY_EXTENT_H
#define FORAY_ARRAY_EXTENT_H

#include <stdint.h>

#include <foray/array.h>

/* Addresses [low, high); both are the array's `data` when it is empty. */
struct foray__extent {
    uintptr_t low, high;
};

/* Of the whole array, or with `axis` >= 0 of its first slice along that axis.
 * Pure: also for signal handlers. */
struct foray__extent foray__extent_of(const struct foray_array *array,
                                      int axis);

#endif
