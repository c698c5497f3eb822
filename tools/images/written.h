/* Files that a command writes: each has a name of its own, which is none of an
 * input. */
#ifndef FORAY_TOOLS_IMAGES_WRITTEN_H
#define FORAY_TOOLS_IMAGES_WRITTEN_H

#include <stdbool.h>
#include <stddef.h>

#include "images/inputs.h"

struct written {
    const char *option; /* that names it, or what it is beside */
    const char *path;   /* NULL: it is not written */
};

enum { WRITTEN_MAX = 8 };

/* Whether two names are of one file, there or not: "./x" and "x". */
bool written_same_name(const char *a, const char *b);

/* Whether a name is "OUTPUT.something", as those of the files are that a run
 * has while it goes on: OUTPUT.partial, OUTPUT.journal and so on. */
bool written_beside(const char *path, const char *output);

/* None of these, WRITTEN_MAX at most, is an operand, the list, one of the
 * images, another one, or "-". Returns 0, or STATUS_USAGE after a message. */
int written_check(const struct written *files, size_t n,
                  const struct inputs *inputs,
                  const struct inputs_options *where, char **operands,
                  int n_operands);

#endif
