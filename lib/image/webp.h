/* What the header of a WebP file says, for its decoder. */
#ifndef FORAY_IMAGE_WEBP_H
#define FORAY_IMAGE_WEBP_H

#include <foray/image.h>

#include "image/source.h"

struct foray__webp {
    uint32_t rows, cols;
    bool alpha;
    int orientation;
    uint64_t size; /* of the file, as it says */

    /* The first frame of a film, the image otherwise: where it is, and where
     * its bytes are. */
    bool is_film;
    uint32_t top, left, frame_rows, frame_cols;
    uint64_t frame, frame_nbytes;
};

/* Walk the chunks. Errors: those of a header (format.h). */
int foray__webp_read(struct foray__webp *out, struct foray__source *source,
                     struct foray_error *err);

#endif
