/* Backends that are registered from outside of the library. */
#include "helpers.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "calls.h"
#include "outside.h"
#include "pools.h"

static const char *const names[] = {"outside", "elsewhere"};

static void test_pool_says_what_it_is(void **state)
{
    (void)state;
    for (int b = 0; b < 2; b++) {
        struct foray_pool *pool = open_pool(names[b], 2, NULL);

        assert_string_equal(foray_pool_backend(pool), names[b]);
        assert_int_equal(foray_pool_n_jobs(pool), 2);
        assert_int_equal(foray_pool_worker_pid(pool, 0), b ? 0 : getpid());
        expect_works(pool);
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

static void test_names_are_known_to_the_configuration(void **state)
{
    struct foray_config config = {.backend = "nowhere"};
    struct foray_pool *pool;
    struct foray_error err;

    (void)state;
    assert_int_equal(foray_pool_open(&pool, &config, &err), FORAY_EINVAL);
    assert_non_null(strstr(err.msg, "threads, outside, elsewhere"));
    assert_ok(foray_config_push(&(struct foray_config){.backend = "outside",
                                                       .require = "sharedmem"},
                                &err),
              err);
    assert_ok(foray_pool_open(&pool, NULL, &err), err);
    assert_string_equal(foray_pool_backend(pool), "outside");
    assert_int_equal(foray_pool_close(pool), 0);
    foray_config_pop();
    config =
        (struct foray_config){.backend = "elsewhere", .require = "sharedmem"};
    assert_int_equal(foray_pool_open(&pool, &config, &err), FORAY_EINVAL);
}

static void test_bad_registrations_are_refused(void **state)
{
    struct foray_backend backend = {.name = "fork"};
    struct foray_error err;

    (void)state;
    assert_int_equal(foray_backend_register(&backend, &err), FORAY_EINVAL);
    backend.name = "a name";
    assert_int_equal(foray_backend_register(&backend, &err), FORAY_EINVAL);
    backend.name = NULL;
    assert_int_equal(foray_backend_register(&backend, &err), FORAY_EINVAL);
}

/* A backend that does not do its part. */
enum part { NO_WORKER, TOO_MANY, NO_OPEN, WORDS, NO_SUBMIT, NO_POLL, N_PARTS };
static enum part failing;
static int n_open;

static int fail_to_open(void **state, int *n_jobs, void *arg,
                        struct foray_error *err)
{
    (void)arg;
    *state = NULL;
    if (failing == NO_OPEN)
        return 7; /* no code of ours, no words */
    if (failing == WORDS) {
        snprintf(err->msg, sizeof err->msg, "the cluster is closed");
        err->code = FORAY_EBUSY;
        return FORAY_EBUSY;
    }
    n_open++;
    *n_jobs = failing == NO_WORKER ? 0 : failing == TOO_MANY ? 99 : 1;
    return 0;
}

static int fail_to_submit(void *state, uint64_t id, const void *bytes,
                          size_t size, struct foray_error *err)
{
    (void)state;
    (void)id;
    (void)bytes;
    (void)size;
    (void)err;
    return failing == NO_SUBMIT ? FORAY_EAGAIN : 0;
}

static int fail_to_poll(void *state, double seconds, struct foray_done *done,
                        struct foray_error *err)
{
    (void)state;
    (void)seconds;
    (void)done;
    (void)err;
    return FORAY_EIO;
}

static void cancel_nothing(void *state)
{
    (void)state;
}

static void close_it(void *state)
{
    (void)state;
    n_open--;
}

static int do_nothing(struct foray_task *task)
{
    (void)task;
    return 0;
}

static void test_backends_that_fail(void **state)
{
    static const struct {
        int code;
        const char *says;
    } expected[N_PARTS] = {
        [NO_WORKER] = {FORAY_EINVAL, "\"broken\" makes 0 workers of 2"},
        [TOO_MANY] = {FORAY_EINVAL, "\"broken\" makes 99 workers of 2"},
        [NO_OPEN] = {FORAY_ESYSTEM, "the backend \"broken\" failed"},
        [WORDS] = {FORAY_EBUSY, "\"broken\" failed: the cluster is closed"},
        [NO_SUBMIT] = {FORAY_EAGAIN, "the backend \"broken\" failed"},
        [NO_POLL] = {FORAY_EIO, "the backend \"broken\" failed"},
    };
    const struct foray_backend backend = {.name = "broken",
                                          .shares_memory = true,
                                          .open = fail_to_open,
                                          .submit = fail_to_submit,
                                          .poll = fail_to_poll,
                                          .cancel = cancel_nothing,
                                          .close = close_it};
    const struct foray_config config = {.backend = "broken", .n_jobs = 2};
    const struct foray_for loop = {.fn = do_nothing, .n = 9};
    struct foray_error err;

    (void)state;
    assert_ok(foray_backend_register(&backend, &err), err);
    assert_int_equal(foray_backend_register(&backend, &err), FORAY_EEXIST);
    for (failing = 0; failing < N_PARTS; failing++) {
        struct foray_pool *pool = NULL;
        int code = foray_pool_open(&pool, &config, &err);

        if (!code)
            code = foray_for(pool, &loop, NULL, &err);
        assert_int_equal(code, expected[failing].code);
        if (!strstr(err.msg, expected[failing].says))
            fail_msg("\"%s\" lacks \"%s\"", err.msg, expected[failing].says);
        assert_int_equal(foray_pool_close(pool), 0);
        assert_int_equal(n_open, 0);
    }
}

static void test_other_bytes_are_no_batch(void **state)
{
    char bytes[200] = "no batch";
    struct foray_error err;
    size_t size;
    void *out;

    (void)state;
    assert_int_equal(
        foray_backend_execute(&out, &size, bytes, sizeof bytes, 0, NULL, &err),
        FORAY_EFORMAT);
    assert_int_equal(
        foray_backend_execute(&out, &size, bytes, 3, 0, NULL, &err),
        FORAY_EFORMAT);
    assert_null(out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pool_says_what_it_is),
        cmocka_unit_test(test_names_are_known_to_the_configuration),
        cmocka_unit_test(test_bad_registrations_are_refused),
        cmocka_unit_test(test_backends_that_fail),
        cmocka_unit_test(test_other_bytes_are_no_batch),
    };

    register_outside();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
