/* Random programs: what their operations share. */
#ifndef FORAY_TESTS_CHAOS_H
#define FORAY_TESTS_CHAOS_H

#include <stdbool.h>
#include <stddef.h>

#include <foray.h>

#include "campaign.h"
#include "killer.h"
#include "trial.h"

/* What has been tried, and what was wrong. Shared with the programs. */
struct chaos_counts {
    struct tally tally;
    size_t programs, hung, left;
    size_t cancels, wrong_cancels;
    size_t modes, wrong_modes;
    size_t shrunk, wrong_shrunk;
    size_t zygotes, wrong_zygotes;
    size_t scarce, wrong_scarce;
    size_t blows[N_BLOWS];
};

/* One program: its pool, and what befalls it. */
struct program {
    struct campaign *campaign;
    struct chaos_counts *counts;
    struct foray_config config;
    struct foray_pool *pool;
    bool processes;     /* are its workers */
    bool shared;        /* is the memory of files with them */
    struct trial trial; /* what is the same in all its runs */
    struct killer killer;
};

/* Tasks write into arrays of modes r+ and w+, and into their own of mode c. */
void try_modes(struct program *program);

/* A file that lost its end after it was opened. */
void try_shrunk_file(struct program *program);

/* Arrays for a run that may not fit into a folder of 1 MiB. */
void try_scarce(struct program *program, const char *folder);

#endif
