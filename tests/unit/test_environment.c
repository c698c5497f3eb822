/* Variables that set what no config does. */
#include "helpers.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <foray.h>

#include "settings.h"

static void test_environment(void **state)
{
    struct foray_config config;

    (void)state;
    setenv("FORAY_N_JOBS", "3", 1);
    setenv("FORAY_BACKEND", "fork", 1);
    setenv("FORAY_INNER_THREADS", "2", 1);
    setenv("FORAY_TEMP_FOLDER", "/var/tmp", 1);
    setenv("FORAY_MAX_NBYTES", "1.5M", 1);
    setenv("FORAY_MMAP_MODE", "c", 1);
    setenv("FORAY_PRE_DISPATCH", "3*n_jobs", 1);
    setenv("FORAY_BATCH_SIZE", "10", 1);
    setenv("FORAY_RETRIES", "2", 1);
    setenv("FORAY_TIMEOUT", "1.5", 1);
    setenv("FORAY_ON_ERROR", "skip", 1);
    setenv("FORAY_GRACE", "0.25", 1);
    config = get_config();
    assert_int_equal(config.n_jobs, 3);
    assert_string_equal(config.backend, "fork");
    assert_int_equal(config.inner_threads, 2);
    assert_string_equal(config.temp_folder, "/var/tmp");
    assert_int_equal(config.max_nbytes, 1572864);
    assert_string_equal(config.mmap_mode, "c");
    assert_string_equal(config.pre_dispatch, "3*n_jobs");
    assert_int_equal(config.batch_size, 10);
    assert_int_equal(config.retries, 2);
    assert_true(config.timeout == 1.5);
    assert_int_equal(config.on_error, FORAY_SKIP);
    assert_true(config.grace == 0.25);
    push_config(&(struct foray_config){.timeout = INFINITY,
                                       .retries = FORAY_NO_RETRIES,
                                       .on_error = FORAY_STOP});
    config = get_config();
    assert_true(config.timeout == 0);
    assert_int_equal(config.retries, 0);
    assert_int_equal(config.on_error, FORAY_STOP);
}

static void test_words_for_nothing_in_the_environment(void **state)
{
    (void)state;
    setenv("FORAY_MAX_NBYTES", "never", 1);
    setenv("FORAY_BATCH_SIZE", "auto", 1);
    setenv("FORAY_RETRIES", "0", 1);
    setenv("FORAY_TIMEOUT", "0", 1);
    setenv("FORAY_PRE_DISPATCH", "all", 1);
    setenv("FORAY_IDLE_TIMEOUT", "never", 1);
    setenv("FORAY_BIND", "0", 1);
    setenv("FORAY_N_JOBS", "", 1); /* not set */
    assert_true(get_config().max_nbytes == FORAY_NEVER);
    assert_int_equal(get_config().batch_size, 0);
    assert_int_equal(get_config().retries, 0);
    assert_true(get_config().timeout == 0);
    assert_string_equal(get_config().pre_dispatch, "all");
    assert_true(isinf(get_config().idle_timeout));
    assert_false(get_config().bind);
    assert_int_equal(get_config().n_jobs, -1);
}

static void test_lives_of_workers(void **state)
{
    (void)state;
    assert_true(get_config().idle_timeout == 300);
    assert_int_equal(get_config().max_tasks, 0);
    assert_int_equal(get_config().max_rss, 0);
    assert_true(get_config().memory == FORAY_NEVER);
    setenv("FORAY_IDLE_TIMEOUT", "1.5", 1);
    setenv("FORAY_MAX_TASKS", "100", 1);
    setenv("FORAY_MAX_RSS", "1.5G", 1);
    setenv("FORAY_MEMORY", "never", 1);
    assert_true(get_config().memory == FORAY_NEVER);
    setenv("FORAY_MEMORY", "2G", 1);
    setenv("FORAY_BIND", "1", 1);
    assert_true(get_config().idle_timeout == 1.5);
    assert_int_equal(get_config().max_tasks, 100);
    assert_int_equal(get_config().max_rss, 3ULL << 29);
    assert_int_equal(get_config().memory, 2ULL << 30);
    assert_true(get_config().bind);
    push_config(
        &(struct foray_config){.max_tasks = SIZE_MAX, .idle_timeout = 2});
    assert_true(get_config().max_tasks == SIZE_MAX);
    assert_true(get_config().idle_timeout == 2);
    assert_int_equal(get_config().max_rss, 3ULL << 29);
    push_config(&(struct foray_config){.memory = 1 << 20});
    assert_int_equal(get_config().memory, 1 << 20);
    push_config(&(struct foray_config){.memory = FORAY_NEVER});
    assert_true(get_config().memory == FORAY_NEVER);
}

