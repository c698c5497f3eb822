#include "helpers.h"

#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include <foray.h>

#include "calls.h"
#include "every_pool.h"

/* Floats added in a plain way: every other order gives other bits. */
static double plain_sum(const double *x, size_t n)
{
    double sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += x[i];
    return sum;
}

static int sum_plainly(struct foray_task *task)
{
    const struct foray_array *x = foray_task_in(task, 0);
    double *partial = foray_task_partial(task);

    if ((uintptr_t)partial % 64)
        return foray_task_fail(task, "the partial result is not aligned");
    if (*partial != 0)
        return foray_task_fail(task, "the partial result is not 0");
    for (size_t i = 0; i < x->shape[0]; i++)
        *partial += FORAY_AT(x, double, i);
    return 0;
}

/* As reduce.h defines it. */
static double tree(const double *x, size_t n_rows, size_t chunk, size_t first,
                   size_t n)
{
    size_t half = 1, start = first * chunk;

    if (n == 1)
        return plain_sum(x + start,
                         n_rows - start < chunk ? n_rows - start : chunk);
    while (2 * half < n)
        half *= 2;
    return tree(x, n_rows, chunk, first, half) +
           tree(x, n_rows, chunk, first + half, n - half);
}

static void test_the_tree_is_that_of_the_header_in_every_pool(void **state)
{
    static const size_t sizes[] = {1, 2, 3, 5, 64, 1000, 77777};
    static const size_t chunks[] = {1, 3, 10, 1000, 100000};

    (void)state;
    for (size_t k = 0; k < 35; k++) {
        size_t n = sizes[k / 5], chunk = chunks[k % 5];
        double *x = random_numbers(n), result = -1;
        struct foray_array in = vector(x, FORAY_F64, n);
        double expected = tree(x, n, chunk, 0, (n + chunk - 1) / chunk);

        for (int p = 0; p < N_EVERY_POOL; p++) {
            struct foray_reduce reduce = {.fn = sum_plainly,
                                          .in = {&in},
                                          .chunk = chunk,
                                          .size = sizeof result,
                                          .combine = combine_sum};
            struct foray_report report;
            struct foray_error err;

            assert_ok(
                foray_reduce(every_pool[p], &reduce, &result, &report, &err),
                err);
            assert_memory_equal(&result, &expected, sizeof result);
            assert_int_equal(report.ok, (n + chunk - 1) / chunk);
        }
        free(x);
    }
}

static void test_the_automatic_chunk_gives_the_same_bits(void **state)
{
    enum { N = 200000 };
    double *x = random_numbers(N), first = 0;
    struct foray_array in = vector(x, FORAY_F64, N);

    (void)state;
    for (int p = 0; p < N_EVERY_POOL; p++) {
        struct foray_reduce reduce = {.fn = sum_plainly,
                                      .in = {&in},
                                      .size = sizeof(double),
                                      .combine = combine_sum};
        struct foray_error err;
        double result;

        assert_ok(foray_reduce(every_pool[p], &reduce, &result, NULL, &err),
                  err);
        if (!p)
            first = result;
        assert_memory_equal(&result, &first, sizeof result);
    }
    free(x);
}

/* Text of a fixed length: any other order than that of the tasks shows. */
struct text {
    char letters[40];
};

struct params {
    const char *separator; /* means nothing in a worker: for `combine` */
    size_t fails_from, fails_to;
};

static int write_letter(struct foray_task *task)
{
    const struct params *params = foray_task_params(task);
    const struct foray_array *alphabet = foray_task_whole(task, 0);
    struct text *text = foray_task_partial(task);
    size_t i = foray_task_index(task);

    if ((uintptr_t)params % 64)
        return foray_task_fail(task, "the params are not aligned");
    if (strcmp(text->letters, "."))
        return foray_task_fail(task, "the initial value is missing");
    text->letters[0] = FORAY_AT(alphabet, char, i);
    if (i >= params->fails_from && i < params->fails_to)
        return foray_task_fail(task, "not letter %zu", i);
    return 0;
}

static void append(void *into, const void *from, const void *params)
{
    const char *separator = ((const struct params *)params)->separator;
    struct text *text = into;

    strcat(text->letters, separator);
    strcat(text->letters, ((const struct text *)from)->letters);
}

