/* What a task received and passes on to a run of its own: the same memory, in
 * its own mode, in every backend inside of every other. */
#include "helpers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <foray.h>

#include "every_backend.h"
#include "gate.h"
#include "mapping.h"

enum { ROWS = 12, COLS = 500 };

static struct foray_error err;

static const char *const inner_backends[] = {"fork", "threads", "serial"};

#define FOR_INNER_BACKENDS(name)                                               \
    for (const char *const *name = inner_backends; name < inner_backends + 3;  \
         name++)

static int open_inner(struct foray_pool **out, const char *name,
                      struct foray_error *why)
{
    return foray_pool_open(out,
                           &(struct foray_config){.n_jobs = 2,
                                                  .backend = name,
                                                  .max_nbytes = 1,
                                                  .on_error = FORAY_SKIP},
                           why);
}

/* Every element is 1 + its row. */
static struct foray_array make(const char *path)
{
    size_t shape[2] = {ROWS, COLS};
    struct foray_array x;

    assert_ok(foray_array_create(&x, path, FORAY_F64, 2, shape, &err), err);
    for (size_t i = 0; i < ROWS; i++)
        for (size_t j = 0; j < COLS; j++)
            FORAY_AT(&x, double, i, j) = 1 + (double)i;
    return x;
}

static void check_rows(const struct foray_array *x, double factor)
{
    for (size_t i = 0; i < ROWS; i++)
        for (size_t j = 0; j < COLS; j++)
            assert_true(FORAY_AT(x, double, i, j) == factor * (1 + (double)i));
}

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
    struct foray_result results[ROWS];
    struct foray_call calls[ROWS];
    struct foray_pool *pool;
    struct foray_error why;
    int code, n = 0;

    if (open_inner(&pool, foray_task_str(task, 1), &why))
        return foray_task_raise(task, &why);
    for (size_t i = 0; i < ROWS; i++)
        calls[i] = foray_delayed(double_row, x, i);
    code = foray_parallel(pool, calls, ROWS, results, &why);
    for (size_t i = 0; i < ROWS; i++)
        n += !results[i].code &&
             foray_result_i64(&results[i], 0) == (int64_t)x->mode;
    foray_results_free(results, ROWS);
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
            struct foray_array x = make(path);

            assert_int_equal(run_outer(pool, double_in_calls, &x, *inner),
                             ROWS);
            check_rows(&x, 2);
            assert_ok(foray_array_close(&x, &err), err);
            assert_ok(foray_array_open(&x, path, "r+", &err), err);
            assert_int_equal(run_outer(pool, double_in_calls, &x, *inner),
                             ROWS);
            check_rows(&x, 4);
            assert_ok(foray_array_close(&x, &err), err);
        }
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

/* What a task changed in an array of mode c is its own: its inner tasks get
 * that, as a snapshot, in the mode of snapshots. */
static int sum_row(struct foray_task *task)
{
    const struct foray_array *x = foray_task_array(task, 0);
    double sum = 0;

    for (size_t j = 0; j < x->shape[1]; j++)
        sum += FORAY_AT(x, double, 3, j);
    return foray_return(task, sum, (int)x->mode);
}

/* (x, inner backend) -> 1 if an inner task saw what is stored here */
static int store_and_pass(struct foray_task *task)
{
    const struct foray_array *x = foray_task_array(task, 0);
    struct foray_call call = foray_delayed(sum_row, x);
    struct foray_result result = {.code = 0};
    struct foray_pool *pool;
    struct foray_error why;
    int code, good;

    for (size_t j = 0; j < COLS; j++)
        FORAY_AT(x, double, 3, j) = 7;
    if (open_inner(&pool, foray_task_str(task, 1), &why))
        return foray_task_raise(task, &why);
    code = foray_parallel(pool, &call, 1, &result, &why);
    good = foray_result_f64(&result, 0) == 7.0 * COLS &&
           foray_result_i64(&result, 1) == FORAY_READ;
    foray_result_free(&result);
    foray_pool_close(pool);
    return code ? foray_task_raise(task, &why) : foray_return(task, good);
}

static void test_36_copies_are_passed_on_as_they_are(void **state)
{
    const char *path = test_path("c.npy");
    struct foray_array x = make(path);

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
    struct foray_array x = make(NULL), y = make(NULL);
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

/* out = 2 * in */
static int twice(struct foray_task *task)
{
    const struct foray_array *x = foray_task_in(task, 0);
    const struct foray_array *y = foray_task_out(task, 0);

    for (size_t i = 0; i < x->shape[0]; i++)
        for (size_t j = 0; j < x->shape[1]; j++)
            FORAY_AT(y, double, i, j) = 2 * FORAY_AT(x, double, i, j);
    return 0;
}

static int twice_inside(struct foray_task *task)
{
    struct foray_map map = {.fn = twice,
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
    struct foray_array x = make(NULL), y = make(NULL);
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

    if (foray_array_index(&row, foray_task_array(task, 0), 0, ROWS - 1, &why))
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
    struct foray_array x = make(NULL);

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
                             foray_row(&x, ROWS - 1));
            assert_int_equal(foray_result_i64(&result, 1), FORAY_EBUSY);
            foray_result_free(&result);
            check_rows(&x, 1);
        }
        assert_int_equal(foray_pool_close(pool), 0);
    }
    assert_int_equal(foray_array_close(&x, NULL), 0);
}

