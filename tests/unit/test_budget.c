/* A budget of memory for tasks that do not say what they need: what the
 * finished ones needed admits the next. */
#include "helpers.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "board.h"
#include "calls.h"
#include "every_backend.h"

static int64_t *board_of(const struct foray_task *task)
{
    return foray_task_whole((struct foray_task *)(uintptr_t)task, 0)->data;
}

/* Private memory that is there. NULL: too little. */
static void *touch(size_t nbytes)
{
    char *bytes = mmap(NULL, nbytes, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (bytes == MAP_FAILED)
        return NULL;
    for (size_t i = 0; i < nbytes; i += 4096)
        bytes[i] = 1;
    return bytes;
}

/* What a test asks of its tasks. */
struct what {
    size_t nbytes;      /* private ones */
    int64_t n_together; /* tasks, but for the first */
    double seconds;
};

static int use_memory(struct foray_task *task)
{
    const struct what *what = foray_task_params(task);
    int64_t *board = board_of(task);
    bool first = !foray_atomic_add(&board[ENDED], 0);
    char *bytes;
    int code;

    board_use(board, (int64_t)what->nbytes, 1);
    bytes = touch(what->nbytes);
    code =
        !bytes || (!first && board_await(&board[MOST_TASKS], what->n_together));
    nap(what->seconds);
    if (bytes)
        munmap(bytes, what->nbytes);
    board_use(board, -(int64_t)what->nbytes, -1);
    foray_atomic_add(&board[ENDED], 1);
    return code;
}

/* n tasks of one index each on a cleared board. */
static int run(struct foray_pool *pool, foray_task_fn fn, size_t n,
               const struct what *what, struct foray_array *board,
               struct foray_report *report, struct foray_error *err)
{
    struct foray_for tasks = {.fn = fn,
                              .n = n,
                              .whole = {board},
                              .params = what,
                              .params_size = sizeof *what};

    memset(board->data, 0, N_BOARD * sizeof(int64_t));
    return foray_for(pool, &tasks, report, err);
}

static struct foray_pool *open_with(const struct backend *backend, int n_jobs,
                                    size_t memory)
{
    struct foray_config config = {.memory = memory};

    return open_backend(backend, n_jobs, &config);
}

/* As many as fit, and no more; once nobody knows, one alone. */
static void test_finished_tasks_admit_the_next(void **state)
{
    struct foray_array board = shared_numbers(N_BOARD);
    const struct what what = {
        .nbytes = 30 * MIB, .n_together = 3, .seconds = 0.01};
    struct foray_error err;

    (void)state;
    FOR_PROCESS_BACKENDS(backend)
    {
        struct foray_pool *pool = open_with(backend, 5, 110 * MIB);

        for (int i = 0; i < 2; i++) {
            assert_ok(run(pool, use_memory, 10, &what, &board, NULL, &err),
                      err);
            assert_int_equal(board_note(&board, MOST_TASKS), 3);
            assert_int_equal(board_note(&board, MOST_BYTES), 90 * MIB);
        }
        assert_int_equal(foray_pool_close(pool), 0);
    }
    assert_int_equal(foray_array_close(&board, NULL), 0);
}

/* No task fits: they run all the same, one by one. */
static void test_the_largest_run_alone(void **state)
{
    struct foray_array board = shared_numbers(N_BOARD);
    const struct what what = {
        .nbytes = 30 * MIB, .n_together = 1, .seconds = 0.002};
    struct foray_error err;

    (void)state;
    FOR_PROCESS_BACKENDS(backend)
    {
        struct foray_pool *pool = open_with(backend, 4, 8 * MIB);

        assert_ok(run(pool, use_memory, 10, &what, &board, NULL, &err), err);
        assert_int_equal(board_note(&board, MOST_TASKS), 1);
        assert_int_equal(foray_pool_close(pool), 0);
    }
    assert_int_equal(foray_array_close(&board, NULL), 0);
}

/* Every task touches all of an array that all share. */
static int use_shared(struct foray_task *task)
{
    const struct foray_array *array = foray_task_whole(task, 1);
    int64_t *board = board_of(task);
    bool first = !foray_atomic_add(&board[ENDED], 0);
    int code;

    board_use(board, 0, 1);
    for (size_t i = 0; i < array->shape[0]; i += 4096)
        FORAY_AT(array, uint8_t, i) = 1;
    code = first ? 0 : board_await(&board[MOST_TASKS], 4);
    board_use(board, 0, -1);
    foray_atomic_add(&board[ENDED], 1);
    return code;
}

static void test_shared_memory_does_not_count(void **state)
{
    struct foray_array board = shared_numbers(N_BOARD), array;
    struct foray_for tasks = {
        .fn = use_shared, .n = 20, .whole = {&board, &array}};
    struct foray_error err;

    (void)state;
    assert_ok(foray_array_create(&array, NULL, FORAY_U8, 1,
                                 (size_t[]){64 * MIB}, &err),
              err);
    FOR_PROCESS_BACKENDS(backend)
    {
        struct foray_pool *pool = open_with(backend, 4, 40 * MIB);

        memset(board.data, 0, N_BOARD * sizeof(int64_t));
        assert_ok(foray_for(pool, &tasks, NULL, &err), err);
        assert_int_equal(board_note(&board, MOST_TASKS), 4);
        assert_int_equal(foray_pool_close(pool), 0);
    }
    assert_int_equal(foray_array_close(&array, NULL), 0);
    assert_int_equal(foray_array_close(&board, NULL), 0);
}

/* What it reserves itself nobody holds for it a second time, and nobody waits
 * until the first has ended. */
static int reserve_memory(struct foray_task *task)
{
    const struct what *what = foray_task_params(task);
    int64_t *board = board_of(task);
    char *bytes;
    int code;

    if (foray_task_reserve(task, what->nbytes))
        return -1;
    board_use(board, (int64_t)what->nbytes, 1);
    bytes = touch(what->nbytes);
    code = !bytes || board_await(&board[MOST_TASKS], what->n_together);
    nap(what->seconds);
    if (bytes)
        munmap(bytes, what->nbytes);
    board_use(board, -(int64_t)what->nbytes, -1);
    return code;
}

static void test_reserved_memory_is_held_once(void **state)
{
    struct foray_array board = shared_numbers(N_BOARD);
    const struct what what = {
        .nbytes = 30 * MIB, .n_together = 3, .seconds = 0.002};
    struct foray_error err;

    (void)state;
    FOR_PROCESS_BACKENDS(backend)
    {
        struct foray_pool *pool = open_with(backend, 5, 110 * MIB);

        assert_ok(run(pool, reserve_memory, 12, &what, &board, NULL, &err),
                  err);
        assert_int_equal(board_note(&board, MOST_TASKS), 3);
        assert_int_equal(board_note(&board, MOST_BYTES), 90 * MIB);
        assert_int_equal(foray_pool_close(pool), 0);
    }
    assert_int_equal(foray_array_close(&board, NULL), 0);
}

/* Every third dies, also the first, which goes alone. */
static int die_sometimes(struct foray_task *task)
{
    size_t i = foray_task_index(task);
    char *bytes = touch(4 * MIB);

    if (!bytes)
        return -1;
    if (i % 3 == 0)
        kill(getpid(), SIGKILL);
    munmap(bytes, 4 * MIB);
    return 0;
}

static void test_deaths_give_back(void **state)
{
    enum { N = 60 };
    struct foray_for tasks = {
        .fn = die_sometimes, .n = N, .on_error = FORAY_SKIP};
    struct foray_report report;
    struct foray_error err;

    (void)state;
    FOR_PROCESS_BACKENDS(backend)
    {
        struct foray_pool *pool = open_with(backend, 4, 10 * MIB);

        assert_ok(foray_for(pool, &tasks, &report, &err), err);
        assert_int_equal(report.ok, N - N / 3);
        assert_int_equal(report.crashed, N / 3);
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

/* The worker's own count of its peak, at the begin of every task but the first
 * of a worker that used much. */
static int read_peak(struct foray_task *task)
{
    char line[128];
    FILE *file = fopen("/proc/self/status", "r");
    long kib = 0;
    void *bytes;

    while (file && fgets(line, sizeof line, file))
        if (sscanf(line, "VmHWM: %ld", &kib) == 1)
            break;
    if (file)
        fclose(file);
    foray_atomic_max(&board_of(task)[foray_task_index(task)],
                     (int64_t)kib << 10);
    bytes = foray_task_index(task) ? NULL : touch(64 * MIB);
    if (bytes)
        munmap(bytes, 64 * MIB);
    return 0;
}

/* What the measures cost is not paid without a budget: the kernel's count is
 * left alone. The report has the peak in either case. */
static void test_nothing_is_measured_without_a_budget(void **state)
{
    struct foray_array board = shared_numbers(N_BOARD);
    const struct what what = {0};
    struct foray_report report;
    struct foray_error err;
    struct foray_pool *pool;

    (void)state;
    FOR_PROCESS_BACKENDS(backend)
    {
        pool = open_with(backend, 1, 0);
        assert_ok(run(pool, read_peak, 2, &what, &board, &report, &err), err);
        assert_true(board_note(&board, 1) >= (int64_t)(64 * MIB));
        assert_true(report.peak_bytes >= 64 * MIB);
        assert_int_equal(foray_pool_close(pool), 0);

        pool = open_with(backend, 1, 1000 * MIB);
        assert_ok(run(pool, read_peak, 2, &what, &board, &report, &err), err);
        if (!access("/proc/self/clear_refs", W_OK))
            assert_true(board_note(&board, 1) < (int64_t)(64 * MIB));
        assert_true(report.peak_bytes >= 64 * MIB);
        assert_int_equal(foray_pool_close(pool), 0);
    }
    assert_int_equal(foray_array_close(&board, NULL), 0);
}

/* A kernel that keeps no count that begins anew, and none at all. */
static void test_kernels_that_say_less(void **state)
{
    struct foray_array board = shared_numbers(N_BOARD);
    const struct backend fork_backend = {"fork", true, true};
    struct what what = {.nbytes = 30 * MIB, .n_together = 3, .seconds = 0.002};
    struct foray_error err;
    struct foray_pool *pool;

    (void)state;
    setenv("FORAY_TEST_NO", "clear_refs", 1);
    pool = open_with(&fork_backend, 5, 110 * MIB);
    assert_ok(run(pool, use_memory, 10, &what, &board, NULL, &err), err);
    assert_int_equal(board_note(&board, MOST_TASKS), 3);
    assert_int_equal(foray_pool_close(pool), 0);

    setenv("FORAY_TEST_NO", "status", 1);
    what.n_together = 4;
    pool = open_with(&fork_backend, 4, 8 * MIB);
    assert_ok(run(pool, use_memory, 10, &what, &board, NULL, &err), err);
    assert_int_equal(foray_pool_close(pool), 0);
    unsetenv("FORAY_TEST_NO");
    assert_int_equal(foray_array_close(&board, NULL), 0);
}

/* Iterators and lists, in batches of many: every result is right. */
static void test_calls(void **state)
{
    enum { N = 20000 };
    struct foray_config config = {.memory = 8 * MIB};
    struct foray_error err;

    (void)state;
    FOR_EVERY_BACKEND(backend)
    {
        struct foray_pool *pool = open_backend(backend, 4, &config);
        struct foray_result *results = calloc(N, sizeof *results);
        struct range range = {.stop = N, .fn = call_square};
        size_t n = 0;

        assert_non_null(results);
        assert_ok(run_list(pool, call_square, N, 0, results, &err), err);
        for (int64_t i = 0; i < N; i++)
            assert_int_equal(foray_result_i64(&results[i], 0), i * i);
        foray_results_free(results, N);
        free(results);
        assert_int_equal(read_all(start_range(pool, &range, NULL), &n, &err),
                         0);
        assert_int_equal(n, N);
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

/* Tasks of all sizes, some of which say so, fail or die. */
static int do_anything(struct foray_task *task)
{
    int64_t i = foray_task_i64(task, 0);
    size_t nbytes = (size_t)(i * 2654435761 % 64) * 32768;
    void *bytes;

    if (i % 3 == 0 && foray_task_reserve(task, nbytes))
        return -1;
    if (i % 7 == 0 && foray_task_reserve(task, nbytes / 3))
        return -1;
    bytes = nbytes ? touch(nbytes) : NULL;
    if (i % 101 == 50)
        kill(getpid(), SIGKILL);
    if (bytes)
        munmap(bytes, nbytes);
    return i % 97 == 3 ? -1 : foray_return(task, i);
}

static void test_stress(void **state)
{
    enum { N = 1200 };
    struct foray_config config = {.memory = 3 * MIB};
    struct foray_result *results = calloc(N, sizeof *results);
    struct foray_error err;

    (void)state;
    assert_non_null(results);
    assert_ok(
        foray_config_push(&(struct foray_config){.on_error = FORAY_SKIP}, &err),
        err);
    FOR_PROCESS_BACKENDS(backend)
    {
        struct foray_pool *pool = open_backend(backend, 12, &config);

        (void)run_list(pool, do_anything, N, 0, results, &err);
        for (int i = 0; i < N; i++) {
            enum foray_status wanted = i % 101 == 50 ? FORAY_TASK_CRASHED
                                       : i % 97 == 3 ? FORAY_TASK_FAILED
                                                     : FORAY_TASK_OK;

            if (results[i].status != wanted)
                fail_msg("%s: call %d ended as %d", backend->name, i,
                         (int)results[i].status);
        }
        foray_results_free(results, N);
        assert_int_equal(foray_pool_close(pool), 0);
    }
    foray_config_pop();
    free(results);
}

/* Cancelled while all but one wait to begin; its workers end with the pool. */
static int cancel_soon(struct foray_task *task)
{
    while (!foray_task_cancelled(task))
        nap(0.002);
    return -1;
}

static void cancel(const struct foray_progress *progress, void *pool)
{
    (void)progress;
    if (*(struct foray_pool **)pool)
        foray_pool_cancel(*(struct foray_pool **)pool);
}

static void test_waiting_workers_heed_the_end(void **state)
{
    struct foray_pool *pool = NULL;
    struct foray_config config = {.memory = MIB,
                                  .grace = 60,
                                  .idle_timeout = 0.2,
                                  .progress = cancel,
                                  .progress_arg = &pool,
                                  .progress_interval = 0.5};
    struct foray_for tasks = {.fn = cancel_soon, .n = 30};
    struct foray_error err;

    (void)state;
    FOR_PROCESS_BACKENDS(backend)
    {
        pool = open_backend(backend, 6, &config);
        assert_int_equal(foray_for(pool, &tasks, NULL, &err), FORAY_ECANCELED);
        assert_int_equal(foray_pool_close(pool), 0);
        pool = NULL;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_finished_tasks_admit_the_next),
        cmocka_unit_test(test_the_largest_run_alone),
        cmocka_unit_test(test_shared_memory_does_not_count),
        cmocka_unit_test(test_reserved_memory_is_held_once),
        cmocka_unit_test(test_deaths_give_back),
        cmocka_unit_test(test_nothing_is_measured_without_a_budget),
        cmocka_unit_test(test_kernels_that_say_less),
        cmocka_unit_test(test_calls),
        cmocka_unit_test(test_stress),
        cmocka_unit_test(test_waiting_workers_heed_the_end),
    };

    init_every_backend();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
