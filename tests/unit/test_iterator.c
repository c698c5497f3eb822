/* Iterators from within event loops, slow readers, producers that err. */
#include "helpers.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "calls.h"
#include "every_backend.h"
#include "gate.h"

/* Read the run to its end by poll alone. Returns how many results there were;
 * *code is the end. `every` is called before each poll. */
static size_t read_by_poll(struct foray_run *run, int *code,
                           struct foray_error *err,
                           void (*every)(size_t n, void *arg), void *arg)
{
    struct pollfd poller = {.fd = foray_run_fd(run), .events = POLLIN};
    struct foray_result result;
    size_t n = 0;

    assert_true(poller.fd >= 0);
    for (;;) {
        *code = foray_run_try(run, &result, err);
        if (*code == FORAY_EAGAIN) {
            if (every)
                every(n, arg);
            assert_int_equal(poll(&poller, 1, 1000 * PATIENCE), 1);
        } else if (*code > 0) {
            foray_result_free(&result);
            n++;
        } else {
            return n;
        }
    }
}

/* Registered backends have no descriptor. */
static bool has_descriptor(const struct backend *backend)
{
    return backend->parallel && strcmp(backend->name, "outside") != 0;
}

static void test_poll(void **state)
{
    (void)state;
    FOR_EVERY_BACKEND(backend)
    if (has_descriptor(backend))
        for (int ms = 0; ms <= 3; ms += 3)
            for (int unordered = 0; unordered < 2; unordered++) {
                struct foray_pool *pool = open_backend(backend, 2, NULL);
                struct range range = {.fn = ms ? call_sleep : call_square,
                                      .stop = ms ? 100 : 20000,
                                      .more = ms};
                struct foray_run *run = start_range(
                    pool, &range,
                    &(struct foray_iterator){.unordered = unordered});
                struct foray_error err;
                int code;

                assert_int_equal(read_by_poll(run, &code, &err, NULL, NULL),
                                 range.stop);
                assert_int_equal(code, 0);
                foray_run_drop(run, NULL);
                assert_int_equal(foray_pool_close(pool), 0);
            }
}

