/* How an image comes to a size of another shape. */
#ifndef FORAY_IMAGE_FIT_H
#define FORAY_IMAGE_FIT_H

#include <stddef.h>

#include <foray/image.h>

#include "image/resize.h"

/* The part `box` of the image is resampled to rows x cols, whose first pixel
 * becomes (top, left) of the result; what is left of that is black. */
struct foray__fit {
    struct foray__box box;
    size_t rows, cols, top, left;
};

/* The way of an image of rows x cols to the size that `options` ask for.
 * Source: Pillow's ImageOps.fit and ImageOps.pad, the values. Where pad would
 * have no pixels left there is one here, and an error there. */
struct foray__fit foray__fit_of(size_t rows, size_t cols,
                                const struct foray_image_options *options);

/* 1, 2, 4 or 8: the part of its size at which a JPEG file with this header is
 * decoded. */
size_t foray__fit_jpeg_scale(const struct foray_image_info *info,
                             const struct foray_image_options *options);

/* `src` into `dst` at the fit's place, black around it. Both u8 in C order,
 * with the same channels. */
void foray__fit_frame(struct foray_array *dst, const struct foray_array *src,
                      const struct foray__fit *fit);

#endif
