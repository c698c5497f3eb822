/* The rows whose images could be described, without the others. */
#ifndef FORAY_TOOLS_HOG_KEEP_H
#define FORAY_TOOLS_HOG_KEEP_H

#include "hog/output.h"

/* Which of n rows are ok. Returns their numbers, ascending, and how many there
 * are; NULL: no memory. Owner: the caller. */
size_t *hog_keep_find(size_t *n_kept, const struct foray_hog_row *rows,
                      size_t n);

/* Let an output be an array of these rows of it only, in a file of its own:
 * the one that a run can go on with stays as it is, until the end.
 * Errors: those of hog_output_begin. */
int hog_keep_rows(struct hog_output *output, const size_t *kept, size_t n_kept,
                  struct foray_pool *pool, struct foray_error *err);

/* The same of images that keep their sizes: an array without the features that
 * failed ones would have had, if there are any. Their places have a length of 0
 * then, whether they have a row or not. */
int hog_keep_features(struct hog_output *output,
                      const struct foray_hog_row *rows, size_t n,
                      struct foray_pool *pool, struct foray_error *err);

#endif
