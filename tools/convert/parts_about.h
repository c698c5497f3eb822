/* What the attributes of the features say, of parts and of all together. */
#ifndef FORAY_TOOLS_CONVERT_PARTS_ABOUT_H
#define FORAY_TOOLS_CONVERT_PARTS_ABOUT_H

#include <foray/hdf5.h>

#include "convert/parts.h"

/* Which shard: {K, N}, {0, 0} if they do not say. */
void parts_about_shard(size_t out[2],
                       const struct foray_hdf5_attributes *about);

/* Attributes of the whole. They point into those of the parts and into this. */
struct parts_about {
    struct foray_hdf5_attribute *items;
    size_t n;
    int64_t *sums;
    int64_t shape[2];
    char digest[65];
    const char *digest_text;
};

/* Counts are added, what all say is kept, what only the run of a part did is
 * left out. `paths` are those of the parts, one list behind the other.
 * Errors: FORAY_EINVAL: features that were made with different options.
 * Owner: the caller, parts_about_free. */
int parts_about_join(struct parts_about *out, const struct parts *parts,
                     const char *const *paths, struct foray_error *err);
void parts_about_free(struct parts_about *about);

#endif
