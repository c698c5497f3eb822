/* What --trace and --report make of a run: bounded, whatever it was, and never
 * anybody's markup. The runs are made up. */
#include "helpers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "images/chosen.h"
#include "report/html.h"
#include "report/page.h"
#include "report/trace.h"
#include "shell/printable.h"

enum { MANY = 200000, WORKERS = 100 };

/* A run, image after image in each worker. */
struct made_up {
    struct foray_hog_row *rows;
    char **paths;
    struct index images;
    struct foray_report report;
    struct deaths deaths;
    struct account account;
};

static struct made_up run;

static char hostile[] = "a/<script>alert(\"1\")</script>\xff\xe2\x80\xae&'.jpg";

static void make_up(size_t n, int workers)
{
    run.rows = calloc(n, sizeof *run.rows);
    run.paths = calloc(n, sizeof *run.paths);
    assert_true(run.rows && run.paths);
    for (size_t i = 0; i < n; i++) {
        run.paths[i] = hostile;
        run.rows[i] = (struct foray_hog_row){
            .rows = 100,
            .cols = 1 + (uint32_t)(i % 5000),
            .status = FORAY_IMAGE_STATUS_OK,
            .seconds = 0.5F + (float)(i * 7919 % n) / (float)n / 4,
            .worker = (int32_t)(i % (size_t)workers),
            .pid = 1234,
            .begin = (double)(i / (size_t)workers),
        };
    }
    run.report =
        (struct foray_report){.tasks = n,
                              .ok = n,
                              .workers = workers,
                              .seconds = (double)(n / (size_t)workers + 1)};
    run.images = (struct index){.rows = run.rows, .n = n, .paths = run.paths};
    memset(&run.deaths, 0, sizeof run.deaths);
    run.account = (struct account){"foray hog", "out<b>.npy", &run.images,
                                   NULL,        &run.report,  &run.deaths};
}

static void fail_image(size_t i, enum foray_image_status status)
{
    run.rows[i].status = status;
    run.rows[i].message = strdup(hostile);
}

static int tear_down(void **state)
{
    (void)state;
    foray_hog_rows_clear(run.rows, run.images.n);
    free(run.rows);
    free(run.paths);
    memset(&run, 0, sizeof run);
    return 0;
}

static size_t count(const char *text, const char *part)
{
    size_t n = 0;

    for (; (text = strstr(text, part)); text += strlen(part))
        n++;
    return n;
}

/* The trace, chosen and written. Owner: the caller. */
static char *traced(struct trace_choice *choice, size_t most)
{
    char *text = NULL;
    size_t size;
    FILE *file = open_memstream(&text, &size);

    assert_non_null(file);
    assert_int_equal(trace_choose(choice, &run.account, most), 0);
    trace_write(file, &run.account, choice);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(count(text, "\"ph\": \"X\""), choice->shown);
    return text;
}

static void test_trace_of_all(void **state)
{
    struct trace_choice choice;
    char *text;

    (void)state;
    make_up(50, 4);
    run.rows[7].worker = -1; /* done before */
    text = traced(&choice, 1000);
    assert_int_equal(choice.images, 49);
    assert_int_equal(choice.shown, 49);
    assert_int_equal(choice.every, 1);
    assert_int_equal(count(text, "\"thread_name\""), 4);
    assert_non_null(strstr(text, "\"thinned\": false"));
    assert_null(strstr(text, "\"row\": 7,"));
    assert_non_null(strstr(text, "\"row\": 8,"));
    assert_null(strchr(text, '\xff'));
    free(text);
}

static void test_trace_is_thinned(void **state)
{
    static const size_t failed[] = {17, 4000, 9999};
    struct trace_choice choice;
    size_t slowest[40];
    char *text, row[32];

    (void)state;
    make_up(10000, 4);
    for (size_t k = 0; k < 3; k++)
        fail_image(failed[k], FORAY_IMAGE_STATUS_CORRUPT);
    text = traced(&choice, 100);
    assert_in_range(choice.shown, 50, 100 - 9);
    assert_true(count(text, "\"ph\"") <= 100);
    assert_non_null(strstr(text, "\"thinned\": true"));
    assert_int_equal(chosen_slowest(slowest, 40, false, &run.images), 40);
    for (size_t k = 0; k < 43; k++) {
        snprintf(row, sizeof row, "\"row\": %zu,",
                 k < 40 ? slowest[k] : failed[k - 40]);
        assert_non_null(strstr(text, row));
    }
    free(text);
}

