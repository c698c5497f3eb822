/* Guard mode: stores outside of a task's slices are named, and do no harm. */
#include "helpers.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <foray.h>

#include "pools.h"

static const char *const backends[] = {"fork", "forkserver"};

enum { ROWS = 30000, COLS = 5, CHUNK = 1000, N = ROWS / CHUNK };

/* What task `victim` stores, and where, beside its work. */
struct stray {
    size_t victim;
    int array; /* 0: the inout array, 1: the out array */
    long row, col;
    bool fail;
};

static struct foray_pool *open_guarded(const char *backend)
{
    return open_pool(
        backend, 3,
        &(struct foray_config){.guard = true, .on_error = FORAY_SKIP});
}

static double *element(const struct foray_array *array, long i, long j)
{
    return (void *)((char *)array->data + i * array->strides[0] +
                    j * array->strides[1]);
}

static int work(struct foray_task *task)
{
    const struct stray *stray = foray_task_params(task);
    const struct foray_array *x = foray_task_inout(task, 0);
    const struct foray_array *y = foray_task_out(task, 0);

    for (size_t i = 0; i < x->shape[0]; i++)
        for (size_t j = 0; j < x->shape[1]; j++) {
            FORAY_AT(y, double, i, j) = FORAY_AT(x, double, i, j) + 1;
            FORAY_AT(x, double, i, j) *= 2;
        }
    if (foray_task_index(task) != stray->victim)
        return 0;
    *element(stray->array ? y : x, stray->row, stray->col) = 12345;
    return stray->fail ? foray_task_fail(task, "said so") : 0;
}

struct fixture {
    struct foray_array x, y;
};

static void open_arrays(struct fixture *fixture)
{
    const size_t shape[] = {ROWS, COLS};
    struct foray_error err;

    assert_ok(foray_array_create(&fixture->x, NULL, FORAY_F64, 2, shape, &err),
              err);
    assert_ok(foray_array_create(&fixture->y, NULL, FORAY_F64, 2, shape, &err),
              err);
    for (long i = 0; i < ROWS; i++)
        for (long j = 0; j < COLS; j++)
            *element(&fixture->x, i, j) = (double)(i * COLS + j);
}

static void close_arrays(struct fixture *fixture)
{
    assert_int_equal(foray_array_close(&fixture->x, NULL), 0);
    assert_int_equal(foray_array_close(&fixture->y, NULL), 0);
}

/* All as it should be but for the rows of one task; along `axis`. */
static void check(const struct fixture *fixture, int axis, size_t chunk,
                  size_t victim, bool ran)
{
    for (long i = 0; i < ROWS; i++)
        for (long j = 0; j < COLS; j++) {
            double was = (double)(i * COLS + j);
            size_t task = (size_t)(axis ? j : i) / chunk;

            if (task == victim) {
                assert_true(isnan(*element(&fixture->y, i, j)));
                assert_true(*element(&fixture->x, i, j) ==
                            (ran ? 2 * was : was));
                continue;
            }
            assert_true(*element(&fixture->x, i, j) == 2 * was);
            assert_true(*element(&fixture->y, i, j) == was + 1);
        }
}

struct told {
    int n;
    struct foray_error err;
};

static void note(const struct foray_error *err, void *arg)
{
    struct told *told = arg;

    told->n++;
    told->err = *err;
}

static void run(struct foray_pool *pool, struct fixture *fixture, int axis,
                size_t chunk, const struct stray *stray, struct told *told)
{
    struct foray_map map = {.fn = work,
                            .inout = {&fixture->x},
                            .out = {&fixture->y},
                            .axis = axis,
                            .chunk = chunk,
                            .params = stray,
                            .params_size = sizeof *stray,
                            .failed = note,
                            .failed_arg = told};
    struct foray_error err;

    told->n = 0;
    assert_ok(foray_map(pool, &map, NULL, &err), err);
}

