/* The index beside the features: what became of each image.
 *
 * row, path, rows, cols, status, seconds, message. As CSV with a header: fields
 * are quoted as RFC 4180 says, lines end in "\n" alone as text does here, and a
 * byte that is no UTF-8 is written \xff. As JSON lines an object an image, from
 * which every path comes back whole.
 */
#ifndef FORAY_TOOLS_INDEX_H
#define FORAY_TOOLS_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include <foray/hog_batch.h>

/* Whether the name asks for JSON lines: .jsonl, .ndjson, .json. */
bool index_is_json(const char *path);

/* Write all rows; of paths[i], or "stack[i]". */
void index_write(FILE *file, bool json, const struct foray_hog_row *rows,
                 size_t n, char *const *paths, const char *stack);

#endif
