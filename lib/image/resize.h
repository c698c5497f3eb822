/* Resampling of 8-bit images. */
#ifndef FORAY_IMAGE_RESIZE_H
#define FORAY_IMAGE_RESIZE_H

#include <foray/array.h>
#include <foray/image.h>

#include "image/scratch.h"

/* A part of an image, in its pixels; edges may lie within pixels. */
struct foray__box {
    float left, top, right, bottom;
};

/* All of an image. */
struct foray__box foray__box_whole(size_t rows, size_t cols);

/* Resample the part `box` of `src` to the size of `dst`, bit for bit as
 * Pillow's Image.resize: a kernel as wide as the scale when shrinking, weights
 * in 22 bits of fixed point, columns first, rounded to 8 bits between the
 * passes. Pixels beyond the box weigh in at its edges.
 * Shape:  both (rows, cols) or (rows, cols, channels) u8, C order, `dst`
 *         preallocated. Of 2 or 4 channels the last is alpha: colours are
 *         weighted by it, as Pillow does for LA and RGBA.
 * Errors: FORAY_ETOOLARGE (sizes overflow), FORAY_ENOMEM.
 * Source: Pillow's Resample.c, the values. */
int foray__resize(struct foray_array *dst, const struct foray_array *src,
                  const struct foray__box *box, enum foray_filter filter,
                  struct foray__scratch *scratch, struct foray_error *err);

#endif
