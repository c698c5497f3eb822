/* Arrays in words, and the axes of fresh ones. */
#ifndef FORAY_ARRAY_TEXT_H
#define FORAY_ARRAY_TEXT_H

#include <foray/array.h>

struct foray__text {
    char text[160];
};

/* "(3, 4)", "(5,)", "()"; many axes are cut short with "...". */
struct foray__text foray__shape_text(const struct foray_array *array);
struct foray__text foray__shape_text_of(int ndim, const size_t *shape);

/* FORAY_EINVAL unless an array can have so many axes. */
int foray__check_ndim(int ndim, struct foray_error *err);

/* Fill in the strides of an array without gaps. */
void foray__array_set_strides(struct foray_array *array,
                              enum foray_order order);

#endif
