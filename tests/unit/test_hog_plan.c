/* Plans of batches, of few images; and of many, whose headers are read by
 * several threads: what comes out is what one thread finds. */
#include "helpers.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <foray/hog_batch.h>

#include "image_files.h"

enum { MANY = 10000, ROWS = 32, COLS = 40 };

static char good[256], other[256], missing[256];
static const char *paths[MANY];

static int setup(void **state)
{
    (void)state;
    snprintf(good, sizeof good, "%s/good.pgm", test_folder());
    snprintf(other, sizeof other, "%s/other.pgm", test_folder());
    snprintf(missing, sizeof missing, "%s/missing.pgm", test_folder());
    write_pgm(good, ROWS, COLS, 0);
    write_pgm(other, ROWS, COLS + 1, 1);
    for (int i = 0; i < MANY; i++)
        paths[i] = good;
    return 0;
}

enum { FEW = 5 };

static char names[FEW][256];
static const char *few[FEW];

static int setup_few(void **state)
{
    (void)state;
    for (size_t i = 0; i < FEW; i++) {
        snprintf(names[i], sizeof names[i], "%s/%zu.pgm", test_folder(), i);
        few[i] = names[i];
        write_pgm(names[i], ROWS, COLS, i);
    }
    return 0;
}

static struct foray_hog_batch batch_of_few(void)
{
    return (struct foray_hog_batch){.paths = few, .n = FEW};
}

static void test_says_what_comes_out(void **state)
{
    struct foray_hog_batch batch = batch_of_few();
    struct foray_hog_plan plan;
    struct foray_error err;

    (void)state;
    assert_ok(foray_hog_batch_plan(&plan, &batch, &err), err);
    assert_int_equal(plan.n, FEW);
    assert_int_equal(plan.rows, ROWS);
    assert_int_equal(plan.cols, COLS);
    assert_int_equal(plan.dtype, FORAY_F64);
    assert_int_equal(plan.feature_ndim, 5);
    assert_int_equal(plan.length, 2 * 3 * 3 * 3 * 9);
    assert_int_equal(plan.nbytes, plan.n * plan.length * 8);
    batch.image.rows = 64;
    batch.image.cols = 24;
    batch.dtype = FORAY_F16;
    assert_ok(foray_hog_batch_plan(&plan, &batch, &err), err);
    assert_int_equal(plan.rows, 64);
    assert_int_equal(plan.length, 6 * 1 * 81);
    assert_int_equal(plan.nbytes, plan.n * plan.length * 2);
}

static void test_names_two_sizes(void **state)
{
    struct foray_hog_batch batch = batch_of_few();
    struct foray_hog_plan plan;
    struct foray_error err;

    (void)state;
    write_pgm(names[3], ROWS, COLS + 1, 3);
    for (int skip = 0; skip < 2; skip++) {
        batch.on_error = skip ? FORAY_SKIP : FORAY_STOP;
        assert_int_equal(foray_hog_batch_plan(&plan, &batch, &err),
                         FORAY_ESHAPE);
        assert_non_null(strstr(err.msg, "0.pgm is 32 x 40"));
        assert_non_null(strstr(err.msg, "3.pgm is 32 x 41"));
    }
    assert_int_equal(foray_hog_batch_plan(&plan, &batch, NULL), FORAY_ESHAPE);
}

/* The size that images of an earlier run had. */
static void test_of_a_size_that_is_told(void **state)
{
    struct foray_hog_batch batch = batch_of_few();
    struct foray_hog_plan plan;
    struct foray_error err;

    (void)state;
    batch.rows = ROWS;
    batch.cols = COLS + 1;
    assert_int_equal(foray_hog_batch_plan(&plan, &batch, &err), FORAY_ESHAPE);
    assert_non_null(strstr(err.msg, "0.pgm is 32 x 40"));
    assert_non_null(strstr(err.msg, "before are 32 x 41"));
    batch.cols = COLS;
    assert_ok(foray_hog_batch_plan(&plan, &batch, &err), err);
    assert_int_equal(plan.n, FEW);
    /* None that can be read, and none at all. */
    batch.paths = (const char *const[]){"missing.pgm"};
    batch.n = 1;
    batch.on_error = FORAY_SKIP;
    assert_ok(foray_hog_batch_plan(&plan, &batch, &err), err);
    assert_int_equal(plan.n, 1);
    batch.n = 0;
    assert_ok(foray_hog_batch_plan(&plan, &batch, &err), err);
    assert_int_equal(plan.n, 0);
    assert_int_equal(plan.length, 2 * 3 * 3 * 3 * 9);
}

