/* A run of foray_map of which some tasks may be done already, as a journal or
 * the caller says; see map.h and storage/journal.h. */
#ifndef FORAY_COMPUTE_JOURNALLED_H
#define FORAY_COMPUTE_JOURNALLED_H

#include <foray/map.h>

#include "compute/arguments.h"
#include "storage/journal.h"

struct foray__journalled {
    struct foray__journal file;
    struct foray_array marks; /* a byte a task */
    const struct foray__arguments *arguments;
    size_t n_tasks;
    size_t n_resumed; /* done in an earlier run */
};

/* Open the map's journal, if it has one, and have the run mark its tasks and
 * keep it, behind foray__arguments_open; or mark those that are `done`.
 * `folder` for the marks. Nothing happens to a map with neither. Errors:
 * FORAY_EINVAL (both; arrays that are written do not outlive the program, or
 * tasks are not repeatable; the journal is of another run), those of
 * foray__journal_open. */
int foray__journalled_open(struct foray__journalled *out,
                           const struct foray_map *map,
                           const struct foray__arguments *arguments,
                           struct foray__run *run, const char *folder,
                           struct foray_error *err);

/* Give it back. `over`: the run came to its end, and the journal goes, unless
 * it is to be kept. */
void foray__journalled_close(struct foray__journalled *journalled,
                             const struct foray_map *map, bool over);

#endif
