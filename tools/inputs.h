/* The files a command works on: operands, lists, folders. */
#ifndef FORAY_TOOLS_INPUTS_H
#define FORAY_TOOLS_INPUTS_H

#include <stdbool.h>
#include <stddef.h>

struct inputs {
    char **paths;
    size_t n, capacity;
};

/* Add a path: a file as it is, there or not; for a folder its images (jpg
 * jpeg png pgm ppm, any case, no hidden names) in the byte order of their
 * paths, with `recursive` also of the folders below it, but not of symbolic
 * links to folders. Returns 0, or -1 after a message. */
int inputs_add(struct inputs *inputs, const char *path, bool recursive);

/* Add each path of a list: lines, or NUL-terminated; "-" is standard input.
 * Empty ones are passed over. Returns as inputs_add. */
int inputs_add_list(struct inputs *inputs, const char *list, bool nul,
                    bool recursive);

void inputs_free(struct inputs *inputs);

#endif
