/* The value of output rows that no task filled: NaN for floats, 0 else. */
#ifndef FORAY_ENGINE_BLANK_H
#define FORAY_ENGINE_BLANK_H

#include <foray/array.h>

/* Overwrite every element, any strides, either byte order. */
void foray__blank(const struct foray_array *array);

#endif
