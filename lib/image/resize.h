/* Resampling of 8-bit images. */
#ifndef FORAY_IMAGE_RESIZE_H
#define FORAY_IMAGE_RESIZE_H

#include <foray/array.h>

#include "image/scratch.h"

/* Resample `src` to the size of `dst`, bit for bit as Pillow's Image.resize
 * with BILINEAR: a triangle as wide as the scale when shrinking, weights in 22
 * bits of fixed point, columns first, rounded to 8 bits between the passes.
 * Shape:  both (rows, cols) or (rows, cols, channels) u8, C order, `dst`
 *         preallocated. Of 2 or 4 channels the last is alpha: colours are
 *         weighted by it, as Pillow does for LA and RGBA.
 * Errors: FORAY_ETOOLARGE (sizes overflow), FORAY_ENOMEM.
 * Source: Pillow's Resample.c, the values. */
int foray__resize(struct foray_array *dst, const struct foray_array *src,
                  struct foray__scratch *scratch, struct foray_error *err);

#endif
