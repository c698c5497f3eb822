/* Workers that make room for others: after so many tasks, with so much memory,
 * or for want of work. */
#include "helpers.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "calls.h"
#include "lives.h"

static void test_max_tasks(void **state)
{
    enum { N = 60 };

    (void)state;
    for (int b = 0; b < 2; b++) {
        for (size_t limit = 1; limit <= 7; limit += 3) {
            struct foray_config config = config_of(&params_three);
            struct foray_pool *pool;
            struct outputs out;

            config.max_tasks = limit;
            pool = open_lives(process_backends[b], config);
            open_outputs(&out, N);
            run_with(pool, &out, use_state, 3);
            assert_true(count_pids(&out) >= N / limit);
            assert_int_equal(atomic_load(&seen->tasks), N);
            run_with(pool, &out, use_state, 3);
            assert_int_equal(foray_pool_close(pool), 0);
            assert_int_equal(atomic_load(&seen->finis),
                             atomic_load(&seen->inits));
            assert_string_equal(told, "");
            close_outputs(&out);
        }
    }
}

/* Words of many tasks, and batches of many calls, are given back in part. */
static int count_task(struct foray_task *task)
{
    _Atomic unsigned char *const *marks = foray_task_params(task);

    atomic_fetch_add(&(*marks)[foray_task_index(task)], 1);
    return 0;
}