static void test_stores_outside_are_named(void **state)
{
    static const struct {
        struct stray stray;
        bool crashes;
        const char *part;
    } cases[] = {
        {{7, 1, CHUNK, 2, false},
         false,
         "[7000, 8000): at element [8000, 2] of out[0]"},
        {{7, 0, -1, 4, false}, false, "at element [6999, 4] of inout[0]"},
        {{7, 1, 15000, 3, false},
         true,
         "at element [22000, 3] of out[0], outside of its slice"},
        {{7, 0, -6000, 0, false},
         true,
         "at element [1000, 0] of inout[0], outside of its slice"},
        {{7, 1, CHUNK, 2, true}, false, "said so"},
    };

    (void)state;
    for (int b = 0; b < 2; b++)
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
            struct foray_pool *pool = open_guarded(backends[b]);
            struct fixture fixture;
            struct told told;

            open_arrays(&fixture);
            run(pool, &fixture, 0, CHUNK, &cases[i].stray, &told);
            assert_int_equal(told.n, 1);
            assert_int_equal(told.err.task, 7);
            assert_int_equal(told.err.code,
                             cases[i].crashes ? FORAY_ECRASH : FORAY_ETASK);
            assert_int_equal(told.err.signal, cases[i].crashes ? SIGSEGV : 0);
            if (!strstr(told.err.msg, cases[i].part))
                fail_msg("\"%s\" lacks \"%s\"", told.err.msg, cases[i].part);
            check(&fixture, 0, CHUNK, 7, !cases[i].crashes);
            close_arrays(&fixture);
            assert_int_equal(foray_pool_close(pool), 0);
        }
}

/* Slices of columns: other tasks' elements lie between one's own. */
static void test_strided_slices(void **state)
{
    const struct stray stray = {3, 1, 1500, 1, false};
    struct foray_pool *pool = open_guarded("fork");
    struct fixture fixture;
    struct told told;

    (void)state;
    open_arrays(&fixture);
    run(pool, &fixture, 1, 1, &stray, &told);
    assert_int_equal(told.n, 1);
    assert_int_equal(told.err.task, 3);
    assert_non_null(
        strstr(told.err.msg, "[3, 4): at element [1500, 4] of out[0]"));
    check(&fixture, 1, 1, 3, true);
    close_arrays(&fixture);
    assert_int_equal(foray_pool_close(pool), 0);
}

