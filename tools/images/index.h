/* The index beside the features: what became of each image.
 *
 * row, path, rows, cols, status, seconds, bytes, mtime_ns, message: the file as
 * it was when its row was computed. As CSV with a header: fields
 * are quoted as RFC 4180 says, lines end in "\n" alone as text does here, and a
 * byte that is no UTF-8 is written \xff. As JSON lines an object an image, from
 * which every path comes back whole.
 */
#ifndef FORAY_TOOLS_IMAGES_INDEX_H
#define FORAY_TOOLS_IMAGES_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include <foray/hog_batch.h>

/* Whether the name asks for JSON lines: .jsonl, .ndjson, .json. */
bool index_is_json(const char *path);

/* Whether the features of an image are in its row: those of now, or of before
 * it was gone. */
bool index_has_features(const struct foray_hog_row *row);

struct index {
    const struct foray_hog_row *rows; /* of n images */
    size_t n;
    char *const *paths; /* or NULL: "stack[i]" */
    const char *stack;
    size_t first; /* image of it */
    bool drops;   /* images that failed have no row: it is empty, or null */
    bool json;
};

/* The first line of CSV. */
#define INDEX_HEAD "row,path,rows,cols,status,seconds,bytes,mtime_ns,message"

/* What image i of a struct index is called: its path, or "stack[first + i]",
 * which goes into `out`. A progress_name_fn. */
enum { INDEX_NAME_SIZE = 4200 };
const char *index_name(char out[INDEX_NAME_SIZE], size_t i, const void *index);

/* Write all of it. */
void index_write(FILE *file, const struct index *index);

#endif
