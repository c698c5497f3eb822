/* Which images of a list an index has as they are now. */
#ifndef FORAY_TOOLS_HOG_UPDATE_MATCH_H
#define FORAY_TOOLS_HOG_UPDATE_MATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "images/index_in.h"

struct update_match {
    const char **paths; /* of the list, which are to be computed */
    size_t *where;      /* their rows, ascending; new ones behind all others */
    size_t n;
    size_t n_kept, n_again, n_new, n_gone; /* rows; gone: also those before */
    bool changes; /* the index does, if only in a status */
};

/* Compare. A row stays if its image is as large as it was, was changed when it
 * was, and did not fail. One whose image is not in the list any more, or is no
 * file any more, stays too, and is `gone` from now on. All others are computed
 * again. What stays is told in `index`, which also gets the paths of the list
 * where it had none but their text.
 * Returns 0, or -1 after a message. */
int update_match(struct update_match *out, struct index_in *index,
                 char *const *paths, size_t n);

void update_match_free(struct update_match *match);

#endif
