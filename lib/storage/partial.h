/* Outputs that get their name when they are whole: PATH.partial until then,
 * locked by its maker as long as it lives. */
#ifndef FORAY_STORAGE_PARTIAL_H
#define FORAY_STORAGE_PARTIAL_H

#include "storage/draft.h"
#include "storage/segment.h"

/* Remove PATH.partial if its maker is dead.
 * Errors: FORAY_EBUSY (it lives), FORAY_EEXIST (it is no file). */
int foray__partial_check(const char *path, struct foray_error *err);

/* Lock a draft and name it PATH.partial. Errors: as foray__partial_check. */
int foray__partial_install(struct foray__draft *draft, const char *path,
                           struct foray_error *err);

/* Remove PATH.partial if it is still the segment's. */
void foray__partial_remove(const struct foray_segment *segment);

#endif
