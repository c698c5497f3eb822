/* What the header of a TIFF file says, for its decoder. */
#ifndef FORAY_IMAGE_TIFF_H
#define FORAY_IMAGE_TIFF_H

#include <foray/image.h>

#include "image/source.h"

/* Values of the fields, named as in TIFF 6.0. */
enum {
    FORAY__TIFF_WHITE_IS_ZERO = 0,
    FORAY__TIFF_BLACK_IS_ZERO = 1,
    FORAY__TIFF_RGB = 2,
    FORAY__TIFF_PALETTE = 3,
    FORAY__TIFF_YCBCR = 6,
};
enum {
    FORAY__TIFF_STORED = 1,
    FORAY__TIFF_CCITT = 2, /* to 4 */
    FORAY__TIFF_GROUP_4 = 4,
    FORAY__TIFF_JPEG = 7,
};

struct foray__tiff {
    uint32_t rows, cols;
    uint32_t bits, samples;
    uint32_t photometric, compression;
    bool is_planar;  /* each sample has a plane of its own */
    bool is_alpha;   /* the first sample behind the colours is */
    bool multiplied; /* colours were, by their alpha */
    int channels;    /* of the decoded image */
    int orientation;
};

/* Read the first directory. Errors: those of a header (format.h). */
int foray__tiff_read(struct foray__tiff *out, struct foray__source *source,
                     struct foray_error *err);

#endif
