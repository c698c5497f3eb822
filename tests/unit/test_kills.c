/* Workers killed at random moments: every result is there exactly once.
 *
 * FORAY_KILLS says how many, else there are 500; tests/faults/kills has many
 * more, of every form of runs.
 */
#include "helpers.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <foray.h>

enum { MAX_TASKS = 20000, WORKERS = 3 };

/* Shared with the workers: how often a task began and came to its end. */
struct marks {
    _Atomic unsigned char begun[MAX_TASKS], ended[MAX_TASKS];
    _Atomic unsigned long n_begun;
};

static struct marks *marks;

static int mark(struct foray_task *task)
{
    const unsigned *spins = foray_task_params(task);
    size_t i = foray_task_index(task);

    atomic_fetch_add(&marks->begun[i], 1);
    atomic_fetch_add(&marks->n_begun, 1);
    for (volatile unsigned k = 0; k < *spins; k++)
        ;
    if (i % 97 == 96)
        return foray_task_fail(task, "task %zu fails", i);
    atomic_fetch_add(&marks->ended[i], 1);
    return 0;
}

/* Another thread of the host that kills whoever serves a random slot. */
struct killer {
    struct foray_pool *pool;
    atomic_bool running, stop;
    unsigned seed;
    unsigned n_kills;
};

/* Where newcomers take long to come, none would live to begin a task. Between
 * two runs there is nothing to wait for. */
static void await_progress(const struct killer *killer, unsigned long before)
{
    while (!atomic_load(&killer->stop) && atomic_load(&killer->running) &&
           atomic_load(&marks->n_begun) == before)
        nap(100e-6);
}

static void *kill_now_and_then(void *arg)
{
    struct killer *killer = arg;

    while (!atomic_load(&killer->stop)) {
        double delay = 1e-9 * (rand_r(&killer->seed) % 300000);
        unsigned long n_begun = atomic_load(&marks->n_begun);
        pid_t pid;

        nap(delay);
        pid = foray_pool_worker_pid(killer->pool,
                                    (int)(rand_r(&killer->seed) % WORKERS));
        if (pid > 0 && !kill(pid, SIGKILL))
            killer->n_kills++;
        await_progress(killer, n_begun);
    }
    return NULL;
}

struct tally {
    size_t reported[MAX_TASKS];
};

static void count_report(const struct foray_error *err, void *arg)
{
    struct tally *tally = arg;

    tally->reported[err->task]++;
}

/* One run: every task is ok and ended, or was reported once as what it was. */
static void check_run(const uint8_t *status, const struct tally *tally,
                      size_t n, const struct foray_report *report)
{
    size_t n_ok = 0;

    for (size_t i = 0; i < n; i++) {
        assert_true(atomic_load(&marks->begun[i]) <= 1);
        switch (status[i]) {
        case FORAY_TASK_OK:
            n_ok++;
            assert_int_equal(atomic_load(&marks->ended[i]), 1);
            assert_int_equal(tally->reported[i], 0);
            assert_true(i % 97 != 96);
            break;
        case FORAY_TASK_FAILED:
            assert_true(i % 97 == 96);
            assert_int_equal(tally->reported[i], 1);
            break;
        case FORAY_TASK_CRASHED:
            assert_int_equal(tally->reported[i], 1);
            break;
        default:
            fail_msg("task %zu has status %d", i, status[i]);
        }
    }
    assert_int_equal(report->ok, n_ok);
    assert_int_equal(report->ok + report->failed, n);
    assert_int_equal(report->not_run, 0);
}

static void test_kills_lose_nothing(void **state)
{
    const char *wanted = getenv("FORAY_KILLS");
    unsigned n_wanted = wanted ? (unsigned)atoi(wanted) : 500;
    static uint8_t status[MAX_TASKS];
    static struct tally tally;
    struct killer killer = {.seed = (unsigned)time(NULL)};
    unsigned spins, seed = killer.seed;
    size_t n_crashed = 0, n_ended = 0, n_runs = 0;
    struct foray_report report;
    struct foray_error err;
    pthread_t thread;

    (void)state;
    printf("# seed %u\n", seed);
    assert_ok(foray_pool_open(&killer.pool,
                              &(struct foray_config){.n_jobs = WORKERS}, &err),
              err);
    assert_int_equal(pthread_create(&thread, NULL, kill_now_and_then, &killer),
                     0);
    while (killer.n_kills < n_wanted) {
        size_t n = (size_t)rand_r(&seed) % MAX_TASKS + 1;

        spins = (unsigned)rand_r(&seed) % 2000;
        memset(marks, 0, sizeof *marks);
        memset(&tally, 0, sizeof tally);
        atomic_store(&killer.running, true);
        assert_ok(foray_for(killer.pool,
                            &(struct foray_for){.fn = mark,
                                                .n = n,
                                                .params = &spins,
                                                .params_size = sizeof spins,
                                                .on_error = FORAY_SKIP,
                                                .status = status,
                                                .failed = count_report,
                                                .failed_arg = &tally},
                            &report, &err),
                  err);
        atomic_store(&killer.running, false);
        check_run(status, &tally, n, &report);
        n_crashed += report.crashed;
        n_ended += report.ok;
        n_runs++;
    }
    atomic_store(&killer.stop, true);
    pthread_join(thread, NULL);
    printf("# %u kills in %zu runs, %zu tasks crashed\n", killer.n_kills,
           n_runs, n_crashed);
    assert_true(n_crashed > 0 && n_ended > 0); /* or nothing was tested */
    assert_int_equal(foray_pool_close(killer.pool), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kills_lose_nothing),
    };

    /* Before the zygote is made, so that its workers have them. */
    marks = mmap(NULL, sizeof *marks, PROT_READ | PROT_WRITE,
                 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (marks == MAP_FAILED)
        return 99;
    test_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
