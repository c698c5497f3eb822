/* HOG of many images. */
#include "helpers.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <foray/hog_batch.h>
#include <foray/storage.h>

#include "image_files.h"
#include "pools.h"

enum { IMAGES = 5, ROWS = 32, COLS = 40 };

static char names[IMAGES][256];
static const char *paths[IMAGES];

static int setup(void **state)
{
    (void)state;
    for (int i = 0; i < IMAGES; i++) {
        snprintf(names[i], sizeof names[i], "%s/%d.pgm", test_folder(), i);
        paths[i] = names[i];
        write_pgm(names[i], ROWS, COLS, (size_t)i);
    }
    return 0;
}

static struct foray_hog_batch good_batch(void)
{
    return (struct foray_hog_batch){.paths = paths, .n = IMAGES};
}

/* A batch, planned and run. */
struct outcome {
    struct foray_hog_plan plan;
    struct foray_array features;
    struct foray_hog_row index[IMAGES];
    struct foray_report report;
    struct foray_error err;
    int code;
};

static void run(struct outcome *o, struct foray_pool *pool,
                const struct foray_hog_batch *batch)
{
    memset(o, 0, sizeof *o);
    assert_ok(foray_hog_batch_plan(&o->plan, batch, &o->err), o->err);
    assert_ok(foray_array_create(&o->features, NULL, o->plan.dtype, 2,
                                 (size_t[]){o->plan.n, o->plan.length},
                                 &o->err),
              o->err);
    memset(o->index, 0xff, sizeof o->index);
    o->code = foray_hog_batch_run(pool, batch, &o->plan, &o->features, o->index,
                                  &o->report, &o->err);
}

static void end(struct outcome *o)
{
    foray_hog_rows_clear(o->index, IMAGES);
    assert_int_equal(foray_array_close(&o->features, NULL), 0);
}

/* Features of one image without a batch. */
static void check_row(const struct outcome *o, size_t i,
                      const struct foray_hog_options *options)
{
    static uint8_t pixels[ROWS * COLS];
    static double features[8192];
    struct foray_array image, row;
    struct foray_hog *hog = NULL;
    struct foray_error err;

    for (int k = 0; k < ROWS * COLS; k++)
        pixels[k] = pgm_pixel(i, (size_t)k);
    assert_ok(foray_array_wrap(&image, pixels, FORAY_U8, 2,
                               (size_t[]){ROWS, COLS}, &err),
              err);
    assert_true(o->plan.length <= 8192);
    assert_ok(
        foray_array_wrap(&row, features, FORAY_F64, 1, &o->plan.length, &err),
        err);
    assert_ok(foray_hog_new(&hog, options, &err), err);
    assert_ok(foray_hog_compute(hog, &image, &row, &err), err);
    assert_memory_equal(foray_row(&o->features, i), features,
                        o->plan.length * sizeof(double));
    foray_hog_free(hog);
}

/* Who made a row, and when. */
static void check_worker(const struct foray_hog_row *row,
                         const struct foray_pool *pool, double seconds)
{
    assert_true(row->worker >= 0 && row->worker < foray_pool_n_jobs(pool));
    assert_int_equal(row->pid, foray_pool_worker_pid(pool, row->worker));
    assert_true(row->read_seconds > 0 && row->read_seconds <= row->seconds);
    assert_true(row->begin >= 0 && row->begin < seconds + PATIENCE);
}

static void run_with_backend(const char *backend, int n_jobs)
{
    struct foray_pool *pool = open_pool(backend, n_jobs, NULL);
    struct foray_hog_batch batch = good_batch();
    struct outcome o;

    /* The second run has other options: workers must not keep the first's. */
    for (int k = 0; k < 2; k++) {
        if (k)
            batch.hog = (struct foray_hog_options){
                .orientations = 5, .block_rows = 2, .block_cols = 2};
        run(&o, pool, &batch);
        assert_ok(o.code, o.err);
        assert_int_equal(o.report.ok, IMAGES);
        for (size_t i = 0; i < IMAGES; i++) {
            check_row(&o, i, &batch.hog);
            assert_int_equal(o.index[i].status, FORAY_IMAGE_STATUS_OK);
            assert_int_equal(o.index[i].rows, ROWS);
            assert_int_equal(o.index[i].cols, COLS);
            assert_true(o.index[i].seconds > 0 &&
                        o.index[i].seconds < PATIENCE);
            assert_null(o.index[i].message);
            check_worker(&o.index[i], pool, o.report.seconds);
        }
        end(&o);
    }
    foray_pool_close(pool);
}

