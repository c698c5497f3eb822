/* What forked workers of a run that is given no pool have: the caller's private
 * arrays, in their places, so that nothing is dumped. */
#include "helpers.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <foray.h>

#include "mapping.h"
#include "once.h"

static struct foray_error err;

static double sum_of(const struct foray_array *x)
{
    double sum = 0;

    for (size_t i = 0; i < x->shape[0]; i++)
        sum += FORAY_AT(x, double, i);
    return sum;
}

/* (array, host, folder) -> sum, address, files of the folder that host and
 * worker have, process */
static int look(struct foray_task *task)
{
    const struct foray_array *x = foray_task_array(task, 0);
    pid_t host = (pid_t)foray_task_i64(task, 1);
    const char *folder = foray_task_str(task, 2);

    return foray_return(task, sum_of(x), (uint64_t)(uintptr_t)x->data,
                        count_open(host, folder) +
                            count_mapped(getpid(), folder),
                        (long)getpid(), (int)x->mode);
}

struct looks {
    int n_dumped; /* most files that a task saw */
    int n_in_place;
    int n_here; /* tasks that ran in this process */
};

static struct looks run_looks(const struct foray_array *x)
{
    enum { N = 8 };
    struct foray_call calls[N];
    struct foray_result results[N];
    struct looks looks = {0, 0, 0};

    for (int i = 0; i < N; i++)
        calls[i] = foray_delayed(look, x, (long)getpid(), test_folder());
    assert_ok(foray_parallel(NULL, calls, N, results, &err), err);
    for (int i = 0; i < N; i++) {
        int n_dumped = (int)foray_result_i64(&results[i], 2);

        assert_true(foray_result_f64(&results[i], 0) == sum_of(x));
        assert_int_equal(foray_result_i64(&results[i], 4), FORAY_READ);
        looks.n_dumped = n_dumped > looks.n_dumped ? n_dumped : looks.n_dumped;
        looks.n_in_place +=
            foray_result_u64(&results[i], 1) == (uintptr_t)x->data;
        looks.n_here += foray_result_i64(&results[i], 3) == getpid();
    }
    foray_results_free(results, N);
    return looks;
}

static void test_every_backend(void **state)
{
    struct foray_array x = private_ones();
    size_t descriptors = count_descriptors();

    (void)state;
    FOR_EVERY_BACKEND(backend)
    {
        struct looks looks;

        configure_once(backend, NULL);
        looks = run_looks(&x);
        assert_int_equal(looks.n_here, backend->processes ? 0 : 8);
        assert_int_equal(foray_config_pop(), 0);
        assert_int_equal(count_descriptors(), descriptors);
    }
    free(x.data);
}

static const struct backend forked = {"fork", true, true};

static void expect_inherited(const struct foray_array *x)
{
    struct looks looks = run_looks(x);

    assert_int_equal(looks.n_dumped, 0);
    assert_int_equal(looks.n_in_place, 8);
}

static void test_nothing_is_dumped(void **state)
{
    struct foray_array x = private_ones(), view;

    (void)state;
    configure_once(&forked, NULL);
    expect_inherited(&x);
    assert_ok(
        foray_array_slice(&view, &x, 0, FORAY_TO_END, FORAY_TO_END, -3, &err),
        err);
    expect_inherited(&view);
    assert_int_equal(foray_config_pop(), 0);
    free(x.data);
}

/* (bytes) -> their address, and whether they are all 'x' */
static int look_at_bytes(struct foray_task *task)
{
    struct foray_bytes bytes = foray_task_bytes(task, 0);
    const char *text = bytes.data;
    bool good = true;

    for (size_t i = 0; i < bytes.size; i++)
        good &= text[i] == 'x';
    return foray_return(task, (uint64_t)(uintptr_t)text, good);
}

static void test_long_bytes_are_inherited(void **state)
{
    size_t size = 3 << 20;
    char *text = malloc(size);
    struct foray_call call =
        foray_delayed(look_at_bytes, FORAY_BYTES(text, size));
    struct foray_result result;

    (void)state;
    memset(text, 'x', size);
    configure_once(&forked, NULL);
    assert_ok(foray_parallel(NULL, &call, 1, &result, &err), err);
    assert_true(foray_result_u64(&result, 0) == (uintptr_t)text);
    assert_true(foray_result_bool(&result, 1));
    foray_result_free(&result);
    assert_int_equal(foray_config_pop(), 0);
    free(text);
}

