/* foray_task_reserve: tasks that say what they need share the pool's budget,
 * whatever becomes of the others. */
#include "helpers.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "calls.h"
#include "every_backend.h"

#define MIB ((size_t)1 << 20)

/* What tasks see of one another: bytes in use, the most there were, tasks, the
 * most of them, and what a test agrees on with its tasks. */
enum { BYTES, MOST_BYTES, TASKS, MOST_TASKS, HELD, NOTE, N_BOARD };

/* The board is the second argument of every call, the first its number. */
static int64_t *board_of(struct foray_task *task)
{
    return foray_task_array(task, 1)->data;
}

static int64_t read_note(int64_t *at)
{
    return foray_atomic_add(at, 0);
}

static void use(int64_t *board, int64_t nbytes, int64_t n_tasks)
{
    int64_t n = foray_atomic_add(&board[BYTES], nbytes) + nbytes;

    foray_atomic_max(&board[MOST_BYTES], n);
    n = foray_atomic_add(&board[TASKS], n_tasks) + n_tasks;
    foray_atomic_max(&board[MOST_TASKS], n);
}

/* Until it is at least that, for a long time. */
static int await(int64_t *at, int64_t value)
{
    for (int i = 0; i < 10000; i++) {
        if (read_note(at) >= value)
            return 0;
        nap(0.002);
    }
    return -1;
}

/* The first takes so much, the others wait until it has it. */
static int first_takes(struct foray_task *task, size_t nbytes)
{
    int64_t *board = board_of(task);

    if (foray_task_i64(task, 0))
        return await(&board[HELD], 1);
    if (foray_task_reserve(task, nbytes))
        return -1;
    foray_atomic_add(&board[HELD], 1);
    return 0;
}

/* n calls fn(i, board). */
static int run(struct foray_pool *pool, foray_task_fn fn, size_t n,
               const struct foray_array *board, struct foray_result *results,
               struct foray_error *err)
{
    struct foray_call *calls = calloc(n, sizeof *calls);
    int code;

    assert_non_null(calls);
    memset(board->data, 0, foray_array_nbytes(board));
    for (size_t i = 0; i < n; i++)
        calls[i] = foray_delayed(fn, i, board);
    code = foray_parallel(pool, calls, n, results, err);
    free(calls);
    return code;
}

static int64_t note(const struct foray_array *board, size_t k)
{
    return FORAY_AT(board, int64_t, k);
}

static struct foray_config with(size_t memory)
{
    return (struct foray_config){.memory = memory, .batch_size = 1};
}

/* More than there is anywhere. */
static int reserve_all(struct foray_task *task)
{
    return foray_task_reserve(task, SIZE_MAX);
}

static void test_without_a_budget(void **state)
{
    struct foray_array board = shared_numbers(N_BOARD);
    struct foray_error err;

    (void)state;
    FOR_EVERY_BACKEND(backend)
    {
        struct foray_pool *pool = open_backend(backend, 2, NULL);

        assert_ok(run(pool, reserve_all, 20, &board, NULL, &err), err);
        assert_int_equal(foray_pool_close(pool), 0);
    }
    assert_int_equal(foray_array_close(&board, NULL), 0);
}

/* Much at first, then less, each more than once. */
static int reserve_and_use(struct foray_task *task)
{
    size_t i = (size_t)foray_task_i64(task, 0), nbytes = (1 + i % 7) * MIB;
    int64_t *board = board_of(task);

    if (foray_task_reserve(task, nbytes))
        return -1;
    use(board, (int64_t)nbytes, 1);
    nap(0.0005 * (double)(i % 3));
    use(board, (int64_t)(nbytes / 2) - (int64_t)nbytes, 0);
    if (foray_task_reserve(task, nbytes / 2))
        return -1;
    nap(0.0005 * (double)(i % 4));
    use(board, -(int64_t)(nbytes / 2), -1);
    return i % 2 ? foray_task_reserve(task, 0) : 0;
}

