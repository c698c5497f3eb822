/* Images that keep their sizes: `foray hog --ragged`. Features are one array,
 * those of an image behind those of the one before. */
#ifndef FORAY_TOOLS_HOG_RAGGED_H
#define FORAY_TOOLS_HOG_RAGGED_H

#include <foray/hog_batch.h>
#include <foray/pool.h>

/* Write the datasets `offsets` (n + 1) and `shapes` (n, axes) of these images,
 * beside features that have those of no other.
 * Errors: those of HDF5. */
int hog_ragged_save(const char *file, const struct foray_hog_place *places,
                    const size_t *kept, size_t n, struct foray_pool *pool,
                    struct foray_error *err);

/* How many features n images have. */
size_t hog_ragged_length(const struct foray_hog_place *places, size_t n);

/* The least and the most that one has which has any. */
void hog_ragged_lengths(size_t *least, size_t *most,
                        const struct foray_hog_place *places, size_t n);

#endif
