/* Plans of many images: their headers are read by several threads, and what
 * comes out is what one thread finds. */
#include "helpers.h"

#include <stdio.h>
#include <string.h>

#include <foray/hog_batch.h>

enum { MANY = 10000, ROWS = 32, COLS = 40 };

static char good[256], other[256], missing[256];
static const char *paths[MANY];

static void write_pgm(const char *path, int rows, int cols)
{
    FILE *file = fopen(path, "wb");

    assert_non_null(file);
    fprintf(file, "P5\n%d %d\n255\n", cols, rows);
    for (int i = 0; i < rows * cols; i++)
        fputc(i % 251, file);
    assert_int_equal(fclose(file), 0);
}

static int setup(void **state)
{
    (void)state;
    snprintf(good, sizeof good, "%s/good.pgm", test_folder());
    snprintf(other, sizeof other, "%s/other.pgm", test_folder());
    snprintf(missing, sizeof missing, "%s/missing.pgm", test_folder());
    write_pgm(good, ROWS, COLS);
    write_pgm(other, ROWS, COLS + 1);
    for (int i = 0; i < MANY; i++)
        paths[i] = good;
    return 0;
}

static const int threads[] = {1, 2, 7, 1000, 0};
enum { WAYS = sizeof threads / sizeof *threads };

static struct foray_hog_batch batch_of(int way)
{
    return (struct foray_hog_batch){
        .paths = paths, .n = MANY, .plan_threads = threads[way]};
}

/* The first by its place in the list, whoever meets it first. */
static void test_first_failure(void **state)
{
    struct foray_hog_plan plan;
    struct foray_error err;

    (void)state;
    for (int i = 5000; i < MANY; i += 7)
        paths[i] = missing;
    for (int way = 0; way < WAYS; way++) {
        struct foray_hog_batch batch = batch_of(way);

        assert_int_equal(foray_hog_batch_plan(&plan, &batch, &err),
                         FORAY_ENOENT);
        assert_int_equal(err.task, 5000);
        batch.on_error = FORAY_SKIP;
        assert_ok(foray_hog_batch_plan(&plan, &batch, &err), err);
        assert_int_equal(plan.rows, ROWS);
    }
}

static void test_two_sizes(void **state)
{
    struct foray_hog_plan plan;
    struct foray_error err;

    (void)state;
    paths[MANY - 1] = other;
    for (int way = 0; way < WAYS; way++) {
        struct foray_hog_batch batch = batch_of(way);

        assert_int_equal(foray_hog_batch_plan(&plan, &batch, &err),
                         FORAY_ESHAPE);
        assert_non_null(strstr(err.msg, "other.pgm is 32 x 41"));
    }
}

static void test_places(void **state)
{
    static struct foray_hog_place one[MANY], many[MANY];
    struct foray_hog_plan plan;
    struct foray_error err;

    (void)state;
    for (int i = 1; i < MANY; i += 3)
        paths[i] = other;
    for (int way = 0; way < WAYS; way++) {
        struct foray_hog_batch batch = batch_of(way);

        batch.hog.cell_rows = batch.hog.cell_cols = 4;
        batch.places = way ? many : one;
        assert_ok(foray_hog_batch_plan(&plan, &batch, &err), err);
        if (way)
            assert_memory_equal(many, one, sizeof one);
    }
    assert_int_equal(one[0].cols, COLS);
    assert_int_equal(one[1].cols, COLS + 1);
}

/* Ends it once as many as `arg` says are planned. */
static int stop_after(size_t done, size_t n, void *arg)
{
    const size_t *most = arg;

    assert_in_range(done, 1, n);
    return done >= *most;
}

static void test_is_told_and_stopped(void **state)
{
    size_t most = MANY / 2;
    struct foray_hog_batch batch = batch_of(0);
    struct foray_hog_plan plan;
    struct foray_error err;

    (void)state;
    batch.planned = stop_after;
    batch.planned_arg = &most;
    assert_int_equal(foray_hog_batch_plan(&plan, &batch, &err),
                     FORAY_ECANCELED);
    most = MANY + 1;
    assert_ok(foray_hog_batch_plan(&plan, &batch, &err), err);
    assert_int_equal(plan.n, MANY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_first_failure, setup),
        cmocka_unit_test_setup(test_two_sizes, setup),
        cmocka_unit_test_setup(test_places, setup),
        cmocka_unit_test_setup(test_is_told_and_stopped, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
