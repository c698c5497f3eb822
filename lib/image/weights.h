/* What each sample of a resampled line is a weighted mean of. */
#ifndef FORAY_IMAGE_WEIGHTS_H
#define FORAY_IMAGE_WEIGHTS_H

#include <stddef.h>
#include <stdint.h>

#include <foray/image.h>

/* Products of 8-bit pixels with weights this fine sum up in 32 bits. */
enum { FORAY__WEIGHT_BITS = 32 - 8 - 2 };

/* One axis: `to` samples of what lies between `begin` and `end` of `from`
 * samples. The edges are floats, for Pillow's are. */
struct foray__axis {
    size_t from, to;
    float begin, end;
};

/* Input positions [first, first + n). */
struct foray__taps {
    size_t first, n;
};

struct foray__weights {
    size_t width;             /* weights kept per output position */
    int32_t *weight;          /* to * width, 1 is 1 << FORAY__WEIGHT_BITS */
    struct foray__taps *taps; /* to */
    double *exact;            /* width: a position's, before they are rounded */
};

/* The weights that one position takes at most; SIZE_MAX when it overflows. */
size_t foray__weights_width(const struct foray__axis *axis,
                            enum foray_filter filter);

/* Fill `weight` and `taps`, `exact` is overwritten.
 * Source: Pillow's Resample.c, precompute_coeffs and normalize_coeffs_8bpc. */
void foray__weigh(const struct foray__weights *weights,
                  const struct foray__axis *axis, enum foray_filter filter);

#endif