/* Also when another level decides: a wrong variable is never ignored. */
static void test_variables_that_make_no_sense(void **state)
{
    static const struct {
        const char *name, *text;
    } wrong[] = {
        {"FORAY_N_JOBS", "many"},     {"FORAY_BACKEND", "loky"},
        {"FORAY_INNER_THREADS", "0"}, {"FORAY_MAX_NBYTES", "1.4N"},
        {"FORAY_MAX_NBYTES", "0"},    {"FORAY_MMAP_MODE", "rw"},
        {"FORAY_PRE_DISPATCH", "2*"}, {"FORAY_PRE_DISPATCH", "0"},
        {"FORAY_BATCH_SIZE", "0"},    {"FORAY_BATCH_SIZE", "-1"},
        {"FORAY_BATCH_SIZE", "1.42"}, {"FORAY_BATCH_SIZE", "2147483648"},
        {"FORAY_RETRIES", "-1"},      {"FORAY_RETRIES", "2 "},
        {"FORAY_TIMEOUT", "-1"},      {"FORAY_TIMEOUT", "1e999"},
        {"FORAY_TIMEOUT", "5s"},      {"FORAY_ON_ERROR", "ignore"},
        {"FORAY_GRACE", "0"},         {"FORAY_GRACE", "nan"},
        {"FORAY_IDLE_TIMEOUT", "0"},  {"FORAY_IDLE_TIMEOUT", "inf"},
        {"FORAY_MAX_TASKS", "0"},     {"FORAY_MAX_RSS", "much"},
        {"FORAY_MEMORY", "all"},      {"FORAY_MEMORY", "0"},
        {"FORAY_BIND", "yes"},        {"FORAY_FORCE_BACKEND", "loky"}};
    struct foray_config config = {.n_jobs = 1,
                                  .backend = "serial",
                                  .inner_threads = 1,
                                  .max_nbytes = 1,
                                  .mmap_mode = "r",
                                  .pre_dispatch = "all",
                                  .batch_size = 1,
                                  .retries = 1,
                                  .timeout = 1,
                                  .on_error = FORAY_STOP,
                                  .grace = 1};
    struct foray_pool *pool;
    struct foray_error err;

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        setenv(wrong[i].name, wrong[i].text, 1);
        if (foray_pool_open(&pool, &config, &err) != FORAY_EINVAL)
            fail_msg("%s=%s is taken", wrong[i].name, wrong[i].text);
        if (strncmp(err.msg, wrong[i].name, strlen(wrong[i].name)) != 0)
            fail_msg("%s=%s: %s", wrong[i].name, wrong[i].text, err.msg);
        assert_int_equal(foray_config_get(&config, NULL), FORAY_EINVAL);
        unsetenv(wrong[i].name);
    }
    assert_ok(foray_pool_open(&pool, &config, &err), err);
    assert_int_equal(foray_pool_close(pool), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_environment, set_nothing,
                                        set_nothing),
        cmocka_unit_test_setup_teardown(
            test_words_for_nothing_in_the_environment, set_nothing,
            set_nothing),
        cmocka_unit_test_setup_teardown(test_lives_of_workers, set_nothing,
                                        set_nothing),
        cmocka_unit_test_setup_teardown(test_variables_that_make_no_sense,
                                        set_nothing, set_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