static void test_never_more_than_the_budget(void **state)
{
    enum { N = 150 };
    struct foray_array board = shared_numbers(N_BOARD);
    struct foray_config config = with(8 * MIB);
    struct foray_error err;

    (void)state;
    FOR_EVERY_BACKEND(backend)
    {
        struct foray_pool *pool = open_backend(backend, 6, &config);

        if (!strcmp(backend->name, "outside")) {
            assert_int_equal(foray_pool_close(pool), 0);
            continue;
        }
        for (int i = 0; i < 2; i++) {
            assert_ok(run(pool, reserve_and_use, N, &board, NULL, &err), err);
            assert_in_range(note(&board, MOST_BYTES), 7 * MIB, 8 * MIB);
            assert_int_equal(note(&board, BYTES), 0);
            assert_int_equal(note(&board, TASKS), 0);
        }
        assert_int_equal(foray_pool_close(pool), 0);
    }
    assert_int_equal(foray_array_close(&board, NULL), 0);
}

/* The first reserves nearly all, and waits for the others. */
static int small_ones_go_on(struct foray_task *task)
{
    int64_t i = foray_task_i64(task, 0), *board = board_of(task);

    if (first_takes(task, 6 * MIB))
        return -1;
    if (i == 0)
        return await(&board[NOTE], 9);
    if (i == 1) { /* does not fit beside the first */
        foray_atomic_add(&board[NOTE], 1);
        return foray_task_reserve(task, 7 * MIB) || read_note(&board[NOTE]) < 9;
    }
    if (foray_task_reserve(task, 2 * MIB))
        return -1;
    foray_atomic_add(&board[NOTE], 1);
    return 0;
}

static void test_small_ones_go_on(void **state)
{
    struct foray_array board = shared_numbers(N_BOARD);
    struct foray_config config = with(8 * MIB);
    struct foray_error err;

    (void)state;
    FOR_PARALLEL_BACKENDS(backend)
    {
        struct foray_pool *pool = open_backend(backend, 3, &config);

        if (strcmp(backend->name, "outside") != 0)
            assert_ok(run(pool, small_ones_go_on, 10, &board, NULL, &err), err);
        assert_int_equal(foray_pool_close(pool), 0);
    }
    assert_int_equal(foray_array_close(&board, NULL), 0);
}

/* The third asks for a byte too much. */
static int ask_for_too_much(struct foray_task *task)
{
    size_t i = (size_t)foray_task_i64(task, 0);

    if (foray_task_reserve_for(task, 8 * MIB + (i == 3), "IMG_3.jpg") !=
        (i == 3 ? FORAY_ENOMEM : 0))
        return foray_task_fail(task, "another answer");
    return foray_return(task, 1);
}

static void test_what_never_fits_is_the_tasks_error(void **state)
{
    enum { N = 12 };
    struct foray_array board = shared_numbers(N_BOARD);
    struct foray_config config = with(8 * MIB);
    struct foray_result results[N];
    struct foray_error err;

    (void)state;
    config.on_error = FORAY_SKIP;
    FOR_EVERY_BACKEND(backend)
    {
        struct foray_pool *pool = open_backend(backend, 3, &config);

        if (strcmp(backend->name, "outside") != 0) {
            assert_ok(foray_config_push(&config, &err), err);
            (void)run(pool, ask_for_too_much, N, &board, results, &err);
            for (int i = 0; i < N; i++)
                if (results[i].code != (i == 3 ? FORAY_ENOMEM : 0))
                    fail_msg("%s: call %d: %d", backend->name, i,
                             results[i].code);
            assert_non_null(strstr(foray_result_error(&results[3])->msg,
                                   "IMG_3.jpg needs 8388609 bytes"));
            assert_non_null(
                strstr(foray_result_error(&results[3])->msg, "is 8388608"));
            foray_results_free(results, N);
            foray_config_pop();
        }
        assert_int_equal(foray_pool_close(pool), 0);
    }
    assert_int_equal(foray_array_close(&board, NULL), 0);
}

/* Both hold more than half when they ask for more. */
static int wait_for_one_another(struct foray_task *task)
{
    int64_t *board = board_of(task);

    if (foray_task_reserve(task, 4 * MIB))
        return -1;
    foray_atomic_add(&board[NOTE], 1);
    if (await(&board[NOTE], 2) || foray_task_reserve(task, 7 * MIB))
        return -1;
    use(board, 0, 1);
    nap(0.02);
    use(board, 0, -1);
    return 0;
}

