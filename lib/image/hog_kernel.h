/* The inner loops of HOG for 8-bit images, compiled once per instruction set.
 *
 * Every set runs the same source (hog_kernel_body.h) without contraction or
 * reassociation, so that all give the same bits.
 */
#ifndef FORAY_IMAGE_HOG_KERNEL_H
#define FORAY_IMAGE_HOG_KERNEL_H

#include <stddef.h>
#include <stdint.h>

#include <foray/hog.h>

/* Gradients and votes of one row of pixels. */
struct foray__hog_row {
    int16_t *dx, *dy;  /* I[x+1] - I[x-1], I[y+1] - I[y-1]; 0 at borders */
    int32_t *square;   /* dx^2 + dy^2 */
    double *magnitude; /* its square root */
    uint8_t *bin;      /* orientation, or one past the last: none */
};

/* Bins of 8-bit gradients: [|dy|][dx + 255], for dy >= 0. */
enum { FORAY__BIN_STRIDE = 512, FORAY__BIN_ROWS = 256 };

enum { FORAY__BIN_UNSURE = 255 };

struct foray__hog_kernel {
    const char *name;

    /* dx, dy and square of `n` pixels of one channel; `above` and `below` are
     * `here` at the border of the image. */
    void (*gradient)(const struct foray__hog_row *row, const uint8_t *above,
                     const uint8_t *here, const uint8_t *below, size_t n);

    /* The same for a further channel: pixels where it is larger are replaced.
     * `spare` is room for another row. */
    void (*larger)(const struct foray__hog_row *row,
                   const struct foray__hog_row *spare, size_t n);

    /* Magnitudes and bins from gradients. */
    void (*vote)(const struct foray__hog_row *row, const uint8_t *table,
                 size_t n);

    /* Bins of any gradients for up to 180 orientations, as
     * foray__orientation_bin has them, FORAY__BIN_UNSURE where that has to be
     * asked: within rounding of a bound, or NaN. */
    void (*bins)(uint8_t *bin, const double *dx, const double *dy, size_t n,
                 int orientations);

    /* Normalize one block of n values into `out`. */
    void (*normalize)(double *out, const double *block, size_t n,
                      enum foray_hog_norm norm);

    /* Round n values to f32. */
    void (*narrow)(float *out, const double *values, size_t n);
};

/* The quickest this machine can run, less those that FORAY_TEST_NO names. */
const struct foray__hog_kernel *foray__hog_kernel_choose(void);

/* All that this machine can run, best first, less those; how many. */
enum { FORAY__HOG_KERNELS = 3 };
size_t foray__hog_kernels(const struct foray__hog_kernel **out);

extern const struct foray__hog_kernel foray__hog_kernel_baseline;
extern const struct foray__hog_kernel foray__hog_kernel_avx2;
extern const struct foray__hog_kernel foray__hog_kernel_avx512;

#endif
