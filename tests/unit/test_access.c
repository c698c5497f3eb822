/* Hints of access: results are the same with any, and memory stays bounded
 * where arrays in files stream through it. */
#include "helpers.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <foray.h>

#include "base/leave.h"
#include "calls.h"
#include "outside.h"

static const enum foray_access hints[] = {FORAY_ACCESS_AUTO, FORAY_SEQUENTIAL,
                                          FORAY_RANDOM, FORAY_STREAM};
enum { N_HINTS = 4 };

/* A folder that is on a disk; skips the test where there is none. */
static const char *disk(void)
{
    struct statfs about;

    if (statfs(test_folder(), &about) ||
        (unsigned long)about.f_type == 0x01021994) {
        print_message("no disk: the test's folder is a tmpfs\n");
        skip();
    }
    return test_folder();
}

static struct foray_array file(const char *name, size_t rows, size_t cols)
{
    size_t shape[2] = {rows, cols};
    struct foray_array array;
    struct foray_error err;

    assert_ok(
        foray_array_create(&array, test_path(name), FORAY_F64, 2, shape, &err),
        err);
    return array;
}

/* Differences with what is beside, and a count of what is done. */
static int differences(struct foray_task *task)
{
    const struct foray_array *x = foray_task_in(task, 0);
    const struct foray_array *n = foray_task_inout(task, 0);
    const struct foray_array *y = foray_task_out(task, 0);
    size_t up = foray_task_halo(task, 0).before;
    size_t left = foray_task_halo(task, 1).before;

    for (size_t i = 0; i < y->shape[0]; i++)
        for (size_t j = 0; j < y->shape[1]; j++) {
            double here = FORAY_AT(x, double, i + up, j + left);
            double above =
                i + up ? FORAY_AT(x, double, i + up - 1, j + left) : 0;
            double before =
                j + left ? FORAY_AT(x, double, i + up, j + left - 1) : 0;

            FORAY_AT(y, double, i, j) = 2 * here - above - before;
            FORAY_AT(n, double, i, j) += 1;
        }
    return 0;
}

static void check_differences(const struct foray_array *x,
                              const struct foray_array *n,
                              const struct foray_array *y, double times)
{
    for (size_t i = 0; i < x->shape[0]; i++)
        for (size_t j = 0; j < x->shape[1]; j++) {
            double above = i ? FORAY_AT(x, double, i - 1, j) : 0;
            double before = j ? FORAY_AT(x, double, i, j - 1) : 0;

            assert_true(FORAY_AT(y, double, i, j) ==
                        2 * FORAY_AT(x, double, i, j) - above - before);
            assert_true(FORAY_AT(n, double, i, j) == times);
        }
}

static void test_hints_change_no_result(void **state)
{
    static const char *const backends[] = {"fork",    "threads",   "serial",
                                           "outside", "elsewhere", "fork"};
    struct foray_array x, y, n;
    double times = 0;

    (void)state;
    disk();
    register_outside();
    x = file("x.npy", 700, 900);
    y = file("y.npy", 700, 900);
    n = file("n.npy", 700, 900);
    for (size_t i = 0; i < 700 * 900; i++)
        ((double *)x.data)[i] = (double)(i * 7919 % 1009);
    for (int b = 0; b < 6; b++) {
        struct foray_pool *pool;
        struct foray_error err;

        assert_ok(foray_pool_open(&pool,
                                  &(struct foray_config){.backend = backends[b],
                                                         .guard = b == 5,
                                                         .n_jobs = 3},
                                  &err),
                  err);
        for (int h = 0; h < 2 * N_HINTS; h++) {
            struct foray_map map = {.fn = differences,
                                    .in = {&x},
                                    .inout = {&n},
                                    .out = {&y},
                                    .access = hints[h % N_HINTS],
                                    .blocks = {.n_axes = h < N_HINTS ? 2 : 1,
                                               .axes = {0, 1},
                                               .halo = {1, 1}}};

            assert_ok(foray_map(pool, &map, NULL, &err), err);
            check_differences(&x, &n, &y, ++times);
            memset(y.data, 0, 700 * 900 * sizeof(double));
        }
        assert_int_equal(foray_pool_close(pool), 0);
    }
    assert_int_equal(foray_array_close(&x, NULL), 0);
    assert_int_equal(foray_array_close(&y, NULL), 0);
    assert_int_equal(foray_array_close(&n, NULL), 0);
}

/* Changes in a mapping of mode c are the program's alone: no hint drops them.
 */
