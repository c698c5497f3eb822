/* What decides a pool's settings: its config, levels, requirements. */
#include "helpers.h"

#include <limits.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <foray.h>

#include "engine/pool_body.h"
#include "settings.h"

/* Refused by open and by push, with these words. */
static void refused(const struct foray_config *config, const char *words)
{
    struct foray_pool *pool = (void *)1;
    struct foray_error err;

    assert_int_equal(foray_pool_open(&pool, config, &err), FORAY_EINVAL);
    assert_null(pool);
    if (!strstr(err.msg, words))
        fail_msg("\"%s\" does not say \"%s\"", err.msg, words);
    assert_int_equal(foray_config_push(config, &err), FORAY_EINVAL);
    if (!strstr(err.msg, words))
        fail_msg("\"%s\" does not say \"%s\"", err.msg, words);
    assert_int_equal(foray_config_pop(), FORAY_EINVAL);
}

static void test_defaults(void **state)
{
    struct foray_config config = get_config();

    (void)state;
    assert_int_equal(config.n_jobs, -1);
    assert_string_equal(config.backend, "fork");
    assert_null(config.prefer);
    assert_null(config.require);
    assert_int_equal(config.inner_threads, 0);
    assert_null(config.temp_folder);
    assert_int_equal(config.max_nbytes, 1048576);
    assert_string_equal(config.mmap_mode, "r");
    assert_string_equal(config.pre_dispatch, "2*n_jobs");
    assert_int_equal(config.batch_size, 0);
    assert_int_equal(config.retries, 0);
    assert_true(config.timeout == 0);
    assert_int_equal(config.on_error, FORAY_STOP);
    assert_true(config.grace == 1.0);
    assert_true(config.progress_interval == 0.5);
    assert_int_equal(config.n_keep_fds, 0);
}

/* Case 3 of joblib's: numbers that are none. Zero here means unset, and only
 * text can be no number. */
static void test_numbers_of_workers_that_make_no_sense(void **state)
{
    static const char *const texts[] = {"0", "0.5", "2.3", "invalid_str",
                                        "4097"};
    struct foray_error err;
    struct foray_pool *pool;

    (void)state;
    refused(&(struct foray_config){.n_jobs = 4097},
            "n_jobs is 4097: at most 4096");
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        setenv("FORAY_N_JOBS", texts[i], 1);
        assert_int_equal(foray_pool_open(&pool, NULL, &err), FORAY_EINVAL);
        assert_non_null(strstr(err.msg, "FORAY_N_JOBS is \""));
        assert_non_null(strstr(err.msg, texts[i]));
        assert_int_equal(foray_effective_n_jobs(2), FORAY_EINVAL);
    }
    setenv("FORAY_N_JOBS", "2", 1);
    assert_int_equal(foray_effective_n_jobs(0), 2);
}

/* Case 4 of joblib's, and the fields it has not. */
static void test_values_that_make_no_sense(void **state)
{
    (void)state;
    refused(&(struct foray_config){.batch_size = -1}, "batch_size is -1");
    refused(&(struct foray_config){.prefer = "fibers"},
            "prefer is \"fibers\": use processes or threads");
    refused(&(struct foray_config){.require = "speed"},
            "require is \"speed\": use sharedmem");
    refused(
        &(struct foray_config){.prefer = "processes", .require = "sharedmem"},
        "prefer is \"processes\" and require is \"sharedmem\"");
    refused(&(struct foray_config){.backend = "fork", .require = "sharedmem"},
            "tasks of the backend \"fork\" do not see the caller's memory");
    refused(&(struct foray_config){.backend = "loky"},
            "\"loky\": use one of fork");
    refused(&(struct foray_config){.mmap_mode = "w"},
            "mmap_mode is \"w\": use r, r+, w+ or c");
    refused(&(struct foray_config){.retries = -2}, "retries is -2");
    refused(&(struct foray_config){.timeout = -1}, "timeout is -1");
    refused(&(struct foray_config){.timeout = NAN}, "timeout is");
    refused(&(struct foray_config){.idle_timeout = -1}, "idle_timeout is -1");
    refused(&(struct foray_config){.idle_timeout = NAN}, "idle_timeout is");
    refused(&(struct foray_config){.init_params = "x", .init_params_size = 1},
            "no init that gets them");
    refused(&(struct foray_config){.init_params_size = 1},
            "init_params is NULL, but init_params_size is 1");
    refused(&(struct foray_config){.grace = -1}, "grace is -1");
    refused(&(struct foray_config){.grace = INFINITY}, "grace is inf");
    refused(&(struct foray_config){.progress_interval = -1},
            "progress_interval is -1");
    refused(&(struct foray_config){.inner_threads = -1}, "inner_threads is -1");
    refused(&(struct foray_config){.n_keep_fds = 1}, "keep_fds is NULL");
    refused(
        &(struct foray_config){.keep_fds = (int[]){INT_MAX}, .n_keep_fds = 1},
        "no open descriptor");
    refused(&(struct foray_config){.on_error = (enum foray_on_error)7},
            "on_error is 7");
}

