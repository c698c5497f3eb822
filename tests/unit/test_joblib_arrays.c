/* Cases of joblib's own tests, by their numbers: private arrays as arguments.
 * What is larger than max_nbytes becomes a mapped snapshot of the moment the
 * call was made; it never has a name that could be left behind (21). */
#include "helpers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "calls.h"
#include "every_backend.h"
#include "mapping.h"

enum { N = 10 };

/* (i, array full of i) -> whether the array lies in shared memory */
static int check_own_data(struct foray_task *task)
{
    int64_t i = foray_task_i64(task, 0);
    const struct foray_array *array = foray_task_array(task, 1);
    struct mapping mapping;

    for (size_t k = 0; k < N; k++)
        if (FORAY_AT(array, double, k) != (double)i)
            return foray_task_fail(task, "element %zu is %g", k,
                                   FORAY_AT(array, double, k));
    if (find_mapping(&mapping, array->data))
        return foray_task_fail(task, "it is not mapped");
    return foray_return(task, mapping.shared);
}

struct temporaries {
    int64_t next;
    bool reuse; /* one buffer for all of them */
    double buffer[N];
};

static int next_temporary(struct foray_slot *slot, void *arg)
{
    struct temporaries *all = arg;
    size_t n = N;
    double *data;
    struct foray_array array;
    int code;

    if (all->next == 100)
        return 0;
    data = all->reuse ? all->buffer : malloc(N * sizeof *data);
    if (!data || foray_array_wrap(&array, data, FORAY_F64, 1, &n, NULL))
        return foray_produce_fail(slot, FORAY_ENOMEM, "no memory");
    for (size_t k = 0; k < N; k++)
        data[k] = (double)all->next;
    code =
        foray_produce(slot, foray_delayed(check_own_data, all->next++, &array));
    for (size_t k = 0; k < N; k++)
        data[k] = -1; /* the call has what was here before */
    if (!all->reuse)
        free(data);
    return code;
}

static void check_temporaries(struct foray_pool *pool, bool reuse)
{
    struct temporaries all = {.reuse = reuse};
    const struct foray_iterator iterator = {.next = next_temporary,
                                            .next_arg = &all};
    struct foray_run *run;
    struct foray_result result;
    struct foray_error err;
    int code, n = 0;

    assert_ok(foray_run_start(&run, pool, &iterator, &err), err);
    while ((code = foray_run_next(run, &result, &err)) > 0) {
        assert_true(foray_result_bool(&result, 0));
        foray_result_free(&result);
        n++;
    }
    assert_ok(code, err);
    assert_int_equal(n, 100);
    foray_run_drop(run, NULL);
}

static void test_case_20_temporary_arrays(void **state)
{
    (void)state;
    FOR_EVERY_BACKEND(backend)
    for (int n_jobs = 2; n_jobs <= 4; n_jobs += 2) {
        struct foray_pool *pool = open_backend(
            backend, n_jobs, &(struct foray_config){.max_nbytes = 1});

        check_temporaries(pool, false);
        check_temporaries(pool, true);
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

/* (array) -> the path it is mapped from */
static int where(struct foray_task *task)
{
    struct mapping mapping;

    if (find_mapping(&mapping, foray_task_array(task, 0)->data))
        return foray_task_fail(task, "it is not mapped");
    return foray_return(task, mapping.path);
}

static void test_case_21_temporary_folder(void **state)
{
    const char *folder = test_path("dumps");
    static double data[1000];
    struct foray_array array;
    size_t n = 1000, mappings = count_foray_mappings(),
           names = count_shm_names();

    (void)state;
    assert_int_equal(mkdir(folder, 0700), 0);
    assert_int_equal(foray_array_wrap(&array, data, FORAY_F64, 1, &n, NULL), 0);
    FOR_EVERY_BACKEND(backend)
    {
        struct foray_pool *pool = open_backend(
            backend, 2,
            &(struct foray_config){.max_nbytes = 1, .temp_folder = folder});
        size_t descriptors = count_descriptors();
        struct foray_call call = foray_delayed(where, &array);
        struct foray_result result;
        struct foray_error err;

        assert_ok(foray_parallel(pool, &call, 1, &result, &err), err);
        /* It was there, without a name, and is gone. Threads, and
         * the backend from outside that has them, need none. */
        if (strcmp(backend->name, "threads") != 0 &&
            strcmp(backend->name, "outside") != 0) {
            assert_ptr_equal(strstr(foray_result_str(&result, 0), folder),
                             foray_result_str(&result, 0));
            assert_non_null(strstr(foray_result_str(&result, 0), "(deleted)"));
        }
        foray_result_free(&result);
        assert_int_equal(count_files(folder), 0);
        assert_int_equal(count_descriptors(), descriptors);
        assert_int_equal(foray_pool_close(pool), 0);
        assert_int_equal(count_foray_mappings(), mappings);
        assert_true(no_more_shm_names(names));
    }
}

static void test_case_29_byte_order(void **state)
{
    static const size_t max_nbytes[] = {1, 1 << 20};
    double data[10], swapped[10];
    size_t n = 10;

    (void)state;
    for (size_t i = 0; i < n; i++) {
        uint64_t bits;

        data[i] = (double)i;
        memcpy(&bits, &data[i], sizeof bits);
        bits = __builtin_bswap64(bits);
        memcpy(&swapped[i], &bits, sizeof bits);
    }
    FOR_EVERY_BACKEND(backend)
    for (int i = 0; i < 4; i++) {
        struct foray_pool *pool = open_backend(
            backend, 2,
            &(struct foray_config){.max_nbytes = max_nbytes[i / 2]});
        struct foray_array array =
            wrap(i % 2 ? swapped : data, FORAY_F64, 1, &n);
        struct foray_call call;
        struct foray_result result;
        const struct foray_array *back;
        struct foray_error err;

        array.swapped = i % 2;
        call = foray_delayed(call_array, &array);
        assert_ok(foray_parallel(pool, &call, 1, &result, &err), err);
        back = foray_result_array(&result, 0);
        assert_int_equal(back->swapped, i % 2);
        assert_int_equal(back->dtype, FORAY_F64);
        assert_memory_equal(back->data, array.data, sizeof data);
        foray_result_free(&result);
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_case_20_temporary_arrays),
        cmocka_unit_test(test_case_21_temporary_folder),
        cmocka_unit_test(test_case_29_byte_order),
    };

    init_every_backend();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
