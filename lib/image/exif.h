/* EXIF orientation: how the camera was held. */
#ifndef FORAY_IMAGE_EXIF_H
#define FORAY_IMAGE_EXIF_H

#include <foray/array.h>

#include "image/source.h"

/* Orientation in an EXIF block of `nbytes` at `start` of the file, which
 * begins with its TIFF header: 1..8; 1 also when there is none or the block
 * makes no sense, since an image is not damaged by it. */
int foray__exif_orientation(struct foray__source *source, uint64_t start,
                            uint64_t nbytes);

/* Whether an orientation swaps rows and columns. */
static inline bool foray__exif_swaps(int orientation)
{
    return orientation >= 5;
}

/* Turn `src` upright. Both C order, same dtype and channels; the shape of
 * `dst` is swapped where the orientation swaps. */
void foray__exif_turn(const struct foray_array *dst,
                      const struct foray_array *src, int orientation);

#endif
