/* Batches that go on where they were interrupted: what their journal says they
 * are of, and the records of their rows, which are kept beside it. */
#ifndef FORAY_IMAGE_BATCH_JOURNAL_H
#define FORAY_IMAGE_BATCH_JOURNAL_H

#include <foray/hog_batch.h>

/* What the features depend on beside the images, a line each; options as they
 * are meant, whether they were given or not, by the names and words that the
 * command has for them. Owner: the caller, free(). */
int foray__batch_describe(char **out, const struct foray_hog_batch *batch,
                          struct foray_error *err);

/* (n, sizeof(struct foray__batch_record)) u8, as an interrupted run left them
 * or zeros. */
int foray__batch_open_records(struct foray_array *out,
                              const struct foray_hog_batch *batch, size_t n,
                              struct foray_error *err);

/* The files whose rows are done are those that they were.
 * Errors: FORAY_EINVAL, which names the first that is not. */
int foray__batch_check_files(const struct foray_hog_batch *batch,
                             const struct foray_array *records,
                             struct foray_error *err);

#endif
