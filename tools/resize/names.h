/* The names of resampled images: those of the inputs, in one folder. */
#ifndef FORAY_TOOLS_RESIZE_NAMES_H
#define FORAY_TOOLS_RESIZE_NAMES_H

#include <stddef.h>

struct resize_names {
    char **paths; /* as many as there are inputs */
    size_t n;
};

/* FOLDER/NAME of each of `inputs`; with `suffix` that instead of its own.
 * Names that are equal, that tell no format which can be written, or that are
 * an input's are an error.
 * Returns 0, or -1 after a message; free it in both cases. */
int resize_names_make(struct resize_names *names, const char *folder,
                      const char *suffix, char *const *inputs, size_t n);

void resize_names_free(struct resize_names *names);

#endif
