/* What a host is told while a run goes on: the task that has been running for
 * the longest, and the deaths of workers. */
#include "helpers.h"

#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <foray.h>

#include "gate.h"

enum { N = 20, SLOW = 7 };

/* The task that waits: the first that is not run by the caller itself, which
 * could not look meanwhile. It runs tasks, too, with threads. */
static _Atomic int *slow;
static pid_t caller;

static int wait_if_slow(struct foray_task *task)
{
    double start = seconds_now();
    int none = -1;

    if (gettid() == caller) {
        while (atomic_load(slow) < 0 && seconds_now() - start < PATIENCE)
            nap(1e-4);
        return 0;
    }
    if (!atomic_compare_exchange_strong(slow, &none,
                                        (int)foray_task_index(task)) ||
        pass_gate(task))
        return 0;
    return foray_task_fail(task, "nobody opened the gate");
}

/* The gate opens when the progress has told twice who waits at it. */
struct seen {
    int n_slow;
    double seconds;
    struct foray_progress last;
};

static void watch_slow(const struct foray_progress *progress, void *arg)
{
    struct seen *seen = arg;
    int waiting = atomic_load(slow);

    seen->last = *progress;
    if (progress->completed < N - 1)
        return;
    seen->n_slow += progress->slowest == waiting;
    if (progress->slowest == waiting && seen->n_slow < 3)
        seen->seconds = progress->slowest_seconds;
    if (seen->n_slow == 2)
        open_gate();
}

static void run_slow(const char *backend, int n_jobs)
{
    struct seen seen = {0};
    struct foray_config config = {.backend = backend,
                                  .n_jobs = n_jobs,
                                  .progress = watch_slow,
                                  .progress_arg = &seen,
                                  .progress_interval = 1e-3};
    struct foray_for loop = {.fn = wait_if_slow, .n = N};
    struct foray_pool *pool = NULL;
    struct foray_error err;

    shut_gate();
    atomic_store(slow, -1);
    caller = gettid();
    assert_ok(foray_pool_open(&pool, &config, &err), err);
    assert_ok(foray_for(pool, &loop, NULL, &err), err);
    assert_true(seen.n_slow >= 2);
    assert_true(seen.seconds > 0 && seen.seconds < PATIENCE);
    assert_int_equal(seen.last.completed, N);
    assert_int_equal(seen.last.slowest, -1); /* nothing runs any more */
    assert_true(seen.last.slowest_seconds == 0);
    foray_pool_close(pool);
}

static void test_slowest(void **state)
{
    (void)state;
    run_slow("fork", 3);
}

static void test_slowest_of_threads(void **state)
{
    (void)state;
    run_slow("threads", 3);
}

static int die_twice(struct foray_task *task)
{
    if (foray_task_index(task) == SLOW && foray_task_attempt(task) < 3)
        raise(SIGKILL);
    return 0;
}

struct deaths {
    int n;
    struct foray_death items[4];
};

static void note(const struct foray_death *death, void *arg)
{
    struct deaths *deaths = arg;

    if (deaths->n < 4)
        deaths->items[deaths->n] = *death;
    deaths->n++;
}

static void test_deaths(void **state)
{
    struct deaths deaths = {0};
    struct foray_config config = {.backend = "fork",
                                  .n_jobs = 1,
                                  .retries = 2,
                                  .death = note,
                                  .death_arg = &deaths};
    struct foray_for loop = {.fn = die_twice, .n = N};
    struct foray_pool *pool = NULL;
    struct foray_error err;
    pid_t first;

    (void)state;
    assert_ok(foray_pool_open(&pool, &config, &err), err);
    first = foray_pool_worker_pid(pool, 0);
    assert_ok(foray_for(pool, &loop, NULL, &err), err);
    assert_int_equal(deaths.n, 2);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(deaths.items[i].worker, 0);
        assert_int_equal(deaths.items[i].task, SLOW);
    }
    assert_int_equal(deaths.items[0].pid, first);
    assert_int_equal(deaths.items[1].pid, deaths.items[0].successor);
    assert_int_equal(deaths.items[1].successor, foray_pool_worker_pid(pool, 0));
    foray_pool_close(pool);
}

/* The end of a run that stops is no death; what it stops for is. */
static void test_death_that_ends_a_run(void **state)
{
    struct deaths deaths = {0};
    struct foray_config config = {.backend = "fork",
                                  .n_jobs = 2,
                                  .grace = 1e-3,
                                  .death = note,
                                  .death_arg = &deaths};
    struct foray_for loop = {.fn = die_twice, .n = N};
    struct foray_pool *pool = NULL;
    struct foray_error err;

    (void)state;
    assert_ok(foray_pool_open(&pool, &config, &err), err);
    assert_int_equal(foray_for(pool, &loop, NULL, &err), FORAY_ECRASH);
    assert_int_equal(deaths.n, 1);
    assert_int_equal(deaths.items[0].task, SLOW);
    assert_int_equal(deaths.items[0].successor, 0);
    foray_pool_close(pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_slowest), cmocka_unit_test(test_deaths),
        cmocka_unit_test(test_death_that_ends_a_run),
        cmocka_unit_test(test_slowest_of_threads), /* forks come first */
    };

    make_gate();
    slow = mmap(NULL, sizeof *slow, PROT_READ | PROT_WRITE,
                MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (slow == MAP_FAILED)
        return 99;
    test_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
