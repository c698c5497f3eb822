/* Conformance with joblib, cases 37 to 39 and 44: which private arrays are
 * dumped for a run, how often, and where. Dumped ones have no name anywhere:
 * a task tells of its argument's memory. */
#include "helpers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <foray.h>

#include "every_backend.h"
#include "mapping.h"

enum { N_CALLS = 100 };

/* Threads read the private arrays of a list where they are. */
#define FOR_DUMPING_BACKENDS(b)                                                \
    FOR_EVERY_BACKEND(b)                                                       \
    if (strcmp(b->name, "threads"))

static struct foray_error err;

/* (array, folder) -> inode of its memory, 0 when it does not lie in a file of
 * that folder; number of names that the folder has. */
static int look(struct foray_task *task)
{
    const struct foray_array *array = foray_task_array(task, 0);
    const char *folder = foray_task_str(task, 1);
    struct mapping mapping;
    bool inside;

    if (!array || find_mapping(&mapping, array->data))
        return foray_task_fail(task, "the argument is not mapped");
    inside = !strncmp(mapping.path, folder, strlen(folder));
    return foray_return(task, inside ? mapping.inode : 0, count_files(folder));
}

struct seen {
    int64_t inodes[N_CALLS];
    int n_files; /* different inodes */
    int n_inline;
};

static void add_inode(struct seen *seen, int64_t inode)
{
    int i = 0;

    if (!inode) {
        seen->n_inline++;
        return;
    }
    while (i < seen->n_files && seen->inodes[i] != inode)
        i++;
    if (i == seen->n_files)
        seen->inodes[seen->n_files++] = inode;
}

/* N_CALLS calls with the arrays in turn. No name is ever to be seen. */
static struct seen run_calls(struct foray_pool *pool,
                             const struct foray_array *arrays, int n_arrays,
                             const char *folder, bool nameless)
{
    struct foray_call calls[N_CALLS];
    struct foray_result results[N_CALLS];
    struct seen seen = {.n_files = 0};

    for (int i = 0; i < N_CALLS; i++)
        calls[i] = foray_delayed(look, &arrays[i % n_arrays], folder);
    assert_ok(foray_parallel(pool, calls, N_CALLS, results, &err), err);
    for (int i = 0; i < N_CALLS; i++) {
        add_inode(&seen, foray_result_i64(&results[i], 0));
        if (nameless)
            assert_int_equal(foray_result_i64(&results[i], 1), 0);
    }
    foray_results_free(results, N_CALLS);
    return seen;
}

static struct foray_pool *pool_of(const struct backend *backend,
                                  size_t max_nbytes)
{
    return open_backend(backend, 2,
                        &(struct foray_config){.temp_folder = test_folder(),
                                               .max_nbytes = max_nbytes});
}

