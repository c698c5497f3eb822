/* The bytes of an image file: looked at here and there for the header, then
 * read whole for the decoder. */
#ifndef FORAY_IMAGE_SOURCE_H
#define FORAY_IMAGE_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <foray/error.h>

#include "image/scratch.h"

enum { FORAY__SOURCE_BLOCK = 4096 };

struct foray__source {
    const char *name;     /* for messages */
    int fd;               /* -1: all bytes are in memory */
    uint64_t base;        /* where the file begins in an archive, else 0 */
    uint64_t size;        /* of the file */
    int64_t changed;      /* ns since 1970: it, or its archive */
    uint64_t place;       /* in an archive: see archive.h; else 0 */
    const uint8_t *bytes; /* `nbytes` of it, from `start` */
    uint64_t start;
    size_t nbytes;
    bool may_end; /* before the image: its decoder makes do with that */
    uint8_t block[FORAY__SOURCE_BLOCK];
};

/* Open a regular file, or one in an archive (archive.h), if there is none of
 * this path; `path` is kept, not copied. FORAY_ETRUNCATED when it is
 * empty, FORAY_ENOTSUP when it is no regular file: nothing here waits for a
 * pipe or a device. On failure there is nothing to close. */
int foray__source_open(struct foray__source *source, const char *path,
                       struct foray_error *err);

/* The same for bytes in memory; cannot fail, needs no close. */
void foray__source_wrap(struct foray__source *source, const void *bytes,
                        size_t nbytes, const char *name);

void foray__source_close(struct foray__source *source);

/* `n` bytes (at most FORAY__SOURCE_BLOCK) at an offset, valid until the next
 * call. FORAY_ETRUNCATED past the end, FORAY_EIO. */
int foray__source_at(struct foray__source *source, const uint8_t **out,
                     uint64_t offset, size_t n, struct foray_error *err);

/* Read all of it, into `scratch`; the file is not needed any more then. A file
 * that shrinks meanwhile is as long as what was read: no mapping, no SIGBUS.
 * FORAY_ETOOLARGE above `most` bytes, FORAY_ENOMEM, FORAY_EIO. */
int foray__source_load(struct foray__source *source,
                       struct foray__scratch *scratch, uint64_t most,
                       struct foray_error *err);

/* foray__fail with the file's name before the sentence. */
int foray__source_fail(const struct foray__source *source,
                       struct foray_error *err, int code, const char *fmt, ...)
    FORAY_PRINTF(4, 5);

#endif
