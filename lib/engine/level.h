/* Levels of defaults, a stack in each thread: what foray_config_push set, each
 * with what was set outside of it. */
#ifndef FORAY_ENGINE_LEVEL_H
#define FORAY_ENGINE_LEVEL_H

#include <stdbool.h>

#include <foray/config.h>

/* Bytes of an expression and of the name of a folder, with the zero byte. */
enum { FORAY__DISPATCH_SIZE = 256, FORAY__FOLDER_SIZE = 4096 };

struct foray__level {
    struct foray_config config;
    int n_jobs_depth; /* of nesting, where n_jobs was set; -1: nowhere */
    bool is_ambient;  /* not pushed, and not to be popped: ambient.h */
    struct foray__level *outer;
};

/* This thread's innermost, NULL if it has none; and another in its place, NULL
 * for none. */
struct foray__level *foray__level(void);
struct foray__level *foray__level_swap(struct foray__level *level);

#endif
