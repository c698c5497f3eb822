/* Votes of pixels for orientations, as OpenCV's HOGDescriptor takes them. */
#ifndef FORAY_IMAGE_VOTES_H
#define FORAY_IMAGE_VOTES_H

#include <stddef.h>
#include <stdint.h>

/* Of each magnitude a part, `low`, for `bin` and a part, `high`, for the next.
 */
struct foray__votes {
    const float *root;     /* of 0 to 255 */
    const uint8_t *pixels; /* image_rows x image_cols x channels */
    size_t image_rows, image_cols, channels;
    size_t cols; /* the first pixels of a row that vote */
    int n_bins;
    float *roots[3]; /* of three rows of pixels: channels x image_cols */
    float *dx, *dy, *low, *high;
    int32_t *bin;
};

/* Votes of row y; rows are asked for in order, from 0. Gradients are
 * differences of roots across one pixel, 0 at the border of the image. Of
 * colours the longest counts, of equals the bluest: OpenCV goes through BGR.
 * Beyond the last of `cols` pixels the image's own still count.
 * Source: modules/objdetect/src/hog.cpp, computeGradient. */
void foray__votes_take(const struct foray__votes *votes, size_t y);

#endif
