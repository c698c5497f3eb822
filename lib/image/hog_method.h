/* What each definition of HOG provides, behind foray_hog_compute. */
#ifndef FORAY_IMAGE_HOG_METHOD_H
#define FORAY_IMAGE_HOG_METHOD_H

#include <stddef.h>

#include <foray/hog.h>

#include "image/scratch.h"

struct foray__hog_method {
    /* Fill defaults, refuse what the method lacks: FORAY_EINVAL. */
    int (*complete)(struct foray_hog_options *options, struct foray_error *err);
    /* As foray_hog_shape. */
    int (*shape)(size_t shape[5], int *ndim,
                 const struct foray_hog_options *options, size_t rows,
                 size_t cols, struct foray_error *err);
    /* As foray_hog_compute; image, features and sizes were checked against
     * `shape`, dtypes of the image not. */
    int (*compute)(struct foray_hog *hog, const struct foray_array *image,
                   const struct foray_array *features, struct foray_error *err);
};

extern const struct foray__hog_method foray__hog_skimage;
extern const struct foray__hog_method foray__hog_dalal_triggs;
extern const struct foray__hog_method foray__hog_uoctti;

struct foray__hog_kernel;

struct foray_hog {
    struct foray_hog_options options; /* complete */
    const struct foray__hog_method *method;
    const struct foray__hog_kernel *kernel;
    struct foray__scratch scratch; /* of the method, per image */
    struct foray__scratch cells;   /* skimage: histograms of the last image,
                                      for foray_hog_draw */
    size_t rows, cols;             /* of the last image, 0 before */
    bool single;  /* skimage: the last image was computed in float32 */
    void *tables; /* of the method, made at its first image,
                     malloc'ed */
};

/* How many blocks that slide by one cell an image has, down and across.
 * FORAY_ETOOSMALL: not one. */
int foray__hog_count_blocks(size_t *down, size_t *across,
                            const struct foray_hog_options *options,
                            size_t rows, size_t cols, struct foray_error *err);

/* FORAY_EDTYPE where pixels of `dtype` are no real numbers, with a sentence
 * that says that `what` needs them. */
int foray__hog_check_real(enum foray_dtype dtype, const char *what,
                          struct foray_error *err);

/* Round values to f64, f32 or f16 at any address. */
void foray__hog_store(void *out, enum foray_dtype dtype, const double *values,
                      size_t n, const struct foray__hog_kernel *kernel);

#endif