static void test_pre_dispatch_that_makes_no_sense(void **state)
{
    static const char *const wrong[] = {
        "",   "some",     "2*",    "1/0",    "0",
        "-3", "n_jobs-2", "10**7", "exec()", "2*m_jobs"};
    static const char *const right[] = {"all",        "3",         "2*n_jobs",
                                        "1.5*n_jobs", "n_jobs**2", "n_jobs/8"};
    struct foray_pool *pool;
    struct foray_error err;

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        refused(&(struct foray_config){.n_jobs = 2, .pre_dispatch = wrong[i]},
                "pre_dispatch");
    for (size_t i = 0; i < sizeof right / sizeof *right; i++) {
        struct foray_config config = {.n_jobs = 2, .pre_dispatch = right[i]};

        push_config(&config);
        assert_int_equal(foray_config_pop(), 0);
        assert_ok(foray_pool_open(&pool, &config, &err), err);
        assert_string_equal(pool->config.pre_dispatch, right[i]);
        assert_ptr_not_equal(pool->config.pre_dispatch, right[i]);
        assert_int_equal(foray_pool_close(pool), 0);
    }
    /* Serial has one worker. */
    refused(&(struct foray_config){.n_jobs = 4,
                                   .backend = "serial",
                                   .pre_dispatch = "n_jobs-1"},
            "which is 0 where n_jobs is 1");
}

/* Case 5 of joblib's; its None is not our 0, which inherits. */
static void test_effective_n_jobs(void **state)
{
    int cpus = foray_cpu_count();

    (void)state;
    assert_int_equal(foray_effective_n_jobs(0), cpus);
    assert_int_equal(foray_effective_n_jobs(-1), cpus);
    assert_int_equal(foray_effective_n_jobs(-cpus - 5), 1);
    assert_int_equal(foray_effective_n_jobs(5000), FORAY_EINVAL);
    push_config(&(struct foray_config){.n_jobs = 3});
    assert_int_equal(foray_effective_n_jobs(0), 3);
    assert_int_equal(foray_effective_n_jobs(5), 5);
    push_config(&(struct foray_config){.n_jobs = -1});
    assert_int_equal(foray_effective_n_jobs(0), cpus);
    push_config(&(struct foray_config){.backend = "serial"});
    assert_int_equal(foray_effective_n_jobs(5), 1);
    for (int i = 0; i < 3; i++)
        assert_int_equal(foray_config_pop(), 0);
    assert_int_equal(foray_effective_n_jobs(0), cpus);
}

static void show(const struct foray_progress *progress, void *arg)
{
    (void)progress;
    (void)arg;
}

static void keep(const char *sentence, void *arg)
{
    snprintf(arg, 256, "%s", sentence);
}