static void test_private_changes_stay(void **state)
{
    static const char *const backends[] = {"fork", "threads", "serial"};
    struct foray_array x = file("private.npy", 100, 100), y, copy;
    struct foray_error err;

    (void)state;
    disk();
    assert_ok(foray_array_close(&x, &err), err);
    y = file("private_out.npy", 100, 100);
    assert_ok(foray_array_open(&copy, test_path("private.npy"), "c", &err),
              err);
    for (size_t i = 0; i < 100; i++)
        FORAY_AT(&copy, double, i, i) = 5;
    for (int b = 0; b < 3; b++) {
        struct foray_map map = {.fn = map_twice,
                                .in = {&copy},
                                .out = {&y},
                                .access = FORAY_STREAM};
        struct foray_pool *pool;

        assert_ok(
            foray_pool_open(
                &pool, &(struct foray_config){.backend = backends[b]}, &err),
            err);
        assert_ok(foray_map(pool, &map, NULL, &err), err);
        assert_int_equal(foray_pool_close(pool), 0);
        for (size_t i = 0; i < 100; i++)
            assert_true(FORAY_AT(&copy, double, i, i) == 5);
    }
    assert_int_equal(foray_array_close(&copy, NULL), 0);
    assert_int_equal(foray_array_close(&y, NULL), 0);
}

enum {
    MIB = 1 << 20,
    LIMIT = 48,                            /* MiB of files in all workers */
    ROWS = 4 * LIMIT * (MIB / (1024 * 8)), /* so many of 1024 numbers are four
                                              times that */
    COLS = 1024,
    /* Of a worker. Tasks are slow where lines are counted, and more of what is
     * read ahead of them is there. */
    MOST = (FORAY__COUNTS_LINES ? LIMIT : LIMIT / 2) * MIB
};

/* What a process has of files in memory, and the most its tasks saw. */
static size_t resident_files(void)
{
    char line[256];
    unsigned long kib = 0;
    FILE *status = fopen("/proc/self/status", "r");

    while (status && fgets(line, sizeof line, status))
        if (sscanf(line, "RssFile: %lu", &kib) == 1)
            break;
    if (status)
        fclose(status);
    return kib * 1024;
}

/* Twice each number; the last row of the partial table is what is resident. */
static int measure(struct foray_task *task)
{
    const struct foray_array *x = foray_task_in(task, 0);
    const struct foray_array *y = foray_task_out(task, 0);
    const struct foray_array *resident = foray_task_whole(task, 0);
    static size_t own; /* this worker's: the program, as far as it is used */
    size_t bytes;

    if (!own)
        own = resident_files();
    for (size_t i = 0; i < x->shape[0]; i++)
        for (size_t j = 0; j < x->shape[1]; j++)
            FORAY_AT(y, double, i, j) = 2 * FORAY_AT(x, double, i, j);
    bytes = resident_files() - own;
    if (bytes > FORAY_AT(resident, uint64_t, (size_t)foray_task_worker(task)))
        FORAY_AT(resident, uint64_t, (size_t)foray_task_worker(task)) = bytes;
    return 0;
}

/* Pages of an array that are in the page cache. */
static size_t cached(const struct foray_array *array)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    uintptr_t begin = (uintptr_t)array->data / page * page;
    size_t n = foray_array_nbytes(array) / page, pages = 0;
    unsigned char *in = malloc(n);

    assert_non_null(in);
    assert_int_equal(mincore((void *)begin, n * page, in), 0);
    for (size_t i = 0; i < n; i++)
        pages += in[i] & 1;
    free(in);
    return pages * page;
}

static void run_measured(const struct foray_array *x,
                         const struct foray_array *y, size_t memory,
                         enum foray_access access, uint64_t resident[2])
{
    struct foray_array table;
    size_t shape[1] = {2};
    struct foray_map map = {.fn = measure,
                            .in = {x},
                            .out = {y},
                            .whole = {&table},
                            .access = access};
    struct foray_pool *pool;
    struct foray_error err;

    assert_ok(foray_array_create(&table, NULL, FORAY_U64, 1, shape, &err), err);
    assert_ok(
        foray_pool_open(
            &pool, &(struct foray_config){.n_jobs = 2, .memory = memory}, &err),
        err);
    assert_ok(foray_map(pool, &map, NULL, &err), err);
    assert_int_equal(foray_pool_close(pool), 0);
    memcpy(resident, table.data, 2 * sizeof *resident);
    assert_int_equal(foray_array_close(&table, NULL), 0);
}

