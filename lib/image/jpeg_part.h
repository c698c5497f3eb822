/* What one part of a JPEG's colours has in the scan.
 * Source: ITU-T T.81, A.2 and F.2.2. */
#ifndef FORAY_IMAGE_JPEG_PART_H
#define FORAY_IMAGE_JPEG_PART_H

#include "image/jpeg_code.h"

/* Luma, or one of chroma. */
struct foray__jpeg_part {
    unsigned across, down; /* blocks in an MCU */
    unsigned size;         /* of a block, both ways: 1 pixel or 2 */
    unsigned wide, high;   /* each pixel stands for 1 << it of the image */
    const struct foray__jpeg_code *first, *rest;
    const uint16_t *steps; /* from one level of a coefficient to the next */
    int32_t mean;          /* of the block before */
    uint8_t *pixels;       /* of one row of MCUs */
    size_t width;          /* of a row of them */
};

/* Its blocks of the next MCU, to pixels: a row's are at `to`, the next row's
 * `width` behind. False: these are no such blocks, or libjpeg may make
 * something else of them. */
bool foray__jpeg_part_read(struct foray__jpeg_bits *bits,
                           struct foray__jpeg_part *part, uint8_t *to);

#endif
