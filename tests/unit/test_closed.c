/* Arrays that are closed: workers let go of them, and no run takes them. */
#include "helpers.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "calls.h"
#include "pools.h"

/* Files without a name that the workers of a pool of two have mapped. */
static size_t worker_mappings(const struct foray_pool *pool)
{
    size_t n = 0;

    for (int slot = 0; slot < 2; slot++) {
        char path[64], line[4352];
        FILE *maps;

        snprintf(path, sizeof path, "/proc/%ld/maps",
                 (long)foray_pool_worker_pid(pool, slot));
        maps = fopen(path, "r");
        while (maps && fgets(line, sizeof line, maps))
            n += strstr(line, "(deleted)") && !strstr(line, "/dev/zero");
        if (maps)
            fclose(maps);
    }
    return n;
}

static int touch(struct foray_task *task)
{
    FORAY_AT(foray_task_inout(task, 0), int64_t, 0) = 1;
    return 0;
}

static void map_and_close(struct foray_pool *pool)
{
    struct foray_array x = shared_numbers(100);
    struct foray_error err;

    assert_ok(foray_map(pool, &(struct foray_map){.fn = touch, .inout = {&x}},
                        NULL, &err),
              err);
    assert_int_equal(foray_array_close(&x, NULL), 0);
}

static void test_dropped_by_workers(void **state)
{
    struct foray_pool *pool = open_pool("fork", 2, NULL);
    size_t before, left;
    double start;

    (void)state;
    map_and_close(pool); /* a zygote's workers are only there now */
    nap(20e-3);          /* and have dropped it */
    before = worker_mappings(pool);
    for (int i = 0; i < 300; i++)
        map_and_close(pool);
    start = seconds_now();
    do { /* they do it at once, but not before we look */
        nap(1e-3);
        left = worker_mappings(pool);
    } while (left > before && seconds_now() - start < PATIENCE);
    assert_true(left <= before);
    assert_int_equal(foray_pool_close(pool), 0);
}

static void close_inside(const struct foray_progress *progress, void *arg)
{
    (void)progress;
    assert_int_equal(foray_array_close(arg, NULL), FORAY_EBUSY);
}

static int nap_in_task(struct foray_task *task)
{
    (void)task;
    nap(2e-3);
    return 0;
}

static void test_not_closed_during_a_run(void **state)
{
    struct foray_array x = shared_numbers(100);
    struct foray_config config = {.progress = close_inside,
                                  .progress_arg = &x,
                                  .progress_interval = 1e-4};
    struct foray_pool *pool = open_pool(NULL, 2, &config);
    struct foray_error err;

    (void)state;
    assert_ok(foray_for(pool,
                        &(struct foray_for){
                            .fn = nap_in_task, .n = 50, .whole = {&x}},
                        NULL, &err),
              err);
    assert_int_equal(foray_pool_close(pool), 0);
    assert_int_equal(foray_array_close(&x, NULL), 0);
}

/* A copy of the struct does not keep the array. */
static void test_copy_is_refused(void **state)
{
    struct foray_array x = shared_numbers(4), copy = x;
    struct foray_pool *pool = open_pool(NULL, 1, NULL);
    struct foray_error err;

    (void)state;
    assert_ok(foray_array_close(&x, &err), err);
    assert_int_equal(
        foray_map(pool, &(struct foray_map){.fn = touch, .inout = {&copy}},
                  NULL, &err),
        FORAY_EINVAL);
    assert_non_null(strstr(err.msg, "closed already"));
    assert_int_equal(foray_pool_close(pool), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dropped_by_workers),
        cmocka_unit_test(test_not_closed_during_a_run),
        cmocka_unit_test(test_copy_is_refused),
    };

    test_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
