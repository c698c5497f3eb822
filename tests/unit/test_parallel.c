/* Calls: lists of them, iterators, futures; under every backend. */
#include "helpers.h"

#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <foray.h>

#include "outside.h"
#include "pools.h"

static const char *const backends[] = {"serial", "fork", "threads", "outside",
                                       "elsewhere"};
enum { N_BACKENDS = sizeof backends / sizeof backends[0] };

static int square(struct foray_task *task)
{
    int64_t x = foray_task_i64(task, 0);

    return foray_return(task, x * x);
}

static void test_list_keeps_order(void **state)
{
    (void)state;
    for (int b = 0; b < N_BACKENDS; b++)
        for (int n_jobs = 1; n_jobs <= 4; n_jobs += 3) {
            struct foray_pool *pool = open_pool(backends[b], n_jobs, NULL);
            static struct foray_call calls[1000];
            static struct foray_result results[1000];
            struct foray_error err;

            for (int i = 0; i < 1000; i++)
                calls[i] = foray_delayed(square, i);
            for (int round = 0; round < 3; round++) {
                assert_ok(foray_parallel(pool, calls, 1000, results, &err),
                          err);
                for (int i = 0; i < 1000; i++) {
                    assert_int_equal(foray_result_i64(&results[i], 0), i * i);
                    assert_int_equal(results[i].index, i);
                    assert_int_equal(results[i].attempt, 1);
                    assert_int_equal(results[i].status, FORAY_TASK_OK);
                }
                foray_results_free(results, 1000);
            }
            assert_ok(foray_parallel(pool, NULL, 0, NULL, &err), err);
            assert_int_equal(foray_pool_close(pool), 0);
        }
}

static int everything(struct foray_task *task)
{
    const struct foray_array *array = foray_task_array(task, 9);
    struct foray_bytes bytes = foray_task_bytes(task, 8);
    struct foray_value z = foray_task_c128(task, 5);

    if (foray_task_n_args(task) != 10 || !foray_task_bool(task, 0) ||
        foray_task_i64(task, 1) != -5 ||
        foray_task_u64(task, 2) != UINT64_MAX ||
        foray_task_f64(task, 3) != 2.5 || foray_task_f64(task, 4) != 7 ||
        z.as.c[0] != 1 || z.as.c[1] != 2 ||
        strcmp(foray_task_str(task, 6), "hello") ||
        foray_task_str(task, 7) != NULL || bytes.size != 3 ||
        memcmp(bytes.data, "a\0b", 3) || array->shape[1] != 3 ||
        FORAY_AT(array, double, 1, 2) != 6)
        return foray_task_fail(task, "an argument is not what it was");
    return foray_return(task, true, (char)3, UINT64_MAX, 1.5f, z, "text",
                        FORAY_BYTES("x\0y", 3), NULL, array);
}

