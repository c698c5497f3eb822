/* Outputs that get their name when they are whole: PATH.partial until then,
 * locked by its maker as long as it lives. */
#ifndef FORAY_STORAGE_PARTIAL_H
#define FORAY_STORAGE_PARTIAL_H

#include "storage/draft.h"
#include "storage/segment.h"

/* Remove PATH.partial if its maker is dead.
 * Errors: FORAY_EBUSY (it lives), FORAY_EEXIST (it is no file). */
int foray__partial_check(const char *path, struct foray_error *err);

/* Open and lock PATH.partial as somebody left it, if it is a file of this user
 * with `length` bytes that begins with `header`; *fd is -1 if not, and what is
 * there may be replaced. Errors: FORAY_EBUSY (its maker lives), FORAY_EEXIST
 * (it is another array, whose maker may mean to go on). */
int foray__partial_take(int *fd, const char *path, const char *header,
                        size_t header_length, size_t length,
                        struct foray_error *err);

/* Lock a draft and name it PATH.partial. Errors: as foray__partial_check. */
int foray__partial_install(struct foray__draft *draft, const char *path,
                           struct foray_error *err);

/* Give PATH.partial up: removed, if it is still the segment's, unless it is
 * resumable; not locked any more, though workers may have it open yet. */
void foray__partial_leave(const struct foray_segment *segment);

#endif
