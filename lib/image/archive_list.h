/* The regular files in a tar archive, by name. */
#ifndef FORAY_IMAGE_ARCHIVE_LIST_H
#define FORAY_IMAGE_ARCHIVE_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <foray/error.h>

struct foray__archive_entry {
    size_t name; /* where it begins in `names` */
    uint64_t offset, size;
    bool sparse;
};

struct foray__archive_list {
    char *path, *names;
    struct foray__archive_entry *entries; /* in the order of their names */
    size_t n;
    uint64_t device, file, size; /* of the archive, as it was read */
    int64_t changed;             /* ns since 1970 */
    int64_t touched;             /* likewise; nobody sets it back */
    struct foray_error damage;   /* code 0: none; entries are those before it */
};

struct stat;

/* When a file was changed, ns since 1970. */
int64_t foray__mtime_ns(const struct stat *st);

/* Read all headers of an archive. Of files of one name the last counts, as when
 * they are unpacked. What foray__tar_next finds wrong is no error but its
 * `damage`.  Errors: of foray__tar_open; FORAY_ENOMEM. */
int foray__archive_list_read(struct foray__archive_list *out, const char *path,
                             struct foray_error *err);

/* Whether it is of the file at `path`, which is as it was. */
bool foray__archive_list_is_of(const struct foray__archive_list *list,
                               const char *path, const struct stat *st);

/* NULL: there is none. */
const struct foray__archive_entry *
foray__archive_list_find(const struct foray__archive_list *list,
                         const char *name);

void foray__archive_list_free(struct foray__archive_list *list);

#endif
