/* Batches that come back damaged: whatever bytes a registered backend brings,
 * the caller has a result or an error of every call and task.
 *
 * FORAY_SLOW: ten times as many.
 */
#include "helpers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <foray/backend.h>

#include "calls.h"
#include "pools.h"

enum { N = 7, ROUNDS = 300 };

/* Executes batches in the caller's thread, and damages what comes of them. */
struct damager {
    struct foray_done done[2];
    int n;
};

static uint64_t seed = 1;

static size_t below(size_t n)
{
    seed = seed * 6364136223846793005U + 1442695040888963407U;
    return (size_t)(seed >> 33) % n;
}

static int damager_open(void **state, int *n_jobs, void *arg,
                        struct foray_error *err)
{
    (void)arg;
    (void)err;
    *n_jobs = 1;
    *state = calloc(1, sizeof(struct damager));
    return *state ? 0 : FORAY_ENOMEM;
}

/* Some bytes are others, and every eighth batch is cut short. A copy that ends
 * where it ends, for a sanitizer to see. */
static void damage(struct foray_done *done)
{
    static const unsigned char favourites[] = {0x00, 0x01, 0x7f, 0x80, 0xff};
    size_t size = below(8) ? done->size : below(done->size + 1);
    unsigned char *bytes = malloc(size ? size : 1);

    assert_non_null(bytes);
    memcpy(bytes, done->bytes, size);
    for (size_t k = size ? below(4) : 0; k > 0; k--)
        bytes[below(below(2) ? size : size / N + 1) % size] =
            below(3) ? favourites[below(5)] : (unsigned char)below(256);
    free(done->bytes);
    done->bytes = bytes;
    done->size = size;
}

static int damager_submit(void *state, uint64_t id, const void *bytes,
                          size_t size, struct foray_error *err)
{
    struct damager *damager = state;
    struct foray_done *done = &damager->done[damager->n++];
    int code;

    done->id = id;
    code = foray_backend_execute(&done->bytes, &done->size, bytes, size, 0,
                                 NULL, err);
    if (!code)
        damage(done);
    return code;
}

static int damager_poll(void *state, double seconds, struct foray_done *done,
                        struct foray_error *err)
{
    struct damager *damager = state;

    (void)seconds;
    (void)err;
    if (!damager->n)
        return 0;
    *done = damager->done[--damager->n];
    return 1;
}

static void damager_cancel(void *state)
{
    (void)state;
}

static struct foray_pool *open_damaged(int retries)
{
    return open_pool(
        "damager", 0,
        &(struct foray_config){.on_error = FORAY_SKIP, .retries = retries});
}

static size_t n_rounds(void)
{
    return getenv("FORAY_SLOW") ? 10 * ROUNDS : ROUNDS;
}

/* (i) -> i, "number i", three bytes, an array of i elements, i / 2. */
static int return_all(struct foray_task *task)
{
    int64_t i = foray_task_i64(task, 0);
    double elements[N] = {0};
    struct foray_array array;
    size_t n = (size_t)i;
    char text[32];

    if (i == 5)
        return foray_task_fail(task, "call 5 fails");
    if (foray_array_wrap(&array, elements, FORAY_F64, 1, &n, NULL))
        return FORAY_EINVAL;
    snprintf(text, sizeof text, "number %d", (int)i);
    return foray_return(task, i, text, FORAY_BYTES("abc", 3), &array,
                        (double)i / 2);
}

static void read_result(const struct foray_result *result)
{
    const struct foray_error *error = foray_result_error(result);
    char text[4096];
    size_t seen = 0;

    if (result->code) {
        assert_non_null(error);
        assert_true(error->msg[0]);
        assert_non_null(foray_error_backtrace(text, sizeof text, error));
        return;
    }
    for (int k = 0; k < (int)result->n; k++) {
        const struct foray_array *array = foray_result_array(result, k);
        struct foray_bytes bytes = foray_result_bytes(result, k);
        const char *string = foray_result_str(result, k);

        if (string)
            seen += strlen(string);
        for (size_t i = 0; i < bytes.size; i++)
            seen += ((const unsigned char *)bytes.data)[i];
        if (array && array->dtype == FORAY_F64 && array->ndim == 1)
            for (size_t i = 0; i < array->shape[0]; i++)
                seen += FORAY_AT(array, double, i) > 0;
    }
    assert_in_range(seen, 0, SIZE_MAX - 1);
}

static void test_calls(void **state)
{
    struct foray_pool *pools[] = {open_damaged(0), open_damaged(2)};

    (void)state;
    for (size_t round = 0; round < n_rounds(); round++) {
        struct foray_call calls[N];
        struct foray_result results[N];

        for (int i = 0; i < N; i++)
            calls[i] = foray_delayed(return_all, i);
        (void)!foray_parallel(pools[round % 2], calls, N, results, NULL);
        for (int i = 0; i < N; i++) {
            assert_int_equal(results[i].index, i);
            read_result(&results[i]);
        }
        foray_results_free(results, N);
    }
    for (int k = 0; k < 2; k++)
        assert_int_equal(foray_pool_close(pools[k]), 0);
}

static int copy_row(struct foray_task *task)
{
    const struct foray_array *in = foray_task_in(task, 0);
    const struct foray_array *out = foray_task_out(task, 0);

    if (foray_task_index(task) == 5)
        return foray_task_fail(task, "task 5 fails");
    return foray_array_copy(out, in, NULL);
}

/* Elements may be wrong, as nothing says that they are; the report is not. */
static void test_tasks(void **state)
{
    struct foray_pool *pools[] = {open_damaged(0), open_damaged(2)};
    static double from[N][3], to[N][3];
    static const size_t shape[] = {N, 3};
    struct foray_array in, out;
    struct foray_error err;

    (void)state;
    assert_ok(foray_array_wrap(&in, from, FORAY_F64, 2, shape, &err), err);
    assert_ok(foray_array_wrap(&out, to, FORAY_F64, 2, shape, &err), err);
    for (size_t round = 0; round < n_rounds(); round++) {
        struct foray_report report = {0};
        struct foray_map map = {
            .fn = copy_row, .in = {&in}, .out = {&out}, .chunk = 1};

        (void)!foray_map(pools[round % 2], &map, &report, NULL);
        assert_int_equal(report.ok + report.failed + report.not_run, N);
        assert_in_range(report.retried, 0, N * N);
    }
    for (int k = 0; k < 2; k++)
        assert_int_equal(foray_pool_close(pools[k]), 0);
}

int main(void)
{
    static const struct foray_backend backend = {.name = "damager",
                                                 .open = damager_open,
                                                 .submit = damager_submit,
                                                 .poll = damager_poll,
                                                 .cancel = damager_cancel,
                                                 .close = free};
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_calls),
        cmocka_unit_test(test_tasks),
    };

    if (foray_backend_register(&backend, NULL))
        return 99;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
