/* How workers begin and end: init, fini, state, binding. */
#include "helpers.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lives.h"
#include "outside.h"

static void test_init_and_fini(void **state)
{
    (void)state;
    for (int b = 0; b < 2; b++) {
        struct params params = params_three;
        struct foray_pool *pool =
            open_lives(process_backends[b], config_of(&params));
        struct outputs out;

        memset(&params, 0xff, sizeof params); /* they have a copy */
        open_outputs(&out, 200);
        run_with(pool, &out, use_state, 3);
        run_with(pool, &out, use_state, 3);
        assert_in_range(atomic_load(&seen->inits), 1, 2);
        assert_int_equal(atomic_load(&seen->finis), 0);
        assert_int_equal(foray_pool_close(pool), 0);
        assert_int_equal(atomic_load(&seen->inits), 2);
        assert_int_equal(atomic_load(&seen->finis), 2);
        assert_string_equal(told, "");
        close_outputs(&out);
    }
}

static void test_life_in_the_caller(void **state)
{
    static const char *const backends[] = {"serial", "threads", "outside"};

    (void)state;
    for (int b = 0; b < 3; b++) {
        struct foray_config config = config_of(&params_three);
        struct foray_pool *pool;
        struct outputs out;

        config.max_tasks = 1; /* means nothing there */
        pool = open_lives(backends[b], config);
        assert_int_equal(atomic_load(&seen->inits), 1);
        open_outputs(&out, 20);
        run_with(pool, &out, use_state, 3);
        assert_int_equal(atomic_load(&seen->inits), 1);
        assert_int_equal(foray_pool_close(pool), 0);
        assert_int_equal(atomic_load(&seen->finis), 1);
        close_outputs(&out);
    }
}

/* Nobody's workers here: each begins with the first batch that comes to it, and
 * ends when its executor says so. */
static void test_life_in_processes_of_others(void **state)
{
    (void)state;
    for (int round = 0; round < 2; round++) {
        struct params params = params_three;
        struct foray_pool *pool = open_lives("elsewhere", config_of(&params));
        struct outputs out;

        memset(&params, 0xff, sizeof params);
        assert_int_equal(atomic_load(&seen->inits), 0);
        open_outputs(&out, 200);
        run_with(pool, &out, use_state, 3);
        run_with(pool, &out, use_state, 3);
        assert_in_range(atomic_load(&seen->inits), count_pids(&out), 2);
        assert_int_equal(atomic_load(&seen->finis), 0);
        assert_int_equal(foray_pool_close(pool), 0);
        assert_int_equal(atomic_load(&seen->finis), atomic_load(&seen->inits));
        close_outputs(&out);
    }
}