/* The caller views memory of a segment as its own: workers do not have it. */
static void test_view_of_a_segment(void **state)
{
    size_t length = ONCE_LENGTH;
    struct foray_array segment, x;

    (void)state;
    assert_ok(foray_array_create(&segment, NULL, FORAY_F64, 1, &length, &err),
              err);
    x = wrap(segment.data, FORAY_F64, 1, &length);
    FORAY_AT(&x, double, 5) = 5;
    configure_once(&forked, NULL);
    assert_true(run_looks(&x).n_dumped > 0);
    assert_int_equal(foray_config_pop(), 0);
    assert_ok(foray_array_close(&segment, &err), err);
}

/* (array, element) */
static int store(struct foray_task *task)
{
    const struct foray_array *x = foray_task_array(task, 0);
    size_t i = (size_t)foray_task_u64(task, 1);

    if (FORAY_AT(x, double, i) != 1)
        return foray_task_fail(task, "another task's store is here");
    FORAY_AT(x, double, i) = 2;
    return 0;
}

static void test_stores_into_mode_r_fail(void **state)
{
    struct foray_array x = private_ones();
    struct foray_call calls[] = {foray_delayed(store, &x, ONCE_LENGTH / 2),
                                 foray_delayed(store, &x, 1000),
                                 foray_delayed(store, &x, ONCE_LENGTH - 1000)};
    struct foray_result results[3];

    (void)state;
    configure_once(&forked, NULL);
    assert_ok(foray_parallel(NULL, calls, 3, results, &err), err);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(results[i].code, FORAY_ECRASH);
        assert_int_equal(foray_result_error(&results[i])->signal, SIGSEGV);
    }
    foray_results_free(results, 3);
    assert_true(sum_of(&x) == ONCE_LENGTH);
    assert_int_equal(foray_config_pop(), 0);
    free(x.data);
}

/* (array, element): stores a MiB of them */
static int store_many(struct foray_task *task)
{
    const struct foray_array *x = foray_task_array(task, 0);
    size_t i = (size_t)foray_task_u64(task, 1);

    for (size_t k = i; k < i + (1 << 17); k++)
        FORAY_AT(x, double, k) = 2;
    return 0;
}

/* Not every page is protected, but nobody gets far. */
static void test_many_stores_into_a_large_array_fail(void **state)
{
    size_t length = 10 * ONCE_LENGTH;
    double *data = calloc(length, sizeof *data);
    struct foray_array x = wrap(data, FORAY_F64, 1, &length);
    struct foray_call call = foray_delayed(store_many, &x, length / 2 + 12345);
    struct foray_result result;

    (void)state;
    configure_once(&forked, NULL);
    assert_ok(foray_parallel(NULL, &call, 1, &result, &err), err);
    assert_int_equal(result.code, FORAY_ECRASH);
    foray_result_free(&result);
    assert_int_equal(foray_config_pop(), 0);
    free(data);
}

static void test_copies_are_of_one_task(void **state)
{
    struct foray_array x = private_ones();
    struct foray_call calls[12];
    struct foray_result results[12];

    (void)state;
    for (int i = 0; i < 12; i++)
        calls[i] = foray_delayed(store, &x, ONCE_LENGTH / 2);
    configure_once(&forked, "c");
    assert_ok(foray_parallel(NULL, calls, 12, results, &err), err);
    for (int i = 0; i < 12; i++)
        assert_int_equal(results[i].code, 0);
    foray_results_free(results, 12);
    assert_true(sum_of(&x) == ONCE_LENGTH);
    assert_int_equal(foray_config_pop(), 0);
    free(x.data);
}

static int return_part(struct foray_task *task)
{
    struct foray_array part;

    if (foray_array_slice(&part, foray_task_array(task, 0), 0, 1, FORAY_TO_END,
                          2, NULL))
        return -1;
    return foray_return(task, &part);
}

static void test_part_of_an_argument_comes_back(void **state)
{
    struct foray_array x = private_ones();
    struct foray_call call = foray_delayed(return_part, &x);
    struct foray_result result;

    (void)state;
    configure_once(&forked, NULL);
    assert_ok(foray_parallel(NULL, &call, 1, &result, &err), err);
    assert_int_equal(foray_result_array(&result, 0)->shape[0], ONCE_LENGTH / 2);
    assert_true(sum_of(foray_result_array(&result, 0)) == ONCE_LENGTH / 2);
    foray_result_free(&result);
    assert_int_equal(foray_config_pop(), 0);
    free(x.data);
}

