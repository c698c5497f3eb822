/* What programs do until they are killed, for the campaign of orphans. */
#ifndef FORAY_TESTS_ORPHAN_LIVES_H
#define FORAY_TESTS_ORPHAN_LIVES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Outputs of the command hog have a row for each image each time; arrays that
 * are saved have LIFE_ROWS elements, 1, 2, ... */
enum { LIFE_IMAGES = 40, LIFE_TIMES = 20, LIFE_ROWS = 60000 };

struct host {
    uint64_t seed;
    char folder[256]; /* of its outputs */
    bool owns_shm;    /* nobody else's /dev/shm */
};

/* Where a host has a file of that name. */
void life_path(char path[512], const struct host *host, const char *name);

struct life {
    const char *name;
    void (*live)(struct host *host); /* goes on until it is killed */
    double longest;                  /* seconds before it is */
};
extern const struct life lives[];
extern const size_t n_lives;

/* What they read, in the folder of the tests. */
void lives_prepare(void);

#endif
