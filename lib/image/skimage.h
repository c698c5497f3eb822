/* HOG as skimage defines it: what its method, its path for 8-bit images and
 * its path for others share. */
#ifndef FORAY_IMAGE_SKIMAGE_H
#define FORAY_IMAGE_SKIMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <foray/hog.h>

#include "image/hog_kernel.h"

/* What one image needs besides its cells; pointers into the scratch. */
struct foray__skimage {
    const struct foray_hog_options *options;
    const struct foray__hog_kernel *kernel;
    size_t rows, cols, channels;
    size_t n_cell_rows, n_cell_cols;
    bool single; /* computed in float32, as f16 and f32 images are */
    struct foray__hog_row row, spare; /* spare: of 8-bit images */
    uint8_t *planes;                  /* three rows of each channel */
    double *dx, *dy, *length;         /* of images of other types */
    double *spare_dx, *spare_dy;
    float *votes; /* one row of cells, n + 1 bins: the last is for nobody */
    double *block, *normal; /* one block, before and after */
    void *pixels;           /* the image, where it has to be converted */
};

/* Histograms of all cells of an image of u8 in C order; `table` is
 * foray__bin_table. */
void foray__skimage_bytes(const struct foray__skimage *work,
                          const struct foray_array *image, const uint8_t *table,
                          double *cells);

/* The same of an image of f64, or f32 where work->single, in C order. */
void foray__skimage_numbers(const struct foray__skimage *work,
                            const struct foray_array *image, double *cells);

/* Add the magnitudes of row y to the bins of their cells; after the last row
 * of its cells they become histograms. */
void foray__skimage_add_row(const struct foray__skimage *work, size_t y,
                            double *cells);

#endif
