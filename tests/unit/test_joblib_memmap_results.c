/* Conformance with joblib, cases 40 to 42: arrays that come back, what is left
 * when a task fails that holds some, and pools beside one another. */
#include "helpers.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <foray.h>

#include "every_backend.h"
#include "mapping.h"

enum { LENGTH = 10000 };

static struct foray_error err;
static double numbers[LENGTH];

static struct foray_array make_numbers(void)
{
    for (size_t i = 0; i < LENGTH; i++)
        numbers[i] = (double)i;
    return wrap(numbers, FORAY_F64, 1, (size_t[]){LENGTH});
}

static const struct foray_config dumping = {.max_nbytes = 40};

static int return_own(struct foray_task *task)
{
    size_t n = LENGTH;
    double *x = malloc(n * sizeof *x);
    struct foray_array array;
    int code = -1;

    if (x && !foray_array_wrap(&array, x, FORAY_F64, 1, &n, NULL)) {
        for (size_t i = 0; i < n; i++)
            x[i] = (double)i / 2;
        code = foray_return(task, &array);
    }
    free(x);
    return code;
}

static void test_40_large_results_are_the_callers(void **state)
{
    size_t descriptors = count_descriptors();

    (void)state;
    FOR_EVERY_BACKEND(backend)
    {
        struct foray_pool *pool = open_backend(backend, 2, &dumping);
        struct foray_call call = foray_delayed(return_own);
        struct foray_result result;
        struct foray_array x;

        assert_ok(foray_parallel(pool, &call, 1, &result, &err), err);
        assert_ok(foray_result_take_array(&x, &result, 0, &err), err);
        foray_result_free(&result);
        assert_int_equal(foray_pool_close(pool), 0);
        assert_int_equal(x.shape[0], LENGTH);
        for (size_t i = 0; i < LENGTH; i++)
            assert_true(FORAY_AT(&x, double, i) == (double)i / 2);
        FORAY_AT(&x, double, 7) = 7; /* it is writable */
        assert_ok(foray_array_close(&x, &err), err);
        assert_int_equal(count_descriptors(), descriptors);
    }
}

static int return_slice(struct foray_task *task)
{
    const struct foray_array *x = foray_task_array(task, 0);
    struct foray_array part;

    if (foray_array_slice(&part, x, 0, 1, FORAY_TO_END, 2, NULL))
        return -1;
    return foray_return(task, &part);
}

static void check_slice(const struct foray_array *x)
{
    assert_int_equal(x->shape[0], LENGTH / 2);
    for (size_t i = 0; i < LENGTH / 2; i++)
        assert_true(FORAY_AT(x, double, i) == (double)(2 * i + 1));
}

static void test_40_slice_of_a_dumped_argument_is_copied(void **state)
{
    struct foray_array x = make_numbers();

    (void)state;
    FOR_EVERY_BACKEND(backend)
    {
        struct foray_pool *pool = open_backend(backend, 2, &dumping);
        struct foray_call call = foray_delayed(return_slice, &x);
        struct foray_result result;
        struct foray_array part;

        assert_ok(foray_parallel(pool, &call, 1, &result, &err), err);
        assert_ok(foray_result_take_array(&part, &result, 0, &err), err);
        foray_result_free(&result);
        assert_int_equal(foray_pool_close(pool), 0);
        check_slice(&part);
        assert_ok(foray_array_close(&part, &err), err);
    }
}

