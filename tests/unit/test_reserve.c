/* foray_task_reserve: tasks that say what they need share the pool's budget,
 * whatever becomes of the others. */
#include "helpers.h"

#include <stdlib.h>
#include <string.h>

#include "board.h"
#include "calls.h"
#include "every_backend.h"

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

        assert_ok(board_run(pool, reserve_all, 20, &board, NULL, &err), err);
        assert_int_equal(foray_pool_close(pool), 0);
    }
    assert_int_equal(foray_array_close(&board, NULL), 0);
}

/* Much at first, then less, each more than once. */
static int reserve_and_use(struct foray_task *task)
{
    size_t i = (size_t)foray_task_i64(task, 0), nbytes = (1 + i % 7) * MIB;
    int64_t *board = board_of_call(task);

    if (foray_task_reserve(task, nbytes))
        return -1;
    board_use(board, (int64_t)nbytes, 1);
    nap(0.0005 * (double)(i % 3));
    board_use(board, (int64_t)(nbytes / 2) - (int64_t)nbytes, 0);
    if (foray_task_reserve(task, nbytes / 2))
        return -1;
    nap(0.0005 * (double)(i % 4));
    board_use(board, -(int64_t)(nbytes / 2), -1);
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
            assert_ok(board_run(pool, reserve_and_use, N, &board, NULL, &err),
                      err);
            assert_in_range(board_note(&board, MOST_BYTES), 7 * MIB, 8 * MIB);
            assert_int_equal(board_note(&board, BYTES), 0);
            assert_int_equal(board_note(&board, TASKS), 0);
        }
        assert_int_equal(foray_pool_close(pool), 0);
    }
    assert_int_equal(foray_array_close(&board, NULL), 0);
}

/* The first reserves nearly all, and waits for the others. */
static int small_ones_go_on(struct foray_task *task)
{
    int64_t i = foray_task_i64(task, 0), *board = board_of_call(task);

    if (board_first_takes(task, 6 * MIB))
        return -1;
    if (i == 0)
        return board_await(&board[NOTE], 9);
    if (i == 1) { /* does not fit beside the first */
        foray_atomic_add(&board[NOTE], 1);
        return foray_task_reserve(task, 7 * MIB) ||
               board_read(&board[NOTE]) < 9;
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
            assert_ok(board_run(pool, small_ones_go_on, 10, &board, NULL, &err),
                      err);
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
            (void)board_run(pool, ask_for_too_much, N, &board, results, &err);
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
    int64_t *board = board_of_call(task);

    if (foray_task_reserve(task, 4 * MIB))
        return -1;
    foray_atomic_add(&board[NOTE], 1);
    if (board_await(&board[NOTE], 2) || foray_task_reserve(task, 7 * MIB))
        return -1;
    board_use(board, 0, 1);
    nap(0.02);
    board_use(board, 0, -1);
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
            assert_ok(
                board_run(pool, wait_for_one_another, 2, &board, NULL, &err),
                err);
            assert_int_equal(board_note(&board, MOST_TASKS), 1);
        }
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
        cmocka_unit_test(test_every_try_begins_with_nothing),
        cmocka_unit_test(test_pools_in_tasks_share),
        cmocka_unit_test(test_who_sets_the_budget),
    };

    init_every_backend();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
