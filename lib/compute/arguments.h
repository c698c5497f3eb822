/* The arrays of a run, ready for the engine: checked, and those in private
 * memory copied into segments for as long as the run takes. */
#ifndef FORAY_COMPUTE_ARGUMENTS_H
#define FORAY_COMPUTE_ARGUMENTS_H

#include <foray/map.h>

#include "engine/run.h"

struct foray__arguments {
    const struct foray_array *arrays[FORAY__MAX_ARGS]; /* the caller's */
    int first[FORAY__ROLES + 1];
    /* As they are cut: the caller's, or those of `in` as they are broadcast. */
    const struct foray_array *cut[FORAY__MAX_ARGS];
    struct foray_array repeated[FORAY__MAX_ARGS];
    struct foray_array snapshots[FORAY__MAX_ARGS]; /* segment NULL: none */
};

/* "out[1]", for messages. */
struct foray__label {
    char text[24];
};
struct foray__label foray__label_of(const struct foray__arguments *arguments,
                                    int k);

/* Add a list that ends at its first NULL, or after `most`. Roles in order, each
 * once. */
void foray__arguments_add(struct foray__arguments *arguments,
                          enum foray__role role,
                          const struct foray_array *const *list, int most);

/* Check modes, processes and overlaps, and that all cut arrays have the axes of
 * `blocks`, at least one, and are equally long there; broadcast those of `in`
 * before. */
int foray__arguments_check(struct foray__arguments *arguments,
                           const struct foray_blocks *blocks,
                           struct foray_error *err);

/* Give `run` its arrays; private ones as snapshots in `folder`, unless the
 * backend can use them where they are, or workers inherit those that they only
 * read. */
int foray__arguments_open(struct foray__arguments *arguments,
                          struct foray__run *run, bool private_arrays,
                          bool inherits, const char *folder,
                          struct foray_error *err);

/* Copy what tasks wrote into snapshots back, and free them. `copy_back` false:
 * nothing ran. */
int foray__arguments_close(struct foray__arguments *arguments, bool copy_back,
                           struct foray_error *err);

#endif
