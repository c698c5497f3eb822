/* The array that a fault struck, as errors name it. */
#ifndef FORAY_ENGINE_STRUCK_H
#define FORAY_ENGINE_STRUCK_H

#include "engine/holdings.h"
#include "engine/run.h"

struct foray__struck {
    struct foray_array array;            /* its shape; no data */
    const struct foray_segment *segment; /* that it lies in, NULL: none */
    int64_t begin;                       /* its element 0 in the file, bytes */
    char name[24];                       /* "in[0]", "argument 2" */
    bool read_only;
    bool outside; /* of the task's slice: guard mode */
};

/* Array number `arg` of a run's order, or argument `arg` of a call. False when
 * there is no such array. */
bool foray__struck_in_run(struct foray__struck *out,
                          const struct foray__run *run, int arg);
bool foray__struck_in_call(struct foray__struck *out,
                           const struct foray__packet *packet,
                           const struct foray__holdings *holdings, int arg);

/* " at element [3, 5] of out[0]", or how many bytes `offset` is from element
 * 0. */
void foray__struck_tell(char *text, size_t size,
                        const struct foray__struck *struck, int64_t offset);

/* ", byte 8192 of a file that was cut to 4096" if that is so, else "". */
void foray__struck_tell_cut(char *text, size_t size,
                            const struct foray__struck *struck, int64_t offset);

#endif
