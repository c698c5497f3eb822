/* From the samples of a TIFF file to pixels. */
#ifndef FORAY_IMAGE_TIFF_PIXELS_H
#define FORAY_IMAGE_TIFF_PIXELS_H

#include <foray/array.h>

#include "image/tiff.h"

/* A run of `cols` pixels of a row, from samples as libtiff unpacks them: packed
 * when of less than 8 bits, of 16 in this machine's order; of all samples, or
 * of one plane. `palette` has red, green and blue of each index. */
void foray__tiff_put(void *pixels, const uint8_t *samples, size_t cols,
                     const struct foray__tiff *tiff, size_t plane,
                     const uint8_t (*palette)[3]);

/* Divide colours by the alpha that they were multiplied with. */
void foray__tiff_divide(const struct foray_array *pixels);

#endif
