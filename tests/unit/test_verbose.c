#include "helpers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <foray.h>

/* What is printed to a stream. */
struct captured {
    char *text;
    size_t length;
    FILE *stream;
};

static void capture(struct captured *out)
{
    out->stream = open_memstream(&out->text, &out->length);
    assert_non_null(out->stream);
}

static void captured_free(struct captured *out)
{
    fclose(out->stream);
    free(out->text);
}

static struct foray_progress after(size_t completed, size_t total)
{
    return (struct foray_progress){.total = total,
                                   .completed = completed,
                                   .seconds = 0.1 * (double)completed};
}

/* One call a task, then the end. */
static void run_through(struct foray_verbose *verbose, size_t n, size_t total)
{
    foray_verbose_begin(verbose);
    for (size_t i = 1; i <= n; i++) {
        struct foray_progress now = after(i, total);

        foray_verbose_progress(&now, verbose);
    }
    foray_verbose_end(verbose);
}

static size_t count_lines(const char *text, const char *with)
{
    size_t n = 0;

    for (; *text; text = strchr(text, '\n') + 1) {
        const char *found = strstr(text, with);

        n += found && found < strchr(text, '\n');
    }
    return n;
}

static void test_text(void **state)
{
    struct captured out;
    struct foray_verbose verbose = {
        .verbose = 4, .n_jobs = 2, .backend = "LokyBackend"};

    (void)state;
    capture(&out);
    verbose.stream = out.stream;
    run_through(&verbose, 10, 10);
    assert_string_equal(
        out.text,
        "[Parallel(n_jobs=2)]: Using backend LokyBackend with 2 concurrent "
        "workers.\n"
        "[Parallel(n_jobs=2)]: Done   2 out of  10 | elapsed:    0.2s "
        "remaining:    0.8s\n"
        "[Parallel(n_jobs=2)]: Done   5 out of  10 | elapsed:    0.5s "
        "remaining:    0.5s\n"
        "[Parallel(n_jobs=2)]: Done   8 out of  10 | elapsed:    0.8s "
        "remaining:    0.2s\n"
        "[Parallel(n_jobs=2)]: Done  10 out of  10 | elapsed:    1.0s "
        "finished\n");
    captured_free(&out);
}

/* Lines of 100 tasks: of progress, and all. */
static void test_number_of_lines(void **state)
{
    static const struct {
        int verbose;
        size_t lines, all;
    } cases[] = {{-1, 0, 0},   {0, 0, 0},     {2, 1, 3},       {11, 10, 12},
                 {49, 33, 35}, {100, 49, 51}, {10000, 98, 100}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct foray_verbose verbose = {.verbose = cases[i].verbose,
                                        .n_jobs = 2};
        struct captured out;

        capture(&out);
        verbose.stream = out.stream;
        run_through(&verbose, 100, 100);
        fflush(out.stream);
        assert_int_equal(count_lines(out.text, "remaining"), cases[i].lines);
        assert_int_equal(count_lines(out.text, ""), cases[i].all);
        captured_free(&out);
    }
}

/* From one "Done" to the bar, in every line. */
static void check_widths(const char *text)
{
    size_t width = 0;

    for (; (text = strstr(text, "Done ")); text++) {
        size_t here = (size_t)(strstr(text, " |") - text);

        if (!width)
            width = here;
        assert_int_equal(here, width);
    }
    assert_true(width > 0);
}

static void test_lines_have_one_width(void **state)
{
    static const size_t totals[] = {2, 9, 10, 100, 1000, 12345};

    (void)state;
    for (size_t i = 0; i < sizeof totals / sizeof totals[0]; i++) {
        struct foray_verbose verbose = {.verbose = 10000, .n_jobs = 2};
        struct captured out;

        capture(&out);
        verbose.stream = out.stream;
        run_through(&verbose, totals[i], totals[i]);
        check_widths(out.text);
        captured_free(&out);
    }
}

static int nothing(struct foray_task *task)
{
    (void)task;
    return 0;
}

static int fails(struct foray_task *task)
{
    return foray_task_index(task) == 5;
}

static void run_pool(const char *backend, int verbosity, struct captured *out,
                     foray_task_fn fn)
{
    struct foray_verbose verbose = {.verbose = verbosity};
    struct foray_config config = {.n_jobs = 2,
                                  .backend = backend,
                                  .progress = foray_verbose_progress,
                                  .progress_arg = &verbose,
                                  .progress_interval = 1e-9};
    struct foray_pool *pool;
    struct foray_error err;

    capture(out);
    verbose.stream = out->stream;
    assert_ok(foray_pool_open(&pool, &config, &err), err);
    verbose.n_jobs = foray_pool_n_jobs(pool);
    verbose.backend = foray_pool_backend(pool);
    for (int round = 0; round < 2; round++) {
        int code;

        foray_verbose_begin(&verbose);
        code = foray_for(pool, &(struct foray_for){.fn = fn, .n = 100}, NULL,
                         &err);
        assert_int_equal(code, fn == fails ? FORAY_ETASK : 0);
        foray_verbose_end(&verbose);
    }
    assert_int_equal(foray_pool_close(pool), 0);
    fflush(out->stream);
}

