/* What a task received and passes on to a run of its own: the same memory, in
 * its own mode, in every backend inside of every other. */
#include "helpers.h"

#include <stdio.h>
#include <string.h>

#include <foray.h>

#include "calls.h"
#include "every_backend.h"
#include "inner.h"
#include "mapping.h"

static struct foray_error err;

static const char *const inner_backends[] = {"fork", "threads", "serial"};

#define FOR_INNER_BACKENDS(name)                                               \
    for (const char *const *name = inner_backends; name < inner_backends + 3;  \
         name++)

/* (x, row) doubles that row -> x's mode */
static int double_row(struct foray_task *task)
{
    const struct foray_array *x = foray_task_array(task, 0);
    size_t i = (size_t)foray_task_u64(task, 1);

    for (size_t j = 0; j < x->shape[1]; j++)
        FORAY_AT(x, double, i, j) *= 2;
    return foray_return(task, (int)x->mode);
}

/* (x, inner backend) doubles all rows in inner tasks -> how many of them saw
 * the mode that x has here */
static int double_in_calls(struct foray_task *task)
{
    const struct foray_array *x = foray_task_array(task, 0);
    struct foray_result results[INNER_ROWS];
    struct foray_call calls[INNER_ROWS];
    struct foray_pool *pool;
    struct foray_error why;
    int code, n = 0;

    if (open_inner(&pool, foray_task_str(task, 1), &why))
        return foray_task_raise(task, &why);
    for (size_t i = 0; i < INNER_ROWS; i++)
        calls[i] = foray_delayed(double_row, x, i);
    code = foray_parallel(pool, calls, INNER_ROWS, results, &why);
    for (size_t i = 0; i < INNER_ROWS; i++)
        n += !results[i].code &&
             foray_result_i64(&results[i], 0) == (int64_t)x->mode;
    foray_results_free(results, INNER_ROWS);
    foray_pool_close(pool);
    return code ? foray_task_raise(task, &why) : foray_return(task, n);
}

static int64_t run_outer(struct foray_pool *pool, foray_task_fn fn,
                         const struct foray_array *x, const char *inner)
{
    struct foray_call call = foray_delayed(fn, x, inner);
    struct foray_result result;
    int64_t n;

    assert_ok(foray_parallel(pool, &call, 1, &result, &err), err);
    n = foray_result_i64(&result, 0);
    foray_result_free(&result);
    return n;
}