static void test_40_slice_of_a_file_is_a_view(void **state)
{
    const char *path = test_path("numbers.npy");
    struct foray_array x = make_numbers();

    (void)state;
    assert_ok(foray_array_save(&x, path, &err), err);
    FOR_EVERY_BACKEND(backend)
    {
        struct foray_pool *pool = open_backend(backend, 2, &dumping);
        const struct foray_array *part;
        struct foray_result result;
        struct foray_array file;
        struct foray_call call;

        assert_ok(foray_array_open(&file, path, "r", &err), err);
        call = foray_delayed(return_slice, &file);
        assert_ok(foray_parallel(pool, &call, 1, &result, &err), err);
        part = foray_result_array(&result, 0);
        assert_ptr_equal(part->data, foray_at1(&file, 1));
        check_slice(part);
        foray_result_free(&result);
        assert_ok(foray_array_close(&file, &err), err);
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

static int fail_with_array(struct foray_task *task)
{
    const struct foray_array *x = foray_task_array(task, 0);

    if (FORAY_AT(x, double, 5) != 5)
        return foray_task_fail(task, "wrong number");
    if (foray_task_bool(task, 1))
        raise(SIGKILL);
    return foray_task_fail(task, "on purpose");
}

/* Standard error goes to a file until this is called again with that. */
static int redirect_errors(int to)
{
    int before = dup(STDERR_FILENO);

    assert_true(before >= 0);
    assert_true(dup2(to, STDERR_FILENO) >= 0);
    close(to);
    return before;
}

static int begin_errors(void)
{
    int file = open(test_path("stderr"), O_RDWR | O_CREAT | O_TRUNC, 0600);

    assert_true(file >= 0);
    return redirect_errors(file);
}

static void expect_no_errors(int before)
{
    off_t length = lseek(STDERR_FILENO, 0, SEEK_END);

    close(redirect_errors(before));
    assert_int_equal(length, 0);
    assert_int_equal(remove(test_path("stderr")), 0);
}

static void test_41_failing_task_leaves_nothing(void **state)
{
    struct foray_array x = make_numbers();

    (void)state;
    FOR_EVERY_BACKEND(backend)
    for (int killed = 0; killed < 1 + (int)backend->processes; killed++) {
        struct foray_config config = {.max_nbytes = 40,
                                      .temp_folder = test_folder()};
        size_t descriptors = count_descriptors();
        size_t mappings = count_foray_mappings();
        int names = count_files(test_folder()), errors = begin_errors();
        struct foray_pool *pool = open_backend(backend, 2, &config);
        struct foray_call call = foray_delayed(fail_with_array, &x, killed);
        int code = foray_parallel(pool, &call, 1, NULL, &err);

        assert_int_equal(foray_pool_close(pool), 0);
        expect_no_errors(errors);
        assert_int_equal(code, killed ? FORAY_ECRASH : FORAY_ETASK);
        assert_int_equal(count_files(test_folder()), names);
        assert_int_equal(count_foray_mappings(), mappings);
        assert_int_equal(count_descriptors(), descriptors);
    }
}

static int sum(struct foray_task *task)
{
    const struct foray_array *x = foray_task_array(task, 0);
    double total = 0;

    for (size_t i = 0; i < x->shape[0]; i++)
        total += FORAY_AT(x, double, i);
    return foray_return(task, total);
}

struct caller {
    const struct backend *backend;
    double value;
    int wrong;
};

/* A thread with pools of its own, one after another, each with dumps. */
static void *call_often(void *arg)
{
    struct caller *caller = arg;
    double *data = malloc(LENGTH * sizeof *data);
    size_t n = LENGTH;
    struct foray_array x;

    for (size_t i = 0; i < n; i++)
        data[i] = caller->value;
    caller->wrong = foray_array_wrap(&x, data, FORAY_F64, 1, &n, NULL);
    for (int round = 0; round < 5; round++) {
        struct foray_config config = dumping;
        struct foray_pool *pool;
        struct foray_call calls[4];
        struct foray_result results[4];

        config.backend = caller->backend->name;
        config.n_jobs = 2;
        if (foray_pool_open(&pool, &config, NULL)) {
            caller->wrong++;
            continue;
        }
        for (int i = 0; i < 4; i++)
            calls[i] = foray_delayed(sum, &x);
        caller->wrong += foray_parallel(pool, calls, 4, results, NULL) != 0;
        for (int i = 0; i < 4; i++)
            caller->wrong += foray_result_f64(&results[i], 0) !=
                             caller->value * (double)LENGTH;
        foray_results_free(results, 4);
        caller->wrong += foray_pool_close(pool) != 0;
    }
    free(data);
    return NULL;
}

static void test_42_pools_side_by_side(void **state)
{
    (void)state;
    FOR_EVERY_BACKEND(backend)
    {
        struct caller callers[2] = {{backend, 1, 0}, {backend, 3, 0}};
        int errors = begin_errors();
        pthread_t threads[2];

        for (int i = 0; i < 2; i++)
            if (pthread_create(&threads[i], NULL, call_often, &callers[i]))
                abort();
        for (int i = 0; i < 2; i++)
            pthread_join(threads[i], NULL);
        expect_no_errors(errors);
        assert_int_equal(callers[0].wrong, 0);
        assert_int_equal(callers[1].wrong, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_40_large_results_are_the_callers),
        cmocka_unit_test(test_40_slice_of_a_dumped_argument_is_copied),
        cmocka_unit_test(test_40_slice_of_a_file_is_a_view),
        cmocka_unit_test(test_41_failing_task_leaves_nothing),
        cmocka_unit_test(test_42_pools_side_by_side),
    };

    init_every_backend();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
