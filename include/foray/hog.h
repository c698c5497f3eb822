/* HOG: histograms of oriented gradients of one image.
 *
 *     static uint8_t gray[512][512];
 *     size_t shape[2] = {512, 512}, n;
 *     struct foray_array image, features = {0};
 *     struct foray_hog *hog = NULL;
 *     struct foray_error err;
 *
 *     if (foray_array_wrap(&image, gray, FORAY_U8, 2, shape, &err) ||
 *         foray_hog_new(&hog, &(struct foray_hog_options){0}, &err) ||
 *         foray_hog_length(&n, hog, shape[0], shape[1], &err) ||
 *         foray_array_create(&features, "hog.npy", FORAY_F64, 1, &n, &err) ||
 *         foray_hog_compute(hog, &image, &features, &err))
 *         fprintf(stderr, "%s\n", err.msg);
 *     foray_array_close(&features, NULL);
 *     foray_hog_free(hog);
 *
 * Three definitions: `skimage` equals skimage.feature.hog (bit for bit for
 * integer images without transform_sqrt), `dalal-triggs` equals OpenCV's
 * HOGDescriptor over the whole image as one window, `uoctti` equals VLFeat's
 * vl_hog (Felzenszwalb et al. 2010).
 * Kernels for baseline, AVX2, AVX-512 or NEON are chosen when the program
 * runs; all give the same bits.
 * Threads: different struct foray_hog are independent. Fork: plain memory.
 */
#ifndef FORAY_HOG_H
#define FORAY_HOG_H

#include <stdbool.h>
#include <stddef.h>

#include <foray/array.h>
#include <foray/error.h>
#include <foray/export.h>

FORAY_BEGIN

/* XX(name, word) */
#define FORAY_HOG_METHOD_MAP(XX)                                               \
    XX(SKIMAGE, "skimage")                                                     \
    XX(DALAL_TRIGGS, "dalal-triggs")                                           \
    XX(UOCTTI, "uoctti")

enum foray_hog_method { /* 0 is the default, skimage */
#define FORAY_HOG_METHOD_ENUM(name, word) FORAY_HOG_##name,
                        FORAY_HOG_METHOD_MAP(FORAY_HOG_METHOD_ENUM)
#undef FORAY_HOG_METHOD_ENUM
};

#define FORAY_HOG_NORM_MAP(XX)                                                 \
    XX(L2_HYS, "L2-Hys")                                                       \
    XX(L2, "L2")                                                               \
    XX(L1, "L1")                                                               \
    XX(L1_SQRT, "L1-sqrt")

enum foray_hog_norm { /* 0 is the default, L2-Hys */
#define FORAY_HOG_NORM_ENUM(name, word) FORAY_HOG_NORM_##name,
                      FORAY_HOG_NORM_MAP(FORAY_HOG_NORM_ENUM)
#undef FORAY_HOG_NORM_ENUM
};

/* Zero everywhere means default. An option that a method lacks must be zero:
 * dalal-triggs: 8x8 cells and 2x2 blocks by default, norm L2-Hys only, always
 * gamma (transform_sqrt is refused); uoctti: square cells (8x8), no blocks, no
 * norm, no transform_sqrt. */
struct foray_hog_options {
    enum foray_hog_method method;
    int orientations;              /* 9; 1..180 */
    size_t cell_rows, cell_cols;   /* 8, 8 pixels */
    size_t block_rows, block_cols; /* 3, 3 cells; dalal-triggs 2, 2 */
    enum foray_hog_norm norm;
    bool transform_sqrt; /* square root of the pixels first */
};

struct foray_hog; /* options, kernels and buffers, kept from image to image */

/** A new descriptor. `options` NULL: all defaults; they are copied.
 *  Errors: FORAY_EINVAL (an option out of range or that the method lacks: says
 *  which), FORAY_ENOMEM.
 *  Owner: the caller, foray_hog_free. */
FORAY_API FORAY_CHECK int foray_hog_new(struct foray_hog **out,
                                        const struct foray_hog_options *options,
                                        struct foray_error *err);

