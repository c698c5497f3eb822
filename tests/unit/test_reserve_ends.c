/* foray_task_reserve: how waiting ends when somebody dies, or the run does. */
#include "helpers.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "board.h"
#include "calls.h"
#include "every_backend.h"

/* The first dies with all there is. */
static int die_with_it(struct foray_task *task)
{
    int64_t i = foray_task_i64(task, 0);

    if (board_first_takes(task, 8 * MIB))
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
    int64_t i = foray_task_i64(task, 0), *board = board_of_call(task);

    if (board_first_takes(task, 8 * MIB))
        return -1;
    if (i == 0) {
        if (board_await(&board[NOTE], 1))
            return -1;
        nap(0.05);
        kill((pid_t)board_read(&board[NOTE]), SIGKILL);
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
    struct foray_config config = {.memory = 8 * MIB, .batch_size = 1};
    struct foray_result results[N];
    struct foray_error err;
    struct foray_pool *pool;

    config.on_error = FORAY_SKIP;
    pool = open_backend(backend, 3, &config);
    assert_ok(foray_config_push(&config, &err), err);
    (void)board_run(pool, fn, N, board, results, &err);
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
    int64_t i = foray_task_i64(task, 0), *board = board_of_call(task);
    int code;

    if (board_first_takes(task, 8 * MIB))
        return -1;
    if (i == 0) {
        if (board_await(&board[NOTE], 1))
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
    if (to_cancel && board_note(board, NOTE))
        foray_pool_cancel(to_cancel);
}

/* A cancelled task holds on to what it has until the other has seen the end. */
static int hold_until_cancelled(struct foray_task *task)
{
    int64_t i = foray_task_i64(task, 0), *board = board_of_call(task);

    if (board_first_takes(task, 8 * MIB))
        return -1;
    if (i) {
        foray_atomic_add(&board[NOTE], 1);
        if (foray_task_reserve(task, MIB) == FORAY_ECANCELED)
            foray_atomic_add(&board[BYTES], 1);
        return -1;
    }
    while (!foray_task_cancelled(task))
        nap(0.001);
    return board_await(&board[BYTES], 1);
}

static void test_the_end_of_a_run_ends_waiting(void **state)
{
    struct foray_array board = shared_numbers(N_BOARD);
    struct foray_pool *pool;
    struct foray_config config = {.memory = 8 * MIB, .batch_size = 1};
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
            assert_int_equal(board_run(pool, fail_beside_a_waiting_one, 2,
                                       &board, NULL, &err),
                             FORAY_ETASK);
            assert_non_null(strstr(err.msg, "the first"));
        }
        if (backend->processes) { /* with threads the caller is one of them */
            to_cancel = pool;
            assert_int_equal(
                board_run(pool, hold_until_cancelled, 2, &board, NULL, &err),
                FORAY_ECANCELED);
            assert_int_equal(board_note(&board, BYTES), 1);
            to_cancel = NULL;
        }
        assert_int_equal(foray_pool_close(pool), 0);
    }
    assert_int_equal(foray_array_close(&board, NULL), 0);
}

/* The first holds all for most of the timeout, the second works as long. */
static int wait_for_long(struct foray_task *task)
{
    if (board_first_takes(task, 8 * MIB) || foray_task_reserve(task, 8 * MIB))
        return -1;
    nap(2.5);
    return 0;
}

/* After it has waited it works for too long. */
static int work_for_too_long(struct foray_task *task)
{
    if (board_first_takes(task, 8 * MIB) || foray_task_reserve(task, 8 * MIB))
        return -1;
    nap(foray_task_i64(task, 0) ? 600 : 0.1);
    return 0;
}

static void test_a_timeout_stands_still(void **state)
{
    struct foray_array board = shared_numbers(N_BOARD);
    struct foray_config config = {.memory = 8 * MIB, .batch_size = 1};
    struct foray_error err;

    (void)state;
    FOR_PROCESS_BACKENDS(backend)
    {
        struct foray_pool *pool;

        config.timeout = 4;
        pool = open_backend(backend, 2, &config);
        assert_ok(board_run(pool, wait_for_long, 2, &board, NULL, &err), err);
        assert_int_equal(foray_pool_close(pool), 0);
        config.timeout = 1;
        pool = open_backend(backend, 2, &config);
        assert_int_equal(
            board_run(pool, work_for_too_long, 2, &board, NULL, &err),
            FORAY_ETIMEDOUT);
        assert_int_equal(foray_pool_close(pool), 0);
    }
    assert_int_equal(foray_array_close(&board, NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_deaths_give_back),
        cmocka_unit_test(test_the_end_of_a_run_ends_waiting),
        cmocka_unit_test(test_a_timeout_stands_still),
    };

    init_every_backend();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
