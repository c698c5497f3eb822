/* Many arrays of a .npz file, each loaded by a call of its own. */
#include <foray/npz_load.h>

#include <stdlib.h>
#include <string.h>

#include <foray/parallel.h>
#include <foray/storage.h>

#include "base/error.h"
#include "storage/file.h"
#include "storage/npz_file.h"

/* One array that is wanted. */
struct wanted {
    const struct foray__zip_member *member;
    struct foray_array *array;
    const char *name;
};

/* The data of an array into memory that it has already. */
static int fill(const struct foray_array *array, const char *path,
                const char *name, struct foray_error *err)
{
    const struct foray__zip_member *found;
    struct foray__npz_member member;
    struct foray__zip zip;
    int code;

    FORAY_TRY(foray__zip_open(&zip, path, false, err));
    code = foray__npz_find(&found, &zip, name, err);
    if (!code)
        code = foray__npz_member_open(&member, &zip, found, err);
    if (!code) {
        if (member.header.nbytes != foray_array_nbytes(array))
            code = foray__fail(err, FORAY_EFORMAT,
                               "%s changed while it was read", member.label);
        else
            code = foray__npz_fill_array(&member, array, err);
        foray__npz_member_close(&member);
    }
    foray__zip_close(&zip);
    return code;
}

static int fill_task(struct foray_task *task)
{
    const char *path = foray_task_str(task, 0);
    const char *name = foray_task_str(task, 1);
    const struct foray_array *array = foray_task_array(task, 2);
    struct foray_error err = {.task = -1, .worker = -1};

    if (!path || !name || !array)
        return FORAY_EINVAL; /* and why is told already */
    return fill(array, path, name, &err) ? foray_task_raise(task, &err) : 0;
}

/* The memory of an array, as its header says. */
static int make(const struct wanted *wanted, const struct foray__zip *zip,
                struct foray_error *err)
{
    struct foray__npz_member member;
    struct foray__layout layout;
    int code;

    FORAY_TRY(foray__npz_member_open(&member, zip, wanted->member, err));
    foray__layout_of_header(&layout, &member.header);
    code = foray__make(wanted->array, &layout, NULL, NULL, NULL, NULL,
                       FORAY_READ_WRITE, err);
    foray__npz_member_close(&member);
    return code;
}

/* Large ones first, so that none is begun when the others are done. */
static int compare_sizes(const void *left, const void *right)
{
    const struct wanted *a = left, *b = right;

    return a->member->size < b->member->size   ? 1
           : a->member->size > b->member->size ? -1
                                               : 0;
}

static struct foray_call make_call(const char *path,
                                   const struct wanted *wanted)
{
    return foray_delayed(fill_task, path, wanted->name, wanted->array);
}

/* Of a pool that skips what fails the first failure is the one to tell. */
static int first_failure(const struct foray_result *results, size_t n,
                         struct foray_error *err)
{
    for (size_t i = 0; i < n; i++)
        if (results[i].code)
            return foray__fail(err, results[i].code, "%s",
                               foray_result_error(&results[i])->msg);
    return 0;
}

static int load(struct foray_pool *pool, const struct wanted *wanted, size_t n,
                const char *path, struct foray_error *err)
{
    struct foray_result *results = calloc(n, sizeof *results);
    struct foray_call *calls = calloc(n, sizeof *calls);
    int code;

    if (calls && results) {
        for (size_t i = 0; i < n; i++)
            calls[i] = make_call(path, &wanted[i]);
        code = foray_parallel(pool, calls, n, results, err);
        if (!code)
            code = first_failure(results, n, err);
        foray_results_free(results, n);
    } else {
        code =
            foray__fail(err, FORAY_ENOMEM, "no memory to load %zu arrays", n);
    }
    free(calls);
    free(results);
    return code;
}

static int load_all(struct foray_pool *pool, struct wanted *wanted,
                    struct foray_array *const *arrays, const char *path,
                    const char *const *names, size_t n, struct foray_error *err)
{
    struct foray__zip zip;
    int code;

    FORAY_TRY(foray__zip_open(&zip, path, false, err));
    for (size_t i = 0; i < n; i++) {
        wanted[i].array = arrays[i];
        code = foray__npz_find(&wanted[i].member, &zip, names[i], err);
        if (!code)
            wanted[i].name = names[i] ? names[i] : wanted[i].member->name;
        if (!code)
            code = make(&wanted[i], &zip, err);
        if (code)
            break;
    }
    if (!code) {
        qsort(wanted, n, sizeof *wanted, compare_sizes);
        code = load(pool, wanted, n, path, err);
    }
    foray__zip_close(&zip);
    return code;
}

int foray_npz_load_many(struct foray_pool *pool,
                        struct foray_array *const *arrays, const char *path,
                        const char *const *names, size_t n,
                        struct foray_error *err)
{
    struct wanted *wanted = calloc(n + 1, sizeof *wanted);
    char *absolute = NULL;
    int code = 0;

    for (size_t i = 0; i < n; i++)
        memset(arrays[i], 0, sizeof *arrays[i]);
    if (!wanted)
        return foray__fail(err, FORAY_ENOMEM, "no memory to load %zu arrays",
                           n);
    /* Workers may be in another folder. */
    if (n)
        code = foray__absolute(&absolute, path, err);
    if (n && !code)
        code = load_all(pool, wanted, arrays, absolute, names, n, err);
    for (size_t i = 0; i < n && code; i++)
        foray_array_close(arrays[i], NULL);
    free(absolute);
    free(wanted);
    return code;
}
