/* Bytes of a file, read one after another, decompressed on the way if they are
 * compressed. */
#ifndef FORAY_STORAGE_INPUT_H
#define FORAY_STORAGE_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "storage/codec.h"

struct foray__input {
    uint64_t position; /* of the next byte, as if nothing were compressed */
    /* The rest is the input's. */
    int fd;
    const char *name; /* for messages; the caller's */
    uint64_t at, end; /* what is still to be read of the file */
    struct foray__codec_stream stream;
    enum foray__codec codec;
    bool is_complete;     /* the compressed stream has ended */
    unsigned char *bytes; /* compressed ones, or read ahead */
    unsigned char *ready; /* of `bytes`, or of `plain` */
    size_t n_ready;
    unsigned char *plain; /* decompressed ahead */
};

/* Read `stored` bytes of a file from `offset` on. The descriptor stays the
 * caller's.  Errors: FORAY_ENOMEM, FORAY_ENOTSUP. */
int foray__input_open(struct foray__input *input, int fd, uint64_t offset,
                      uint64_t stored, enum foray__codec codec,
                      const char *name, struct foray_error *err);

/* Exactly so many bytes.
 * Errors: FORAY_ETRUNCATED (there are fewer), FORAY_EFORMAT (damaged),
 * FORAY_EIO, FORAY_ENOMEM (they would need more memory than a file may ask
 * for). */
int foray__input_read(struct foray__input *input, void *bytes, size_t nbytes,
                      struct foray_error *err);

/* Go on behind so many bytes.  Errors: as of reading. */
int foray__input_skip(struct foray__input *input, uint64_t nbytes,
                      struct foray_error *err);

/* Whether nothing is left: compressed bytes are complete then, their checksum
 * is right.  Errors: as of reading, but for FORAY_ETRUNCATED. */
int foray__input_ends(struct foray__input *input, bool *ends,
                      struct foray_error *err);

void foray__input_close(struct foray__input *input);

#endif