static void test_refuses(void **state)
{
    struct foray_hog_batch batch = batch_of_few();
    struct foray_hog_plan plan;
    struct foray_error err;

    (void)state;
    batch.n = 0;
    assert_int_equal(foray_hog_batch_plan(&plan, &batch, &err), FORAY_EINVAL);
    batch = batch_of_few();
    batch.dtype = FORAY_I32;
    assert_int_equal(foray_hog_batch_plan(&plan, &batch, &err), FORAY_EDTYPE);
    batch = batch_of_few();
    batch.image.max_pixels = ROWS * COLS - 1;
    assert_int_equal(foray_hog_batch_plan(&plan, &batch, &err),
                     FORAY_ETOOLARGE);
    assert_non_null(strstr(err.msg, "0.pgm"));
    batch.image.max_pixels++;
    assert_ok(foray_hog_batch_plan(&plan, &batch, &err), err);
    batch.hog.cell_rows = 100;
    batch.hog.cell_cols = 100;
    assert_int_equal(foray_hog_batch_plan(&plan, &batch, &err),
                     FORAY_ETOOSMALL);
    batch = batch_of_few();
    batch.visualize = test_folder();
    assert_ok(foray_hog_batch_plan(&plan, &batch, &err), err);
    batch.hog.cell_rows = 1;
    batch.hog.cell_cols = 8;
    assert_int_equal(foray_hog_batch_plan(&plan, &batch, &err), FORAY_EINVAL);
    batch = batch_of_few();
    batch.visualize = test_folder();
    batch.hog.method = FORAY_HOG_UOCTTI;
    assert_int_equal(foray_hog_batch_plan(&plan, &batch, &err), FORAY_EINVAL);
}

static void test_of_missing_files(void **state)
{
    struct foray_hog_batch batch = batch_of_few();
    struct foray_hog_plan plan;
    struct foray_error err;

    (void)state;
    unlink(names[0]);
    unlink(names[2]);
    assert_int_equal(foray_hog_batch_plan(&plan, &batch, &err), FORAY_ENOENT);
    assert_int_equal(err.task, 0);
    assert_non_null(strstr(err.msg, "0.pgm"));
    batch.on_error = FORAY_SKIP;
    assert_ok(foray_hog_batch_plan(&plan, &batch, &err), err);
    assert_int_equal(plan.rows, ROWS);
    batch.n = 1;
    assert_int_equal(foray_hog_batch_plan(&plan, &batch, &err), FORAY_ENOENT);
}

static void test_of_a_stack(void **state)
{
    static uint8_t bytes[2 * ROWS * COLS * 3];
    struct foray_array stack;
    struct foray_hog_batch batch = {.stack = &stack};
    struct foray_hog_plan plan;
    struct foray_error err;

    (void)state;
    assert_ok(foray_array_wrap(&stack, bytes, FORAY_U8, 4,
                               (size_t[]){2, ROWS, COLS, 3}, &err),
              err);
    assert_ok(foray_hog_batch_plan(&plan, &batch, &err), err);
    assert_int_equal(plan.n, 2);
    assert_int_equal(plan.length, 2 * 3 * 81);
    assert_ok(foray_array_wrap(&stack, bytes, FORAY_U8, 2,
                               (size_t[]){2, ROWS * COLS}, &err),
              err);
    assert_int_equal(foray_hog_batch_plan(&plan, &batch, &err), FORAY_ESHAPE);
    assert_ok(foray_array_wrap(&stack, bytes, FORAY_C64, 3,
                               (size_t[]){1, 16, 16}, &err),
              err);
    assert_int_equal(foray_hog_batch_plan(&plan, &batch, &err), FORAY_EDTYPE);
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
        cmocka_unit_test_setup(test_says_what_comes_out, setup_few),
        cmocka_unit_test_setup(test_names_two_sizes, setup_few),
        cmocka_unit_test_setup(test_of_a_size_that_is_told, setup_few),
        cmocka_unit_test_setup(test_refuses, setup_few),
        cmocka_unit_test_setup(test_of_missing_files, setup_few),
        cmocka_unit_test_setup(test_of_a_stack, setup_few),
        cmocka_unit_test_setup(test_first_failure, setup),
        cmocka_unit_test_setup(test_two_sizes, setup),
        cmocka_unit_test_setup(test_places, setup),
        cmocka_unit_test_setup(test_is_told_and_stopped, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
