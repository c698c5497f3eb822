/* What a run with a journal is of, in lines: the head of its journal, by which
 * it is known again. */
#ifndef FORAY_COMPUTE_JOURNAL_HEAD_H
#define FORAY_COMPUTE_JOURNAL_HEAD_H

#include <foray/map.h>

#include "compute/arguments.h"
#include "engine/run.h"

/* Whether tasks may write to array k, so that it has to last as the journal
 * does. */
bool foray__journal_lasts(const struct foray__arguments *arguments, int k);

/* Write it. Owner: the caller, free().
 * Errors: FORAY_EINVAL (a line of .journal_key is too long), FORAY_ENOMEM. */
int foray__journal_head(char **head, const struct foray_map *map,
                        const struct foray__arguments *arguments,
                        const struct foray__run *run, struct foray_error *err);

/* Whether a run goes on where the one of the journal at `path`, with the head
 * `then`, ended: 1; 0 when that wrote to other files, and nothing of it is
 * here. Errors: FORAY_EINVAL (it is another run). */
int foray__journal_compare(const char *then, const char *now, const char *path,
                           struct foray_error *err);

#endif
