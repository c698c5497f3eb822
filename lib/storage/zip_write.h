/* Records of zip archives as they are written: headers of members, their
 * entries in the directory, the end. Numbers that 32 bits are too small for go
 * into the fields of ZIP64. Source: PKWARE's APPNOTE.TXT 6.3. */
#ifndef FORAY_STORAGE_ZIP_WRITE_H
#define FORAY_STORAGE_ZIP_WRITE_H

#include "storage/output.h"
#include "storage/zip.h"

/* Data that is stored lies at a multiple of this. */
enum { FORAY__ZIP_ALIGN = 64, FORAY__ZIP_LONGEST_NAME = 4096 };

/* What numbers of 32 bits are too small for is larger than this. */
#define FORAY__ZIP_MOST32 (UINT32_MAX - 1)

/* A member that is written, or will be. */
struct foray__zip_written {
    char *name; /* FORAY__ZIP_LONGEST_NAME bytes and a suffix at most */
    uint64_t size, stored, local;
    uint32_t crc;
    bool is_large; /* sizes are, or may be, for ZIP64 */
    bool is_deflated;
    size_t padding;
};

/* Give a member its place at `at`. Returns where its data is to begin. */
uint64_t foray__zip_place(struct foray__zip_written *member, uint64_t at);

/* Its header, once sizes and checksum are known. `name`: the file's. */
int foray__zip_put_local(int fd, const struct foray__zip_written *member,
                         const char *name, struct foray_error *err);

/* Its entry in the directory. */
int foray__zip_put_entry(struct foray__output *output,
                         const struct foray__zip_written *member,
                         struct foray_error *err);

/* The records at the end of a directory of n entries that began at `start`, the
 * ZIP64 ones if a number needs them. */
int foray__zip_put_end(struct foray__output *output, uint64_t start, size_t n,
                       struct foray_error *err);

#endif