static void test_37_threshold(void **state)
{
    double small[5] = {1}, large[100] = {1};
    struct foray_array at = wrap(small, FORAY_F64, 1, (size_t[]){5});
    struct foray_array above = wrap(large, FORAY_F64, 1, (size_t[]){100});

    (void)state;
    FOR_DUMPING_BACKENDS(backend)
    {
        const char *folder = test_folder();
        struct foray_pool *pool = pool_of(backend, sizeof small);
        struct seen seen = run_calls(pool, &at, 1, folder, true);

        assert_int_equal(seen.n_inline, N_CALLS);
        seen = run_calls(pool, &above, 1, folder, true);
        assert_int_equal(seen.n_inline, 0);
        assert_int_equal(seen.n_files, 1);
        assert_int_equal(foray_pool_close(pool), 0);
        pool = pool_of(backend, FORAY_NEVER);
        seen = run_calls(pool, &above, 1, folder, true);
        assert_int_equal(seen.n_inline, N_CALLS);
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

/* The size that counts is the view's, not that of what it views. */
static void test_37_threshold_is_of_the_view(void **state)
{
    double large[100] = {1};
    struct foray_array view = wrap(large, FORAY_F64, 1, (size_t[]){100});

    (void)state;
    assert_ok(foray_array_slice(&view, &view, 0, 0, 100, 20, &err), err);
    FOR_DUMPING_BACKENDS(backend)
    {
        struct foray_pool *pool = pool_of(backend, 40);

        assert_int_equal(
            run_calls(pool, &view, 1, test_folder(), true).n_inline, N_CALLS);
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

static void test_38_one_file_an_array(void **state)
{
    double x[2][100] = {{1}, {1}};
    struct foray_array arrays[4];

    (void)state;
    for (int i = 0; i < 4; i++) /* structs are not what counts */
        arrays[i] = wrap(x[i / 2], FORAY_F64, 1, (size_t[]){100});
    FOR_DUMPING_BACKENDS(backend)
    {
        size_t descriptors = count_descriptors();
        size_t mappings = count_foray_mappings();
        struct foray_pool *pool = pool_of(backend, 40);
        size_t open = count_descriptors();

        assert_int_equal(
            run_calls(pool, arrays, 2, test_folder(), true).n_files, 1);
        assert_int_equal(
            run_calls(pool, arrays, 4, test_folder(), true).n_files, 2);
        assert_int_equal(count_descriptors(), open);
        assert_int_equal(foray_pool_close(pool), 0);
        assert_int_equal(count_descriptors(), descriptors);
        assert_int_equal(count_foray_mappings(), mappings);
        assert_int_equal(count_files(test_folder()), 0);
    }
}

static void test_39_shared_memory_if_it_fits(void **state)
{
    size_t names = count_shm_names();
    double x[100] = {1};
    struct foray_array array = wrap(x, FORAY_F64, 1, (size_t[]){100});
    struct foray_folder folder;

    (void)state;
    if (foray_folder_choose(&folder, NULL, sizeof x, NULL) ||
        strcmp(folder.path, "/dev/shm"))
        skip();
    FOR_DUMPING_BACKENDS(backend)
    {
        struct foray_pool *pool =
            open_backend(backend, 2, &(struct foray_config){.max_nbytes = 40});
        struct seen seen = run_calls(pool, &array, 1, "/dev/shm/", false);

        assert_int_equal(seen.n_files, 1);
        assert_int_equal(seen.n_inline, 0);
        assert_int_equal(foray_pool_close(pool), 0);
    }
    assert_true(no_more_shm_names(names));
    /* 42e18 bytes are more than a size_t holds; this fits nowhere either. */
    assert_true(foray_folder_choose(&folder, NULL, SIZE_MAX / 2, &err) ||
                strcmp(folder.path, "/dev/shm"));
}

/* Returns an array of its own, and a slice of its argument: into the folder
 * that the pool was given, as everything that a run dumps. */
static int return_arrays(struct foray_task *task)
{
    const struct foray_array *x = foray_task_array(task, 0);
    size_t n = 10000;
    double *y = calloc(n, sizeof *y);
    struct foray_array own, part;
    int code = -1;

    if (y && !foray_array_wrap(&own, y, FORAY_F64, 1, &n, NULL) &&
        !foray_array_slice(&part, x, 0, 10, FORAY_TO_END, 1, NULL))
        code = foray_return(task, &own, &part);
    free(y);
    return code;
}

static void expect_below(const struct foray_array *array, const char *folder)
{
    struct mapping mapping;

    assert_int_equal(find_mapping(&mapping, array->data), 0);
    if (strncmp(mapping.path, folder, strlen(folder)))
        fail_msg("%s is not in %s", mapping.path, folder);
}

static void test_44_explicit_folder(void **state)
{
    static double x[2000] = {1};
    struct foray_array array = wrap(x, FORAY_F64, 1, (size_t[]){2000});
    char folder[256];

    (void)state;
    snprintf(folder, sizeof folder, "%s/", test_folder());
    FOR_DUMPING_BACKENDS(backend)
    {
        struct foray_pool *pool = pool_of(backend, 40);
        struct foray_call call = foray_delayed(return_arrays, &array);
        struct foray_result result;

        assert_int_equal(run_calls(pool, &array, 1, folder, true).n_files, 1);
        assert_ok(foray_parallel(pool, &call, 1, &result, &err), err);
        expect_below(foray_result_array(&result, 0), folder);
        expect_below(foray_result_array(&result, 1), folder);
        foray_result_free(&result);
        assert_int_equal(foray_pool_close(pool), 0);
        assert_int_equal(count_files(folder), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_37_threshold),
        cmocka_unit_test(test_37_threshold_is_of_the_view),
        cmocka_unit_test(test_38_one_file_an_array),
        cmocka_unit_test(test_39_shared_memory_if_it_fits),
        cmocka_unit_test(test_44_explicit_folder),
    };

    init_every_backend();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