/* Arrays of four times the pool's memory stream by themselves. */
static void test_arrays_larger_than_memory_stream(void **state)
{
    struct foray_array x, y;
    uint64_t resident[2];
    struct foray_error err;

    (void)state;
    disk();
    x = file("large.npy", ROWS, COLS);
    for (size_t i = 0; i < (size_t)ROWS * COLS; i++)
        ((double *)x.data)[i] = (double)i;
    assert_ok(foray_array_close(&x, &err), err);
    assert_ok(foray_array_open(&x, test_path("large.npy"), "r", &err), err);
    y = file("large_out.npy", ROWS, COLS);

    run_measured(&x, &y, (size_t)LIMIT * MIB, FORAY_ACCESS_AUTO, resident);
    print_message("streams: %zu and %zu KiB resident, %zu KiB of the output "
                  "cached\n",
                  (size_t)resident[0] / 1024, (size_t)resident[1] / 1024,
                  cached(&y) / 1024);
    assert_true(resident[0] && resident[0] < MOST);
    assert_true(resident[1] < MOST);
    assert_true(cached(&y) < (size_t)LIMIT * MIB);
    for (size_t i = 0; i < (size_t)ROWS * COLS; i += 511)
        assert_true(((double *)y.data)[i] == 2 * (double)i);

    run_measured(&x, &y, 0, FORAY_SEQUENTIAL, resident); /* the other way */
    print_message("does not: %zu and %zu KiB\n", (size_t)resident[0] / 1024,
                  (size_t)resident[1] / 1024);
    assert_true(resident[0] + resident[1] > LIMIT * MIB);
    assert_int_equal(foray_array_close(&x, NULL), 0);
    assert_int_equal(foray_array_close(&y, NULL), 0);
}

/* The control group that the child joins, whose limit a quarter of the array
 * is.
 */
static const char group[] = "/sys/fs/cgroup/memory/foray_test_access";

static int write_to(const char *name, long long number)
{
    char path[128];
    FILE *out;

    snprintf(path, sizeof path, "%s/%s", group, name);
    out = fopen(path, "w");
    if (!out)
        return -1;
    fprintf(out, "%lld\n", number);
    return fclose(out);
}

/* 0, or the step that failed. */
static int stream_in_group(void *arg)
{
    struct foray_array x, y, table;
    size_t shape[1] = {2};
    struct foray_map map = {
        .fn = measure, .in = {&x}, .out = {&y}, .whole = {&table}};
    struct foray_pool *pool;

    (void)arg;
    if (write_to("cgroup.procs", getpid()))
        return 1;
    if (foray_array_open(&x, test_path("large.npy"), "r", NULL) ||
        foray_array_open(&y, test_path("large_out.npy"), "r+", NULL) ||
        foray_array_create(&table, NULL, FORAY_U64, 1, shape, NULL) ||
        foray_pool_open(&pool, &(struct foray_config){.n_jobs = 2}, NULL))
        return 2;
    if (foray_map(pool, &map, NULL, NULL))
        return 3;
    if (foray_pool_close(pool))
        return 4;
    for (size_t i = 0; i < 2; i++)
        if (FORAY_AT(&table, uint64_t, i) >= MOST)
            return 5;
    for (size_t i = 0; i < (size_t)ROWS * COLS; i += 511)
        if (((double *)y.data)[i] != 2 * ((double *)x.data)[i])
            return 6;
    return foray_array_close(&y, NULL) ? 7 : 0;
}

static void test_arrays_larger_than_a_control_group_stream(void **state)
{
    struct foray_array y;
    bool limited;
    int code = 0;

    (void)state;
    disk();
    if (mkdir(group, 0755)) {
        print_message("no control group of memory can be made here\n");
        skip();
    }
    limited = !write_to("memory.limit_in_bytes", (long long)LIMIT * MIB);
    y = file("large_out.npy", ROWS, COLS);
    assert_int_equal(foray_array_close(&y, NULL), 0);
    if (limited)
        code = in_child(stream_in_group, NULL);
    rmdir(group);
    if (!limited)
        skip();
    assert_int_equal(code, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hints_change_no_result),
        cmocka_unit_test(test_private_changes_stay),
        cmocka_unit_test(test_arrays_larger_than_memory_stream),
        cmocka_unit_test(test_arrays_larger_than_a_control_group_stream),
    };

    test_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
