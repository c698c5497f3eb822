/* Texts that tasks see, such as paths: in shared memory one after another, and
 * where each begins.
 *
 *     static int count(struct foray_task *task)
 *     {
 *         const char *path = foray_texts_at(foray_task_whole(task, 0),
 *                                           foray_task_whole(task, 1),
 *                                           foray_task_index(task));
 *
 *         FORAY_AT(foray_task_out(task, 0), uint64_t, 0) = strlen(path);
 *         return 0;
 *     }
 *
 *     int count_all(struct foray_pool *pool, const struct foray_array *lengths,
 *                   const char *const *list, size_t n, struct foray_error *err)
 *     {
 *         struct foray_texts paths;
 *         struct foray_map map = {.fn = count,
 *                                 .whole = {&paths.bytes, &paths.starts},
 *                                 .out = {lengths},
 *                                 .chunk = 1};
 *         int code = foray_texts_open(&paths, list, n, err);
 *
 *         if (!code)
 *             code = foray_map(pool, &map, NULL, err);
 *         foray_texts_close(&paths);
 *         return code;
 *     }
 *
 * Threads, fork: the arrays are any array's (storage.h).
 */
#ifndef FORAY_TEXTS_H
#define FORAY_TEXTS_H

#include <stddef.h>
#include <stdint.h>

#include <foray/array.h>
#include <foray/error.h>
#include <foray/export.h>

FORAY_BEGIN

struct foray_texts {
    struct foray_array bytes;  /* u8, a NUL behind each text */
    struct foray_array starts; /* u64 (n): where each begins */
};

/** Copy n texts into unnamed segments, which are read-only from then on.
 *  Errors: FORAY_ENOSPC, FORAY_ENOMEM, FORAY_ERANGE.
 *  Owner:  the caller, foray_texts_close; on failure *out is zeroed. */
FORAY_API FORAY_CHECK int foray_texts_open(struct foray_texts *out,
                                           const char *const *texts, size_t n,
                                           struct foray_error *err);

/** Text i of two such arrays.  Owner: theirs. */
static inline const char *foray_texts_at(const struct foray_array *bytes,
                                         const struct foray_array *starts,
                                         size_t i)
{
    return (const char *)bytes->data + ((const uint64_t *)starts->data)[i];
}

/** Give them back. Nothing happens to what is zeroed. */
FORAY_API void foray_texts_close(struct foray_texts *texts);

FORAY_END
#endif
