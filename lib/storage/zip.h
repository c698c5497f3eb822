/* Zip archives: what is in them and where. Source: PKWARE's APPNOTE.TXT 6.3. */
#ifndef FORAY_STORAGE_ZIP_H
#define FORAY_STORAGE_ZIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <foray/error.h>

/* The records of an archive: their marks and their lengths without what is
 * variable. */
enum {
    FORAY__ZIP_LOCAL = 0x04034B50,
    FORAY__ZIP_ENTRY = 0x02014B50,
    FORAY__ZIP_END = 0x06054B50,
    FORAY__ZIP_END64 = 0x06064B50,
    FORAY__ZIP_LOCATOR64 = 0x07064B50
};
enum {
    FORAY__ZIP_LOCAL_SIZE = 30,
    FORAY__ZIP_ENTRY_SIZE = 46,
    FORAY__ZIP_END_SIZE = 22,
    FORAY__ZIP_END64_SIZE = 56,
    FORAY__ZIP_LOCATOR64_SIZE = 20
};
enum { FORAY__ZIP_STORED = 0, FORAY__ZIP_DEFLATED = 8 };

struct foray__zip_member {
    char *name; /* UTF-8 */
    unsigned flags, method;
    uint32_t crc;
    uint64_t stored, size; /* bytes in the archive, and decompressed */
    uint64_t local;        /* where its local header begins */
    uint64_t entry;        /* and its entry in the directory */
};

struct foray__zip {
    int fd;             /* -1: given away */
    const char *path;   /* the caller's */
    uint64_t directory; /* where the data of members must have ended */
    struct foray__zip_member *members;
    size_t n;
};

/* Open an archive and read its directory.
 * Errors: FORAY_ENOENT, FORAY_EACCES, FORAY_EFORMAT, FORAY_ETRUNCATED,
 * FORAY_ETOOLARGE (a directory of more than 64 MiB), FORAY_ENOMEM. */
int foray__zip_open(struct foray__zip *out, const char *path, bool writable,
                    struct foray_error *err);

/* Where the bytes of a member begin. `name` is what messages call it.
 * Errors: FORAY_EFORMAT, FORAY_ENOTSUP (encrypted, an odd method). */
int foray__zip_locate(uint64_t *offset, const struct foray__zip *zip,
                      const struct foray__zip_member *member, const char *name,
                      struct foray_error *err);

/* Write another checksum of a member into the file. */
int foray__zip_set_crc(int fd, const struct foray__zip_member *member,
                       uint64_t offset, uint32_t crc, const char *path,
                       struct foray_error *err);

void foray__zip_close(struct foray__zip *zip);

#endif
