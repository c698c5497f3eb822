/* Small pictures of images, and of their features. Workers make them: what
 * crashed a decoder once may do so again. */
#ifndef FORAY_TOOLS_REPORT_PICTURES_H
#define FORAY_TOOLS_REPORT_PICTURES_H

#include <stddef.h>
#include <stdint.h>

#include <foray/hog_batch.h>

#include "images/index.h"
#include "shell/parallel.h"

enum { PICTURE_BYTES = 32768, PICTURES_MOST = 64 };

/* A file in memory, JPEG or PNG. */
struct picture_file {
    uint32_t n; /* bytes; 0: there is none */
    uint8_t bytes[PICTURE_BYTES];
};

struct pictures {
    struct foray_array files; /* of struct picture_file: n photos, n glyphs */
    size_t n;
};

/* The run whose images they show. */
struct pictures_of {
    const struct foray_hog_batch *batch;
    const struct foray_hog_plan *plan;
    const struct parallel *parallel;
    const struct index *images;
    double seconds; /* that it took */
};

/* Make them of n images, which are rows of the index; at most PICTURES_MOST. It
 * takes 10 s at most, or as long as the run, but no minute; what is not made by
 * then, or fails, there is no picture of. Where nothing can be made at all
 * `out` is empty. */
void pictures_make(struct pictures *out, const struct pictures_of *of,
                   const size_t *which, size_t n);

/* The k-th of those, as the run's options read it, in colour; and its features,
 * method skimage. NULL: there is none. */
const struct picture_file *pictures_photo(const struct pictures *pictures,
                                          size_t k);
const struct picture_file *pictures_glyphs(const struct pictures *pictures,
                                           size_t k);

void pictures_free(struct pictures *pictures);

#endif
