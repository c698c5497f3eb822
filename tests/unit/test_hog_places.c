/* HOG of images that keep their sizes. */
#include "helpers.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <foray/hog_batch.h>
#include <foray/storage.h>

#include "image_files.h"

enum { IMAGES = 4, MOST_ROWS = 64, MOST_COLS = 64 };

static const size_t rows[IMAGES] = {32, 64, 25, 40};
static const size_t cols[IMAGES] = {40, 24, 33, 64};
static char names[IMAGES][256];
static const char *paths[IMAGES];

static int setup(void **state)
{
    (void)state;
    for (size_t i = 0; i < IMAGES; i++) {
        snprintf(names[i], sizeof names[i], "%s/%zu.pgm", test_folder(), i);
        paths[i] = names[i];
        write_pgm(names[i], rows[i], cols[i], i);
    }
    return 0;
}

/* A batch, planned and run. */
struct outcome {
    struct foray_hog_place places[IMAGES];
    struct foray_hog_batch batch;
    struct foray_hog_plan plan;
    struct foray_array features;
    struct foray_hog_row index[IMAGES];
    struct foray_report report;
    struct foray_error err;
};

static void plan(struct outcome *o, enum foray_on_error on_error)
{
    memset(o, 0, sizeof *o);
    o->batch = (struct foray_hog_batch){
        .paths = paths, .n = IMAGES, .places = o->places, .on_error = on_error};
    assert_ok(foray_hog_batch_plan(&o->plan, &o->batch, &o->err), o->err);
}

static void run(struct outcome *o, const char *backend, int n_jobs)
{
    struct foray_config config = {.backend = backend, .n_jobs = n_jobs};
    struct foray_pool *pool = NULL;

    assert_ok(foray_array_create(&o->features, NULL, o->plan.dtype, 1,
                                 &o->plan.length, &o->err),
              o->err);
    assert_ok(foray_pool_open(&pool, &config, &o->err), o->err);
    assert_ok(foray_hog_batch_run(pool, &o->batch, &o->plan, &o->features,
                                  o->index, &o->report, &o->err),
              o->err);
    foray_pool_close(pool);
}

static void end(struct outcome *o)
{
    foray_hog_rows_clear(o->index, IMAGES);
    assert_int_equal(foray_array_close(&o->features, NULL), 0);
}

/* As of the image alone. */
static void check_image(const struct outcome *o, size_t i)
{
    static uint8_t pixels[MOST_ROWS * MOST_COLS];
    static double features[1 << 14];
    const struct foray_hog_place *place = &o->places[i];
    size_t length = place->length, size[2] = {rows[i], cols[i]}, shape[5];
    struct foray_array image, row;
    struct foray_hog *hog = NULL;
    struct foray_error err;
    int ndim;

    for (size_t k = 0; k < rows[i] * cols[i]; k++)
        pixels[k] = pgm_pixel(i, k);
    assert_ok(foray_hog_new(&hog, NULL, &err), err);
    assert_ok(foray_hog_shape(shape, &ndim, hog, rows[i], cols[i], &err), err);
    assert_int_equal(place->rows, rows[i]);
    assert_int_equal(place->cols, cols[i]);
    for (int k = 0; k < 5; k++)
        assert_int_equal(place->shape[k], shape[k]);
    assert_ok(foray_array_wrap(&image, pixels, FORAY_U8, 2, size, &err), err);
    assert_ok(foray_array_wrap(&row, features, FORAY_F64, 1, &length, &err),
              err);
    assert_ok(foray_hog_compute(hog, &image, &row, &err), err);
    assert_memory_equal(foray_row(&o->features, place->offset), features,
                        length * sizeof(double));
    foray_hog_free(hog);
}

static void test_plan(void **state)
{
    struct outcome o;
    size_t length = 0;

    (void)state;
    plan(&o, FORAY_STOP);
    assert_int_equal(o.plan.n, IMAGES);
    assert_int_equal(o.plan.rows, 0);
    for (size_t i = 0; i < IMAGES; i++) {
        assert_int_equal(o.places[i].offset, length);
        length += (rows[i] / 8 - 2) * (cols[i] / 8 - 2) * 81;
    }
    assert_int_equal(o.plan.length, length);
    assert_int_equal(o.plan.nbytes, length * 8);
}

