/* Expressions from C: every pool, layouts that files do not have, what outputs
 * must be. Values against NumPy: tests/conformance/eval.py. */
#include "helpers.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <foray.h>

#include "compute/eval_parse.h"
#include "every_pool.h"

/* y of an expression of x, by one pool. */
static void compute(const struct foray_array *y, struct foray_pool *pool,
                    const char *text, const struct foray_array *x)
{
    struct foray_eval eval = {.text = text, .in = {{"x", x, NULL}}};
    struct foray_error err;

    assert_ok(foray_eval(pool, &eval, &y, NULL, &err), err);
}

static void test_every_pool_gives_the_same(void **state)
{
    enum { N = 100000 };
    double *x = random_numbers(N), *y = calloc(N, sizeof *y);
    struct foray_array in = vector(x, FORAY_F64, N);
    struct foray_array out = vector(y, FORAY_F64, N);

    (void)state;
    assert_non_null(y);
    for (int p = 0; p < N_EVERY_POOL; p++) {
        memset(y, 0, N * sizeof *y);
        compute(&out, every_pool[p], "s = x*x + 1; sqrt(s) - x/3", &in);
        for (int i = 0; i < N; i++)
            assert_true(y[i] == sqrt(x[i] * x[i] + 1) - x[i] / 3);
    }
    free(y);
    free(x);
}

static void test_reductions_are_the_same_bits(void **state)
{
    enum { ROWS = 301, COLS = 70 };
    double *x = random_numbers(ROWS * COLS), *t = calloc(ROWS * COLS, 8);
    size_t shape[2] = {ROWS, COLS}, turned[2] = {COLS, ROWS};
    struct foray_array in, other, view;
    struct foray_error err;
    double sum, again, mean;

    (void)state;
    assert_non_null(t);
    assert_ok(foray_array_wrap(&in, x, FORAY_F64, 2, shape, &err), err);
    assert_ok(foray_array_wrap(&other, t, FORAY_F64, 2, turned, &err), err);
    assert_ok(foray_array_transpose(&view, &other, NULL, &err), err);
    assert_ok(foray_array_copy(&view, &in, &err), err);
    for (int p = 0; p < N_EVERY_POOL; p++)
        for (int k = 0; k < 2; k++) {
            struct foray_eval eval = {.text = "x*0.1",
                                      .in = {{"x", k ? &view : &in, NULL}},
                                      .reduce = FORAY_EVAL_SUM};
            struct foray_array out = {0};
            const struct foray_array *outputs[] = {&out};

            assert_ok(foray_array_wrap(&out, &again, FORAY_F64, 0, NULL, &err),
                      err);
            assert_ok(foray_eval(every_pool[p], &eval, outputs, NULL, &err),
                      err);
            if (!p && !k)
                sum = again;
            assert_memory_equal(&again, &sum, sizeof sum);
            eval.reduce = FORAY_EVAL_MEAN;
            out.data = &mean;
            assert_ok(foray_eval(every_pool[p], &eval, outputs, NULL, &err),
                      err);
            assert_true(mean == sum / (ROWS * COLS));
        }
    free(t);
    free(x);
}

static void test_strides_of_any_sign_and_gaps(void **state)
{
    int32_t numbers[40], y[10];
    struct foray_array all = vector(numbers, FORAY_I32, 40), x, back;
    struct foray_array out = vector(y, FORAY_I32, 10), out_back;
    struct foray_error err;

    (void)state;
    for (int i = 0; i < 40; i++)
        numbers[i] = i;
    assert_ok(foray_array_slice(&x, &all, 0, 1, FORAY_TO_END, 4, &err), err);
    assert_ok(
        foray_array_slice(&back, &x, 0, FORAY_TO_END, FORAY_TO_END, -1, &err),
        err);
    assert_ok(foray_array_slice(&out_back, &out, 0, FORAY_TO_END, FORAY_TO_END,
                                -1, &err),
              err);
    for (int p = 0; p < N_EVERY_POOL; p++) {
        compute(&out, every_pool[p], "x*2", &x);
        for (int i = 0; i < 10; i++)
            assert_int_equal(y[i], 2 * (1 + 4 * i));
        compute(&out, every_pool[p], "x+1", &back);
        for (int i = 0; i < 10; i++)
            assert_int_equal(y[i], 1 + 1 + 4 * (9 - i));
        compute(&out_back, every_pool[p], "x-1", &back);
        for (int i = 0; i < 10; i++)
            assert_int_equal(y[i], 4 * i);
    }
}

