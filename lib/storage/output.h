/* Bytes into a file, one after another, compressed on the way if wanted. */
#ifndef FORAY_STORAGE_OUTPUT_H
#define FORAY_STORAGE_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <foray/array.h>

#include "storage/codec.h"

struct foray__output {
    uint64_t at;       /* where the file's next byte comes to lie, once what is
                          held back is written */
    uint64_t position; /* bytes put so far, as if nothing were compressed */
    bool sums;         /* the caller wants `crc` */
    uint32_t crc;      /* of the bytes put */
    /* The rest is the output's. */
    int fd;
    const char *name; /* for messages; the caller's */
    enum foray__codec codec;
    struct foray__codec_stream stream;
    unsigned char *held; /* to be written */
    size_t n_held;
};

/* Begin at a place of a file, at level 1 to 9 if there is a codec. The
 * descriptor stays the caller's.  Errors: FORAY_ENOMEM, FORAY_ENOTSUP. */
int foray__output_open(struct foray__output *output, int fd, uint64_t at,
                       enum foray__codec codec, int level, const char *name,
                       struct foray_error *err);

/* Errors: FORAY_ENOSPC and others of the file system, FORAY_ENOMEM. */
int foray__output_put(struct foray__output *output, const void *bytes,
                      size_t nbytes, struct foray_error *err);

/* The elements of an array, in its order if it is contiguous, else in C order;
 * byte order is kept. */
int foray__output_put_array(struct foray__output *output,
                            const struct foray_array *array,
                            struct foray_error *err);

/* Everything is put: write what is held back, end the compressed stream. */
int foray__output_finish(struct foray__output *output, struct foray_error *err);

void foray__output_close(struct foray__output *output);

#endif