static void test_no_descriptor_for_serial(void **state)
{
    (void)state;
    FOR_EVERY_BACKEND(backend)
    {
        struct foray_pool *pool = open_backend(backend, 1, NULL);
        struct range range = {.fn = call_square, .stop = 10};
        struct foray_run *run = start_range(pool, &range, NULL);
        struct foray_result result;
        struct foray_error err;

        assert_int_equal(foray_run_fd(run) >= 0, has_descriptor(backend));
        for (int i = 0; i < 10 && !backend->parallel; i++) {
            assert_int_equal(foray_run_try(run, &result, &err), 1);
            foray_result_free(&result);
        }
        foray_run_drop(run, NULL);
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

struct kills {
    struct foray_pool *pool;
    size_t n_seen; /* results when it was last done */
};

/* Kill one of the workers, which sleep, at every fifth result. */
static void kill_one(size_t n, void *arg)
{
    struct kills *kills = arg;
    pid_t worker = foray_pool_worker_pid(kills->pool, (int)n % 2);

    if (n % 5 == 4 && n != kills->n_seen && worker)
        kill(worker, SIGKILL);
    kills->n_seen = n;
}

static void test_poll_sees_deaths(void **state)
{
    (void)state;
    FOR_PROCESS_BACKENDS(backend)
    for (int retries = 0; retries < 2; retries++) {
        struct foray_pool *pool =
            open_backend(backend, 2,
                         &(struct foray_config){.on_error = FORAY_SKIP,
                                                .retries = retries * 100});
        struct range range = {.fn = call_sleep, .stop = 40, .more = 20};
        struct foray_run *run = start_range(
            pool, &range, &(struct foray_iterator){.unordered = true});
        struct kills kills = {.pool = pool};
        struct foray_error err;
        int code;

        assert_int_equal(read_by_poll(run, &code, &err, kill_one, &kills), 40);
        assert_int_equal(code, 0);
        foray_run_drop(run, NULL);
        expect_works(pool);
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

static int die(struct foray_task *task)
{
    (void)task;
    nap(0.1);
    raise(SIGKILL);
    return 0;
}

static void test_poll_sees_a_fatal_death(void **state)
{
    (void)state;
    FOR_PROCESS_BACKENDS(backend)
    {
        struct foray_pool *pool = open_backend(backend, 1, NULL);
        struct range range = {.fn = die, .stop = 3};
        struct foray_run *run = start_range(pool, &range, NULL);
        struct foray_result result;
        struct foray_error err;
        int code;

        assert_int_equal(read_by_poll(run, &code, &err, NULL, NULL), 0);
        assert_int_equal(code, FORAY_ECRASH);
        assert_int_equal(err.task, 0);
        /* and every time from then on */
        assert_int_equal(foray_run_next(run, &result, &err), FORAY_ECRASH);
        assert_int_equal(foray_run_try(run, &result, &err), FORAY_ECRASH);
        foray_run_drop(run, NULL);
        expect_works(pool);
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

/* (i, nbytes) -> i, bytes; the first one waits until many have come, and no
 * more come for a while */
static int slow_head(struct foray_task *task)
{
    int n_come = 0;

    if (foray_task_i64(task, 0) > 0)
        come_to_gate();
    else
        for (await_at_gate(10); n_come < n_at_gate(); nap(0.3))
            n_come = n_at_gate();
    return call_bytes(task);
}

static void test_unread_results_stop_the_producer(void **state)
{
    enum { NBYTES = 4000, MOST = 1 << 18 };

    (void)state;
    FOR_PARALLEL_BACKENDS(backend)
    for (int batch_size = 0; batch_size < 2; batch_size++) {
        struct foray_pool *pool = open_backend(backend, 2, NULL);
        struct range range = {.fn = slow_head, .stop = 1000000, .more = NBYTES};
        const struct foray_iterator more = {.max_unread = MOST,
                                            .batch_size = batch_size};
        struct foray_run *run;
        struct foray_result result;
        struct foray_error err;
        int64_t n;

        shut_gate();
        run = start_range(pool, &range, &more);
        assert_true(range.next <= 4); /* before anybody reads */
        assert_int_equal(foray_run_next(run, &result, &err), 1);
        assert_int_equal(result.index, 0);
        foray_result_free(&result);
        n = range.next;
        /* The bound, and what was under way when it was met. */
        assert_true(n > 10);
        assert_true(n <= 2 * MOST / NBYTES);
        foray_run_drop(run, NULL);
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

static int none_but_says_one(struct foray_slot *slot, void *arg)
{
    (void)slot;
    (void)arg;
    return 1;
}

static int two_at_once(struct foray_slot *slot, void *arg)
{
    int code = foray_produce(slot, foray_delayed(call_square, 1));

    (void)arg;
    return code < 0 ? code : foray_produce(slot, foray_delayed(call_square, 2));
}

static int without_a_word(struct foray_slot *slot, void *arg)
{
    (void)slot;
    (void)arg;
    return -12345;
}

static int what_cannot_travel(struct foray_slot *slot, void *arg)
{
    return foray_produce(slot, foray_delayed(call_square, arg));
}

static int no_function(struct foray_slot *slot, void *arg)
{
    (void)arg;
    return foray_produce(slot, (struct foray_call){0});
}

static void test_producers_that_err(void **state)
{
    static const struct {
        foray_next_fn next;
        int code;
    } cases[] = {
        {none_but_says_one, FORAY_EINVAL}, {two_at_once, FORAY_EINVAL},
        {without_a_word, -12345},          {what_cannot_travel, FORAY_EINVAL},
        {no_function, FORAY_EINVAL},       {NULL, FORAY_EINVAL}};

    (void)state;
    FOR_EVERY_BACKEND(backend)
    {
        struct foray_pool *pool = open_backend(backend, 2, NULL);

        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
            const struct foray_iterator iterator = {.next = cases[i].next,
                                                    .next_arg = &pool};
            struct foray_run *run = (void *)1;
            struct foray_error err;

            assert_int_equal(foray_run_start(&run, pool, &iterator, &err),
                             cases[i].code);
            assert_null(run);
            assert_int_equal(err.code, cases[i].code);
            assert_true(strlen(err.msg) > 10);
            expect_works(pool);
        }
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

static void test_producer_errs_late(void **state)
{
    (void)state;
    FOR_EVERY_BACKEND(backend)
    {
        struct foray_pool *pool = open_backend(
            backend, 2, &(struct foray_config){.on_error = FORAY_SKIP});
        struct range range = {.fn = call_square, .stop = 2000, .fail_at = 1001};
        struct foray_run *run = start_range(pool, &range, NULL);
        struct foray_result result;
        struct foray_error err;
        size_t n = 0;
        int code;

        while ((code = foray_run_next(run, &result, &err)) > 0) {
            foray_result_free(&result);
            n++;
        }
        assert_int_equal(code, FORAY_EIO);
        assert_true(n <= 1000);
        assert_int_equal(foray_run_next(run, &result, &err), FORAY_EIO);
        assert_string_equal(err.msg, "no call 1000");
        foray_run_drop(run, NULL);
        expect_works(pool);
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_poll),
        cmocka_unit_test(test_no_descriptor_for_serial),
        cmocka_unit_test(test_poll_sees_deaths),
        cmocka_unit_test(test_poll_sees_a_fatal_death),
        cmocka_unit_test(test_unread_results_stop_the_producer),
        cmocka_unit_test(test_producers_that_err),
        cmocka_unit_test(test_producer_errs_late),
    };

    init_every_backend();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