/* The letters of `n` tasks of which [from, to) fail. */
static int spell(struct text *out, int p, size_t n, size_t from, size_t to,
                 enum foray_on_error on_error, uint8_t *status,
                 struct foray_error *err)
{
    static char letters[26] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    struct foray_array alphabet = vector(letters, FORAY_U8, 26);
    struct foray_array in = vector(letters, FORAY_U8, n);
    struct params params = {"-", from, to};
    struct text initial = {"."};
    struct foray_reduce reduce = {.fn = write_letter,
                                  .in = {&in},
                                  .whole = {&alphabet},
                                  .chunk = 1,
                                  .params = &params,
                                  .params_size = sizeof params,
                                  .size = sizeof *out,
                                  .combine = append,
                                  .initial = &initial,
                                  .on_error = on_error,
                                  .status = status};

    return foray_reduce(every_pool[p], &reduce, out, NULL, err);
}

static void test_tasks_are_combined_in_their_order(void **state)
{
    (void)state;
    for (int p = 0; p < N_EVERY_POOL; p++) {
        struct foray_error err;
        struct text text;

        assert_ok(spell(&text, p, 11, 0, 0, FORAY_STOP, NULL, &err), err);
        assert_string_equal(text.letters, "A-B-C-D-E-F-G-H-I-J-K");
        assert_ok(spell(&text, p, 1, 0, 0, FORAY_STOP, NULL, &err), err);
        assert_string_equal(text.letters, "A");
    }
}

static void test_without_rows_the_result_is_the_initial_one(void **state)
{
    double x = 1, result = 7;
    struct foray_array empty = vector(&x, FORAY_F64, 0);

    (void)state;
    for (int p = 0; p < N_EVERY_POOL; p++) {
        struct foray_reduce reduce = {.fn = sum_plainly,
                                      .in = {&empty},
                                      .size = sizeof result,
                                      .combine = combine_sum};
        struct foray_report report;
        struct foray_error err;
        struct text text;

        assert_ok(foray_reduce(every_pool[p], &reduce, &result, &report, &err),
                  err);
        assert_true(result == 0);
        assert_int_equal(report.tasks, 0);
        assert_ok(spell(&text, p, 0, 0, 0, FORAY_STOP, NULL, &err), err);
        assert_string_equal(text.letters, ".");
    }
}

static void test_failed_tasks_contribute_nothing_under_skip(void **state)
{
    static const struct {
        size_t from, to;
        const char *letters;
    } cases[] = {{0, 1, "B-C-D-E-F-G-H-I-J-K"},
                 {10, 11, "A-B-C-D-E-F-G-H-I-J"},
                 {0, 8, "I-J-K"},
                 {2, 10, "A-B-K"},
                 {8, 11, "A-B-C-D-E-F-G-H"},
                 {0, 11, "."}};

    (void)state;
    for (size_t k = 0; k < 6 * N_EVERY_POOL; k++) {
        size_t from = cases[k % 6].from, to = cases[k % 6].to;
        struct foray_error err;
        uint8_t status[11];
        struct text text;

        assert_ok(
            spell(&text, (int)(k / 6), 11, from, to, FORAY_SKIP, status, &err),
            err);
        assert_string_equal(text.letters, cases[k % 6].letters);
        for (size_t i = 0; i < 11; i++)
            assert_int_equal(status[i], i >= from && i < to ? FORAY_TASK_FAILED
                                                            : FORAY_TASK_OK);
    }
}

static void test_a_failed_task_ends_the_run_under_stop(void **state)
{
    (void)state;
    for (int p = 0; p < N_EVERY_POOL; p++) {
        struct text text = {"untouched"};
        struct foray_error err;

        assert_int_equal(spell(&text, p, 11, 5, 6, FORAY_STOP, NULL, &err),
                         FORAY_ETASK);
        assert_int_equal(err.task, 5);
        assert_string_equal(err.msg, "not letter 5; FORAY_ONLY_TASK=5 runs it "
                                     "alone");
        assert_string_equal(text.letters, "untouched");
    }
}

static int die_half_way(struct foray_task *task)
{
    const struct foray_array *x = foray_task_in(task, 0);
    double *partial = foray_task_partial(task);

    *partial = FORAY_AT(x, double, 0);
    if (foray_task_index(task) % 10 == 3)
        raise(SIGKILL);
    return 0;
}

