/* A task function on its way to a worker whose image lacks its module: where
 * it lies in which file. */
#ifndef FORAY_ENGINE_FUNCTION_H
#define FORAY_ENGINE_FUNCTION_H

#include <stdbool.h>
#include <stdint.h>

#include <foray/error.h>
#include <foray/task.h>

enum { FORAY__MAX_BUILD_ID = 64 };

struct foray__function {
    bool by_file;           /* else its address holds in the worker, too */
    uint64_t offset;        /* from where the module is loaded */
    uint32_t build_id_size; /* 0: the module has none */
    unsigned char build_id[FORAY__MAX_BUILD_ID];
    char path[4096]; /* "": the program itself */
};

/* The one that was found last. Zeroed: none. */
struct foray__function_cache {
    struct foray__function function;
    foray_task_fn fn;
};

/* Say where a function of this process lies.
 * Errors: FORAY_EINVAL (in no module that has a file), FORAY_ENOENT. */
int foray__function_locate(struct foray__function *out, foray_task_fn fn,
                           struct foray_error *err);

/* Bytes of it that matter, from its begin: all but what is behind the path. */
size_t foray__function_size(const struct foray__function *function);

/* Find it here, loading its module if need be; the module stays. Quick for the
 * one that the cache has. *loaded: a module came new.
 * Errors: FORAY_EINVAL (the file cannot be loaded, or is another than its
 * sender has). Threads: each a cache of its own. */
int foray__function_find(foray_task_fn *out,
                         struct foray__function_cache *cache,
                         const struct foray__function *function, bool *loaded,
                         struct foray_error *err);

#endif
