/* Calls by the million, with errors and with workers killed at random: every
 * result is right and comes once, and nothing is left behind.
 *
 * FORAY_SLOW: ten million calls through an iterator instead of one.
 * FORAY_QUICK: a fifth of everything.
 */
#include "helpers.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "calls.h"
#include "every_backend.h"

enum { WORKERS = 64 };

static int n_calls = 125000;

/* What FORAY_QUICK leaves of a number. */
static int some_of(int n)
{
    return getenv("FORAY_QUICK") ? n / 5 : n;
}

/* In how many tries call i fails, if nobody kills it. */
static int n_failures(int64_t i)
{
    uint64_t h = (uint64_t)i * 0x9E3779B97F4A7C15U >> 20;

    return h % 503 ? 0 : 1 + (int)(h / 503 % 5);
}

/* (i, marks) -> 3 i. Element i of the marks counts its tries. */
static int triple(struct foray_task *task)
{
    int64_t i = foray_task_i64(task, 0);
    const struct foray_array *marks = foray_task_array(task, 1);

    foray_atomic_add_i32(&FORAY_AT(marks, int32_t, (size_t)i), 1);
    if (foray_task_attempt(task) <= n_failures(i))
        return foray_task_fail(task, "call %d fails", (int)i);
    return foray_return(task, 3 * i);
}

/* Another thread of the host that kills whoever serves a random slot. */
struct killer {
    struct foray_pool *pool;
    atomic_bool stop;
    unsigned seed, n_kills;
    pthread_t thread;
};

static void *kill_now_and_then(void *arg)
{
    struct killer *killer = arg;

    while (!atomic_load(&killer->stop)) {
        int slot = rand_r(&killer->seed) % foray_pool_n_jobs(killer->pool);
        pid_t pid = foray_pool_worker_pid(killer->pool, slot);

        if (pid > 0 && !kill(pid, SIGKILL))
            killer->n_kills++;
        nap(1e-3 * (1 + rand_r(&killer->seed) % 10));
    }
    return NULL;
}

/* What is known of the results of one run. */
struct tally {
    struct foray_array marks;
    int retries;
    unsigned char *n_seen; /* of each call */
    size_t n_ok, n_failed, n_crashed;
};

static void check_result(struct tally *tally, const struct foray_result *result)
{
    size_t i = result->index;
    int n = n_failures((int64_t)i);

    assert_true(i < (size_t)n_calls);
    tally->n_seen[i]++;
    assert_true(FORAY_AT(&tally->marks, int32_t, i) <= result->attempt);
    assert_in_range(result->attempt, 1, tally->retries + 1);
    if (!result->code) {
        assert_int_equal(foray_result_i64(result, 0), 3 * i);
        assert_true(result->attempt > n);
        tally->n_ok++;
        return;
    }
    assert_int_equal(result->attempt, tally->retries + 1);
    assert_int_equal(foray_result_error(result)->task, i);
    if (result->code == FORAY_ECRASH) {
        assert_int_equal(result->status, FORAY_TASK_CRASHED);
        assert_int_equal(foray_result_error(result)->signal, SIGKILL);
        tally->n_crashed++;
    } else {
        assert_int_equal(result->code, FORAY_ETASK);
        assert_true(n >= result->attempt);
        tally->n_failed++;
    }
}

static void run_as_list(struct foray_pool *pool, struct tally *tally)
{
    struct foray_call *calls = calloc((size_t)n_calls, sizeof *calls);
    struct foray_result *results = calloc((size_t)n_calls, sizeof *results);
    struct foray_error err;

    assert_non_null(calls);
    assert_non_null(results);
    for (int i = 0; i < n_calls; i++)
        calls[i] = foray_delayed(triple, i, &tally->marks);
    assert_ok(foray_parallel(pool, calls, (size_t)n_calls, results, &err), err);
    for (size_t i = 0; i < (size_t)n_calls; i++) {
        assert_int_equal(results[i].index, i);
        check_result(tally, &results[i]);
    }
    foray_results_free(results, (size_t)n_calls);
    free(results);
    free(calls);
}

struct triples {
    int next;
    const struct foray_array *marks;
};

static int next_triple(struct foray_slot *slot, void *arg)
{
    struct triples *triples = arg;

    if (triples->next == n_calls)
        return 0;
    return foray_produce(
        slot, foray_delayed(triple, triples->next++, triples->marks));
}

static void run_as_iterator(struct foray_pool *pool, struct tally *tally,
                            bool unordered)
{
    struct triples triples = {.marks = &tally->marks};
    const struct foray_iterator iterator = {
        .next = next_triple, .next_arg = &triples, .unordered = unordered};
    struct foray_run *run;
    struct foray_result result;
    struct foray_error err;
    size_t n = 0;
    int code;

    assert_ok(foray_run_start(&run, pool, &iterator, &err), err);
    while ((code = foray_run_next(run, &result, &err)) > 0) {
        if (!unordered)
            assert_int_equal(result.index, n);
        n++;
        check_result(tally, &result);
        foray_result_free(&result);
    }
    assert_ok(code, err);
    foray_run_drop(run, NULL);
}