static void test_run(void **state)
{
    (void)state;
    run_with_backend("serial", 0);
    run_with_backend("fork", 1);
    run_with_backend("fork", 3);
}

static void test_run_leaves_nothing(void **state)
{
    size_t descriptors = count_descriptors(), names_before = count_shm_names();

    (void)state;
    run_with_backend("fork", 2);
    assert_int_equal(count_descriptors(), descriptors);
    assert_true(no_more_shm_names(names_before));
    assert_int_equal(count_foray_mappings(), 0);
}

static void test_run_skips(void **state)
{
    struct foray_pool *pool = open_pool("fork", 2, NULL);
    struct foray_hog_batch batch = good_batch();
    struct outcome o;

    (void)state;
    unlink(names[1]);
    assert_int_equal(truncate(names[3], 500), 0);
    batch.on_error = FORAY_SKIP;
    run(&o, pool, &batch);
    assert_ok(o.code, o.err);
    assert_int_equal(o.report.failed, 2);
    for (size_t i = 0; i < IMAGES; i++) {
        bool failed = i == 1 || i == 3;
        const double *row = foray_row(&o.features, i);

        for (size_t k = 0; failed && k < o.plan.length; k++)
            assert_true(isnan(row[k]));
        if (failed)
            assert_non_null(strstr(o.index[i].message, ".pgm"));
        else
            check_row(&o, i, &batch.hog);
    }
    assert_int_equal(o.index[0].status, FORAY_IMAGE_STATUS_OK);
    assert_int_equal(o.index[1].status, FORAY_IMAGE_STATUS_MISSING);
    assert_int_equal(o.index[1].rows, 0);
    assert_int_equal(o.index[3].status, FORAY_IMAGE_STATUS_TRUNCATED);
    end(&o);
    foray_pool_close(pool);
}

static void test_run_stops(void **state)
{
    struct foray_pool *pool = open_pool("serial", 0, NULL);
    struct foray_hog_batch batch = good_batch();
    struct outcome o;

    (void)state;
    assert_int_equal(truncate(names[2], 500), 0);
    run(&o, pool, &batch);
    assert_int_equal(o.code, FORAY_ETRUNCATED);
    assert_int_equal(o.err.task, 2);
    assert_non_null(strstr(o.err.msg, "2.pgm"));
    assert_int_equal(o.index[0].status, FORAY_IMAGE_STATUS_OK);
    assert_int_equal(o.index[2].status, FORAY_IMAGE_STATUS_TRUNCATED);
    assert_int_equal(o.index[4].status, FORAY_IMAGE_STATUS_NOT_RUN);
    assert_int_equal(o.index[2].worker, 0);
    assert_int_equal(o.index[4].worker, -1);
    end(&o);
    foray_pool_close(pool);
}

static void test_run_after_a_file_changed(void **state)
{
    struct foray_pool *pool = open_pool("serial", 0, NULL);
    struct foray_hog_batch batch = good_batch();
    struct foray_hog_plan plan;
    struct foray_array features = {0};
    struct foray_hog_row index[IMAGES];
    struct foray_error err;

    (void)state;
    batch.on_error = FORAY_SKIP;
    assert_ok(foray_hog_batch_plan(&plan, &batch, &err), err);
    assert_ok(foray_array_create(&features, NULL, plan.dtype, 2,
                                 (size_t[]){plan.n, plan.length}, &err),
              err);
    write_pgm(names[1], 3 * ROWS, COLS, 1);
    assert_ok(
        foray_hog_batch_run(pool, &batch, &plan, &features, index, NULL, &err),
        err);
    assert_int_equal(index[1].status, FORAY_IMAGE_STATUS_WRONG_SIZE);
    assert_int_equal(index[1].rows, 3 * ROWS);
    foray_hog_rows_clear(index, IMAGES);
    assert_null(index[1].message);
    plan.length--;
    assert_int_equal(
        foray_hog_batch_run(pool, &batch, &plan, &features, NULL, NULL, &err),
        FORAY_ESHAPE);
    assert_int_equal(foray_array_close(&features, NULL), 0);
    foray_pool_close(pool);
}

