/* The index that an earlier run wrote, read again. */
#ifndef FORAY_TOOLS_INDEX_IN_H
#define FORAY_TOOLS_INDEX_IN_H

#include <stddef.h>

#include <foray/hog_batch.h>

struct index_in {
    struct foray_hog_row *rows; /* of n images, by their numbers */
    char **paths; /* in CSV with \xff for bytes that are no UTF-8, as text */
    size_t n, room;
};

/* Read all of it: every image has a row, and they are numbered from 0. Returns
 * 0, or -1 after a message. */
int index_read(struct index_in *out, const char *path);

void index_free(struct index_in *index);

/* What a path is called in CSV: the path itself, or another text, malloc'ed.
 * NULL: no memory. */
char *index_key(const char *path);

#endif