static void test_elements_at_odd_addresses_in_either_order(void **state)
{
    unsigned char bytes[1 + 8 * 4], swapped[8 * 4];
    double y[4], values[4] = {1, -2.5, 1e300, 0};
    struct foray_array x = vector(bytes + 1, FORAY_F64, 4);
    struct foray_array big = vector(swapped, FORAY_F64, 4);
    struct foray_array out = vector(y, FORAY_F64, 4);

    (void)state;
    memcpy(bytes + 1, values, sizeof values);
    for (size_t i = 0; i < sizeof swapped; i++)
        swapped[i / 8 * 8 + 7 - i % 8] = bytes[1 + i];
    big.swapped = true;
    compute(&out, every_pool[0], "x+x", &x);
    for (int i = 0; i < 4; i++)
        assert_true(y[i] == 2 * values[i]);
    compute(&out, every_pool[0], "x*1", &big);
    assert_memory_equal(y, values, sizeof y);
}

static void test_several_outputs_of_several_shapes(void **state)
{
    float row[3] = {1, 2, 3}, column[2] = {10, 20}, both[6], twice[3];
    size_t column_shape[2] = {2, 1}, both_shape[2] = {2, 3};
    struct foray_array r = vector(row, FORAY_F32, 3), c, b;
    struct foray_array t = vector(twice, FORAY_F32, 3);
    struct foray_eval eval = {.text = "t = r*2; b = t + c; t = t",
                              .in = {{"r", &r, NULL}, {"c", &c, NULL}},
                              .out = {"b", "t"}};
    const struct foray_array *outputs[] = {&b, &t};
    struct foray_eval_plan plan;
    struct foray_error err;

    (void)state;
    assert_ok(foray_array_wrap(&c, column, FORAY_F32, 2, column_shape, &err),
              err);
    assert_ok(foray_array_wrap(&b, both, FORAY_F32, 2, both_shape, &err), err);
    assert_ok(foray_eval_plan(&plan, &eval, &err), err);
    assert_int_equal(plan.n, 2);
    assert_string_equal(plan.out[0].name, "b");
    assert_int_equal(plan.out[0].ndim, 2);
    assert_int_equal(plan.out[0].dtype, FORAY_F32);
    assert_int_equal(plan.out[1].shape[0], 3);
    assert_int_equal(plan.n_elements, 9);
    for (int p = 0; p < N_EVERY_POOL; p++) {
        memset(both, 0, sizeof both);
        memset(twice, 0, sizeof twice);
        assert_ok(foray_eval(every_pool[p], &eval, outputs, NULL, &err), err);
        for (int i = 0; i < 6; i++)
            assert_true(both[i] == 2 * row[i % 3] + column[i / 3]);
        for (int i = 0; i < 3; i++)
            assert_true(twice[i] == 2 * row[i]);
    }
}

static void test_outputs_are_as_planned_or_refused(void **state)
{
    double x[4] = {0}, y[5];
    struct foray_array in = vector(x, FORAY_F64, 4);
    struct foray_array shorter = vector(y, FORAY_F64, 3);
    struct foray_array other = vector(y, FORAY_I64, 4);
    struct foray_eval eval = {.text = "x+1", .in = {{"x", &in, NULL}}};
    struct foray_error err;

    (void)state;
    assert_int_equal(foray_eval(every_pool[0], &eval,
                                (const struct foray_array *[]){&shorter}, NULL,
                                &err),
                     FORAY_ESHAPE);
    assert_int_equal(foray_eval(every_pool[0], &eval,
                                (const struct foray_array *[]){&other}, NULL,
                                &err),
                     FORAY_EDTYPE);
}

static void test_zero_divisions_are_counted(void **state)
{
    enum { N = 100000 };
    int64_t *x = calloc(N, sizeof *x), *y = calloc(N, sizeof *y), sum;
    struct foray_array in = vector(x, FORAY_I64, N);
    struct foray_array out = vector(y, FORAY_I64, N), total;
    struct foray_eval eval = {.text = "100 // x", .in = {{"x", &in, NULL}}};
    struct foray_eval_report report;
    struct foray_error err;

    (void)state;
    assert_true(x && y);
    for (int i = 0; i < N; i++)
        x[i] = i % 10;
    assert_ok(foray_array_wrap(&total, &sum, FORAY_I64, 0, NULL, &err), err);
    for (int p = 0; p < N_EVERY_POOL; p++) {
        eval.reduce = FORAY_EVAL_ELEMENTS;
        assert_ok(foray_eval(every_pool[p], &eval,
                             (const struct foray_array *[]){&out}, &report,
                             &err),
                  err);
        assert_int_equal(report.zero_divisions, N / 10);
        assert_int_equal(y[10], 0);
        assert_int_equal(y[13], 33);
        eval.reduce = FORAY_EVAL_SUM;
        assert_ok(foray_eval(every_pool[p], &eval,
                             (const struct foray_array *[]){&total}, &report,
                             &err),
                  err);
        assert_int_equal(report.zero_divisions, N / 10);
        assert_int_equal(
            sum, N / 10 * (100 + 50 + 33 + 25 + 20 + 16 + 14 + 12 + 11));
    }
    free(y);
    free(x);
}