/* All alike, all failed, more deaths than there is room for. */
static void test_trace_of_extremes(void **state)
{
    struct trace_choice choice;

    (void)state;
    make_up(10000, 4);
    for (size_t i = 0; i < 10000; i++)
        run.rows[i].seconds = 1;
    free(traced(&choice, 100));
    assert_in_range(choice.shown, 80, 91);
    for (size_t i = 0; i < 10000; i++)
        fail_image(i, FORAY_IMAGE_STATUS_TIMEOUT);
    free(traced(&choice, 100));
    assert_in_range(choice.shown, 80, 91);
    for (int i = 0; i < 2 * DEATHS_MAX; i++)
        deaths_note(&(struct foray_death){.worker = i % 4, .task = -1},
                    &run.deaths);
    assert_int_equal(run.deaths.total, 2 * DEATHS_MAX);
    free(traced(&choice, 100));
    assert_true(choice.shown <= 1);
}

static char *reported(void)
{
    struct provenance provenance = {0};
    struct pictures none = {0};
    struct report report = {
        .provenance = &provenance, .pictures = &none, .index = "<i>.csv"};
    char *text = NULL;
    size_t size;
    FILE *file = open_memstream(&text, &size);

    assert_non_null(file);
    provenance_text(&provenance, "options", "color", "<u>");
    report_choose(&report, &run.account);
    report_write(file, &report);
    assert_int_equal(fclose(file), 0);
    return text;
}

static void check_markup(const char *text)
{
    static const char *const never[] = {"<script", "alert(\"", "<b>.npy",
                                        "<i>.csv", "<u>",      "\xff"};

    for (size_t k = 0; k < sizeof never / sizeof *never; k++)
        assert_null(strstr(text, never[k]));
    assert_non_null(strstr(text, "&lt;script&gt;"));
    assert_non_null(strstr(text, "\\xff\\xe2\\x80\\xae&amp;&#39;.jpg"));
    assert_non_null(strstr(text, "</body></html>"));
}

static void test_report_of_many(void **state)
{
    char *text;

    (void)state;
    make_up(MANY, WORKERS);
    for (size_t i = 0; i < MANY; i += 3)
        fail_image(i, (enum foray_image_status)(i % 12));
    for (int i = 0; i < 2 * DEATHS_MAX; i++)
        deaths_note(&(struct foray_death){.worker = i % WORKERS, .task = i},
                    &run.deaths);
    run.report.resumed = 5;
    run.report.not_run = 6;
    text = reported();
    assert_true(strlen(text) < 1500000);
    check_markup(text);
    free(text);
}

static void test_report_of_few(void **state)
{
    char *text;

    (void)state;
    make_up(3, 1);
    fail_image(1, FORAY_IMAGE_STATUS_CRASHED);
    text = reported();
    check_markup(text);
    assert_int_equal(count(text, "<figure>"), 3);
    assert_int_equal(count(text, "class=\"image\""), 2);
    assert_int_equal(count(text, "class=\"image bad\""), 1);
    free(text);
    tear_down(NULL);
    make_up(1, 1); /* nothing was done */
    run.rows[0] = (struct foray_hog_row){.worker = -1};
    run.report = (struct foray_report){.tasks = 1, .not_run = 1, .workers = 1};
    text = reported();
    assert_int_equal(count(text, "<figure>"), 0);
    assert_non_null(strstr(text, "1 of 1 images were not done"));
    free(text);
}

