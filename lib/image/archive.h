/* Images in tar archives: what path names one, and where it lies. Each thread
 * remembers what is in the archives it read last. */
#ifndef FORAY_IMAGE_ARCHIVE_H
#define FORAY_IMAGE_ARCHIVE_H

#include <stdint.h>

#include <foray/error.h>

/* A file in an archive. */
struct foray__archived {
    int fd; /* of the archive; -1: the path names none */
    uint64_t offset, size;
    int64_t changed; /* the archive was: ns since 1970 */
    uint64_t place;  /* in an archive of its size: a hash, never 0 */
};

/* Where the file is that "ARCHIVE.tar:NAME" names, and the archive open. A path
 * of which no such archive is there is no error: fd is -1.
 * Errors: of foray__tar_next, unless it is before the damage; FORAY_ENOENT (no
 * file of this name in it), FORAY_ENOTSUP (a sparse one), FORAY_EACCES,
 * FORAY_ENOMEM. Owner: the caller closes fd. */
int foray__archive_find(struct foray__archived *out, const char *path,
                        struct foray_error *err);

/* What is wrong with a file that is to be read as one image and whose name is
 * an archive's: its damage, else FORAY_ENOTSUP and how its files are named. 0:
 * it is not called so. */
int foray__archive_refuse(const char *path, struct foray_error *err);

/* The size of a file, or of one in an archive, and when it was changed; `place`
 * is 0 of the former. fd is -1: nothing stays open.
 * Errors: those of foray__archive_find, and of a file that cannot be seen. */
int foray__archive_stat(struct foray__archived *out, const char *path,
                        struct foray_error *err);

#endif