static void test_integers_have_no_negative_powers(void **state)
{
    int8_t x[3] = {1, 2, -1}, y[3];
    struct foray_array in = vector(x, FORAY_I8, 3);
    struct foray_array out = vector(y, FORAY_I8, 3);
    struct foray_eval eval = {.text = "2 ** x", .in = {{"x", &in, NULL}}};
    struct foray_error err;

    (void)state;
    assert_int_equal(foray_eval(every_pool[0], &eval,
                                (const struct foray_array *[]){&out}, NULL,
                                &err),
                     FORAY_ERANGE);
    assert_non_null(strstr(err.msg, "negative power"));
}

/* Numbers of a text are what Python makes of them, of every kind. */
static const struct {
    const char *text;
    enum foray__eval_weak weak;
    double real, imaginary; /* of bool and int: as double */
} constants[] = {
    {"7 + 3", FORAY__EVAL_INT, 10, 0},
    {"7 - 3", FORAY__EVAL_INT, 4, 0},
    {"7 * 3", FORAY__EVAL_INT, 21, 0},
    {"7 / 2", FORAY__EVAL_FLOAT, 3.5, 0},
    {"-7 // 2", FORAY__EVAL_INT, -4, 0},
    {"7 // -2", FORAY__EVAL_INT, -4, 0},
    {"-7 % 3", FORAY__EVAL_INT, 2, 0},
    {"2 ** 10", FORAY__EVAL_INT, 1024, 0},
    {"2 ** -1", FORAY__EVAL_FLOAT, 0.5, 0},
    {"(-1) ** 1000000001", FORAY__EVAL_INT, -1, 0},
    {"(-1) ** 1000000000", FORAY__EVAL_INT, 1, 0},
    {"0 ** 0", FORAY__EVAL_INT, 1, 0},
    {"0 ** 5", FORAY__EVAL_INT, 0, 0},
    {"3 << 4", FORAY__EVAL_INT, 48, 0},
    {"0 << 1000", FORAY__EVAL_INT, 0, 0},
    {"-48 >> 4", FORAY__EVAL_INT, -3, 0},
    {"48 >> 1000", FORAY__EVAL_INT, 0, 0},
    {"-1 >> 1000", FORAY__EVAL_INT, -1, 0},
    {"12 & 10", FORAY__EVAL_INT, 8, 0},
    {"12 | 10", FORAY__EVAL_INT, 14, 0},
    {"12 ^ 10", FORAY__EVAL_INT, 6, 0},
    {"~12", FORAY__EVAL_INT, -13, 0},
    {"-True", FORAY__EVAL_INT, -1, 0},
    {"+True", FORAY__EVAL_INT, 1, 0},
    {"True & False", FORAY__EVAL_BOOL, 0, 0},
    {"True | False", FORAY__EVAL_BOOL, 1, 0},
    {"True ^ True", FORAY__EVAL_BOOL, 0, 0},
    {"True + True", FORAY__EVAL_INT, 2, 0},
    {"1 == 1", FORAY__EVAL_BOOL, 1, 0},
    {"1 != 1", FORAY__EVAL_BOOL, 0, 0},
    {"1 < 2", FORAY__EVAL_BOOL, 1, 0},
    {"2 <= 1", FORAY__EVAL_BOOL, 0, 0},
    {"2 > 1", FORAY__EVAL_BOOL, 1, 0},
    {"1 >= 2", FORAY__EVAL_BOOL, 0, 0},
    {"1.5 < 2", FORAY__EVAL_BOOL, 1, 0},
    {"1.5 >= 2", FORAY__EVAL_BOOL, 0, 0},
    {"1.5 + 1", FORAY__EVAL_FLOAT, 2.5, 0},
    {"1.5 - 1", FORAY__EVAL_FLOAT, 0.5, 0},
    {"1.5 * 3", FORAY__EVAL_FLOAT, 4.5, 0},
    {"1.5 / 3", FORAY__EVAL_FLOAT, 0.5, 0},
    {"-7.5 // 2", FORAY__EVAL_FLOAT, -4, 0},
    {"-7.5 % 2", FORAY__EVAL_FLOAT, 0.5, 0},
    {"7.5 % -2", FORAY__EVAL_FLOAT, -0.5, 0},
    {"2.5 ** 2", FORAY__EVAL_FLOAT, 6.25, 0},
    {"(-8.0) ** 3", FORAY__EVAL_FLOAT, -512, 0},
    {"(-4.0) ** 0.5", FORAY__EVAL_COMPLEX, 0, 2},
    {"-2.5", FORAY__EVAL_FLOAT, -2.5, 0},
    {"1 + 2j", FORAY__EVAL_COMPLEX, 1, 2},
    {"1.5 - 2j", FORAY__EVAL_COMPLEX, 1.5, -2},
    {"(1 + 2j) * (3 - 1j)", FORAY__EVAL_COMPLEX, 5, 5},
    {"(5 + 5j) / (3 - 1j)", FORAY__EVAL_COMPLEX, 1, 2},
    {"-(1 + 2j)", FORAY__EVAL_COMPLEX, -1, -2},
    {"1 + 2j == 1 + 2j", FORAY__EVAL_BOOL, 1, 0},
    {"1 + 2j != 1 + 2j", FORAY__EVAL_BOOL, 0, 0},
};