/** Free a descriptor; NULL does nothing. */
FORAY_API void foray_hog_free(struct foray_hog *hog);

/** The options with every default filled in.  Owner: the descriptor's. */
FORAY_API const struct foray_hog_options *
foray_hog_options(const struct foray_hog *hog);

/** Shape of the features of an image of `rows` x `cols`:
 *  skimage       (blocks_r, blocks_c, block_rows, block_cols, orientations)
 *  dalal-triggs  (blocks_c, blocks_r, block_cols, block_rows, orientations)
 *  uoctti        (3 * orientations + 4, cells_r, cells_c), VLFeat's planes
 *  `shape` holds 5 numbers; *ndim is 5 or 3. The features are these in C
 *  order, flat.
 *  Errors: FORAY_ETOOSMALL: says how many rows and columns it takes.
 *  Fork, threads: pure, as foray_hog_length. */
FORAY_API FORAY_CHECK int foray_hog_shape(size_t shape[5], int *ndim,
                                          const struct foray_hog *hog,
                                          size_t rows, size_t cols,
                                          struct foray_error *err);

/** Number of features: the product of foray_hog_shape.
 *  Errors: FORAY_ETOOSMALL, FORAY_ERANGE (more than memory has addresses). */
FORAY_API FORAY_CHECK int foray_hog_length(size_t *out,
                                           const struct foray_hog *hog,
                                           size_t rows, size_t cols,
                                           struct foray_error *err);

/** Compute the features of one image.
 *  Shape:  image (rows, cols) or (rows, cols, channels); any of bool, i8..i64,
 *          u8..u64, f16, f32, f64 for skimage; u8 with 1 or 3 channels (RGB)
 *          for dalal-triggs; bool, integers up to 32 bits, f16, f32, f64 for
 *          uoctti. features: 1-d, contiguous, foray_hog_length elements of
 *          f64, f32 or f16; the values are computed in the method's own type
 *          (skimage f64; f32 for f16 and f32 images; others f32), then rounded.
 *  Errors: FORAY_EDTYPE, FORAY_ESHAPE, FORAY_EACCES (features are read-only),
 *          FORAY_ETOOSMALL, FORAY_ERANGE, FORAY_ENOMEM.
 *  Source: skimage/feature/_hog.py (0.19-0.25), opencv hog.cpp (4.6),
 *          vlfeat hog.c (0.9.21). */
FORAY_API FORAY_CHECK int foray_hog_compute(struct foray_hog *hog,
                                            const struct foray_array *image,
                                            const struct foray_array *features,
                                            struct foray_error *err);

/** Draw the cells of the image last computed, method skimage: what
 *  skimage.feature.hog(visualize=True) returns.
 *  Shape:  picture f64 (rows, cols) of that image, C order.
 *  Errors: FORAY_ENOTSUP (another method; cells of 1 pixel), FORAY_ESHAPE
 *          (another size, or no image computed), FORAY_EDTYPE, FORAY_EACCES. */
FORAY_API FORAY_CHECK int foray_hog_draw(struct foray_hog *hog,
                                         const struct foray_array *picture,
                                         struct foray_error *err);

/** Name of the kernels chosen: "baseline", "avx2", "avx512", "neon".
 *  Owner: static storage. */
FORAY_API const char *foray_hog_kernel(void);

/** The word of a method, "dalal-triggs", or of a norm, "L2-Hys"; "?" of a value
 *  that is none.  Owner: static storage. */
FORAY_API const char *foray_hog_method_name(enum foray_hog_method method);
FORAY_API const char *foray_hog_norm_name(enum foray_hog_norm norm);

/** Read a method's or a norm's word.  Errors: FORAY_EINVAL: lists them. */
FORAY_API FORAY_CHECK int foray_hog_method_parse(enum foray_hog_method *out,
                                                 const char *text,
                                                 struct foray_error *err);
FORAY_API FORAY_CHECK int foray_hog_norm_parse(enum foray_hog_norm *out,
                                               const char *text,
                                               struct foray_error *err);

FORAY_END
#endif
