/* A JPEG at an eighth of its size: of nearly all coefficients it is enough to
 * know how long they are. */
#ifndef FORAY_IMAGE_JPEG_EIGHTH_H
#define FORAY_IMAGE_JPEG_EIGHTH_H

#include <stdbool.h>

#include <foray/array.h>

struct jpeg_decompress_struct;

/* The pixels that libjpeg would make with scale_denom 8, of a decoder that has
 * read the header and is to be destroyed then. False: it is a file of another
 * kind, or anything about it is odd, or there is no memory; nothing happened to
 * the decoder, which is left to say what it thinks of it.
 * Shape:  (rows, cols) or (rows, cols, 3) u8, C order. */
bool foray__jpeg_eighth(const struct foray_array *pixels,
                        struct jpeg_decompress_struct *decoder);

#endif
