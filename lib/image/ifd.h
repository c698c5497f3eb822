/* Directories of TIFF blocks: of a TIFF file, or of EXIF in another. */
#ifndef FORAY_IMAGE_IFD_H
#define FORAY_IMAGE_IFD_H

#include <stdbool.h>
#include <stdint.h>

#include <foray/error.h>

#include "image/source.h"

struct foray__ifd {
    struct foray__source *source;
    uint64_t start, nbytes; /* of the block, in the file */
    bool big_endian;
    bool is_big;    /* BigTIFF: offsets and counts have 64 bits */
    uint64_t n;     /* fields */
    uint64_t first; /* of them, from the start of the block */
};

struct foray__ifd_field {
    uint32_t tag, type;
    uint64_t count;
    uint64_t values; /* where they are, from the start of the block */
};

/* The first directory of a block, which begins with its byte order; fields are
 * not looked at. FORAY_EFORMAT when it is no such block, FORAY_ETRUNCATED when
 * it ends before. */
int foray__ifd_open(struct foray__ifd *out, struct foray__source *source,
                    uint64_t start, uint64_t nbytes, struct foray_error *err);

int foray__ifd_field(struct foray__ifd_field *out, const struct foray__ifd *ifd,
                     uint64_t i, struct foray_error *err);

/* The k-th value of a field, which is a number without a sign. FORAY_EFORMAT
 * when it is not, or there are less. */
int foray__ifd_number(uint64_t *out, const struct foray__ifd *ifd,
                      const struct foray__ifd_field *field, uint64_t k,
                      struct foray_error *err);

/* All its values are in the block, as far as their type is known. */
int foray__ifd_check(const struct foray__ifd *ifd,
                     const struct foray__ifd_field *field,
                     struct foray_error *err);

#endif
