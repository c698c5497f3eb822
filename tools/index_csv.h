/* The index beside the features: what became of each image, as CSV.
 *
 * Columns row, path, rows, cols, status, seconds, message; fields are quoted
 * as RFC 4180 says, lines end in "\n" alone as text does here. Written beside
 * its name, which it gets at the end.
 */
#ifndef FORAY_TOOLS_INDEX_CSV_H
#define FORAY_TOOLS_INDEX_CSV_H

#include <stddef.h>
#include <stdio.h>

#include <foray/hog_batch.h>

struct index_csv {
    FILE *file;
    char *path, *partial;
};

/* Begin PATH.partial. Returns 0, or -1 after a message. */
int index_csv_open(struct index_csv *index, const char *path);

/* Write all rows and give the file its name; paths[i], or "stack[i]".
 * Returns as above; then the partial file is gone. */
int index_csv_commit(struct index_csv *index, const struct foray_hog_row *rows,
                     size_t n, char *const *paths, const char *stack);

/* Remove what was begun; nothing after a commit or without an open. */
void index_csv_close(struct index_csv *index);

#endif