static void test_32_inner_stores_are_seen_outside(void **state)
{
    (void)state;
    FOR_EVERY_BACKEND(backend)
    {
        struct foray_pool *pool = open_backend(backend, 2, NULL);

        FOR_INNER_BACKENDS(inner)
        {
            const char *path = test_path("r+.npy");
            struct foray_array x = make_rows(path);

            assert_int_equal(run_outer(pool, double_in_calls, &x, *inner),
                             INNER_ROWS);
            check_rows(&x, 2);
            assert_ok(foray_array_close(&x, &err), err);
            assert_ok(foray_array_open(&x, path, "r+", &err), err);
            assert_int_equal(run_outer(pool, double_in_calls, &x, *inner),
                             INNER_ROWS);
            check_rows(&x, 4);
            assert_ok(foray_array_close(&x, &err), err);
        }
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

/* What a task changed in an array of mode c is its own: its inner tasks get
 * that, as a snapshot, in the mode of snapshots.
 * (x, inner backend) -> 1 if an inner task saw what is stored here */
static int store_and_pass(struct foray_task *task)
{
    const struct foray_array *x = foray_task_array(task, 0);
    struct foray_call call = foray_delayed(call_sum_row, x);
    struct foray_result result = {.code = 0};
    struct foray_pool *pool;
    struct foray_error why;
    int code, good;

    for (size_t j = 0; j < INNER_COLS; j++)
        FORAY_AT(x, double, 3, j) = 7;
    if (open_inner(&pool, foray_task_str(task, 1), &why))
        return foray_task_raise(task, &why);
    code = foray_parallel(pool, &call, 1, &result, &why);
    good = foray_result_f64(&result, 0) == 7.0 * INNER_COLS &&
           foray_result_i64(&result, 1) == FORAY_READ;
    foray_result_free(&result);
    foray_pool_close(pool);
    return code ? foray_task_raise(task, &why) : foray_return(task, good);
}

static void test_36_copies_are_passed_on_as_they_are(void **state)
{
    const char *path = test_path("c.npy");
    struct foray_array x = make_rows(path);

    (void)state;
    assert_ok(foray_array_close(&x, &err), err);
    FOR_EVERY_BACKEND(backend)
    {
        struct foray_pool *pool = open_backend(backend, 2, NULL);

        FOR_INNER_BACKENDS(inner)
        {
            assert_ok(foray_array_open(&x, path, "c", &err), err);
            assert_int_equal(run_outer(pool, store_and_pass, &x, *inner), 1);
            check_rows(&x, 1);
            assert_ok(foray_array_close(&x, &err), err);
        }
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

static int64_t inode_of(const void *address)
{
    struct mapping mapping;

    return find_mapping(&mapping, address) ? -1 : mapping.inode;
}

/* inout: doubled, if it and `in` are in the files that the params name */
static int double_slice(struct foray_task *task)
{
    const struct foray_array *x = foray_task_inout(task, 0);
    const int64_t *inodes = foray_task_params(task);

    if (inode_of(foray_task_in(task, 0)->data) != inodes[0] ||
        inode_of(x->data) != inodes[1])
        return foray_task_fail(task, "an array is a copy");
    for (size_t i = 0; i < x->shape[0]; i++)
        for (size_t j = 0; j < x->shape[1]; j++)
            FORAY_AT(x, double, i, j) *= 2;
    return 0;
}

struct outer {
    char inner[16];
};

/* The slices go to a run of this task's own. */
static int map_in_map(struct foray_task *task)
{
    const struct outer *outer = foray_task_params(task);
    const struct foray_array *in = foray_task_in(task, 0);
    const struct foray_array *inout = foray_task_inout(task, 0);
    int64_t inodes[2] = {inode_of(in->data), inode_of(inout->data)};
    struct foray_pool *pool;
    struct foray_error why;
    int code;

    if (open_inner(&pool, outer->inner, &why))
        return foray_task_raise(task, &why);
    code = foray_map(pool,
                     &(struct foray_map){.fn = double_slice,
                                         .in = {in},
                                         .inout = {inout},
                                         .chunk = 1,
                                         .params = inodes,
                                         .params_size = sizeof inodes},
                     NULL, &why);
    foray_pool_close(pool);
    return code ? foray_task_raise(task, &why) : 0;
}

static void test_32_slices_of_slices(void **state)
{
    struct foray_array x = make_rows(NULL), y = make_rows(NULL);
    double factor = 1;

    (void)state;
    FOR_EVERY_BACKEND(backend)
    {
        struct foray_pool *pool = open_backend(backend, 2, NULL);

        FOR_INNER_BACKENDS(inner)
        {
            struct outer outer;

            snprintf(outer.inner, sizeof outer.inner, "%s", *inner);
            assert_ok(
                foray_map(pool,
                          &(struct foray_map){.fn = map_in_map,
                                              .in = {&x},
                                              .inout = {&y},
                                              .chunk = 5,
                                              .params = &outer,
                                              .params_size = sizeof outer},
                          NULL, &err),
                err);
            factor *= 2;
            check_rows(&x, 1);
            check_rows(&y, factor);
        }
        assert_int_equal(foray_pool_close(pool), 0);
    }
    assert_int_equal(foray_array_close(&x, NULL), 0);
    assert_int_equal(foray_array_close(&y, NULL), 0);
}

static int twice_inside(struct foray_task *task)
{
    struct foray_map map = {.fn = map_twice,
                            .in = {foray_task_in(task, 0)},
                            .out = {foray_task_out(task, 0)},
                            .chunk = 1};
    struct foray_pool *pool;
    struct foray_error why;
    int code;

    if (open_inner(&pool, "fork", &why))
        return foray_task_raise(task, &why);
    code = foray_map(pool, &map, NULL, &why);
    foray_pool_close(pool);
    return code ? foray_task_raise(task, &why) : 0;
}

/* A guarded task has pages of its own around its slices: what inner tasks
 * store arrives there, and not beneath. */
static void test_guarded_slices_of_slices(void **state)
{
    struct foray_array x = make_rows(NULL), y = make_rows(NULL);
    const struct foray_config guarded = {.guard = true};

    (void)state;
    FOR_PROCESS_BACKENDS(backend)
    {
        struct foray_pool *pool = open_backend(backend, 2, &guarded);

        memset(foray_row(&y, 0), 0, foray_array_nbytes(&y));
        assert_ok(foray_map(pool,
                            &(struct foray_map){.fn = twice_inside,
                                                .in = {&x},
                                                .out = {&y},
                                                .chunk = 5},
                            NULL, &err),
                  err);
        check_rows(&x, 1);
        check_rows(&y, 2);
        assert_int_equal(foray_pool_close(pool), 0);
    }
    assert_int_equal(foray_array_close(&x, NULL), 0);
    assert_int_equal(foray_array_close(&y, NULL), 0);
}

/* (x) -> its last row */
static int last_row(struct foray_task *task)
{
    struct foray_array row;
    struct foray_error why;

    if (foray_array_index(&row, foray_task_array(task, 0), 0, INNER_ROWS - 1,
                          &why))
        return foray_task_raise(task, &why);
    return foray_return(task, &row);
}

/* (x, inner backend) -> what an inner task returned of it; the code of closing
 * that */
static int return_inner(struct foray_task *task)
{
    const struct foray_array *x = foray_task_array(task, 0);
    struct foray_call call = foray_delayed(last_row, x);
    struct foray_result result = {.code = 0};
    struct foray_array mine = *x, row;
    struct foray_pool *pool;
    struct foray_error why;
    int code;

    if (foray_array_close(&mine, &why) || /* a view, which is nobody's */
        open_inner(&pool, foray_task_str(task, 1), &why))
        return foray_task_raise(task, &why);
    code = foray_parallel(pool, &call, 1, &result, &why);
    if (!code) {
        row = *foray_result_array(&result, 0);
        code = foray_return(task, &row, foray_array_close(&row, &why));
    }
    foray_result_free(&result);
    foray_pool_close(pool);
    return code ? foray_task_raise(task, &why) : 0;
}

static void test_40_what_inner_tasks_return_of_it_is_it(void **state)
{
    struct foray_array x = make_rows(NULL);

    (void)state;
    FOR_EVERY_BACKEND(backend)
    {
        struct foray_pool *pool = open_backend(backend, 2, NULL);

        FOR_INNER_BACKENDS(inner)
        {
            struct foray_call call = foray_delayed(return_inner, &x, *inner);
            struct foray_result result;

            assert_ok(foray_parallel(pool, &call, 1, &result, &err), err);
            assert_ptr_equal(foray_result_array(&result, 0)->data,
                             foray_row(&x, INNER_ROWS - 1));
            assert_int_equal(foray_result_i64(&result, 1), FORAY_EBUSY);
            foray_result_free(&result);
            check_rows(&x, 1);
        }
        assert_int_equal(foray_pool_close(pool), 0);
    }
    assert_int_equal(foray_array_close(&x, NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_32_inner_stores_are_seen_outside),
        cmocka_unit_test(test_36_copies_are_passed_on_as_they_are),
        cmocka_unit_test(test_32_slices_of_slices),
        cmocka_unit_test(test_guarded_slices_of_slices),
        cmocka_unit_test(test_40_what_inner_tasks_return_of_it_is_it),
    };

    init_every_backend();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