static void test_with_a_pool(void **state)
{
    static const int verbosities[] = {0, 2, 11, 100, 10000};
    static const size_t serial_lines[] = {0, 1, 10, 49, 98};
    struct captured out;

    (void)state;
    for (int i = 0; i < 5; i++) {
        size_t runs = verbosities[i] ? 2 : 0;

        run_pool("serial", verbosities[i], &out, nothing);
        assert_int_equal(count_lines(out.text, "Using backend serial with 1 "),
                         runs);
        assert_int_equal(count_lines(out.text, "remaining"),
                         2 * serial_lines[i]);
        assert_int_equal(count_lines(out.text, "Done 100 out of 100 |"), runs);
        if (runs)
            check_widths(out.text);
        captured_free(&out);

        run_pool("fork", verbosities[i], &out, nothing);
        assert_int_equal(count_lines(out.text, "Using backend fork with 2 "),
                         runs);
        assert_true(count_lines(out.text, "remaining") <= 2 * serial_lines[i]);
        assert_int_equal(count_lines(out.text, " finished"), runs);
        if (runs)
            check_widths(out.text);
        captured_free(&out);
    }
}

static void test_a_stopped_run_has_no_last_line(void **state)
{
    struct foray_verbose verbose = {.verbose = 100, .n_jobs = 1};
    struct captured out;

    (void)state;
    run_pool("serial", 10000, &out, fails);
    assert_int_equal(count_lines(out.text, " finished"), 0);
    assert_true(count_lines(out.text, "remaining") > 0);
    captured_free(&out);

    capture(&out);
    verbose.stream = out.stream;
    foray_verbose_begin(&verbose);
    foray_verbose_end(&verbose);
    assert_int_equal(count_lines(out.text, ""), 1);
    captured_free(&out);
}

static void test_empty_run(void **state)
{
    struct foray_verbose verbose = {.verbose = 1, .n_jobs = 3};
    struct foray_progress none = {0};
    struct captured out;

    (void)state;
    capture(&out);
    verbose.stream = out.stream;
    foray_verbose_begin(&verbose);
    foray_verbose_progress(&none, &verbose);
    foray_verbose_end(&verbose);
    assert_string_equal(
        out.text,
        "[Parallel(n_jobs=3)]: Using backend fork with 3 concurrent workers.\n"
        "[Parallel(n_jobs=3)]: Done   0 out of   0 | elapsed:    0.0s "
        "finished\n");
    captured_free(&out);
}

/* A call that is late prints one line, not one for each task. */
static void test_late_calls(void **state)
{
    static const size_t done[] = {3, 3, 57, 60, 2, 99, 100};
    struct foray_verbose verbose = {.verbose = 20, .n_jobs = 1};
    struct captured out;

    (void)state;
    capture(&out);
    verbose.stream = out.stream;
    foray_verbose_begin(&verbose);
    for (size_t i = 0; i < sizeof done / sizeof done[0]; i++) {
        struct foray_progress now = after(done[i], 100);

        foray_verbose_progress(&now, &verbose);
    }
    foray_verbose_end(&verbose);
    assert_int_equal(count_lines(out.text, "remaining"), 2);
    assert_int_equal(count_lines(out.text, "Done  57 out of 100"), 1);
    assert_int_equal(count_lines(out.text, "Done  60 out of 100"), 1);
    captured_free(&out);
}

static void test_unknown_total(void **state)
{
    struct foray_verbose verbose = {.verbose = 9, .n_jobs = -1, .n_workers = 8};
    struct captured out;

    (void)state;
    capture(&out);
    verbose.stream = out.stream;
    run_through(&verbose, 40, 0);
    assert_string_equal(
        out.text,
        "[Parallel(n_jobs=-1)]: Using backend fork with 8 concurrent "
        "workers.\n"
        "[Parallel(n_jobs=-1)]: Done   1 tasks      | elapsed:    0.1s\n"
        "[Parallel(n_jobs=-1)]: Done   7 tasks      | elapsed:    0.7s\n"
        "[Parallel(n_jobs=-1)]: Done  17 tasks      | elapsed:    1.7s\n"
        "[Parallel(n_jobs=-1)]: Done  31 tasks      | elapsed:    3.1s\n"
        "[Parallel(n_jobs=-1)]: Done  40 out of  40 | elapsed:    4.0s "
        "finished\n");
    captured_free(&out);
}

static void test_times(void **state)
{
    static const struct {
        double seconds;
        const char *text;
    } cases[] = {{0, ":    0.0s f"},
                 {9.96, ":   10.0s f"},
                 {60, ":   60.0s f"},
                 {60.1, ":  1.0min f"},
                 {599, ": 10.0min f"},
                 {5999, ": 100.0min f"},
                 {1e12, ": 16666666666.7min f"},
                 {-1, ":    0.0s f"}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct foray_verbose verbose = {.verbose = 1, .n_jobs = 1};
        struct foray_progress now = {
            .total = 1, .completed = 1, .seconds = cases[i].seconds};
        struct captured out;

        capture(&out);
        verbose.stream = out.stream;
        foray_verbose_progress(&now, &verbose);
        foray_verbose_end(&verbose);
        if (!strstr(out.text, cases[i].text))
            fail_msg("%g: %s", cases[i].seconds, out.text);
        captured_free(&out);
    }
}

static void test_without_a_stream(void **state)
{
    struct foray_verbose verbose = {.verbose = 100, .n_jobs = 1};

    (void)state;
    run_through(&verbose, 10, 10);
    assert_int_equal(verbose.completed, 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_number_of_lines),
        cmocka_unit_test(test_lines_have_one_width),
        cmocka_unit_test(test_with_a_pool),
        cmocka_unit_test(test_a_stopped_run_has_no_last_line),
        cmocka_unit_test(test_empty_run),
        cmocka_unit_test(test_late_calls),
        cmocka_unit_test(test_unknown_total),
        cmocka_unit_test(test_times),
        cmocka_unit_test(test_without_a_stream),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