/* Case 25 of joblib's: an inner level changes what it sets and no more. */
static void test_levels_inherit(void **state)
{
    char folder[16] = "/tmp", sentence[256];
    struct foray_config config;
    int fd = 1, marker;

    (void)state;
    push_config(&(struct foray_config){.n_jobs = 3,
                                       .temp_folder = folder,
                                       .max_nbytes = FORAY_NEVER,
                                       .mmap_mode = "w+",
                                       .retries = 2,
                                       .timeout = 5,
                                       .on_error = FORAY_SKIP,
                                       .progress = show,
                                       .progress_arg = &marker,
                                       .log = keep,
                                       .log_arg = sentence,
                                       .keep_fds = &fd,
                                       .n_keep_fds = 1});
    memset(folder, 'x', 8); /* it was copied */
    fd = -1;
    push_config(&(struct foray_config){.n_jobs = 2,
                                       .pre_dispatch = "all",
                                       .batch_size = 7,
                                       .timeout = INFINITY,
                                       .grace = 0.25,
                                       .progress = show});
    config = get_config();
    assert_int_equal(config.n_jobs, 2);
    assert_string_equal(config.temp_folder, "/tmp");
    assert_true(config.max_nbytes == FORAY_NEVER);
    assert_string_equal(config.mmap_mode, "r+");
    assert_string_equal(config.pre_dispatch, "all");
    assert_int_equal(config.batch_size, 7);
    assert_int_equal(config.retries, 2);
    assert_true(config.timeout == 0);
    assert_int_equal(config.on_error, FORAY_SKIP);
    assert_true(config.grace == 0.25);
    assert_null(config.progress_arg); /* goes with its function */
    assert_ptr_equal(config.log_arg, sentence);
    assert_int_equal(config.n_keep_fds, 1);
    assert_int_equal(config.keep_fds[0], 1);

    push_config(&(struct foray_config){.retries = FORAY_NO_RETRIES});
    assert_int_equal(get_config().retries, 0);
    assert_true(get_config().timeout == 0); /* over two levels */
    assert_int_equal(foray_config_pop(), 0);

    assert_int_equal(foray_config_pop(), 0);
    config = get_config();
    assert_int_equal(config.n_jobs, 3);
    assert_true(config.timeout == 5);
    assert_string_equal(config.pre_dispatch, "2*n_jobs");
    assert_ptr_equal(config.progress_arg, &marker);
    assert_int_equal(foray_config_pop(), 0);
    assert_int_equal(get_config().n_jobs, -1);
    assert_int_equal(foray_config_pop(), FORAY_EINVAL);
}

static void test_a_pool_s_own_config_comes_first(void **state)
{
    struct foray_config own = {
        .n_jobs = 2, .inner_threads = 3, .temp_folder = "/var/tmp"};
    struct foray_pool *pool;
    struct foray_error err;

    (void)state;
    setenv("FORAY_RETRIES", "4", 1);
    setenv("FORAY_GRACE", "9", 1);
    setenv("FORAY_BATCH_SIZE", "12", 1);
    push_config(&(struct foray_config){.n_jobs = 1,
                                       .inner_threads = 1,
                                       .temp_folder = "/tmp",
                                       .grace = 0.5,
                                       .mmap_mode = "c"});
    assert_ok(foray_pool_open(&pool, &own, &err), err);
    /* What comes later does not change it. */
    assert_int_equal(foray_config_pop(), 0);
    setenv("FORAY_RETRIES", "5", 1);
    assert_int_equal(foray_pool_n_jobs(pool), 2);
    assert_int_equal(foray_pool_inner_threads(pool), 3);
    assert_string_equal(pool->config.temp_folder, "/var/tmp");
    assert_true(pool->config.grace == 0.5);
    assert_string_equal(pool->config.mmap_mode, "c");
    assert_int_equal(pool->config.retries, 4);
    assert_int_equal(pool->config.batch_size, 12);
    assert_string_equal(pool->config.pre_dispatch, "2*n_jobs");
    assert_int_equal(foray_pool_close(pool), 0);
}

static void test_a_bad_level_leaves_the_others(void **state)
{
    struct foray_error err;

    (void)state;
    push_config(&(struct foray_config){.n_jobs = 3});
    assert_int_equal(
        foray_config_push(&(struct foray_config){.n_jobs = 2, .timeout = -1},
                          &err),
        FORAY_EINVAL);
    assert_int_equal(foray_effective_n_jobs(0), 3);
    assert_int_equal(foray_config_pop(), 0);
    assert_int_equal(foray_config_pop(), FORAY_EINVAL);
}

static void *in_another_thread(void *arg)
{
    int *seen = arg;

    seen[0] = foray_effective_n_jobs(0);
    seen[1] = foray_config_pop();
    if (foray_config_push(&(struct foray_config){.n_jobs = 7}, NULL))
        return NULL;
    seen[2] = foray_effective_n_jobs(0);
    foray_config_pop();
    return NULL;
}

static void test_levels_are_of_a_thread(void **state)
{
    pthread_t thread;
    int seen[3] = {0};

    (void)state;
    push_config(&(struct foray_config){.n_jobs = 77});
    assert_int_equal(pthread_create(&thread, NULL, in_another_thread, seen), 0);
    pthread_join(thread, NULL);
    assert_int_equal(seen[0], foray_cpu_count());
    assert_int_equal(seen[1], FORAY_EINVAL);
    assert_int_equal(seen[2], 7);
    assert_int_equal(foray_effective_n_jobs(0), 77);
}

static int pop_in_child(void *arg)
{
    (void)arg;
    return foray_effective_n_jobs(0) != 5 || foray_config_pop() ||
           foray_config_pop() != FORAY_EINVAL;
}

