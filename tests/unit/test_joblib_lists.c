/* Cases of joblib's own tests, by their numbers: lists of calls, the order of
 * their results, the life of a pool. docs/joblib-parity.md has the table of
 * all. */
#include "helpers.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "calls.h"
#include "every_backend.h"

/* One run of five squares with joblib's lines going to `stream`. */
static void squares_with_lines(const struct backend *backend, int n_jobs,
                               int verbosity, FILE *stream)
{
    struct foray_verbose verbose = {
        .verbose = verbosity, .n_jobs = n_jobs, .stream = stream};
    const struct foray_config config = {.progress = foray_verbose_progress,
                                        .progress_arg = &verbose,
                                        .progress_interval = 1e-9};
    struct foray_pool *pool = open_backend(backend, n_jobs, &config);
    struct foray_result results[5];
    struct foray_error err;

    verbose.backend = foray_pool_backend(pool);
    foray_verbose_begin(&verbose);
    assert_ok(run_list(pool, call_square, 5, 0, results, &err), err);
    foray_verbose_end(&verbose);
    for (int i = 0; i < 5; i++)
        assert_int_equal(foray_result_i64(&results[i], 0), i * i);
    foray_results_free(results, 5);
    assert_int_equal(foray_pool_close(pool), 0);
}

static void test_case_01_squares(void **state)
{
    static const int n_jobs[] = {1, 2, -1, -2}, verbosities[] = {2, 11, 100};
    FILE *stream = tmpfile();

    (void)state;
    assert_non_null(stream);
    FOR_EVERY_BACKEND(backend)
    for (int i = 0; i < 4; i++)
        for (int k = 0; k < 3; k++)
            squares_with_lines(backend, n_jobs[i], verbosities[k], stream);
    fclose(stream);
}

/* The width of what stands before the time; 0: another kind of line. */
static size_t width_of_done(const char *line)
{
    const char *done = strstr(line, "Done"), *bar = strchr(line, '|');

    return done && bar && strstr(done, "out of") ? (size_t)(bar - done) : 0;
}