static void test_calls_see_the_state(void **state)
{
    static const char *const all[] = {"fork",    "forkserver", "serial",
                                      "threads", "outside",    "elsewhere"};

    (void)state;
    for (int b = 0; b < 6; b++) {
        struct foray_pool *pool = open_lives(all[b], config_of(&params_three));

        run_calls(pool, 1000, 3);
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

static int no_state(struct foray_task *task)
{
    return foray_task_state(task) != NULL;
}

static void test_no_init_no_state(void **state)
{
    (void)state;
    for (int b = 0; b < 2; b++) {
        struct foray_pool *pool =
            open_lives(process_backends[b], (struct foray_config){.n_jobs = 2});
        struct foray_error err;

        assert_ok(run_for(pool, 10, no_state, &err), err);
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

/* How an init ends. */
enum way {
    SAY_WHY,
    SAY_LITTLE,
    CRASH,
    CALL_EXIT,
    CALL_QUICK_EXIT,
    FAIL_LATER,    /* the first two are well, newcomers are not */
    BE_KILLED_ONCE /* by somebody else */
};

static int end_so(void **state, int worker, const void *params,
                  struct foray_error *err)
{
    const enum way *way = params;
    int n_before = atomic_fetch_add(&seen->inits, 1);

    (void)state;
    (void)worker;
    switch (*way) {
    case SAY_WHY:
        snprintf(err->msg, sizeof err->msg, "there is no model.bin");
        err->code = FORAY_ENOENT;
        return err->code;
    case SAY_LITTLE:
        return 7;
    case CRASH:
        abort();
    case CALL_EXIT:
        exit(3);
    case CALL_QUICK_EXIT:
        nap(0.02);
        _exit(4);
    case FAIL_LATER:
        snprintf(err->msg, sizeof err->msg, "no licence left");
        return n_before < 2 ? 0 : FORAY_EAGAIN;
    case BE_KILLED_ONCE:
        if (n_before == 0)
            raise(SIGKILL);
        break;
    }
    return 0;
}

static struct foray_config config_of_way(const enum way *way)
{
    return (struct foray_config){.n_jobs = 2,
                                 .init = end_so,
                                 .fini = forget_params,
                                 .init_params = way,
                                 .init_params_size = sizeof *way};
}

static void check_failure(struct foray_pool *pool, int code, const char *words)
{
    struct foray_call calls[20];
    struct foray_result results[20];
    struct foray_error err = {0};

    for (size_t i = 0; i < 20; i++)
        calls[i] = foray_delayed(trivial);
    assert_int_equal(run_for(pool, 20, trivial, &err), code);
    assert_int_equal(err.code, code);
    assert_int_equal(err.task, -1);
    assert_in_range(err.worker, 0, 1);
    if (!strstr(err.msg, words))
        fail_msg("\"%s\" does not say \"%s\"", err.msg, words);
    assert_int_equal(foray_parallel(pool, calls, 20, results, &err), code);
    for (size_t i = 0; i < 20; i++)
        foray_result_free(&results[i]);
    if (!strstr(err.msg, words))
        fail_msg("\"%s\" does not say \"%s\"", err.msg, words);
}

static void test_init_fails(void **state)
{
    static const struct {
        enum way way;
        int code;
        const char *words;
    } cases[] = {
        {SAY_WHY, FORAY_ENOENT, "there is no model.bin"},
        {SAY_LITTLE, FORAY_ETASK, "init of worker"},
        {CRASH, FORAY_ECRASH, "crashed: SIGABRT"},
        {CALL_EXIT, FORAY_EEXIT, "called exit(3)"},
        {CALL_QUICK_EXIT, FORAY_EEXIT, "called exit(4)"},
    };

    (void)state;
    for (size_t i = 0; i < 2 * sizeof cases / sizeof *cases; i++) {
        struct foray_pool *pool = open_lives(process_backends[i % 2],
                                             config_of_way(&cases[i / 2].way));

        check_failure(pool, cases[i / 2].code, cases[i / 2].words);
        /* A worker in each slot for each run, and no more. */
        assert_in_range(atomic_load(&seen->inits), 2, 6);
        assert_int_equal(foray_pool_close(pool), 0);
        assert_int_equal(atomic_load(&seen->finis), 0);
    }
}

static void test_init_fails_in_processes_of_others(void **state)
{
    const enum way way = SAY_WHY;
    struct foray_pool *pool = open_lives("elsewhere", config_of_way(&way));

    (void)state;
    check_failure(pool, FORAY_ENOENT, "there is no model.bin");
    assert_in_range(atomic_load(&seen->inits), 2, 4);
    assert_int_equal(foray_pool_close(pool), 0);
    assert_int_equal(atomic_load(&seen->finis), 0);
}

static void test_init_fails_in_the_caller(void **state)
{
    static const char *const backends[] = {"serial", "threads"};

    (void)state;
    for (int b = 0; b < 2; b++) {
        const enum way way = SAY_WHY;
        struct foray_config config = config_of_way(&way);
        struct foray_pool *pool = (void *)1;
        struct foray_error err;

        config.backend = backends[b];
        assert_int_equal(foray_pool_open(&pool, &config, &err), FORAY_ENOENT);
        assert_null(pool);
        assert_string_equal(err.msg, "there is no model.bin");
    }
}

static void test_init_of_a_newcomer_fails(void **state)
{
    (void)state;
    for (int b = 0; b < 2; b++) {
        const enum way way = FAIL_LATER;
        struct foray_config config = config_of_way(&way);
        struct foray_pool *pool;
        struct foray_error err;

        config.fini = NULL;
        config.max_tasks = 5;
        pool = open_lives(process_backends[b], config);
        assert_int_equal(run_for(pool, 1000, slow_trivial, &err), FORAY_EAGAIN);
        assert_string_equal(err.msg, "no licence left");
        assert_in_range(atomic_load(&seen->inits), 3, 4);
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

/* A worker that somebody kills in its init is replaced as any other. */
static void test_killed_in_init(void **state)
{
    (void)state;
    for (int b = 0; b < 2; b++) {
        const enum way way = BE_KILLED_ONCE;
        struct foray_config config = config_of_way(&way);
        struct foray_pool *pool;
        struct foray_error err;

        config.fini = NULL;
        pool = open_lives(process_backends[b], config);
        assert_ok(run_for(pool, 100, slow_trivial, &err), err);
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

static void test_fini_that_does_not_end(void **state)
{
    static const struct params slow = {1, "slow"}, dies = {1, "crash"};

    (void)state;
    for (int b = 0; b < 4; b++) {
        struct foray_config config = config_of(b < 2 ? &slow : &dies);
        struct foray_pool *pool;
        struct outputs out;

        config.grace = 0.1;
        config.max_tasks = 30;
        pool = open_lives(process_backends[b % 2], config);
        open_outputs(&out, 100);
        run_with(pool, &out, use_state, 1);
        assert_int_equal(foray_pool_close(pool), 0);
        assert_non_null(strstr(told, "the fini of worker"));
        told[0] = '\0';
        assert_int_equal(atomic_load(&seen->finis), 0);
        close_outputs(&out);
    }
}

static int tell_cpus(struct foray_task *task)
{
    cpu_set_t set;

    if (sched_getaffinity(0, sizeof set, &set))
        return foray_task_fail(task, "errno %d", errno);
    nap(0.002);
    return foray_return(task, foray_task_worker(task), CPU_COUNT(&set),
                        CPU_ISSET((size_t)sched_getcpu(), &set) ? 1 : 0);
}

static void test_bind(void **state)
{
    cpu_set_t all;
    int n;

    (void)state;
    assert_int_equal(sched_getaffinity(0, sizeof all, &all), 0);
    n = CPU_COUNT(&all);
    for (int b = 0; b < 4; b++) {
        int width = b < 2 ? 1 : 2;
        struct foray_pool *pool =
            open_lives(process_backends[b % 2],
                       (struct foray_config){
                           .n_jobs = 3, .inner_threads = width, .bind = true});
        struct foray_call calls[12];
        struct foray_result results[12];
        struct foray_error err;

        for (int i = 0; i < 12; i++)
            calls[i] = foray_delayed(tell_cpus);
        assert_ok(foray_parallel(pool, calls, 12, results, &err), err);
        for (int i = 0; i < 12; i++) {
            assert_int_equal(foray_result_i64(&results[i], 1),
                             width < n ? width : n);
            assert_int_equal(foray_result_i64(&results[i], 2), 1);
            foray_result_free(&results[i]);
        }
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_init_and_fini),
        cmocka_unit_test(test_life_in_the_caller),
        cmocka_unit_test(test_life_in_processes_of_others),
        cmocka_unit_test(test_calls_see_the_state),
        cmocka_unit_test(test_no_init_no_state),
        cmocka_unit_test(test_init_fails),
        cmocka_unit_test(test_init_fails_in_processes_of_others),
        cmocka_unit_test(test_init_fails_in_the_caller),
        cmocka_unit_test(test_init_of_a_newcomer_fails),
        cmocka_unit_test(test_killed_in_init),
        cmocka_unit_test(test_fini_that_does_not_end),
        cmocka_unit_test(test_bind),
    };

    if (begin_lives())
        return 1;
    register_outside();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
