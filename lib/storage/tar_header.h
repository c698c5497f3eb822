/* The fields of a header of a tar archive, a block of 512 bytes. */
#ifndef FORAY_STORAGE_TAR_HEADER_H
#define FORAY_STORAGE_TAR_HEADER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where they are, and how long. */
enum {
    FORAY__TAR_NAME = 0,
    FORAY__TAR_NAME_SIZE = 100,
    FORAY__TAR_SIZE = 124,
    FORAY__TAR_SIZE_SIZE = 12,
    FORAY__TAR_SUM = 148,
    FORAY__TAR_TYPE = 156,
    FORAY__TAR_MAGIC = 257,
    FORAY__TAR_PREFIX = 345,
    FORAY__TAR_PREFIX_SIZE = 155,
    /* old GNU: whether a block of a sparse map follows, and another one */
    FORAY__TAR_GOES_ON = 482,
    FORAY__TAR_GOES_ON_AGAIN = 504
};

/* Octal digits behind blanks, up to a blank or NUL; or, of GNU tar, a binary
 * number, its first bit a mark and its second the sign. False: neither, or
 * negative. */
bool foray__tar_number(uint64_t *out, const unsigned char *field, size_t n);

/* Whether the sum that it states is that of its bytes, its own as if they were
 * blanks; some old tars took them for signed. */
bool foray__tar_has_sum(const unsigned char *header);

/* Two of those end an archive. */
bool foray__tar_is_zero(const unsigned char *header);

/* The compression of an archive that begins so, "gzip", NULL: none known. */
const char *foray__tar_compression(const unsigned char *header);

#endif