static void test_a_child_has_the_levels_too(void **state)
{
    (void)state;
    push_config(&(struct foray_config){.n_jobs = 5});
    assert_int_equal(in_child(pop_in_child, NULL), 0);
    assert_int_equal(foray_effective_n_jobs(0), 5);
}

static bool shares_memory(const char *name)
{
    return foray__backend_find(name)->shares_memory;
}

static void test_require_is_hard(void **state)
{
    char sentence[256] = "";
    struct foray_config require = {
        .n_jobs = 2, .require = "sharedmem", .log = keep, .log_arg = sentence};
    struct foray_pool *pool;
    struct foray_error err;

    (void)state;
    assert_false(shares_memory("fork"));
    assert_true(shares_memory("serial"));
    /* An explicit backend, required from outside: an error. */
    push_config(&require);
    assert_true(shares_memory(get_config().backend));
    assert_int_equal(
        foray_pool_open(&pool, &(struct foray_config){.backend = "fork"}, &err),
        FORAY_EINVAL);
    assert_non_null(strstr(err.msg, "foray_config_push set require"));
    /* A backend from outside gives way, and the log knows. */
    push_config(&(struct foray_config){.backend = "fork"});
    assert_ok(foray_pool_open(&pool, NULL, &err), err);
    assert_true(shares_memory(foray_pool_backend(pool)));
    assert_non_null(strstr(sentence, "instead of \"fork\""));
    assert_int_equal(foray_pool_close(pool), 0);
    set_nothing(NULL);
    setenv("FORAY_BACKEND", "fork", 1);
    assert_ok(foray_pool_open(&pool, &require, &err), err);
    assert_true(shares_memory(foray_pool_backend(pool)));
    assert_int_equal(foray_pool_close(pool), 0);
    /* What is forced is not replaced. */
    setenv("FORAY_FORCE_BACKEND", "fork", 1);
    assert_int_equal(foray_pool_open(&pool, &require, &err), FORAY_EINVAL);
    assert_non_null(strstr(err.msg, "FORAY_FORCE_BACKEND is \"fork\""));
}

static void test_prefer_is_soft(void **state)
{
    const struct foray__backend *threads = foray__backend_find("threads");

    (void)state;
    push_config(&(struct foray_config){.prefer = "processes"});
    assert_string_equal(get_config().backend, "fork");
    push_config(&(struct foray_config){.prefer = "threads"});
    assert_string_equal(get_config().backend, threads ? "threads" : "fork");
    push_config(&(struct foray_config){.backend = "serial"});
    assert_string_equal(get_config().backend, "serial");
    push_config(&(struct foray_config){.backend = "fork", .prefer = "threads"});
    assert_string_equal(get_config().backend, "fork");
    /* An outer preference does not stand against a need. */
    set_nothing(NULL);
    push_config(&(struct foray_config){.prefer = "processes"});
    push_config(&(struct foray_config){.require = "sharedmem"});
    assert_true(shares_memory(get_config().backend));
}

static void test_forced_backend_is_above_all(void **state)
{
    struct foray_pool *pool;
    struct foray_error err;

    (void)state;
    setenv("FORAY_FORCE_BACKEND", "serial", 1);
    setenv("FORAY_BACKEND", "fork", 1);
    push_config(&(struct foray_config){.backend = "fork", .n_jobs = 3});
    assert_int_equal(foray_effective_n_jobs(0), 1);
    assert_ok(
        foray_pool_open(&pool, &(struct foray_config){.backend = "fork"}, &err),
        err);
    assert_string_equal(foray_pool_backend(pool), "serial");
    assert_int_equal(foray_pool_close(pool), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name)                                                             \
    cmocka_unit_test_setup_teardown(name, set_nothing, set_nothing)
        TEST(test_defaults),
        TEST(test_numbers_of_workers_that_make_no_sense),
        TEST(test_values_that_make_no_sense),
        TEST(test_pre_dispatch_that_makes_no_sense),
        TEST(test_effective_n_jobs),
        TEST(test_levels_inherit),
        TEST(test_a_pool_s_own_config_comes_first),
        TEST(test_a_bad_level_leaves_the_others),
        TEST(test_levels_are_of_a_thread),
        TEST(test_a_child_has_the_levels_too),
        TEST(test_require_is_hard),
        TEST(test_prefer_is_soft),
        TEST(test_forced_backend_is_above_all),
#undef TEST
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
