/* Fingerprints: whether an image file is still the one that a row of features
 * was computed from. They tell changes by accident, not forgeries. */
#ifndef FORAY_IMAGE_FINGERPRINT_H
#define FORAY_IMAGE_FINGERPRINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <foray/image.h>

#include "image/source.h"

/* Plain bytes, kept in files. */
struct foray__fingerprint {
    uint64_t path;    /* a hash of it */
    uint64_t size;    /* bytes */
    int64_t changed;  /* ns since 1970; the archive, if it is in one */
    uint64_t place;   /* in that: a hash; else 0 */
    uint64_t content; /* a hash of it, 0: it was not looked at */
};

/* Of a file that is open, but for its content. */
void foray__fingerprint_take(struct foray__fingerprint *out,
                             const struct foray__source *source);

/* Of a file as it is now, but for its content; of one that is not there only
 * its path. */
void foray__fingerprint_look(struct foray__fingerprint *out, const char *path);

/* Hash of a file's bytes, and of those of a file as it is now; 0 if that cannot
 * be read. */
uint64_t foray__fingerprint_content(const void *bytes, size_t n);
uint64_t foray__fingerprint_read(const char *path);

/* FORAY_EINVAL, and a sentence that names the difference, unless `then` was
 * taken of the file at `path` as it is now. `content`: read it, too. */
int foray__fingerprint_check(const struct foray__fingerprint *then,
                             const char *path, size_t row, bool content,
                             struct foray_error *err);

#endif