/* The pool that a worker keeps from task to task, and a call in it. */
static struct foray_pool *kept;
static struct foray_future *under_way;

/* (x) -> the process of an inner worker that has it, how much it has mapped of
 * the folder, and this one */
static int pass_to_kept(struct foray_task *task)
{
    const struct foray_array *x = foray_task_array(task, 0);
    struct foray_call call = foray_delayed(sum_row, x);
    struct foray_result result;
    struct foray_error why;
    const char *folder = foray_task_str(task, 1);
    pid_t worker;

    if (!kept &&
        foray_pool_open(&kept,
                        &(struct foray_config){.n_jobs = 1, .backend = "fork"},
                        &why))
        return foray_task_raise(task, &why);
    if (foray_parallel(kept, &call, 1, &result, &why))
        return foray_task_raise(task, &why);
    foray_result_free(&result);
    worker = foray_pool_worker_pid(kept, 0);
    return foray_return(task, (int)worker, count_mapped(worker, folder),
                        (int)getpid());
}

/* Neither it nor an inner worker keeps what the outermost caller closed. */
static void test_closed_outside_is_dropped_inside(void **state)
{
    const char *folder = test_folder();

    (void)state;
    FOR_PROCESS_BACKENDS(backend)
    {
        struct foray_pool *pool = open_backend(backend, 1, NULL);
        struct foray_array x = make(test_path("dropped.npy"));
        struct foray_call call = foray_delayed(pass_to_kept, &x, folder);
        struct foray_result result;
        pid_t inner, outer;
        double start;

        assert_ok(foray_parallel(pool, &call, 1, &result, &err), err);
        inner = (pid_t)foray_result_i64(&result, 0);
        outer = (pid_t)foray_result_i64(&result, 2);
        assert_true(foray_result_i64(&result, 1) > 0);
        foray_result_free(&result);
        assert_true(count_open(outer, folder) == 1);
        assert_true(count_open(inner, folder) == 1);
        assert_ok(foray_array_close(&x, &err), err);
        start = seconds_now();
        while (count_mapped(inner, folder) + count_mapped(outer, folder) &&
               seconds_now() - start < PATIENCE)
            nap(1e-3);
        assert_int_equal(count_mapped(inner, folder), 0);
        assert_int_equal(count_mapped(outer, folder), 0);
        assert_int_equal(count_open(inner, folder), 0);
        assert_int_equal(count_open(outer, folder), 0);
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

/* (x) -> the sum of a row, when the gate is open */
static int sum_at_gate(struct foray_task *task)
{
    return pass_gate(task) ? sum_row(task) : foray_task_fail(task, "shut");
}

/* (x) leaves a call under way */
static int begin_call(struct foray_task *task)
{
    struct foray_call call =
        foray_delayed(sum_at_gate, foray_task_array(task, 0));
    struct foray_error why;

    if (foray_pool_open(&kept,
                        &(struct foray_config){.n_jobs = 1, .backend = "fork"},
                        &why) ||
        foray_submit(&under_way, kept, &call, &why))
        return foray_task_raise(task, &why);
    return 0;
}

/* -> what the call returned */
static int end_call(struct foray_task *task)
{
    struct foray_result result;
    struct foray_error why;
    double sum;

    if (foray_future_wait(under_way, -1, &result, &why))
        return foray_task_raise(task, &why);
    sum = foray_result_f64(&result, 0);
    foray_result_free(&result);
    foray_future_free(under_way);
    return foray_return(task, sum);
}

/* A call of a task that outlives it has what it was given until it ends. */
static void test_calls_that_are_left_keep_it(void **state)
{
    const char *folder = test_folder();

    (void)state;
    FOR_PROCESS_BACKENDS(backend)
    {
        struct foray_pool *pool = open_backend(backend, 1, NULL);
        struct foray_array x = make(test_path("left.npy"));
        struct foray_call begin = foray_delayed(begin_call, &x);
        struct foray_call end = foray_delayed(end_call);
        struct foray_result result;
        double start;
        pid_t worker;

        shut_gate();
        assert_ok(foray_parallel(pool, &begin, 1, NULL, &err), err);
        assert_true(await_at_gate(1));
        assert_ok(foray_array_close(&x, &err), err);
        open_gate();
        assert_ok(foray_parallel(pool, &end, 1, &result, &err), err);
        assert_true(foray_result_f64(&result, 0) == 4.0 * COLS);
        foray_result_free(&result);
        worker = foray_pool_worker_pid(pool, 0);
        start = seconds_now();
        while (count_mapped(worker, folder) && seconds_now() - start < PATIENCE)
            nap(1e-3);
        assert_int_equal(count_mapped(worker, folder), 0);
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

/* (x) -> the sum of a row, as an inner task has it */
static int sum_inside(struct foray_task *task)
{
    struct foray_call call = foray_delayed(sum_row, foray_task_array(task, 0));
    struct foray_result result;
    struct foray_pool *pool;
    struct foray_error why;
    double sum;

    if (open_inner(&pool, "serial", &why) ||
        foray_parallel(pool, &call, 1, &result, &why))
        return foray_task_raise(task, &why);
    sum = foray_result_f64(&result, 0);
    foray_result_free(&result);
    foray_pool_close(pool);
    return foray_return(task, sum);
}

/* Tasks need descriptors, too: of many arrays some are copied instead. */
static void test_descriptors_are_left_for_tasks(void **state)
{
    enum { N = 40 };
    struct rlimit before, few;
    struct foray_array x[N];
    struct foray_call calls[N];
    struct foray_result results[N];
    size_t n_open = count_descriptors();
    struct foray_pool *pool;
    int n_kept;

    (void)state;
    getrlimit(RLIMIT_NOFILE, &before);
    few = before;
    few.rlim_cur = 2 * N;
    if (n_open > N / 2)
        skip();
    setrlimit(RLIMIT_NOFILE, &few);
    for (size_t i = 0; i < N; i++) {
        char name[24];

        snprintf(name, sizeof name, "few-%zu.npy", i);
        x[i] = make(test_path(name));
        calls[i] = foray_delayed(sum_inside, &x[i]);
    }
    pool = open_backend(&(struct backend){.name = "fork"}, 1, NULL);
    assert_ok(foray_parallel(pool, calls, N, results, &err), err);
    for (size_t i = 0; i < N; i++)
        assert_true(foray_result_f64(&results[i], 0) == 4.0 * COLS);
    foray_results_free(results, N);
    n_kept = count_open(foray_pool_worker_pid(pool, 0), test_folder());
    assert_in_range(n_kept, 1, N - 1);
    assert_int_equal(foray_pool_close(pool), 0);
    for (size_t i = 0; i < N; i++)
        assert_int_equal(foray_array_close(&x[i], NULL), 0);
    setrlimit(RLIMIT_NOFILE, &before);
}

/* (x, outermost) -> bytes of the three processes, having read all of it */
static int weigh(struct foray_task *task)
{
    const struct foray_array *x = foray_task_array(task, 0);
    pid_t outermost = (pid_t)foray_task_i64(task, 1);
    double sum = 0;

    for (size_t i = 0; i < x->shape[0]; i += 64)
        sum += FORAY_AT(x, double, i);
    return foray_return(task,
                        proportional_bytes(getpid()) +
                            proportional_bytes(getppid()) +
                            proportional_bytes(outermost),
                        sum);
}

static int weigh_inside(struct foray_task *task)
{
    const struct foray_array *x = foray_task_array(task, 0);
    struct foray_call call = foray_delayed(weigh, x, foray_task_i64(task, 1));
    struct foray_result result;
    struct foray_pool *pool;
    struct foray_error why;
    uint64_t bytes;

    if (open_inner(&pool, "fork", &why) ||
        foray_parallel(pool, &call, 1, &result, &why))
        return foray_task_raise(task, &why);
    bytes = foray_result_u64(&result, 0);
    foray_result_free(&result);
    foray_pool_close(pool);
    return foray_return(task, bytes);
}

static size_t weight(struct foray_pool *pool, size_t n)
{
    struct foray_array x;
    struct foray_result result;
    struct foray_call call;
    size_t bytes;

    assert_ok(foray_array_create(&x, NULL, FORAY_F64, 1, &n, &err), err);
    memset(x.data, 0, foray_array_nbytes(&x));
    call = foray_delayed(weigh_inside, &x, (int)getpid());
    assert_ok(foray_parallel(pool, &call, 1, &result, &err), err);
    bytes = (size_t)foray_result_u64(&result, 0);
    foray_result_free(&result);
    assert_int_equal(foray_array_close(&x, NULL), 0);
    return bytes;
}

static void test_large_arrays_are_there_once(void **state)
{
    enum { LARGE = 100 << 20 };

    (void)state;
    if (!proportional_bytes(getpid()))
        skip();
    FOR_PROCESS_BACKENDS(backend)
    {
        struct foray_pool *pool = open_backend(backend, 1, NULL);
        size_t base = weight(pool, 1);
        size_t bytes = weight(pool, LARGE / sizeof(double));

        assert_in_range(bytes, base + LARGE / 2, base + LARGE + LARGE / 4);
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_32_inner_stores_are_seen_outside),
        cmocka_unit_test(test_36_copies_are_passed_on_as_they_are),
        cmocka_unit_test(test_32_slices_of_slices),
        cmocka_unit_test(test_guarded_slices_of_slices),
        cmocka_unit_test(test_40_what_inner_tasks_return_of_it_is_it),
        cmocka_unit_test(test_closed_outside_is_dropped_inside),
        cmocka_unit_test(test_calls_that_are_left_keep_it),
        cmocka_unit_test(test_descriptors_are_left_for_tasks),
        cmocka_unit_test(test_large_arrays_are_there_once),
    };

    init_every_backend();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
