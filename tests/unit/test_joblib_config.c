/* Cases of joblib's own tests, by their numbers: what can be asked for, what
 * is refused, and where defaults come from.
 *
 * Otherwise than in joblib
 * - n_jobs is all usable CPUs where nobody says anything, not 1 (5);
 * - 0 is the default of every field: n_jobs 0 and batch_size 0 are refused
 *   where a person wrote them, in a variable or on a command line (3, 4);
 * - fractions are no ints in C: n_jobs 2.3 is refused as text (3), batch_size
 *   1.42 too (4).
 * Of case 25 "parameters of a backend without its name" has no counterpart:
 * fields of the config are for every backend. Of case 26 a backend with 0
 * workers cannot be opened. */
#include "helpers.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "calls.h"
#include "every_backend.h"

static int try_open(const struct foray_config *config)
{
    struct foray_pool *pool;
    struct foray_error err;
    int code = foray_pool_open(&pool, config, &err);

    if (!code)
        assert_int_equal(foray_pool_close(pool), 0);
    else
        assert_true(strlen(err.msg) > 10);
    return code;
}

static int open_with(const char *variable, const char *value)
{
    int code;

    assert_int_equal(setenv(variable, value, 1), 0);
    code = try_open(NULL);
    unsetenv(variable);
    return code;
}