static void test_constants(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof constants / sizeof *constants; i++) {
        struct foray_eval eval = {.text = constants[i].text};
        const struct foray__eval_node *node;
        struct foray__eval_tree *tree;
        struct foray_error err;
        double real, imaginary;

        assert_ok(foray__eval_parse(&tree, &eval, &err), err);
        node = &tree->nodes[tree->last];
        real = node->weak <= FORAY__EVAL_INT ? (double)node->constant.whole
                                             : node->constant.real;
        imaginary =
            node->weak == FORAY__EVAL_COMPLEX ? node->constant.imaginary : 0;
        if (node->kind != FORAY__EVAL_CONSTANT ||
            node->weak != constants[i].weak ||
            !test_is_close(real, constants[i].real, 1e-15) ||
            !test_is_close(imaginary, constants[i].imaginary, 1e-15))
            fail_msg("%s: kind %d, %g + %gj", constants[i].text,
                     (int)node->weak, real, imaginary);
        foray__eval_tree_free(tree);
    }
}

static void test_constants_that_are_none(void **state)
{
    static const struct {
        const char *text;
        int code;
        const char *part;
    } cases[] = {
        {"1 / 0", FORAY_EINVAL, "a division by zero"},
        {"1 // 0", FORAY_EINVAL, "a division by zero"},
        {"1.5 % 0.0", FORAY_EINVAL, "a division by zero"},
        {"0 ** -1", FORAY_EINVAL, "a division by zero"},
        {"0.0 ** -1", FORAY_EINVAL, "a division by zero"},
        {"1j / 0j", FORAY_EINVAL, "a division by zero"},
        {"1 << -1", FORAY_EINVAL, "a shift by a negative number"},
        {"1 << 64", FORAY_ERANGE, "does not fit into 64 bits"},
        {"3 ** 41", FORAY_ERANGE, "does not fit into 64 bits"},
        {"2 ** 63 * -3", FORAY_ERANGE, "does not fit into 64 bits"},
        {"1.5 & 1", FORAY_EINVAL, "no such operation"},
        {"~1.5", FORAY_EINVAL, "no such operation"},
        {"1j < 2j", FORAY_EINVAL, "no such operation"},
        {"1j // 2j", FORAY_EINVAL, "no such operation"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct foray_eval eval = {.text = cases[i].text};
        struct foray__eval_tree *tree;
        struct foray_error err;

        assert_int_equal(foray__eval_parse(&tree, &eval, &err), cases[i].code);
        if (!strstr(err.msg, cases[i].part))
            fail_msg("%s: %s", cases[i].text, err.msg);
    }
}

static void test_arrays_without_elements(void **state)
{
    size_t shape[2] = {0, 5};
    double x = 0, y;
    struct foray_array in, out;
    struct foray_eval eval = {.text = "x+1", .in = {{"x", &in, NULL}}};
    struct foray_error err;

    (void)state;
    assert_ok(foray_array_wrap(&in, &x, FORAY_F64, 2, shape, &err), err);
    compute(&in, every_pool[0], "x+1", &in);
    assert_ok(foray_array_wrap(&out, &y, FORAY_F64, 0, NULL, &err), err);
    eval.reduce = FORAY_EVAL_SUM;
    y = 1;
    assert_ok(foray_eval(every_pool[0], &eval,
                         (const struct foray_array *[]){&out}, NULL, &err),
              err);
    assert_true(y == 0);
    eval.reduce = FORAY_EVAL_MEAN;
    assert_ok(foray_eval(every_pool[0], &eval,
                         (const struct foray_array *[]){&out}, NULL, &err),
              err);
    assert_true(isnan(y));
    eval.reduce = FORAY_EVAL_MAX;
    assert_int_equal(foray_eval(every_pool[0], &eval,
                                (const struct foray_array *[]){&out}, NULL,
                                &err),
                     FORAY_ESHAPE);
}

/* As many arrays as a run can have, half of them whole in each task, and one
 * more. */
static void test_many_arrays(void **state)
{
    enum { N = 30 };
    double x[N + 1][100], y[100], sum;
    struct foray_array in[N + 1], out = vector(y, FORAY_F64, 100), total;
    char names[FORAY_EVAL_MAX_NAMES][16], text[8 * N] = "x0";
    struct foray_eval eval = {.text = text};
    struct foray_error err;

    (void)state;
    for (int k = 0; k < FORAY_EVAL_MAX_NAMES; k++) {
        snprintf(names[k], sizeof names[k], "x%d", k);
        eval.in[k] = (struct foray_eval_name){names[k], NULL, "1"};
    }
    for (int k = 0; k <= N; k++) {
        for (int i = 0; i < 100; i++)
            x[k][i] = k * 100 + (k % 2 ? 0 : i);
        in[k] = vector(x[k], FORAY_F64, k % 2 ? 1 : 100);
        eval.in[k] = (struct foray_eval_name){names[k], &in[k], NULL};
        if (k && k < N)
            snprintf(text + strlen(text), sizeof text - strlen(text), "+x%d",
                     k);
    }
    assert_ok(foray_array_wrap(&total, &sum, FORAY_F64, 0, NULL, &err), err);
    for (int p = 0; p < N_EVERY_POOL; p++) {
        memset(y, 0, sizeof y);
        eval.reduce = FORAY_EVAL_ELEMENTS;
        assert_ok(foray_eval(every_pool[p], &eval,
                             (const struct foray_array *[]){&out}, NULL, &err),
                  err);
        for (int i = 0; i < 100; i++)
            assert_true(y[i] == 435 * 100 + 15 * i);
        eval.reduce = FORAY_EVAL_SUM;
        assert_ok(foray_eval(every_pool[p], &eval,
                             (const struct foray_array *[]){&total}, NULL,
                             &err),
                  err);
        assert_true(sum == 435 * 100 * 100 + 15 * 4950);
    }
    strcat(text, "+x30");
    eval.reduce = FORAY_EVAL_ELEMENTS;
    assert_int_equal(foray_eval(every_pool[0], &eval,
                                (const struct foray_array *[]){&out}, NULL,
                                &err),
                     FORAY_ETOOLARGE);
    assert_non_null(strstr(err.msg, "31"));
    strcpy(text, "x0+x63");
    assert_ok(foray_eval(every_pool[0], &eval,
                         (const struct foray_array *[]){&out}, NULL, &err),
              err);
}

/* Modules are made in a folder of this test. */
static int begin(void **state)
{
    if (system("command -v cc >/dev/null 2>&1")) {
        puts("no cc: skipped");
        exit(77);
    }
    unsetenv("CC");
    setenv("XDG_CACHE_HOME", test_folder(), 1);
    return open_every_pool(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_pool_gives_the_same),
        cmocka_unit_test(test_reductions_are_the_same_bits),
        cmocka_unit_test(test_strides_of_any_sign_and_gaps),
        cmocka_unit_test(test_elements_at_odd_addresses_in_either_order),
        cmocka_unit_test(test_several_outputs_of_several_shapes),
        cmocka_unit_test(test_outputs_are_as_planned_or_refused),
        cmocka_unit_test(test_zero_divisions_are_counted),
        cmocka_unit_test(test_integers_have_no_negative_powers),
        cmocka_unit_test(test_constants),
        cmocka_unit_test(test_constants_that_are_none),
        cmocka_unit_test(test_arrays_without_elements),
        cmocka_unit_test(test_many_arrays),
    };

    return cmocka_run_group_tests(tests, begin, close_every_pool);
}