static void test_nothing_changes_for_those_that_behave(void **state)
{
    const struct stray none = {.victim = SIZE_MAX};

    (void)state;
    for (int b = 0; b < 2; b++) {
        struct foray_pool *pool = open_guarded(backends[b]);

        for (size_t chunk = 10; chunk <= ROWS; chunk *= 7) {
            struct fixture fixture;
            struct told told;

            open_arrays(&fixture);
            run(pool, &fixture, 0, chunk, &none, &told);
            assert_int_equal(told.n, 0);
            check(&fixture, 0, chunk, SIZE_MAX, true);
            close_arrays(&fixture);
        }
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

/* Two outputs and an open `whole` array, views of one segment. */
static int fill_two(struct foray_task *task)
{
    const struct foray_array *a = foray_task_out(task, 0);
    const struct foray_array *b = foray_task_out(task, 1);

    for (size_t i = 0; i < a->shape[0]; i++) {
        FORAY_AT(a, double, i) = 1;
        FORAY_AT(b, double, i) = 2;
    }
    if (foray_task_whole(task, 0))
        FORAY_AT(foray_task_whole(task, 0), double, foray_task_index(task)) = 3;
    return 0;
}

static void test_views_of_one_segment(void **state)
{
    struct foray_pool *pool = open_guarded("fork");
    struct foray_array all, a, b, w;
    struct foray_error err;

    (void)state;
    assert_ok(
        foray_array_create(&all, NULL, FORAY_F64, 1, (size_t[]){3000}, &err),
        err);
    assert_ok(foray_array_slice(&a, &all, 0, 0, 1000, 1, &err), err);
    assert_ok(foray_array_slice(&b, &all, 0, 1000, 2000, 1, &err), err);
    assert_ok(foray_array_slice(&w, &all, 0, 2000, 3000, 1, &err), err);
    assert_ok(foray_map(pool,
                        &(struct foray_map){.fn = fill_two,
                                            .out = {&a, &b},
                                            .whole = {&w},
                                            .chunk = 1},
                        NULL, &err),
              err);
    for (size_t i = 0; i < 1000; i++) {
        assert_true(FORAY_AT(&a, double, i) == 1);
        assert_true(FORAY_AT(&b, double, i) == 2);
        assert_true(FORAY_AT(&w, double, i) == 3);
    }
    assert_int_equal(foray_array_close(&all, NULL), 0);
    assert_int_equal(foray_pool_close(pool), 0);
}

static int fill_three(struct foray_task *task)
{
    for (int k = 0; k < 3; k++) {
        const struct foray_array *a = foray_task_out(task, k);

        for (size_t i = 0; i < a->shape[0]; i++)
            FORAY_AT(a, double, i) = k + 1;
    }
    return 0;
}

static void test_slices_that_share_a_page(void **state)
{
    struct foray_pool *pool = open_guarded("fork");
    struct foray_array all, parts[3];
    struct foray_error err;

    (void)state;
    assert_ok(
        foray_array_create(&all, NULL, FORAY_F64, 1, (size_t[]){3000}, &err),
        err);
    for (size_t k = 0; k < 3; k++)
        assert_ok(foray_array_slice(&parts[k], &all, 0, (ptrdiff_t)(1000 * k),
                                    (ptrdiff_t)(1000 * k + 1000), 1, &err),
                  err);
    for (size_t chunk = 1; chunk < 1000; chunk *= 9) {
        memset(all.data, 0, 3000 * sizeof(double));
        assert_ok(foray_map(pool,
                            &(struct foray_map){
                                .fn = fill_three,
                                .out = {&parts[0], &parts[1], &parts[2]},
                                .chunk = chunk},
                            NULL, &err),
                  err);
        for (size_t i = 0; i < 3000; i++)
            assert_true(FORAY_AT(&all, double, i) == (double)(1 + i / 1000));
    }
    assert_int_equal(foray_array_close(&all, NULL), 0);
    assert_int_equal(foray_pool_close(pool), 0);
}

static int fill_cut(struct foray_task *task)
{
    const struct foray_array *y = foray_task_out(task, 0);

    for (size_t i = 0; i < y->shape[0]; i++)
        FORAY_AT(y, double, i) = 1;
    return 0;
}

/* The fault is met where slices are copied from, which is not where the task
 * has them. */
static void test_file_that_was_cut_is_named(void **state)
{
    struct foray_array y;
    struct foray_error err;

    (void)state;
    for (size_t b = 0; b < sizeof backends / sizeof *backends; b++) {
        struct foray_pool *pool = open_guarded(backends[b]);

        assert_ok(foray_array_create(&y, test_path("cut.npy"), FORAY_F64, 1,
                                     (size_t[]){10000}, &err),
                  err);
        assert_int_equal(truncate(test_path("cut.npy"), 40000), 0);
        assert_int_equal(foray_map(pool,
                                   &(struct foray_map){.fn = fill_cut,
                                                       .out = {&y},
                                                       .chunk = 5000,
                                                       .on_error = FORAY_STOP},
                                   NULL, &err),
                         FORAY_ECRASH);
        assert_int_equal(err.signal, SIGBUS);
        assert_non_null(strstr(err.msg, "of out[0] ("));
        assert_non_null(strstr(err.msg, "cut.npy), byte "));
        assert_int_equal(foray_array_close(&y, NULL), 0);
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stores_outside_are_named),
        cmocka_unit_test(test_strided_slices),
        cmocka_unit_test(test_nothing_changes_for_those_that_behave),
        cmocka_unit_test(test_views_of_one_segment),
        cmocka_unit_test(test_slices_that_share_a_page),
        cmocka_unit_test(test_file_that_was_cut_is_named),
    };
    struct foray_error err;

    unsetenv("FORAY_FORCE_BACKEND");
    if (foray_init(&err))
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