static void test_a_tie_ends(void **state)
{
    struct foray_array board = shared_numbers(N_BOARD);
    struct foray_config config = with(8 * MIB);
    struct foray_error err;

    (void)state;
    FOR_PARALLEL_BACKENDS(backend)
    {
        struct foray_pool *pool = open_backend(backend, 2, &config);

        if (strcmp(backend->name, "outside") != 0) {
            assert_ok(run(pool, wait_for_one_another, 2, &board, NULL, &err),
                      err);
            assert_int_equal(note(&board, MOST_TASKS), 1);
        }
        assert_int_equal(foray_pool_close(pool), 0);
    }
    assert_int_equal(foray_array_close(&board, NULL), 0);
}

/* The first dies with all there is. */
static int die_with_it(struct foray_task *task)
{
    int64_t i = foray_task_i64(task, 0);

    if (first_takes(task, 8 * MIB))
        return -1;
    if (i == 0) {
        nap(0.05); /* others begin to wait */
        kill(getpid(), SIGKILL);
    }
    return foray_task_reserve(task, 8 * MIB);
}

/* The second is killed while it waits for the first. */
static int kill_who_waits(struct foray_task *task)
{
    int64_t i = foray_task_i64(task, 0), *board = board_of(task);

    if (first_takes(task, 8 * MIB))
        return -1;
    if (i == 0) {
        if (await(&board[NOTE], 1))
            return -1;
        nap(0.05);
        kill((pid_t)read_note(&board[NOTE]), SIGKILL);
        nap(0.05);
        return 0;
    }
    if (i == 1)
        foray_atomic_max(&board[NOTE], (int64_t)getpid());
    return foray_task_reserve(task, 5 * MIB);
}

static void expect_one_death(const struct backend *backend, foray_task_fn fn,
                             int victim, const struct foray_array *board)
{
    enum { N = 9 };
    struct foray_config config = with(8 * MIB);
    struct foray_result results[N];
    struct foray_error err;
    struct foray_pool *pool;

    config.on_error = FORAY_SKIP;
    pool = open_backend(backend, 3, &config);
    assert_ok(foray_config_push(&config, &err), err);
    (void)run(pool, fn, N, board, results, &err);
    for (int i = 0; i < N; i++)
        if (results[i].status !=
            (i == victim ? FORAY_TASK_CRASHED : FORAY_TASK_OK))
            fail_msg("%s: call %d ended as %d", backend->name, i,
                     (int)results[i].status);
    foray_results_free(results, N);
    foray_config_pop();
    assert_int_equal(foray_pool_close(pool), 0);
}

static void test_deaths_give_back(void **state)
{
    struct foray_array board = shared_numbers(N_BOARD);

    (void)state;
    FOR_PROCESS_BACKENDS(backend)
    {
        expect_one_death(backend, die_with_it, 0, &board);
        expect_one_death(backend, kill_who_waits, 1, &board);
    }
    assert_int_equal(foray_array_close(&board, NULL), 0);
}

/* One has all and fails once the other waits, who must not do so any longer. */
static int fail_beside_a_waiting_one(struct foray_task *task)
{
    int64_t i = foray_task_i64(task, 0), *board = board_of(task);
    int code;

    if (first_takes(task, 8 * MIB))
        return -1;
    if (i == 0) {
        if (await(&board[NOTE], 1))
            return -1;
        nap(0.02);
        return foray_task_fail(task, "the first");
    }
    foray_atomic_add(&board[NOTE], 1);
    code = foray_task_reserve(task, 8 * MIB);
    return code ? code : foray_task_fail(task, "the second");
}

/* Of the run under way; NULL: it is not to be cancelled. */
static struct foray_pool *to_cancel;

static void cancel_when_one_waits(const struct foray_progress *progress,
                                  void *board)
{
    (void)progress;
    if (to_cancel && note(board, NOTE))
        foray_pool_cancel(to_cancel);
}

