/* The tail of a run: CPUs of workers who will have no work are the others'.
 * Pools of four workers on four CPUs, whatever this machine has. */
#include "helpers.h"

#include <dlfcn.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <foray.h>

#include "every_backend.h"

#include "engine/crew.h"
#include "engine/pool_body.h"

enum { N_CPUS = 4, MANY = 16 };

/* Seconds for what should happen at once. */
static const double patience = 30;

/* And to see that something does not happen. */
static const double a_while = 0.05;

/* What tasks and this program see of one another. */
static struct {
    atomic_int n_begun, n_ended;
    int wanted;     /* so many begin before one ends */
    double seconds; /* that the last of them asks for all CPUs */
    struct {
        int first, last; /* foray_task_threads */
        int blis, last_blis, openblas, last_openblas;
        int n_jobs; /* of a pool that it would open at the end */
    } seen[MANY];
} * board;

/* Of runtimes; NULL where there is none. */
static int (*get_blis)(void), (*get_openblas)(void);
static void (*set_blis)(int n);

static int ask(int (*get)(void))
{
    return get ? get() : 0;
}

static void clear_board(int wanted, double seconds)
{
    memset(board, 0, sizeof *board);
    board->wanted = wanted;
    board->seconds = seconds;
}

/* The pool's CPUs, not this machine's. Workers look when they begin a task. */
static struct foray_pool *open_four(const struct backend *backend,
                                    const struct foray_config *more)
{
    struct foray_pool *pool = open_backend(backend, N_CPUS, more);
    struct foray__division *division =
        &pool->backend->crew(pool)->shared->division;

    if (division->n_cpus)
        division->n_cpus = N_CPUS;
    return pool;
}

/* Wait until a number that others count up is there. */
static int wait_for(struct foray_task *task, const atomic_int *count, int n)
{
    double end = seconds_now() + patience;

    while (atomic_load(count) < n) {
        if (seconds_now() > end)
            return foray_task_fail(task, "nobody else came in time");
        nap(200e-6);
    }
    return 0;
}

/* All begin before one ends; the last that runs asks until it has all CPUs, or
 * for a while. */
static int follow(struct foray_task *task)
{
    size_t i = foray_task_index(task);
    double end = seconds_now() + board->seconds;
    int code;

    board->seen[i].blis = ask(get_blis);
    board->seen[i].openblas = ask(get_openblas);
    board->seen[i].first = foray_task_threads(task);
    atomic_fetch_add(&board->n_begun, 1);
    code = wait_for(task, &board->n_begun, board->wanted);
    if (!code && i + 1 == (size_t)board->wanted)
        code = wait_for(task, &board->n_ended, board->wanted - 1);
    do {
        board->seen[i].last = foray_task_threads(task);
        nap(200e-6);
    } while (i + 1 == (size_t)board->wanted && board->seen[i].last < N_CPUS &&
             seconds_now() < end);
    board->seen[i].last_blis = ask(get_blis);
    board->seen[i].last_openblas = ask(get_openblas);
    board->seen[i].n_jobs = foray_effective_n_jobs(0);
    atomic_fetch_add(&board->n_ended, 1);
    return code;
}

/* In what ways n tasks are run. */
static void run_for(struct foray_pool *pool, int n)
{
    struct foray_error err;

    assert_ok(foray_for(pool, &(struct foray_for){.fn = follow, .n = (size_t)n},
                        NULL, &err),
              err);
}

static void run_list(struct foray_pool *pool, int n)
{
    struct foray_call calls[MANY];
    struct foray_error err;

    for (int i = 0; i < n; i++)
        calls[i] = foray_delayed(follow);
    assert_ok(foray_parallel(pool, calls, (size_t)n, NULL, &err), err);
}

static int produce(struct foray_slot *slot, void *arg)
{
    int *left = arg;

    if (!*left)
        return 0;
    --*left;
    return foray_produce(slot, foray_delayed(follow));
}

static void run_iterator(struct foray_pool *pool, int n)
{
    struct foray_iterator iterator = {.next = produce, .next_arg = &n};
    struct foray_result result;
    struct foray_run *run = NULL;
    struct foray_error err;
    int code;

    assert_ok(foray_run_start(&run, pool, &iterator, &err), err);
    while ((code = foray_run_next(run, &result, &err)) > 0) {
        assert_int_equal(result.code, 0);
        foray_result_free(&result);
    }
    assert_ok(code, err);
    foray_run_drop(run, NULL);
}

