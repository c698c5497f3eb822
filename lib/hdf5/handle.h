/* Handles of the HDF5 library, and what it says when it fails. Only for
 * workers. */
#ifndef FORAY_HDF5_HANDLE_H
#define FORAY_HDF5_HANDLE_H

#include <hdf5.h>
#include <stdbool.h>

#include "base/error.h"

/* Give back a handle of any kind; nothing if it is not valid. */
void foray__h5_close(hid_t id);

/* Give back one through which something was written: what the library kept of
 * that it writes now, which can fail. `code` is what became of it before;
 * returns that, or why `shown` could not be written. */
int foray__h5_close_written(hid_t id, const char *shown, int code,
                            struct foray_error *err);

/* Properties of an access without locks. A new dataset of `piece` bytes, that
 * is to be mapped, begins on a page of its own, or where any element may lie if
 * it is less than a page; 0: there is none. */
hid_t foray__h5_access(size_t piece);

/* Open a file that is there. From here to foray__h5_leave or foray__h5_finish a
 * guard is held (guard.h), of some seconds and more for a large file.
 * Errors: FORAY_ENOENT, FORAY_EACCES, FORAY_EFORMAT, FORAY_ETRUNCATED. */
int foray__h5_open(hid_t *file, const char *path, bool writable, size_t piece,
                   struct foray_error *err);

/* Close a file that was read, if it is open. */
void foray__h5_leave(hid_t file);

/* Close a file that was written to, which can fail. `code` is what became of
 * it before; returns that, or why the close failed. */
int foray__h5_finish(hid_t file, const char *path, int code,
                     struct foray_error *err);

/* Fill an error with a sentence and, behind it, with what the HDF5 library
 * says was wrong; an errno in that decides the code. Returns the code. */
int foray__h5_fail(struct foray_error *err, int code, const char *fmt, ...)
    FORAY_PRINTF(3, 4);

#endif