static void test_max_tasks_of_short_ones(void **state)
{
    enum { N = 50000 };
    _Atomic unsigned char *marks = mmap(NULL, N, PROT_READ | PROT_WRITE,
                                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    struct foray_config config = {.n_jobs = 3, .max_tasks = 999};
    struct foray_report report;
    struct foray_error err;
    struct foray_pool *pool = open_lives("fork", config);

    (void)state;
    assert_ptr_not_equal(marks, MAP_FAILED);
    assert_ok(foray_for(pool,
                        &(struct foray_for){.fn = count_task,
                                            .n = N,
                                            .params = &marks,
                                            .params_size = sizeof marks},
                        &report, &err),
              err);
    assert_int_equal(report.ok, N);
    for (size_t i = 0; i < N; i++)
        assert_int_equal(marks[i], 1);
    assert_int_equal(foray_pool_close(pool), 0);
    munmap(marks, N);
    for (int b = 0; b < 2; b++) {
        config = config_of(&params_three);
        config.max_tasks = 300;
        pool = open_lives(process_backends[b], config);
        run_calls(pool, 20000, 3);
        assert_int_equal(foray_pool_close(pool), 0);
        assert_true(atomic_load(&seen->inits) >= 20000 / 300);
        assert_int_equal(atomic_load(&seen->finis), atomic_load(&seen->inits));
    }
}

static int leak(struct foray_task *task)
{
    size_t nbytes = 4 << 20;
    volatile char *bytes = malloc(nbytes); /* what nobody reads is written */

    if (!bytes)
        return FORAY_ENOMEM;
    for (size_t i = 0; i < nbytes; i += 4096)
        bytes[i] = 1;
    FORAY_AT(foray_task_out(task, 0), double, 0) =
        (double)foray_task_index(task);
    FORAY_AT(foray_task_out(task, 1), int64_t, 0) = getpid();
    nap(0.002);
    return 0;
}

static void test_max_rss(void **state)
{
    enum { N = 60 };

    (void)state;
    for (int b = 0; b < 2; b++) {
        struct foray_pool *pool =
            open_lives(process_backends[b],
                       (struct foray_config){
                           .n_jobs = 2, .max_rss = 20 << 20, .log = tell});
        struct outputs out;
        size_t n;

        open_outputs(&out, N);
        run_with(pool, &out, leak, 1);
        n = count_pids(&out); /* some four or five tasks a worker */
        if (n < N / 8 || n > N / 3)
            fail_msg("%zu workers for %d tasks", n, N);
        assert_string_equal(told, "");
        assert_int_equal(foray_pool_close(pool), 0);
        close_outputs(&out);
    }
}

/* Reads memory that is the parent's, and an array that all share. */
static char *large;
enum { LARGE = 64 << 20 };

static int touch(struct foray_task *task)
{
    const struct foray_array *whole = foray_task_whole(task, 0);
    char *shared = whole->data;
    long sum = 0;

    for (size_t i = 0; i < LARGE; i += 4096)
        sum += large[i] + shared[i];
    FORAY_AT(foray_task_out(task, 0), double, 0) =
        (double)foray_task_index(task) + (double)(sum < 0);
    FORAY_AT(foray_task_out(task, 1), int64_t, 0) = getpid();
    return 0;
}

static void test_shared_memory_does_not_count(void **state)
{
    struct foray_pool *pool;
    struct foray_array shared;
    struct outputs out;
    struct foray_error err;
    struct foray_map map = {.fn = touch, .chunk = 1};

    (void)state;
    large = malloc(LARGE);
    assert_non_null(large);
    memset(large, 1, LARGE);
    pool = open_lives("fork",
                      (struct foray_config){.n_jobs = 2, .max_rss = 16 << 20});
    assert_ok(
        foray_array_create(&shared, NULL, FORAY_U8, 1, (size_t[]){LARGE}, &err),
        err);
    memset(shared.data, 1, LARGE);
    open_outputs(&out, 40);
    map.out[0] = &out.values;
    map.out[1] = &out.pids;
    map.whole[0] = &shared;
    assert_ok(foray_map(pool, &map, NULL, &err), err);
    assert_in_range(count_pids(&out), 1, 2);
    assert_int_equal(foray_pool_close(pool), 0);
    assert_int_equal(foray_array_close(&shared, NULL), 0);
    close_outputs(&out);
    free(large);
}

static int has_workers(const struct foray_pool *pool)
{
    return foray_pool_worker_pid(pool, 0) || foray_pool_worker_pid(pool, 1);
}

/* Whether both workers leave, for want of work. */
static int workers_leave(const struct foray_pool *pool)
{
    double start = seconds_now();

    while (has_workers(pool) && seconds_now() - start < PATIENCE)
        nap(1e-3);
    return !has_workers(pool);
}

static void test_idle_timeout(void **state)
{
    (void)state;
    for (int b = 0; b < 2; b++) {
        struct foray_config config = config_of(&params_three);
        struct foray_pool *pool;
        struct outputs out;
        int n_inits;

        config.idle_timeout = 0.15;
        pool = open_lives(process_backends[b], config);
        open_outputs(&out, 200);
        run_with(pool, &out, use_state, 3);
        assert_true(workers_leave(pool));
        for (size_t i = 0; i < out.pids.shape[0]; i++)
            assert_true(process_ends((pid_t)FORAY_AT(&out.pids, int64_t, i)));
        n_inits = atomic_load(&seen->inits);
        run_with(pool, &out, use_state, 3); /* forked again */
        assert_int_equal(foray_pool_close(pool), 0);
        assert_true(atomic_load(&seen->inits) > n_inits);
        assert_int_equal(atomic_load(&seen->finis), atomic_load(&seen->inits));
        assert_string_equal(told, "");
        close_outputs(&out);
    }
}

/* In the middle of a run, too: what waits for calls leaves, and calls that come
 * late have a worker. */
static void test_idle_in_mid_run(void **state)
{
    (void)state;
    for (int b = 0; b < 2; b++) {
        struct foray_pool *pool =
            open_lives(process_backends[b],
                       (struct foray_config){
                           .n_jobs = 2, .idle_timeout = 0.05, .log = tell});
        struct foray_call call = foray_delayed(call_square, 5);
        struct foray_future *first, *future;
        struct foray_result result;
        struct foray_error err;

        /* The run lasts as long as this one is held. */
        assert_ok(foray_submit(&first, pool, &call, &err), err);
        for (int i = 0; i < 4; i++) {
            assert_ok(foray_submit(&future, pool, &call, &err), err);
            assert_ok(foray_future_wait(future, PATIENCE, &result, &err), err);
            foray_result_free(&result);
            foray_future_free(future);
            assert_true(workers_leave(pool));
        }
        foray_future_free(first);
        assert_string_equal(told, "");
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

/* So short that workers could leave before they began. */
static void test_no_patience_at_all(void **state)
{
    (void)state;
    for (int b = 0; b < 2; b++) {
        struct foray_config config = config_of(&params_three);
        struct foray_pool *pool;
        struct outputs out;

        config.idle_timeout = 1e-9;
        pool = open_lives(process_backends[b], config);
        open_outputs(&out, 50);
        for (int i = 0; i < 20; i++) {
            run_with(pool, &out, use_state, 3);
            atomic_store(&seen->tasks, 0);
            run_calls(pool, 100, 3);
            atomic_store(&seen->tasks, 0);
        }
        assert_int_equal(foray_pool_close(pool), 0);
        assert_int_equal(atomic_load(&seen->finis), atomic_load(&seen->inits));
        close_outputs(&out);
    }
}

/* While workers leave in all their ways, somebody kills others. */
static void test_kills_beside(void **state)
{
    struct foray_config config = config_of(&params_three);
    struct foray_pool *pool;
    pid_t killer;
    int rounds = 0;

    (void)state;
    config.n_jobs = 3;
    config.max_tasks = 7;
    config.retries = 1000;
    config.log = NULL;
    pool = open_lives("fork", config);
    killer = fork();
    if (killer == 0) { /* its victims are in /proc, by their name */
        pid_t parent = getppid();
        char path[64], name[32] = "";

        for (pid_t pid = parent;; pid++) {
            FILE *file;
            pid_t of = 0;

            if (pid > parent + 20000)
                pid = parent;
            snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
            file = fopen(path, "re");
            if (!file)
                continue;
            if (fscanf(file, "%*d (%31[^)]) %*c %d", name, &of) == 2 &&
                of == parent && !strncmp(name, "foray:", 6) && name[6] != 'z') {
                nap(0.001);
                kill(pid, SIGKILL);
            }
            fclose(file);
        }
    }
    for (; rounds < 10; rounds++) {
        struct foray_call calls[300];
        struct foray_result results[300];
        struct foray_error err;

        for (size_t i = 0; i < 300; i++)
            calls[i] = foray_delayed(call_state, (int64_t)i);
        assert_ok(foray_parallel(pool, calls, 300, results, &err), err);
        for (size_t i = 0; i < 300; i++) {
            assert_true(foray_result_f64(&results[i], 0) == 3 * (double)i);
            foray_result_free(&results[i]);
        }
    }
    kill(killer, SIGKILL);
    waitpid(killer, NULL, 0);
    assert_int_equal(foray_pool_close(pool), 0);
}

static void test_descriptors_stay(void **state)
{
    size_t before, after, names = count_shm_names();

    (void)state;
    for (int b = 0; b < 2; b++) {
        struct foray_pool *pool =
            open_lives(process_backends[b],
                       (struct foray_config){.n_jobs = 2, .max_tasks = 1});
        struct foray_error err;

        assert_ok(run_for(pool, 10, trivial, &err), err);
        before = count_descriptors();
        for (int i = 0; i < 10; i++)
            assert_ok(run_for(pool, 20, trivial, &err), err);
        after = count_descriptors();
        assert_in_range(after, before > 6 ? before - 6 : 0, before + 6);
        assert_int_equal(foray_pool_close(pool), 0);
    }
    assert_true(no_more_shm_names(names));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_max_tasks),
        cmocka_unit_test(test_max_tasks_of_short_ones),
        cmocka_unit_test(test_max_rss),
        cmocka_unit_test(test_shared_memory_does_not_count),
        cmocka_unit_test(test_idle_timeout),
        cmocka_unit_test(test_idle_in_mid_run),
        cmocka_unit_test(test_no_patience_at_all),
        cmocka_unit_test(test_kills_beside),
        cmocka_unit_test(test_descriptors_stay),
    };

    if (begin_lives())
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
