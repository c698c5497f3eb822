/* The files a command works on: operands, lists, folders. */
#ifndef FORAY_TOOLS_IMAGES_INPUTS_H
#define FORAY_TOOLS_IMAGES_INPUTS_H

#include <stdbool.h>
#include <stddef.h>

#include "shell/options.h"

struct inputs {
    char **paths;
    size_t n, capacity;
    bool skips; /* archives that are damaged and folders that may not be read
                   are themselves among them */
};

/* Add a path: a file as it is, there or not; for a folder its images (jpg
 * jpeg png tif tiff webp pgm ppm, any case, no hidden names) in the byte order
 * of their paths, with `recursive` also of the folders below it, but not of
 * symbolic links to folders; for a .tar archive, named or found in a folder,
 * likewise the images in it, "ARCHIVE:NAME" in its order. One that cannot be
 * read to its end is an error, or with `skips` an image that will fail, behind
 * those that are in it before; so is a folder that may not be read. Returns 0,
 * or -1 after a message. */
int inputs_add(struct inputs *inputs, const char *path, bool recursive);

/* Where the paths are, beside the operands. */
struct inputs_options {
    const char *from; /* a list of paths, lines or NUL-terminated; "-": standard
                         input; NULL: none */
    bool nul, recursive;
};
extern const struct option_spec inputs_options[];

/* Options that contradict each other, or nothing to do: 0, or STATUS_USAGE
 * after a message. */
int inputs_check(const struct inputs_options *options, int n_operands);

/* All operands, then the list, whose empty paths are passed over. 0, or
 * STATUS_FAILED after a message. */
int inputs_collect(struct inputs *inputs, const struct inputs_options *options,
                   char **operands, int n);

void inputs_free(struct inputs *inputs);

#endif
