/* The index that an earlier run wrote, read again. */
#ifndef FORAY_TOOLS_IMAGES_INDEX_IN_H
#define FORAY_TOOLS_IMAGES_INDEX_IN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include <foray/hog_batch.h>

struct index_in {
    struct foray_hog_row *rows; /* of n images, by their numbers */
    char **paths; /* in CSV with \xff for bytes that are no UTF-8, as text */
    size_t n, room;
};

/* Read all of it, JSON lines or CSV: rows are numbered from 0, images that have
 * none are passed over. `path` is for messages. Returns 0, or -1 after a
 * message. */
int index_read(struct index_in *out, FILE *file, bool json, const char *path);

/* Room for so many images, no fewer than there are. -1: no memory. */
int index_reserve(struct index_in *index, size_t room);

void index_free(struct index_in *index);

/* What a path is called in CSV: the path itself, or another text, malloc'ed.
 * NULL: no memory. */
char *index_key(const char *path);

#endif