static int dies(struct foray_task *task)
{
    const struct foray_array *x = foray_task_array(task, 0);

    if (foray_task_i64(task, 1) % 3 == 1)
        raise(SIGKILL);
    return foray_return(task, sum_of(x));
}

/* Those that take a dead worker's place inherit as it did. */
static void test_workers_die(void **state)
{
    struct foray_array x = private_ones();
    struct foray_call calls[12];
    struct foray_result results[12];

    (void)state;
    for (int i = 0; i < 12; i++)
        calls[i] = foray_delayed(dies, &x, i);
    configure_once(&forked, NULL);
    assert_ok(foray_parallel(NULL, calls, 12, results, &err), err);
    for (int i = 0; i < 12; i++)
        if (i % 3 == 1)
            assert_int_equal(results[i].code, FORAY_ECRASH);
        else
            assert_true(foray_result_f64(&results[i], 0) == ONCE_LENGTH);
    foray_results_free(results, 12);
    assert_int_equal(foray_config_pop(), 0);
    free(x.data);
}

struct wanted {
    const void *in, *whole;
    char folder[256];
};

/* out = in * whole[0]; fails where its arrays are not the caller's. */
static int scale(struct foray_task *task)
{
    const struct wanted *wanted = foray_task_params(task);
    struct foray_slice slice = foray_task_slice(task);
    const struct foray_array *in = foray_task_in(task, 0);
    const struct foray_array *out = foray_task_out(task, 0);
    const struct foray_array *whole = foray_task_whole(task, 0);

    if ((const double *)in->data - (const double *)wanted->in !=
            (ptrdiff_t)slice.start ||
        whole->data != wanted->whole)
        return foray_task_fail(task, "an array is somewhere else");
    if (count_mapped(getpid(), wanted->folder) != 1)
        return foray_task_fail(task, "not only the output is shared");
    for (size_t i = 0; i < in->shape[0]; i++)
        FORAY_AT(out, double, i) =
            FORAY_AT(in, double, i) * FORAY_AT(whole, double, 0);
    return 0;
}

static int store_in(struct foray_task *task)
{
    FORAY_AT(foray_task_in(task, 0), double, 600) = 2;
    return 0;
}

static void test_map(void **state)
{
    size_t length = ONCE_LENGTH;
    struct foray_array x = private_ones(), y, factor;
    double *factors = calloc(ONCE_LENGTH, sizeof *factors);
    double *result = calloc(ONCE_LENGTH, sizeof *result);
    struct wanted wanted;
    struct foray_map map = {.fn = scale,
                            .in = {&x},
                            .out = {&y},
                            .whole = {&factor},
                            .params = &wanted,
                            .params_size = sizeof wanted,
                            .on_error = FORAY_STOP};
    struct foray_report report;

    (void)state;
    factor = wrap(factors, FORAY_F64, 1, &length);
    y = wrap(result, FORAY_F64, 1, &length);
    factors[0] = 3;
    wanted.in = x.data;
    wanted.whole = factor.data;
    snprintf(wanted.folder, sizeof wanted.folder, "%s", test_folder());
    configure_once(&forked, NULL);
    assert_ok(foray_map(NULL, &map, &report, &err), err);
    assert_true(sum_of(&y) == 3.0 * ONCE_LENGTH);
    assert_int_equal(report.workers, 3);
    map.fn = store_in;
    assert_int_equal(foray_map(NULL, &map, NULL, &err), FORAY_ECRASH);
    assert_non_null(strstr(err.msg, "in[0], which is read-only"));
    assert_true(sum_of(&x) == ONCE_LENGTH);
    assert_int_equal(foray_config_pop(), 0);
    free(factors);
    free(result);
    free(x.data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_backend),
        cmocka_unit_test(test_nothing_is_dumped),
        cmocka_unit_test(test_long_bytes_are_inherited),
        cmocka_unit_test(test_view_of_a_segment),
        cmocka_unit_test(test_stores_into_mode_r_fail),
        cmocka_unit_test(test_many_stores_into_a_large_array_fail),
        cmocka_unit_test(test_copies_are_of_one_task),
        cmocka_unit_test(test_part_of_an_argument_comes_back),
        cmocka_unit_test(test_workers_die),
        cmocka_unit_test(test_map),
    };

    init_every_backend();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