static void test_run(void **state)
{
    static const struct {
        const char *backend;
        int n_jobs;
    } ways[] = {{"fork", 3}, {"fork", 1}, {"serial", 0}};
    struct outcome o;

    (void)state;
    for (size_t k = 0; k < sizeof ways / sizeof *ways; k++) {
        plan(&o, FORAY_STOP);
        run(&o, ways[k].backend, ways[k].n_jobs);
        assert_int_equal(o.report.ok, IMAGES);
        for (size_t i = 0; i < IMAGES; i++)
            check_image(&o, i);
        end(&o);
    }
}

/* One is not there, one has no pixels, one is too small. */
static void test_failures(void **state)
{
    struct outcome o;
    const double *lost;

    (void)state;
    unlink(names[0]);
    assert_int_equal(truncate(names[1], 500), 0);
    write_pgm(names[3], 9, 9, 3);
    plan(&o, FORAY_SKIP);
    assert_int_equal(o.places[0].length, 0);
    assert_int_equal(o.places[3].length, 0);
    assert_int_equal(o.places[3].rows, 9);
    run(&o, "fork", 2);
    assert_int_equal(o.report.failed, 3);
    assert_int_equal(o.index[0].status, FORAY_IMAGE_STATUS_MISSING);
    assert_int_equal(o.index[1].status, FORAY_IMAGE_STATUS_TRUNCATED);
    assert_int_equal(o.index[3].status, FORAY_IMAGE_STATUS_TOO_SMALL);
    check_image(&o, 2);
    lost = foray_row(&o.features, o.places[1].offset);
    for (size_t k = 0; k < o.places[1].length; k++)
        assert_true(isnan(lost[k]));
    end(&o);
}

static void expect_refusal(const struct foray_hog_batch *batch, int code,
                           const char *word)
{
    struct foray_hog_plan planned;
    struct foray_error err;

    assert_int_equal(foray_hog_batch_plan(&planned, batch, &err), code);
    if (!strstr(err.msg, word))
        fail_msg("%s", err.msg);
}

static void test_refusals(void **state)
{
    uint8_t bytes[2 * 32 * 32] = {0};
    struct foray_array stack;
    struct outcome o;

    (void)state;
    plan(&o, FORAY_STOP);
    o.batch.image.rows = o.batch.image.cols = 32;
    expect_refusal(&o.batch, FORAY_EINVAL, "resized");
    o.batch.image.rows = o.batch.image.cols = 0;
    write_pgm(names[2], 9, 9, 2);
    expect_refusal(&o.batch, FORAY_ETOOSMALL, "2.pgm: ");
    assert_ok(foray_array_wrap(&stack, bytes, FORAY_U8, 3,
                               (size_t[]){2, 32, 32}, &o.err),
              o.err);
    o.batch.stack = &stack;
    expect_refusal(&o.batch, FORAY_EINVAL, "stack");
}

/* Of an update there may be nothing to compute, or nothing that can be. */
static void test_none(void **state)
{
    struct outcome o;

    (void)state;
    plan(&o, FORAY_SKIP);
    for (size_t i = 0; i < o.batch.n; i++)
        write_pgm(names[i], 3, 3, i);
    expect_refusal(&o.batch, FORAY_ETOOSMALL, ".pgm: ");
    o.batch.may_be_none = true;
    assert_ok(foray_hog_batch_plan(&o.plan, &o.batch, &o.err), o.err);
    assert_int_equal(o.plan.length, 0);
    o.batch.n = 0;
    assert_ok(foray_hog_batch_plan(&o.plan, &o.batch, &o.err), o.err);
    assert_int_equal(o.plan.n, 0);
    o.batch.may_be_none = false;
    expect_refusal(&o.batch, FORAY_EINVAL, "no images");
}

static void test_output_of_another_plan(void **state)
{
    struct foray_pool *pool = NULL;
    struct outcome o;
    size_t less;

    (void)state;
    plan(&o, FORAY_STOP);
    less = o.plan.length - 1;
    assert_ok(
        foray_array_create(&o.features, NULL, o.plan.dtype, 1, &less, &o.err),
        o.err);
    assert_ok(foray_pool_open(
                  &pool, &(struct foray_config){.backend = "serial"}, &o.err),
              o.err);
    assert_int_equal(foray_hog_batch_run(pool, &o.batch, &o.plan, &o.features,
                                         NULL, NULL, &o.err),
                     FORAY_ESHAPE);
    foray_pool_close(pool);
    end(&o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_plan, setup),
        cmocka_unit_test_setup(test_run, setup),
        cmocka_unit_test_setup(test_failures, setup),
        cmocka_unit_test_setup(test_refusals, setup),
        cmocka_unit_test_setup(test_none, setup),
        cmocka_unit_test_setup(test_output_of_another_plan, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
