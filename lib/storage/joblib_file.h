/* A joblib file, read: its arrays and the ways to them. */
#ifndef FORAY_STORAGE_JOBLIB_FILE_H
#define FORAY_STORAGE_JOBLIB_FILE_H

#include <stdbool.h>

#include "storage/pickle.h"

/* An array by one of the ways to it. */
struct foray__joblib_entry {
    char *name; /* NULL: the file is this array */
    const struct foray__pickle_array *array;
};

struct foray__joblib_file {
    int fd;           /* -1: given away */
    uint64_t size;    /* bytes of the file */
    const char *path; /* the caller's */
    char label[128];  /* what messages call it */
    enum foray__codec codec;
    struct foray__pickle pickle;
    struct foray__joblib_entry *entries; /* in the order of the file */
    size_t n, room;
};

/* Open a file and read all of it but the elements; `found` may take those when
 * they come by. `file` is zeroed by the caller, and may be the callback's.
 * Errors: those of foray_joblib_list. Closed by foray__joblib_close in any
 * case. */
int foray__joblib_read(struct foray__joblib_file *file, const char *path,
                       bool writable, foray__pickle_array_fn found, void *arg,
                       struct foray_error *err);

/* The array that is called so; NULL or "": the only one.
 * Errors: FORAY_ENOENT, which tells some that are there; FORAY_ENOTSUP (of
 * Python objects; no array is reached, but something only Python can make). */
int foray__joblib_find(const struct foray__joblib_entry **out,
                       const struct foray__joblib_file *file, const char *name,
                       struct foray_error *err);

/* Whether an array is reached, or nothing is there that foray does not know.
 * Errors: FORAY_ENOTSUP (names it). */
int foray__joblib_check(const struct foray__joblib_file *file,
                        struct foray_error *err);

void foray__joblib_close(struct foray__joblib_file *file);

#endif