static void test_what_a_crashed_task_left_is_not_counted(void **state)
{
    double *x = random_numbers(50), result, expected = 0;
    struct foray_array in = vector(x, FORAY_F64, 50);
    struct foray_reduce reduce = {.fn = die_half_way,
                                  .in = {&in},
                                  .chunk = 1,
                                  .size = sizeof result,
                                  .combine = combine_sum,
                                  .on_error = FORAY_SKIP};
    struct foray_report report;
    struct foray_error err;

    (void)state;
    for (int i = 0; i < 50; i++) {
        x[i] = i;
        expected += i % 10 == 3 ? 0 : i;
    }
    assert_ok(foray_reduce(every_pool[1], &reduce, &result, &report, &err),
              err);
    assert_int_equal(report.crashed, 5);
    assert_true(result == expected);
    free(x);
}

static int ask_for_a_partial(struct foray_task *task)
{
    return foray_task_partial(task) ? 0 : 1;
}

static void test_nonsense_is_refused(void **state)
{
    double x[4] = {1, 2, 3, 4}, result = 7;
    struct foray_array in = vector(x, FORAY_F64, 4);
    struct foray_error err;

    (void)state;
#define REFUSED(code, part, ...)                                               \
    do {                                                                       \
        assert_int_equal(foray_reduce(every_pool[0],                           \
                                      &(struct foray_reduce){__VA_ARGS__},     \
                                      &result, NULL, &err),                    \
                         code);                                                \
        if (!strstr(err.msg, part))                                            \
            fail_msg("\"%s\" lacks \"%s\"", err.msg, part);                    \
        assert_true(result == 7);                                              \
    } while (0)
    REFUSED(FORAY_EINVAL, "set .size", .fn = sum_plainly, .in = {&in},
            .combine = combine_sum);
    REFUSED(FORAY_ERANGE, "larger", .fn = sum_plainly, .in = {&in},
            .combine = combine_sum, .size = SIZE_MAX);
    REFUSED(FORAY_ERANGE, "", .fn = sum_plainly, .in = {&in},
            .combine = combine_sum, .size = PTRDIFF_MAX / 2);
    REFUSED(FORAY_EINVAL, "set .combine", .fn = sum_plainly, .in = {&in},
            .size = 8);
    REFUSED(FORAY_EINVAL, "set .fn", .in = {&in}, .combine = combine_sum,
            .size = 8);
    REFUSED(FORAY_EINVAL, "no array to cut", .fn = sum_plainly,
            .combine = combine_sum, .size = 8);
    REFUSED(FORAY_ESHAPE, "axis 1", .fn = sum_plainly, .in = {&in}, .axis = 1,
            .combine = combine_sum, .size = 8);
#undef REFUSED
    assert_int_equal(
        foray_map(every_pool[0],
                  &(struct foray_map){.fn = ask_for_a_partial, .in = {&in}},
                  NULL, &err),
        FORAY_ETASK);
    assert_non_null(strstr(err.msg, "foray_reduce"));
}

static void test_nothing_is_left_behind(void **state)
{
    size_t names = count_shm_names(), descriptors = count_descriptors();
    size_t mappings = count_foray_mappings();
    struct foray_error err;
    struct text text;

    (void)state;
    for (int p = 0; p < N_EVERY_POOL; p++) {
        assert_ok(spell(&text, p, 11, 2, 4, FORAY_SKIP, NULL, &err), err);
        assert_int_equal(spell(&text, p, 11, 2, 4, FORAY_STOP, NULL, &err),
                         FORAY_ETASK);
    }
    assert_true(no_more_shm_names(names));
    assert_int_equal(count_descriptors(), descriptors);
    assert_int_equal(count_foray_mappings(), mappings);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_tree_is_that_of_the_header_in_every_pool),
        cmocka_unit_test(test_the_automatic_chunk_gives_the_same_bits),
        cmocka_unit_test(test_tasks_are_combined_in_their_order),
        cmocka_unit_test(test_without_rows_the_result_is_the_initial_one),
        cmocka_unit_test(test_failed_tasks_contribute_nothing_under_skip),
        cmocka_unit_test(test_a_failed_task_ends_the_run_under_stop),
        cmocka_unit_test(test_what_a_crashed_task_left_is_not_counted),
        cmocka_unit_test(test_nonsense_is_refused),
        cmocka_unit_test(test_nothing_is_left_behind),
    };

    return cmocka_run_group_tests(tests, open_every_pool, close_every_pool);
}
