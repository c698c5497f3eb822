/* Tar archives: which files are in them and where. Read from front to back,
 * header by header; what is in between is passed over. Source: POSIX.1-2017,
 * pax, "ustar Interchange Format"; GNU tar 1.35, "Basic Tar Format". */
#ifndef FORAY_STORAGE_TAR_H
#define FORAY_STORAGE_TAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <foray/error.h>

enum { FORAY__TAR_BLOCK = 512 };

/* What stands before a member for what its own header has no room for. */
struct foray__tar_extended {
    char *name; /* malloc'ed, NULL: not said */
    bool has_size, sparse;
    bool renamed; /* `path` is a makeshift for those who know no sparse files */
    uint64_t size;
};

struct foray__tar {
    int fd;
    const char *path;                  /* the caller's */
    uint64_t size;                     /* of the file */
    uint64_t next;                     /* where the next header begins */
    struct foray__tar_extended global; /* of all members from here on */
    struct foray__tar_extended own;    /* of the last */
};

/* A regular file in an archive. */
struct foray__tar_member {
    const char *name; /* the archive's, until the next member; any bytes */
    uint64_t offset, size;
    bool sparse; /* in pieces: what is stored is not what is in the file */
};

/* Open an archive.
 * Errors: FORAY_ENOENT, FORAY_EACCES; FORAY_ENOTSUP (no regular file, a
 * compressed one), FORAY_ETRUNCATED (it is empty). */
int foray__tar_open(struct foray__tar *out, const char *path,
                    struct foray_error *err);

/* The next regular file; folders, links and devices are passed over. *more is
 * false at the end: two blocks of zeros, or of the file.
 * Errors: FORAY_EFORMAT and FORAY_ETRUNCATED name the archive and the byte;
 * FORAY_ETOOLARGE (a name of more than 16 MiB), FORAY_ENOMEM, FORAY_EIO. */
int foray__tar_next(struct foray__tar_member *out, bool *more,
                    struct foray__tar *tar, struct foray_error *err);

void foray__tar_close(struct foray__tar *tar);

/* The records of a pax header: tar_pax.c. False when they are none. Strings
 * that are not taken over stay as they are. */
bool foray__tar_pax(struct foray__tar_extended *out, const char *bytes,
                    size_t n, bool *no_memory);

#endif