static void test_case_03_n_jobs(void **state)
{
    static const char *const bad[] = {"0",           "0.5", "2.3",
                                      "invalid_str", "",    " "};
    int n = -7;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(foray_n_jobs_parse(&n, bad[i], NULL), FORAY_EINVAL);
        assert_int_equal(n, -7);
        if (bad[i][0])
            assert_int_equal(open_with("FORAY_N_JOBS", bad[i]), FORAY_EINVAL);
    }
    assert_int_equal(foray_n_jobs_parse(&n, "2", NULL), 0);
    assert_int_equal(n, 2);
    FOR_EVERY_BACKEND(backend)
    {
        struct foray_pool *pool = open_backend(backend, 2, NULL);

        assert_int_equal(foray_pool_n_jobs(pool), backend->parallel ? 2 : 1);
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

static void test_case_04_refused(void **state)
{
    (void)state;
    assert_int_equal(try_open(&(struct foray_config){.batch_size = -1}),
                     FORAY_EINVAL);
    assert_int_equal(open_with("FORAY_BATCH_SIZE", "0"), FORAY_EINVAL);
    assert_int_equal(open_with("FORAY_BATCH_SIZE", "-1"), FORAY_EINVAL);
    assert_int_equal(open_with("FORAY_BATCH_SIZE", "1.42"), FORAY_EINVAL);
    assert_int_equal(open_with("FORAY_BATCH_SIZE", "auto"), 0);
    assert_int_equal(try_open(&(struct foray_config){.prefer = "invalid"}),
                     FORAY_EINVAL);
    assert_int_equal(try_open(&(struct foray_config){.require = "invalid"}),
                     FORAY_EINVAL);
    assert_int_equal(try_open(&(struct foray_config){.prefer = "processes",
                                                     .require = "sharedmem"}),
                     FORAY_EINVAL);
    assert_int_equal(try_open(&(struct foray_config){.backend = "invalid"}),
                     FORAY_EINVAL);
    FOR_EVERY_BACKEND(backend)
    assert_int_equal(try_open(&(struct foray_config){.backend = backend->name,
                                                     .require = "sharedmem",
                                                     .n_jobs = 2}),
                     backend->processes ? FORAY_EINVAL : 0);
}

/* foray_effective_n_jobs(0) inside of a level that says `n_jobs`. */
static int effective(int n_jobs)
{
    int n;

    assert_int_equal(
        foray_config_push(&(struct foray_config){.n_jobs = n_jobs}, NULL), 0);
    n = foray_effective_n_jobs(0);
    assert_int_equal(foray_config_pop(), 0);
    return n;
}

static void test_case_05_effective_n_jobs(void **state)
{
    (void)state;
    assert_int_equal(foray_effective_n_jobs(0), foray_cpu_count());
    assert_int_equal(foray_effective_n_jobs(1), 1);
    assert_int_equal(effective(3), 3);
    assert_int_equal(effective(1), 1);
    assert_int_equal(effective(-1), foray_cpu_count());
    assert_int_equal(effective(0), foray_cpu_count());
    assert_int_equal(foray_effective_n_jobs(0), foray_cpu_count());
}

static void expect_fields(int n_jobs, int retries, const char *mode)
{
    struct foray_config config;
    struct foray_error err;

    assert_ok(foray_config_get(&config, &err), err);
    assert_int_equal(config.n_jobs, n_jobs);
    assert_int_equal(config.retries, retries);
    assert_string_equal(config.mmap_mode, mode);
}

static void *other_thread(void *arg)
{
    struct foray_config config;
    bool *same = arg;

    *same = !foray_config_get(&config, NULL) && config.n_jobs == -1 &&
            config.retries <= 0;
    return NULL;
}

static void test_case_25_levels_of_config(void **state)
{
    struct foray_error err;
    bool same = false;
    pthread_t thread;

    (void)state;
    expect_fields(-1, 0, "r");
    assert_ok(foray_config_push(
                  &(struct foray_config){.n_jobs = 3, .mmap_mode = "c"}, &err),
              err);
    expect_fields(3, 0, "c");
    assert_ok(foray_config_push(&(struct foray_config){.retries = 2}, &err),
              err);
    expect_fields(3, 2, "c"); /* what the inner one leaves out */
    assert_int_equal(pthread_create(&thread, NULL, other_thread, &same), 0);
    pthread_join(thread, NULL);
    assert_true(same);
    assert_int_equal(foray_config_pop(), 0);
    expect_fields(3, 0, "c");
    assert_int_equal(foray_config_pop(), 0);
    expect_fields(-1, 0, "r");
    assert_int_equal(foray_config_pop(), FORAY_EINVAL);
}

static void test_case_25_pools_take_the_level_s(void **state)
{
    struct foray_error err;

    (void)state;
    FOR_EVERY_BACKEND(backend)
    {
        const struct foray_config level = {
            .backend = backend->name, .n_jobs = 3, .on_error = FORAY_SKIP};
        struct foray_pool *pool;

        assert_ok(foray_config_push(&level, &err), err);
        assert_ok(foray_pool_open(&pool, NULL, &err), err);
        assert_string_equal(foray_pool_backend(pool), backend->name);
        assert_int_equal(foray_pool_n_jobs(pool), backend->parallel ? 3 : 1);
        assert_int_equal(foray_config_pop(), 0);
        expect_works(pool); /* the level is not needed any more */
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

static void test_case_31_sizes(void **state)
{
    static const struct {
        const char *text;
        uint64_t size;
    } good[] = {{"80G", UINT64_C(80) << 30},
                {"1.4M", 1468006},
                {"120M", UINT64_C(120) << 20},
                {"53K", 53 << 10}};
    static const char *const bad[] = {"fooG", "1.4N"};
    uint64_t size;

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_int_equal(foray_size_parse(&size, good[i].text, NULL), 0);
        assert_true(size == good[i].size);
        assert_int_equal(open_with("FORAY_MAX_NBYTES", good[i].text), 0);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(foray_size_parse(&size, bad[i], NULL), FORAY_EINVAL);
        assert_int_equal(open_with("FORAY_MAX_NBYTES", bad[i]), FORAY_EINVAL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_case_03_n_jobs),
        cmocka_unit_test(test_case_04_refused),
        cmocka_unit_test(test_case_05_effective_n_jobs),
        cmocka_unit_test(test_case_25_levels_of_config),
        cmocka_unit_test(test_case_25_pools_take_the_level_s),
        cmocka_unit_test(test_case_31_sizes),
    };

    init_every_backend();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