/* A cancelled task holds on to what it has until the other has seen the end. */
static int hold_until_cancelled(struct foray_task *task)
{
    int64_t i = foray_task_i64(task, 0), *board = board_of(task);

    if (first_takes(task, 8 * MIB))
        return -1;
    if (i) {
        foray_atomic_add(&board[NOTE], 1);
        if (foray_task_reserve(task, MIB) == FORAY_ECANCELED)
            foray_atomic_add(&board[BYTES], 1);
        return -1;
    }
    while (!foray_task_cancelled(task))
        nap(0.001);
    return await(&board[BYTES], 1);
}

static void test_the_end_of_a_run_ends_waiting(void **state)
{
    struct foray_array board = shared_numbers(N_BOARD);
    struct foray_pool *pool;
    struct foray_config config = with(8 * MIB);
    struct foray_error err;

    (void)state;
    config.grace = 60; /* nobody is killed here */
    config.progress = cancel_when_one_waits;
    config.progress_arg = &board;
    config.progress_interval = 0.05;
    FOR_PARALLEL_BACKENDS(backend)
    {
        pool = open_backend(backend, 2, &config);
        if (strcmp(backend->name, "outside") != 0) {
            assert_int_equal(
                run(pool, fail_beside_a_waiting_one, 2, &board, NULL, &err),
                FORAY_ETASK);
            assert_non_null(strstr(err.msg, "the first"));
        }
        if (backend->processes) { /* with threads the caller is one of them */
            to_cancel = pool;
            assert_int_equal(
                run(pool, hold_until_cancelled, 2, &board, NULL, &err),
                FORAY_ECANCELED);
            assert_int_equal(note(&board, BYTES), 1);
            to_cancel = NULL;
        }
        assert_int_equal(foray_pool_close(pool), 0);
    }
    assert_int_equal(foray_array_close(&board, NULL), 0);
}

/* The first holds all for most of the timeout, the second works as long. */
static int wait_for_long(struct foray_task *task)
{
    if (first_takes(task, 8 * MIB) || foray_task_reserve(task, 8 * MIB))
        return -1;
    nap(2.5);
    return 0;
}

/* After it has waited it works for too long. */
static int work_for_too_long(struct foray_task *task)
{
    if (first_takes(task, 8 * MIB) || foray_task_reserve(task, 8 * MIB))
        return -1;
    nap(foray_task_i64(task, 0) ? 600 : 0.1);
    return 0;
}

static void test_a_timeout_stands_still(void **state)
{
    struct foray_array board = shared_numbers(N_BOARD);
    struct foray_config config = with(8 * MIB);
    struct foray_error err;

    (void)state;
    FOR_PROCESS_BACKENDS(backend)
    {
        struct foray_pool *pool;

        config.timeout = 4;
        pool = open_backend(backend, 2, &config);
        assert_ok(run(pool, wait_for_long, 2, &board, NULL, &err), err);
        assert_int_equal(foray_pool_close(pool), 0);
        config.timeout = 1;
        pool = open_backend(backend, 2, &config);
        assert_int_equal(run(pool, work_for_too_long, 2, &board, NULL, &err),
                         FORAY_ETIMEDOUT);
        assert_int_equal(foray_pool_close(pool), 0);
    }
    assert_int_equal(foray_array_close(&board, NULL), 0);
}

/* Retried tasks reserve anew; foray_map and foray_for do as calls. */
static int fail_at_first(struct foray_task *task)
{
    if (foray_task_reserve(task, 8 * MIB))
        return -1;
    return foray_task_attempt(task) < 3;
}

