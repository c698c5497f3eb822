/* A .npy file, open, its header read. */
#ifndef FORAY_STORAGE_NPY_FILE_H
#define FORAY_STORAGE_NPY_FILE_H

#include "array/npy.h"
#include "storage/sink.h"

struct foray__npy_file {
    int fd;           /* -1: given away */
    const char *path; /* the caller's */
    struct foray__npy_header header;
};

/* Open and check. What is no regular file is refused without blocking. */
int foray__npy_file_open(struct foray__npy_file *out, const char *path,
                         bool writable, struct foray_error *err);

/* Put all data into a new array's file (a foray__fill_fn; `arg` is the struct).
 * FORAY_ETRUNCATED if the file shrank meanwhile. */
int foray__npy_file_copy(const struct foray__sink *sink, size_t offset,
                         const void *arg, struct foray_error *err);

void foray__npy_file_close(struct foray__npy_file *file);

#endif
