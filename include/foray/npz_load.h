/* Loading many arrays of a .npz file at once, by the workers of a pool.
 *
 *     struct foray_array x = {0}, y = {0};
 *     struct foray_array *arrays[] = {&x, &y};
 *     const char *names[] = {"x", "y"};
 *     struct foray_error err;
 *
 *     if (foray_npz_load_many(NULL, arrays, "data.npz", names, 2, &err))
 *         fprintf(stderr, "%s\n", err.msg);
 *     foray_array_close(&y, NULL);
 *     foray_array_close(&x, NULL);
 */
#ifndef FORAY_NPZ_LOAD_H
#define FORAY_NPZ_LOAD_H

#include <stddef.h>

#include <foray/array.h>
#include <foray/error.h>
#include <foray/export.h>
#include <foray/pool.h>

FORAY_BEGIN

/** Load the `n` arrays named, each as foray_npz_load does, the members shared
 *  out to the workers: as fast as the largest one allows. `pool` may be NULL,
 *  see pool.h.
 *  Errors: those of foray_npz_load and of foray_for.
 *  Threads, fork: as foray_for.
 *  Owner:  the caller closes each; on failure all are zeroed. */
FORAY_API FORAY_CHECK int
foray_npz_load_many(struct foray_pool *pool, struct foray_array *const *arrays,
                    const char *path, const char *const *names, size_t n,
                    struct foray_error *err);

FORAY_END
#endif