static void test_every_try_begins_with_nothing(void **state)
{
    struct foray_config config = with(8 * MIB);
    struct foray_for tasks = {.fn = fail_at_first, .n = 50};
    struct foray_report report;
    struct foray_error err;

    (void)state;
    config.retries = 2;
    FOR_EVERY_BACKEND(backend)
    {
        struct foray_pool *pool = open_backend(backend, 3, &config);

        if (strcmp(backend->name, "outside") != 0) {
            assert_ok(foray_for(pool, &tasks, &report, &err), err);
            assert_int_equal(report.retried, 100);
        }
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

/* What pools in a task have: by themselves, with less, with more, with none. */
static int open_inside(struct foray_task *task)
{
    static const size_t own[] = {0, 3 * MIB, 90 * MIB, FORAY_NEVER};
    int64_t memory[4];
    struct foray_config config;
    struct foray_error err;

    for (int i = 0; i < 4; i++) {
        if (foray_config_push(&(struct foray_config){.memory = own[i]}, &err) ||
            foray_config_get(&config, &err))
            return foray_task_raise(task, &err);
        memory[i] = (int64_t)config.memory;
        foray_config_pop();
    }
    return foray_return(task, memory[0], memory[1], memory[2], memory[3]);
}

static int open_deeper(struct foray_task *task)
{
    struct foray_config config = {.backend = "threads", .n_jobs = 4};
    struct foray_pool *pool = NULL;
    struct foray_call call = foray_delayed(open_inside);
    struct foray_result result = {0};
    struct foray_error err;
    int code = 0;

    if (foray_pool_open(&pool, &config, &err) ||
        foray_parallel(pool, &call, 1, &result, &err))
        code = foray_task_raise(task, &err);
    else
        code = foray_return(task, foray_result_i64(&result, 0));
    foray_result_free(&result);
    foray_pool_close(pool);
    return code;
}

static void test_pools_in_tasks_share(void **state)
{
    struct foray_config config = with(40 * MIB);
    struct foray_error err;

    (void)state;
    FOR_EVERY_BACKEND(backend)
    {
        struct foray_pool *pool = open_backend(backend, 4, &config);
        struct foray_call calls[] = {foray_delayed(open_inside),
                                     foray_delayed(open_deeper)};
        struct foray_result results[2];
        size_t share = 40 * MIB / (size_t)foray_pool_n_jobs(pool);

        if (strcmp(backend->name, "outside") != 0) {
            assert_ok(foray_parallel(pool, calls, 2, results, &err), err);
            assert_int_equal(foray_result_i64(&results[0], 0), share);
            assert_int_equal(foray_result_i64(&results[0], 1), 3 * MIB);
            assert_int_equal(foray_result_i64(&results[0], 2), share);
            assert_int_equal(foray_result_i64(&results[0], 3), share);
            assert_int_equal(foray_result_i64(&results[1], 0), share / 4);
            foray_results_free(results, 2);
        }
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

/* Levels and the environment reach the tasks. */
static int reserve_nine(struct foray_task *task)
{
    return foray_task_reserve(task, 9 * MIB);
}

static void test_who_sets_the_budget(void **state)
{
    struct foray_for tasks = {.fn = reserve_nine, .n = 4};
    struct foray_error err;

    (void)state;
    FOR_PROCESS_BACKENDS(backend)
    {
        struct foray_config config = {.backend = backend->name, .n_jobs = 2};

        assert_ok(foray_config_push(&config, &err), err);
        assert_ok(foray_for(NULL, &tasks, NULL, &err), err);
        setenv("FORAY_MEMORY", "8M", 1);
        assert_int_equal(foray_for(NULL, &tasks, NULL, &err), FORAY_ENOMEM);
        config.memory = 10 * MIB;
        assert_ok(foray_config_push(&config, &err), err);
        assert_ok(foray_for(NULL, &tasks, NULL, &err), err);
        config.memory = FORAY_NEVER;
        assert_ok(foray_config_push(&config, &err), err);
        assert_ok(foray_for(NULL, &tasks, NULL, &err), err);
        for (int i = 0; i < 3; i++)
            foray_config_pop();
        unsetenv("FORAY_MEMORY");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_without_a_budget),
        cmocka_unit_test(test_never_more_than_the_budget),
        cmocka_unit_test(test_small_ones_go_on),
        cmocka_unit_test(test_what_never_fits_is_the_tasks_error),
        cmocka_unit_test(test_a_tie_ends),
        cmocka_unit_test(test_deaths_give_back),
        cmocka_unit_test(test_the_end_of_a_run_ends_waiting),
        cmocka_unit_test(test_a_timeout_stands_still),
        cmocka_unit_test(test_every_try_begins_with_nothing),
        cmocka_unit_test(test_pools_in_tasks_share),
        cmocka_unit_test(test_who_sets_the_budget),
    };

    init_every_backend();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