static void test_case_02_lines_have_one_width(void **state)
{
    struct foray_verbose verbose = {.verbose = 10000, .n_jobs = 2};
    const struct foray_config config = {.progress = foray_verbose_progress,
                                        .progress_arg = &verbose,
                                        .progress_interval = 1e-9};
    (void)state;
    FOR_EVERY_BACKEND(backend)
    {
        struct foray_pool *pool = open_backend(backend, 2, &config);
        size_t width = 0, n_lines = 0;
        struct foray_error err;
        char line[256];

        verbose.stream = tmpfile();
        assert_non_null(verbose.stream);
        foray_verbose_begin(&verbose);
        assert_ok(run_list(pool, call_square, 100, 0, NULL, &err), err);
        foray_verbose_end(&verbose);
        rewind(verbose.stream);
        while (fgets(line, sizeof line, verbose.stream)) {
            size_t here = width_of_done(line);

            if (!here)
                continue;
            if (n_lines++)
                assert_int_equal(here, width);
            width = here;
        }
        assert_true(n_lines >= 1);
        if (!backend->parallel)
            assert_true(n_lines > 90); /* nothing comes late */
        fclose(verbose.stream);
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

static void test_case_06_nothing_to_do(void **state)
{
    (void)state;
    FOR_EVERY_BACKEND(backend)
    {
        struct foray_pool *pool = open_backend(backend, 2, NULL);
        struct foray_error err;
        size_t n;

        assert_ok(foray_parallel(pool, NULL, 0, NULL, &err), err);
        for (int unordered = 0; unordered < 2; unordered++) {
            struct foray_run *run =
                start_range(pool, &(struct range){.fn = call_square},
                            &(struct foray_iterator){.unordered = unordered});

            assert_ok(read_all(run, &n, &err), err);
            assert_int_equal(n, 0);
        }
        expect_works(pool);
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

/* The two workers, and that nobody else ran anything. */
static void expect_workers(struct foray_pool *pool, const pid_t *workers)
{
    struct foray_result results[100];
    struct foray_error err;

    assert_ok(run_list(pool, call_pid, 100, 0, results, &err), err);
    for (int i = 0; i < 100; i++) {
        int64_t pid = foray_result_i64(&results[i], 1);

        assert_true(pid == workers[0] || pid == workers[1]);
    }
    foray_results_free(results, 100);
}

static void test_case_07_workers_stay_and_go(void **state)
{
    (void)state;
    FOR_PROCESS_BACKENDS(backend)
    for (int round = 0; round < 2; round++) { /* another pool can be had */
        struct foray_pool *pool = open_backend(backend, 2, NULL);
        pid_t workers[2] = {foray_pool_worker_pid(pool, 0),
                            foray_pool_worker_pid(pool, 1)};

        expect_workers(pool, workers);
        expect_workers(pool, workers);
        assert_int_equal(foray_pool_close(pool), 0);
        assert_false(process_lives(workers[0]));
        assert_false(process_lives(workers[1]));
    }
}

static void squares_of(struct foray_pool *pool, size_t n)
{
    struct foray_result *results = calloc(n, sizeof *results);
    struct foray_run *run;
    struct foray_error err;

    assert_non_null(results);
    assert_ok(run_list(pool, call_square, n, 0, results, &err), err);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(foray_result_i64(&results[i], 0), i * i);
    foray_results_free(results, n);
    run = start_range(
        pool, &(struct range){.fn = call_square, .stop = (int64_t)n}, NULL);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(foray_run_next(run, &results[i], &err), 1);
        assert_int_equal(results[i].index, i);
        assert_int_equal(foray_result_i64(&results[i], 0), i * i);
        foray_result_free(&results[i]);
    }
    assert_int_equal(foray_run_next(run, &results[0], &err), 0);
    foray_run_drop(run, NULL);
    free(results);
}

static void test_case_10_dispatch_loses_nothing(void **state)
{
    static const struct {
        size_t n;
        int n_jobs;
        const char *pre_dispatch;
        int batch_size;
    } cases[] = {{2, 2, "all", 0},         {2, 2, "n_jobs", 0},
                 {10, 2, "n_jobs", 0},     {517, 2, "n_jobs", 0},
                 {10, 2, "2*n_jobs", 0},   {200, 12, "n_jobs", 0},
                 {25, 12, "2*n_jobs", 1},  {250, 12, "all", 1},
                 {250, 12, "2*n_jobs", 7}, {200, 12, "2*n_jobs", 0}};

    (void)state;
    FOR_EVERY_BACKEND(backend)
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct foray_pool *pool = open_backend(
            backend, cases[i].n_jobs,
            &(struct foray_config){.pre_dispatch = cases[i].pre_dispatch,
                                   .batch_size = cases[i].batch_size});

        squares_of(pool, cases[i].n);
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

static void test_case_27_ten_runs_one_pool(void **state)
{
    (void)state;
    FOR_PROCESS_BACKENDS(backend)
    {
        struct foray_pool *pool = open_backend(backend, 2, NULL);
        pid_t workers[2] = {foray_pool_worker_pid(pool, 0),
                            foray_pool_worker_pid(pool, 1)};

        for (int i = 0; i < 10; i++) {
            expect_workers(pool, workers);
            assert_int_equal(foray_pool_worker_pid(pool, 0), workers[0]);
            assert_int_equal(foray_pool_worker_pid(pool, 1), workers[1]);
        }
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_case_01_squares),
        cmocka_unit_test(test_case_02_lines_have_one_width),
        cmocka_unit_test(test_case_06_nothing_to_do),
        cmocka_unit_test(test_case_07_workers_stay_and_go),
        cmocka_unit_test(test_case_10_dispatch_loses_nothing),
        cmocka_unit_test(test_case_27_ten_runs_one_pool),
    };

    init_every_backend();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
