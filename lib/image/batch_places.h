/* Batches whose images keep their sizes: where the features of each are. */
#ifndef FORAY_IMAGE_BATCH_PLACES_H
#define FORAY_IMAGE_BATCH_PLACES_H

#include <foray/hog_batch.h>

/* What of such a batch contradicts it: FORAY_EINVAL. */
int foray__batch_check_places(const struct foray_hog_batch *batch,
                              struct foray_error *err);

/* The place of image i, but for its offset. FORAY_ETOOSMALL names the image. */
int foray__batch_place(const struct foray_hog_batch *batch, size_t i,
                       const struct foray_hog *hog,
                       const struct foray_image_info *info,
                       struct foray_error *err);

/* One behind another; `*length` is that of all. FORAY_ERANGE. */
int foray__batch_arrange(size_t *length, const struct foray_hog_batch *batch,
                         struct foray_error *err);

/* All of them in an array that tasks can see: u8 (n, sizeof place). */
int foray__batch_share_places(struct foray_array *out,
                              const struct foray_hog_batch *batch,
                              struct foray_error *err);

/* The features of one, in the array of all. */
int foray__batch_features_at(struct foray_array *out,
                             const struct foray_array *features,
                             const struct foray_hog_place *place,
                             struct foray_error *err);

/* NaN instead of what a task that failed left. */
void foray__batch_blank(const struct foray_array *features,
                        const struct foray_hog_place *place);

/* SHA-256 of where they are, in hexadecimal digits. */
void foray__batch_places_digest(char out[FORAY_HOG_DIGEST_SIZE],
                                const struct foray_hog_batch *batch);

#endif
