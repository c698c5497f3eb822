/* Files of `foray hog -o K.h5` that are parts of one: features, paths and
 * status, of images that keep their sizes offsets and shapes, too. */
#ifndef FORAY_TOOLS_CONVERT_PARTS_H
#define FORAY_TOOLS_CONVERT_PARTS_H

#include <stdbool.h>
#include <stddef.h>

#include <foray/hdf5.h>

#include "shell/parallel.h"

struct part {
    const char *path;
    size_t n;                      /* rows */
    struct foray_dataset features; /* without its name */
    struct foray_hdf5_attributes about;
    size_t shard[2]; /* K of N; N is 0: nothing is known of that */
};

struct parts {
    struct part *items;
    size_t n;
    bool is_ragged;
    size_t n_missing; /* shards that are not among them */
    size_t n_rows;    /* of all */
    size_t shape[2];  /* of the features of all; ragged ones have one axis */
};

/* Whether a file is such a part: the message that it is none is left to others.
 */
bool parts_begin_with(const char *path);

/* Look at the files, and put shards in their order; what does not fit together
 * is refused. `parallel` says whether shards may be missing (on-error skip).
 * Returns 0, or an exit status after a message. */
int parts_read(struct parts *out, char **paths, size_t n,
               const struct parallel *parallel, struct foray_pool *pool);
void parts_free(struct parts *parts);

/* Refuse a dataset of a part that has another length than when the parts were
 * looked at. Errors: FORAY_EFORMAT. */
int parts_check_length(const struct part *part, const struct foray_array *array,
                       size_t length, struct foray_error *err);

#endif