typedef void run_fn(struct foray_pool *pool, int n);
static run_fn *const ways[] = {run_for, run_list, run_iterator};
enum { N_WAYS = sizeof ways / sizeof ways[0] };

#define FOR_EVERY_WAY(way) for (int way = 0; way < N_WAYS; way++)

/* Task i began with `first` and ended with `last`, and so did runtimes. */
static void expect(int i, int first, int last)
{
    int n_jobs = last < foray_cpu_count() ? last : foray_cpu_count();

    assert_int_equal(board->seen[i].first, first);
    assert_int_equal(board->seen[i].last, last);
    assert_int_equal(board->seen[i].n_jobs, n_jobs);
    if (get_blis) {
        assert_int_equal(board->seen[i].blis, first);
        assert_int_equal(board->seen[i].last_blis, last);
    }
    if (get_openblas) {
        assert_int_equal(board->seen[i].openblas, first);
        assert_int_equal(board->seen[i].last_openblas, last);
    }
}

static void test_two_tasks_have_half_each_and_the_last_has_all(void **state)
{
    (void)state;
    FOR_PROCESS_BACKENDS(backend)
    FOR_EVERY_WAY(way)
    {
        struct foray_pool *pool = open_four(backend, NULL);

        clear_board(2, patience);
        ways[way](pool, 2);
        if (ways[way] != run_iterator) { /* which begins before its end */
            expect(0, 2, 2);
            assert_int_equal(board->seen[1].first, 2);
        }
        assert_int_equal(board->seen[1].last, N_CPUS);
        if (get_blis)
            assert_int_equal(board->seen[1].last_blis, N_CPUS);
        /* There is work for all again: each has its share. */
        clear_board(N_CPUS, patience);
        ways[way](pool, N_CPUS);
        for (int i = 0; i + 1 < N_CPUS; i++)
            assert_int_equal(board->seen[i].first, 1);
        expect(N_CPUS - 1, 1, N_CPUS);
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

static void test_a_number_that_was_asked_for_stays(void **state)
{
    (void)state;
    FOR_PROCESS_BACKENDS(backend)
    FOR_EVERY_WAY(way)
    for (int n = 1; n <= 3; n += 2) {
        struct foray_pool *pool =
            open_four(backend, &(struct foray_config){.inner_threads = n});

        clear_board(2, a_while);
        ways[way](pool, 2);
        for (int i = 0; i < 2; i++) {
            assert_int_equal(board->seen[i].first, n);
            assert_int_equal(board->seen[i].last, n);
            assert_int_equal(board->seen[i].n_jobs, 1);
            assert_int_equal(board->seen[i].last_blis, get_blis ? n : 0);
        }
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

static void test_bound_workers_keep_their_share(void **state)
{
    struct foray_pool *pool =
        open_four(&every_backend[1], &(struct foray_config){.bind = true});

    (void)state;
    clear_board(2, a_while);
    run_list(pool, 2);
    expect(0, 1, 1);
    expect(1, 1, 1);
    assert_int_equal(foray_pool_close(pool), 0);
}

/* Two calls, the second made when the first runs: until then nobody knows how
 * many there will be. */
static int produce_late(struct foray_slot *slot, void *arg)
{
    double end = seconds_now() + patience;
    int *n = arg;

    if (!*n)
        return 0;
    while (*n == 1 && !atomic_load(&board->n_begun) && seconds_now() < end)
        nap(200e-6);
    --*n;
    return foray_produce(slot, foray_delayed(follow));
}

static void test_an_end_that_nobody_knows_is_none(void **state)
{
    (void)state;
    FOR_PROCESS_BACKENDS(backend)
    {
        struct foray_pool *pool = open_four(backend, NULL);
        int n = 2;
        struct foray_iterator iterator = {
            .next = produce_late, .next_arg = &n, .pre_dispatch = "1"};
        struct foray_call call = foray_delayed(follow);
        struct foray_future *future = NULL;
        struct foray_result result;
        struct foray_run *run = NULL;
        struct foray_error err;

        /* It sees its end with its last call, however. */
        clear_board(1, a_while);
        assert_ok(foray_run_start(&run, pool, &iterator, &err), err);
        while (foray_run_next(run, &result, &err) > 0)
            foray_result_free(&result);
        foray_run_drop(run, NULL);
        assert_int_equal(board->seen[0].first, 1);
        clear_board(1, a_while);
        assert_ok(foray_submit(&future, pool, &call, &err), err);
        assert_ok(foray_future_wait(future, -1, &result, &err), err);
        assert_int_equal(result.code, 0);
        foray_result_free(&result);
        foray_future_free(future);
        expect(0, 1, 1);
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

static int set_own(void **state, int worker, const void *params,
                   struct foray_error *err)
{
    (void)state;
    (void)worker;
    (void)params;
    (void)err;
    set_blis(7);
    return 0;
}

static void test_what_the_program_has_set_stays(void **state)
{
    (void)state;
    if (!get_blis) {
        print_message("built without shared libraries: no fake runtime\n");
        skip();
    }
    FOR_PROCESS_BACKENDS(backend)
    {
        struct foray_pool *pool =
            open_four(backend, &(struct foray_config){.init = set_own});

        clear_board(1, patience);
        run_list(pool, 1);
        assert_int_equal(board->seen[0].last, N_CPUS);
        assert_int_equal(board->seen[0].blis, 7);
        assert_int_equal(board->seen[0].last_blis, 7);
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

/* A batch of short calls counts by what is left of it. */
static void test_what_is_left_of_a_batch_counts(void **state)
{
    struct foray_pool *pool = open_backend(
        &every_backend[1], 1, &(struct foray_config){.batch_size = 8});
    struct foray_call calls[8];
    struct foray_error err;

    (void)state;
    /* The other three have nothing to do, and take nothing. */
    pool->backend->crew(pool)->shared->division =
        (struct foray__division){N_CPUS, N_CPUS};
    clear_board(0, 0);
    for (int i = 0; i < 8; i++)
        calls[i] = foray_delayed(follow);
    assert_ok(foray_parallel(pool, calls, 8, NULL, &err), err);
    assert_int_equal(board->seen[4].first, 1);
    assert_int_equal(board->seen[6].first, 2);
    assert_int_equal(board->seen[7].first, 4);
    assert_int_equal(foray_pool_close(pool), 0);
}

static int say(struct foray_task *task)
{
    return foray_return(task, foray_task_threads(task));
}

static void test_other_backends_say_what_the_pool_does(void **state)
{
    (void)state;
    FOR_EVERY_BACKEND(backend)
    for (int n = 0; n < 3 && !backend->processes; n++) {
        struct foray_pool *pool = open_backend(
            backend, 2, &(struct foray_config){.inner_threads = n});
        struct foray_call call = foray_delayed(say);
        struct foray_result result;
        struct foray_error err;

        assert_ok(foray_parallel(pool, &call, 1, &result, &err), err);
        assert_int_equal(foray_result_i64(&result, 0),
                         foray_pool_inner_threads(pool));
        foray_result_free(&result);
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

static void load_runtimes(void)
{
    void *blis = dlopen("tests/runtimes/.libs/libblis_fake.so", RTLD_NOW);
    void *openblas = dlopen("libopenblas.so.0", RTLD_NOW | RTLD_LOCAL);

    if (blis) {
        *(void **)&get_blis = dlsym(blis, "bli_thread_get_num_threads");
        *(void **)&set_blis = dlsym(blis, "bli_thread_set_num_threads");
    }
    if (openblas)
        *(void **)&get_openblas = dlsym(openblas, "openblas_get_num_threads");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_two_tasks_have_half_each_and_the_last_has_all),
        cmocka_unit_test(test_a_number_that_was_asked_for_stays),
        cmocka_unit_test(test_bound_workers_keep_their_share),
        cmocka_unit_test(test_an_end_that_nobody_knows_is_none),
        cmocka_unit_test(test_what_the_program_has_set_stays),
        cmocka_unit_test(test_what_is_left_of_a_batch_counts),
        cmocka_unit_test(test_other_backends_say_what_the_pool_does),
    };

    board = mmap(NULL, sizeof *board, PROT_READ | PROT_WRITE,
                 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (board == MAP_FAILED)
        return 99;
    load_runtimes();
    unsetenv("FORAY_INNER_THREADS");
    init_every_backend();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