static void test_every_kind_of_value(void **state)
{
    double data[2][3] = {{1, 2, 3}, {4, 5, 6}};
    struct foray_array array;
    struct foray_error err;

    (void)state;
    assert_ok(
        foray_array_wrap(&array, data, FORAY_F64, 2, (size_t[]){2, 3}, &err),
        err);
    for (int b = 0; b < N_BACKENDS; b++) {
        struct foray_pool *pool = open_pool(backends[b], 2, NULL);
        struct foray_call call = foray_delayed(
            everything, true, -5, SIZE_MAX, 2.5, 7, foray_value_c128(1, 2),
            "hello", NULL, FORAY_BYTES("a\0b", 3), &array);
        struct foray_result r;
        const struct foray_array *back;

        assert_ok(foray_parallel(pool, &call, 1, &r, &err), err);
        assert_int_equal(r.n, 9);
        assert_true(foray_result_bool(&r, 0));
        assert_int_equal(foray_result_i64(&r, 1), 3);
        assert_true(foray_result_u64(&r, 2) == UINT64_MAX);
        assert_true(foray_result_f64(&r, 3) == 1.5);
        assert_true(foray_result_c128(&r, 4).as.c[1] == 2);
        assert_string_equal(foray_result_str(&r, 5), "text");
        assert_int_equal(foray_result_bytes(&r, 6).size, 3);
        assert_memory_equal(foray_result_bytes(&r, 6).data, "x\0y", 3);
        assert_int_equal(foray_result_kind(&r, 7), FORAY_KIND_NONE);
        back = foray_result_array(&r, 8);
        assert_non_null(back);
        assert_true(FORAY_AT(back, double, 1, 1) == 5);
        assert_true(isnan(foray_result_f64(&r, 5)));
        assert_null(foray_result_str(&r, 99));
        foray_result_free(&r);
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

struct sample {
    double x;
    int64_t n;
};

static bool is_aligned(const void *data)
{
    return (uintptr_t)data % 16 == 0;
}

/* A struct in bytes is read where it lies, whatever is beside it. */
static int add_up(struct foray_task *task)
{
    const struct sample *in = foray_task_bytes(task, 1).data;
    const struct sample *more = foray_task_bytes(task, 3).data;

    if (!is_aligned(in) || !is_aligned(more))
        return foray_task_fail(task, "%p or %p is not aligned",
                               (const void *)in, (const void *)more);
    return foray_return(
        task, foray_task_str(task, 0),
        FORAY_BYTES((&(struct sample){in->x + more->x, in->n + more->n}),
                    sizeof *in));
}

static void test_structs_in_bytes_are_aligned(void **state)
{
    enum { N_CALLS = 40 };

    (void)state;
    for (int b = 0; b < N_BACKENDS; b++) {
        struct foray_pool *pool =
            open_pool(backends[b], 2, &(struct foray_config){.batch_size = 7});
        static struct foray_call calls[N_CALLS];
        static struct foray_result results[N_CALLS];
        static struct sample samples[N_CALLS];
        struct foray_error err;

        for (int i = 0; i < N_CALLS; i++) {
            static const char text[] = "0123456789012345678901234567890123456";

            samples[i] = (struct sample){i + 0.5, i};
            calls[i] = foray_delayed(add_up, &text[i % 17],
                                     FORAY_BYTES(&samples[i], sizeof *samples),
                                     &text[i % 5],
                                     FORAY_BYTES(&samples[0], sizeof *samples));
        }
        assert_ok(foray_parallel(pool, calls, N_CALLS, results, &err), err);
        for (int i = 0; i < N_CALLS; i++) {
            const struct sample *sum = foray_result_bytes(&results[i], 1).data;

            assert_true(is_aligned(sum));
            assert_true(sum->x == i + 1 && sum->n == i);
        }
        foray_results_free(results, N_CALLS);
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

/* An array that is returned is the result's: closing it is refused. */
static int return_and_close(struct foray_task *task)
{
    struct foray_array array;
    struct foray_error err;

    if (foray_array_create(&array, NULL, FORAY_F64, 1, &(size_t){100000}, &err))
        return foray_task_raise(task, &err);
    FORAY_AT(&array, double, 99999) = 7;
    foray_return(task, &array, &array);
    return foray_array_close(&array, NULL) == FORAY_EBUSY ? 0 : 1;
}

static void test_returned_array_is_the_result_s(void **state)
{
    (void)state;
    for (int b = 0; b < N_BACKENDS; b++) {
        struct foray_pool *pool = open_pool(backends[b], 1, NULL);
        struct foray_call call = foray_delayed(return_and_close);
        struct foray_result r;
        struct foray_array taken;
        struct foray_error err;

        assert_ok(foray_parallel(pool, &call, 1, &r, &err), err);
        assert_true(FORAY_AT(foray_result_array(&r, 0), double, 99999) == 7);
        assert_true(FORAY_AT(foray_result_array(&r, 1), double, 99999) == 7);
        assert_ok(foray_result_take_array(&taken, &r, 0, &err), err);
        foray_result_free(&r);
        assert_true(FORAY_AT(&taken, double, 99999) == 7);
        assert_ok(foray_array_close(&taken, &err), err);
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

static int fail_or_die(struct foray_task *task)
{
    int64_t i = foray_task_i64(task, 0);

    if (i == 5)
        return foray_task_fail(task, "no convergence");
    if (i == 7)
        raise(SIGKILL);
    if (i == 9)
        exit(3);
    return foray_return(task, i);
}

static void test_errors_name_the_call(void **state)
{
    struct foray_pool *pool =
        open_pool("fork", 2, &(struct foray_config){.on_error = FORAY_SKIP});
    struct foray_call calls[20];
    struct foray_result results[20];
    struct foray_error err;

    (void)state;
    for (int i = 0; i < 20; i++)
        calls[i] = foray_delayed(fail_or_die, i, "img.png");
    assert_ok(foray_parallel(pool, calls, 20, results, &err), err);
    for (int i = 0; i < 20; i++)
        if (i != 5 && i != 7 && i != 9)
            assert_int_equal(foray_result_i64(&results[i], 0), i);
    assert_int_equal(results[5].code, FORAY_ETASK);
    assert_string_equal(foray_result_error(&results[5])->msg,
                        "fail_or_die(5, \"img.png\"): no convergence; "
                        "FORAY_ONLY_TASK=5 runs it alone");
    assert_int_equal(results[7].code, FORAY_ECRASH);
    assert_int_equal(foray_result_error(&results[7])->signal, SIGKILL);
    assert_int_equal(results[9].code, FORAY_EEXIT);
    foray_results_free(results, 20);
    assert_int_equal(foray_pool_close(pool), 0);
}

/* Ask for argument 1 as what it is not; `how` is argument 0. */
static int ask_wrongly(struct foray_task *task)
{
    int64_t how = foray_task_i64(task, 0);

    switch (how) {
    case 0:
        return foray_return(task, foray_task_bool(task, 1));
    case 1:
        return foray_return(task, foray_task_i64(task, 1));
    case 2:
        return foray_return(task, foray_task_u64(task, 1));
    case 3:
        return foray_return(task, foray_task_f64(task, 1));
    case 4:
        return foray_return(task, foray_task_c128(task, 1));
    case 5:
        return foray_return(task, foray_task_str(task, 1));
    case 6:
        return foray_return(task, foray_task_bytes(task, 1));
    case 7:
        return foray_return(task, foray_task_array(task, 1));
    case 8:
        return foray_return(task, foray_task_i64(task, 2));
    default:
        return foray_return(task, how) ? 0 : foray_return(task, how);
    }
}

static void test_arguments_of_another_kind(void **state)
{
    static const struct {
        const char *text, *says;
        double number; /* where there is no text */
    } cases[] = {
        {NULL, "argument 1 is a double, and the task asked for a bool", 0.5},
        {"x", "argument 1 is a string, and the task asked for a signed", 0},
        {"x", "argument 1 is a string, and the task asked for an unsigned", 0},
        {"x", "argument 1 is a string, and the task asked for a double", 0},
        {"x", "argument 1 is a string, and the task asked for a complex", 0},
        {NULL, "argument 1 is a double, and the task asked for a string", 0.5},
        {NULL, "argument 1 is a double, and the task asked for bytes", 0.5},
        {NULL, "argument 1 is a double, and the task asked for an array", 0.5},
        {"x", "the task asked for argument 2, but has 2", 0},
        {"x", "the task returned values twice", 0},
    };
    struct foray_pool *pool = open_pool("serial", 1, NULL);

    (void)state;
    for (int i = 0; i < (int)(sizeof cases / sizeof *cases); i++) {
        struct foray_call call =
            cases[i].text ? foray_delayed(ask_wrongly, i, cases[i].text)
                          : foray_delayed(ask_wrongly, i, cases[i].number);
        struct foray_result result;
        struct foray_error err;

        assert_int_equal(foray_parallel(pool, &call, 1, &result, &err),
                         FORAY_ETASK);
        if (!strstr(err.msg, cases[i].says))
            fail_msg("\"%s\" lacks \"%s\"", err.msg, cases[i].says);
        foray_result_free(&result);
    }
    assert_int_equal(foray_pool_close(pool), 0);
}

static void test_text_of_every_kind(void **state)
{
    double data[2][3] = {{0}};
    struct foray_array array;
    struct foray_call call;
    struct foray_error err;
    char text[512];

    (void)state;
    assert_ok(
        foray_array_wrap(&array, data, FORAY_F64, 2, (size_t[]){2, 3}, &err),
        err);
    call = foray_call_of(
        "act", square, 10,
        (struct foray_value[]){
            foray_value_none(), foray_value_bool(true), foray_value_i64(-5),
            foray_value_u64(UINT64_MAX), foray_value_f64(0.5),
            foray_value_c128(1, -2), foray_value_str("a\nb"),
            foray_value_bytes(FORAY_BYTES("x\0y", 3)),
            foray_value_array(&array), foray_value_pointer(&array)});
    assert_string_equal(foray_call_text(text, sizeof text, &call),
                        "act(NULL, true, -5, 18446744073709551615, 0.5, "
                        "1-2i, \"a\\x0ab\", 3 bytes, f64[2,3], a pointer)");
    for (size_t size = 1; size < 100;
         size++) { /* it ends where the room does */
        char cut[100];

        foray_call_text(cut, size, &call);
        assert_true(strlen(cut) < size);
        assert_memory_equal(cut, text, strlen(cut));
    }
}

static int count_up(struct foray_slot *slot, void *arg)
{
    int64_t *next = arg;

    if (next[0] == next[1])
        return 0;
    return foray_produce(slot, foray_delayed(square, next[0]++));
}

static void test_iterator(void **state)
{
    (void)state;
    for (int b = 0; b < N_BACKENDS; b++)
        for (int unordered = 0; unordered < 2; unordered++) {
            struct foray_pool *pool = open_pool(backends[b], 2, NULL);
            int64_t range[2] = {0, 5000}, sum = 0;
            struct foray_iterator iterator = {
                .next = count_up, .next_arg = range, .unordered = unordered};
            struct foray_result result;
            struct foray_run *run;
            struct foray_error err;
            int code;
            size_t n = 0;

            assert_ok(foray_run_start(&run, pool, &iterator, &err), err);
            while ((code = foray_run_next(run, &result, &err)) > 0) {
                if (!unordered)
                    assert_int_equal(result.index, n);
                assert_int_equal(foray_result_i64(&result, 0),
                                 result.index * result.index);
                sum += foray_result_i64(&result, 0);
                n++;
                foray_result_free(&result);
            }
            assert_ok(code, err);
            assert_int_equal(n, 5000);
            assert_int_equal(sum, INT64_C(41654167500));
            foray_run_drop(run, NULL);
            assert_int_equal(foray_pool_close(pool), 0);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_list_keeps_order),
        cmocka_unit_test(test_every_kind_of_value),
        cmocka_unit_test(test_structs_in_bytes_are_aligned),
        cmocka_unit_test(test_returned_array_is_the_result_s),
        cmocka_unit_test(test_errors_name_the_call),
        cmocka_unit_test(test_arguments_of_another_kind),
        cmocka_unit_test(test_text_of_every_kind),
        cmocka_unit_test(test_iterator),
    };

    register_outside();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