static void test_chosen(void **state)
{
    size_t chosen[5];

    (void)state;
    make_up(20, 2);
    for (size_t i = 0; i < 20; i++)
        run.rows[i].seconds = (float)(i * 7 % 20);
    fail_image(17, FORAY_IMAGE_STATUS_CORRUPT); /* 19 s, the slowest */
    fail_image(3, FORAY_IMAGE_STATUS_CORRUPT);
    fail_image(4, FORAY_IMAGE_STATUS_CORRUPT);
    fail_image(19, FORAY_IMAGE_STATUS_MISSING);
    run.rows[14].worker = -1; /* 18 s, of another run */
    assert_int_equal(chosen_slowest(chosen, 3, false, &run.images), 3);
    assert_int_equal(chosen[0], 17);
    assert_int_equal(chosen[1], 11);
    assert_int_equal(chosen[2], 8);
    assert_int_equal(chosen_slowest(chosen, 2, true, &run.images), 2);
    assert_int_equal(chosen[0], 11);
    assert_int_equal(chosen_failed(chosen, 5, 2, &run.images), 3);
    assert_int_equal(chosen[0], 3);
    assert_int_equal(chosen[1], 4);
    assert_int_equal(chosen[2], 19);
    assert_int_equal(chosen_failed(chosen, 1, 2, &run.images), 1);
}

static void test_printable(void **state)
{
    static const struct {
        size_t size;
        const char *text, *shown;
    } table[] = {
        {64, "caf\xc3\xa9.jpg", "caf\xc3\xa9.jpg"},
        {64, "a\x1b[0m\n\x7f", "a\\x1b[0m\\x0a\\x7f"},
        {64, "\xff\xc3", "\\xff\\xc3"},
        {64, "\xc2\x85\xe2\x80\xae", "\\xc2\\x85\\xe2\\x80\\xae"},
        {6, "12345", "12345"},
        {6, "123456", "...56"},
        {8, "ab\xff", "ab\\xff"},
        {8, "abcd\xff", "...\\xff"},
        {7, "abcd\xff", "..."},
    };
    char out[64];

    (void)state;
    for (size_t k = 0; k < sizeof table / sizeof *table; k++)
        assert_string_equal(printable(out, table[k].size, table[k].text),
                            table[k].shown);
    assert_string_equal(printable_tail(out, sizeof out, "a/b\n.jpg"),
                        "b\\x0a.jpg");
    assert_string_equal(printable_tail(out, sizeof out, "a/b/"), "a/b/");
}

static void check_picture(const char *bytes, const char *expected)
{
    char *text = NULL;
    size_t size;
    FILE *file = open_memstream(&text, &size);

    assert_non_null(file);
    html_picture(file, bytes, strlen(bytes));
    assert_int_equal(fclose(file), 0);
    assert_string_equal(text, expected);
    free(text);
}

static void test_pictures(void **state)
{
    (void)state;
    check_picture("f", "data:image/png;base64,Zg==");
    check_picture("fo", "data:image/png;base64,Zm8=");
    check_picture("foo", "data:image/png;base64,Zm9v");
    check_picture("foobar", "data:image/png;base64,Zm9vYmFy");
    check_picture("\xff\xd8\xff", "data:image/jpeg;base64,/9j/");
}

static void test_times(void **state)
{
    static const struct {
        double seconds;
        const char *text;
    } table[] = {
        {0, "0 &#181;s"},  {12.3e-6, "12 &#181;s"}, {2.5e-3, "2.50 ms"},
        {0.340, "340 ms"}, {1.5, "1.50 s"},         {59.96, "60.0 s"},
        {125, "2:05 min"}, {3723, "1:02:03 h"},
    };
    char out[HTML_TIME_SIZE];

    (void)state;
    for (size_t k = 0; k < sizeof table / sizeof *table; k++)
        assert_string_equal(html_time(out, table[k].seconds), table[k].text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_trace_of_all, tear_down),
        cmocka_unit_test_teardown(test_trace_is_thinned, tear_down),
        cmocka_unit_test_teardown(test_trace_of_extremes, tear_down),
        cmocka_unit_test_teardown(test_report_of_many, tear_down),
        cmocka_unit_test_teardown(test_report_of_few, tear_down),
        cmocka_unit_test_teardown(test_chosen, tear_down),
        cmocka_unit_test(test_printable),
        cmocka_unit_test(test_pictures),
        cmocka_unit_test(test_times),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
