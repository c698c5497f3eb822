/* What `foray convert` reads: arrays of files as dataset.h has them, raw
 * elements, numbers in CSV, folders of images. */
#ifndef FORAY_TOOLS_CONVERT_INPUT_H
#define FORAY_TOOLS_CONVERT_INPUT_H

#include <stdbool.h>

#include <foray/array.h>
#include <foray/pool.h>

/* What raw files are, which say nothing of themselves. */
struct convert_raw {
    enum foray_dtype dtype;
    bool swapped;
    int ndim; /* -1: not given */
    size_t shape[FORAY_MAX_NDIM];
};

bool convert_is_raw(const char *path);

/* Open an input. Returns 0, or an exit status after a message.
 * Owner: the caller closes. */
int convert_open(struct foray_array *out, const char *text,
                 const struct convert_raw *raw, struct foray_pool *pool);

#endif
