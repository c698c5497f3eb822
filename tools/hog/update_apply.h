/* What an update computed, into the output: steps that can be repeated. */
#ifndef FORAY_TOOLS_HOG_UPDATE_APPLY_H
#define FORAY_TOOLS_HOG_UPDATE_APPLY_H

#include "hog/run.h"
#include "hog/update_record.h"

/* The name of the index as a record has it: in the output's folder its last
 * part, else all of it, from the root. NULL after a message. Owner: the caller.
 */
char *update_index_name(const char *output, const char *index);

/* Put the rows into the output and give index and provenance their names, then
 * remove the record. `rows` are as the record has them.
 * Errors: FORAY_ENOSPC, before anything was changed; others. */
int update_apply(const struct update_record *record, const struct hog_run *run,
                 const struct foray_array *rows, struct foray_error *err);

/* Finish what an earlier update of the output had decided, if there is such a
 * thing. Returns 0, or -1 after a message. */
int update_finish(const struct hog_run *run);

#endif