static void stress(const struct backend *backend, int retries)
{
    size_t descriptors = count_descriptors(), names = count_shm_names(),
           mappings = count_foray_mappings(), n = (size_t)n_calls;
    struct foray_pool *pool = open_backend(
        backend, WORKERS,
        &(struct foray_config){.retries = retries, .on_error = FORAY_SKIP});
    size_t open_descriptors = count_descriptors();

    for (int kind = 0; kind < 2; kind++) {
        struct tally tally = {.retries = retries, .n_seen = calloc(n, 1)};
        struct killer killer = {.pool = pool, .seed = (unsigned)retries + 1};
        struct foray_error err;

        assert_non_null(tally.n_seen);
        assert_ok(
            foray_array_create(&tally.marks, NULL, FORAY_I32, 1, &n, &err),
            err);
        if (backend->processes)
            assert_int_equal(pthread_create(&killer.thread, NULL,
                                            kill_now_and_then, &killer),
                             0);
        if (kind)
            run_as_iterator(pool, &tally, retries);
        else
            run_as_list(pool, &tally);
        atomic_store(&killer.stop, true);
        if (backend->processes)
            pthread_join(killer.thread, NULL);
        assert_ok(foray_array_close(&tally.marks, &err), err);
        for (size_t i = 0; i < n; i++)
            assert_int_equal(tally.n_seen[i], 1);
        assert_int_equal(tally.n_ok + tally.n_failed + tally.n_crashed, n);
        assert_true(tally.n_failed > 0);
        assert_int_equal(killer.n_kills > 0, backend->processes);
        assert_true(tally.n_crashed <= killer.n_kills);
        free(tally.n_seen);
        for (int i = 0; i < 5; i++) /* whoever is dying is replaced now */
            expect_works(pool);
        assert_int_equal(count_descriptors(), open_descriptors);
    }
    assert_int_equal(foray_pool_close(pool), 0);
    assert_int_equal(count_descriptors(), descriptors);
    assert_true(no_more_shm_names(names));
    assert_int_equal(count_foray_mappings(), mappings);
}

static void test_errors_and_kills(void **state)
{
    (void)state;
    FOR_PARALLEL_BACKENDS(backend)
    for (int retries = 0; retries <= 3; retries += 3)
        stress(backend, retries);
}

/* KiB of a field of /proc/PID/status. */
static size_t status_of(pid_t pid, const char *field)
{
    char path[64], line[256];
    size_t n = 0, length = strlen(field);
    FILE *file;

    snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    file = fopen(path, "r");
    assert_non_null(file);
    while (!n && fgets(line, sizeof line, file))
        if (!strncmp(line, field, length))
            n = strtoul(line + length + 1, NULL, 10);
    fclose(file);
    return n;
}

/* Private memory of the host and of its workers. */
static size_t private_kib(const struct foray_pool *pool)
{
    size_t sum = status_of(getpid(), "RssAnon");

    for (int slot = 0; slot < foray_pool_n_jobs(pool); slot++)
        if (foray_pool_worker_pid(pool, slot) != getpid())
            sum += status_of(foray_pool_worker_pid(pool, slot), "RssAnon");
    return sum;
}

/* A leak of one allocation a call is more. What sanitizers keep for themselves
 * grows. */
#ifdef __SANITIZE_ADDRESS__
enum { MOST_GROWTH = 1 << 20 };
#else
enum { MOST_GROWTH = 8 << 10 };
#endif
enum { MOST_SHARED = 64 << 10 };

static void test_constant_memory(void **state)
{
    const int64_t n = getenv("FORAY_SLOW") ? 10000000 : some_of(1000000);

    (void)state;
    FOR_EVERY_BACKEND(backend)
    for (int unordered = 0; unordered < 2; unordered++) {
        struct foray_pool *pool = open_backend(backend, 2, NULL);
        struct range range = {.fn = call_square, .stop = n};
        struct foray_run *run =
            start_range(pool, &range,
                        &(struct foray_iterator){.unordered = unordered,
                                                 .max_unread = 1 << 20});
        size_t early = 0, late;
        struct foray_result result;
        struct foray_error err;
        int64_t sum = 0;
        int code;

        for (int64_t i = 0; (code = foray_run_next(run, &result, &err)) > 0;
             i++) {
            sum += foray_result_i64(&result, 0) % 1000;
            foray_result_free(&result);
            if (i == n / 10)
                early = private_kib(pool);
        }
        assert_ok(code, err);
        late = private_kib(pool);
        assert_int_equal(sum, n / 1000 * 461500);
        assert_true(late < early + MOST_GROWTH);
        assert_true(status_of(getpid(), "RssShmem") < MOST_SHARED);
        foray_run_drop(run, NULL);
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

static void test_dropped_anywhere(void **state)
{
    (void)state;
    FOR_EVERY_BACKEND(backend)
    {
        struct foray_pool *pool = open_backend(backend, 4, NULL);
        size_t descriptors = count_descriptors(), names = count_shm_names();
        unsigned seed = 7;

        for (int round = 0; round < some_of(200); round++) {
            struct range range = {.fn = call_bytes,
                                  .stop = 3000,
                                  .more = round % 2 ? 100 : 10000};
            struct foray_run *run = start_range(
                pool, &range, &(struct foray_iterator){.unordered = round % 3});
            struct foray_result result;
            struct foray_error err;

            for (int n = rand_r(&seed) % 300; n > 0; n--) {
                assert_int_equal(foray_run_next(run, &result, &err), 1);
                assert_int_equal(foray_result_i64(&result, 0), result.index);
                foray_result_free(&result);
            }
            foray_run_drop(run, NULL);
        }
        expect_works(pool);
        assert_int_equal(count_descriptors(), descriptors);
        assert_true(no_more_shm_names(names));
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_constant_memory),
        cmocka_unit_test(test_errors_and_kills),
        cmocka_unit_test(test_dropped_anywhere),
    };

    init_every_backend();
    n_calls = some_of(n_calls);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
