/* A file that is being changed: a new one, a copy by reference of the old one,
 * or the old one itself. */
#ifndef FORAY_HDF5_EDIT_H
#define FORAY_HDF5_EDIT_H

#include <stdbool.h>
#include <stdint.h>

#include "storage/draft.h"

struct foray__h5_edit {
    const char *path;    /* that is to be changed, absolute */
    const char *working; /* that workers write to */
    bool is_new;
    struct foray__draft draft; /* a new file, or the copy; else its fd is -1 */
    int old;                   /* the file that was there, locked; or -1 */
};

/* `must_exist`: there is nothing to be made anew.
 * Errors: FORAY_ENOENT, FORAY_EACCES, FORAY_EBUSY (another program writes it).
 * Owner: the caller, foray__h5_edit_end, unless this fails. */
int foray__h5_edit_begin(struct foray__h5_edit *edit, const char *path,
                         bool must_exist, struct foray_error *err);

/* Make sure that the file can grow by so many bytes, before it is touched. */
int foray__h5_edit_reserve(struct foray__h5_edit *edit, uint64_t nbytes,
                           struct foray_error *err);

/* Make sure that these bytes of it can be stored to when they are mapped. */
int foray__h5_edit_fill(struct foray__h5_edit *edit, uint64_t offset,
                        uint64_t nbytes, struct foray_error *err);

/* Give the file its name if `code` is 0, or else undo what can be. Returns
 * `code`, or why it could not be finished. */
int foray__h5_edit_end(struct foray__h5_edit *edit, int code,
                       struct foray_error *err);

#endif