static void test_run_of_a_stack(void **state)
{
    static uint16_t bytes[IMAGES * ROWS * COLS];
    struct foray_array stack;
    struct foray_hog_batch batch = {.stack = &stack};
    struct foray_error err;
    struct outcome o;

    (void)state;
    for (int swapped = 0; swapped < 2; swapped++)
        for (int k = 0; k < 2; k++) {
            struct foray_pool *pool = open_pool(k ? "fork" : "serial", 2, NULL);

            for (size_t i = 0; i < IMAGES * ROWS * COLS; i++) {
                uint16_t v = pgm_pixel(i / (ROWS * COLS), i % (ROWS * COLS));

                bytes[i] = (uint16_t)(swapped ? v << 8 : v);
            }
            assert_ok(foray_array_wrap(&stack, bytes, FORAY_U16, 3,
                                       (size_t[]){IMAGES, ROWS, COLS}, &err),
                      err);
            stack.swapped = swapped;
            run(&o, pool, &batch);
            assert_ok(o.code, o.err);
            for (size_t i = 0; i < IMAGES; i++)
                check_row(&o, i, &batch.hog);
            end(&o);
            foray_pool_close(pool);
        }
}

static void test_pictures(void **state)
{
    struct foray_pool *pool = open_pool("fork", 2, NULL);
    struct foray_hog_batch batch = good_batch();
    char folder[256], picture[512];
    struct foray_image_info info;
    size_t numbers[IMAGES];
    struct outcome o;

    (void)state;
    snprintf(folder, sizeof folder, "%s", test_path("glyphs"));
    assert_int_equal(mkdir(folder, 0700), 0);
    batch.visualize = folder;
    run(&o, pool, &batch);
    assert_ok(o.code, o.err);
    end(&o);
    for (int i = 0; i < IMAGES; i++) {
        snprintf(picture, sizeof picture, "%s/%d-%d.png", folder, i, i);
        assert_ok(foray_image_info(&info, picture, &o.err), o.err);
        assert_int_equal(info.rows, ROWS);
        assert_int_equal(info.cols, COLS);
        assert_int_equal(info.channels, 1);
    }
    /* By other numbers. */
    for (size_t i = 0; i < IMAGES; i++)
        numbers[i] = 100 * (i + 1);
    batch.numbers = numbers;
    run(&o, pool, &batch);
    assert_ok(o.code, o.err);
    end(&o);
    for (int i = 0; i < IMAGES; i++) {
        snprintf(picture, sizeof picture, "%s/%d-%d.png", folder, 100 * (i + 1),
                 i);
        assert_ok(foray_image_info(&info, picture, &o.err), o.err);
    }
    batch.numbers = NULL;
    /* A picture that cannot be written is no fault of an image. */
    batch.visualize = "/nonexistent/folder";
    batch.on_error = FORAY_SKIP;
    run(&o, pool, &batch);
    assert_int_equal(o.code, FORAY_ENOENT);
    assert_non_null(strstr(o.err.msg, "png"));
    end(&o);
    run(&o, NULL, &batch); /* likewise with a pool of its own */
    assert_int_equal(o.code, FORAY_ENOENT);
    end(&o);
    batch.visualize = NULL;
    run(&o, pool, &batch);
    assert_ok(o.code, o.err);
    end(&o);
    foray_pool_close(pool);
}

static void test_status_words(void **state)
{
    (void)state;
    assert_string_equal(foray_image_status_name(FORAY_IMAGE_STATUS_TOO_SMALL),
                        "too_small");
    assert_string_equal(foray_image_status_name((enum foray_image_status)99),
                        "unknown");
    assert_int_equal(foray_image_status_of(0), FORAY_IMAGE_STATUS_OK);
    assert_int_equal(foray_image_status_of(FORAY_EACCES),
                     FORAY_IMAGE_STATUS_UNREADABLE);
    assert_int_equal(foray_image_status_of(FORAY_ETIMEDOUT),
                     FORAY_IMAGE_STATUS_TIMEOUT);
    assert_int_equal(foray_image_status_of(FORAY_EEXIT),
                     FORAY_IMAGE_STATUS_CRASHED);
    assert_int_equal(foray_image_status_of(FORAY_EFORMAT),
                     FORAY_IMAGE_STATUS_CORRUPT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_run, setup),
        cmocka_unit_test_setup(test_run_leaves_nothing, setup),
        cmocka_unit_test_setup(test_run_skips, setup),
        cmocka_unit_test_setup(test_run_stops, setup),
        cmocka_unit_test_setup(test_run_after_a_file_changed, setup),
        cmocka_unit_test_setup(test_run_of_a_stack, setup),
        cmocka_unit_test_setup(test_pictures, setup),
        cmocka_unit_test(test_status_words),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
