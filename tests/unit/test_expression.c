#include "helpers.h"

#include <string.h>

#include "base/expression.h"

static void test_values(void **state)
{
    static const struct {
        const char *text;
        int n_jobs;
        double value;
    } cases[] = {
        /* joblib's own */
        {"2*6", 1, 12},
        {"2**6", 1, 64},
        {"1 + 2*3**(4) / (6 + -7)", 1, -161},
        {"(20 // 3) % 5", 1, 1},
        {"2 * n_jobs", 4, 8},
        {"n_jobs", 1000000, 1000000},
        {"1.5*n_jobs", 2, 3},
        /* precedence */
        {"-2**2", 1, -4},
        {"(-2)**2", 1, 4},
        {"2**3**2", 1, 512},
        {"2**-1", 1, 0.5},
        {"2**--1", 1, 2},
        {"--3", 1, 3},
        {"5 - 3 - 1", 1, 1},
        {"100 / 10 / 4", 1, 2.5},
        {"2 + 3 * 4", 1, 14},
        {"8 / 2 * 4", 1, 16},
        {"4**0.5", 1, 2},
        {"0**0", 1, 1},
        /* rounding */
        {"7 // 2", 1, 3},
        {"-7 // 2", 1, -4},
        {"7 // -2", 1, -4},
        {"-7 % 3", 1, 2},
        {"7 % -3", 1, -2},
        {"6 % -3", 1, 0},
        {"1 // 0.1", 1, 9},
        {"5.5 % 2", 1, 1.5},
        /* spelling */
        {" \t( 1 )\t ", 1, 1},
        {".5", 1, 0.5},
        {"5.", 1, 5},
        {"1e6", 1, 1e6},
        {"1E-1", 1, 0.1},
        {"00", 1, 0},
        {"0.1", 1, 0.1},
        {"0.30000000000000004", 1, 0.30000000000000004},
        {"-1000000", 1, -1e6},
        {"((((((((((((((1))))))))))))))", 1, 1},
        {"n_jobs+n_jobs+n_jobs+n_jobs", 9, 36},
        {"----------------------------1", 1, 1},
        {"1+1+1+1+1+1+1+1+1+1+1+1+1+1+11", 1, 25},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct foray_error err;
        double value = 77;

        assert_ok(
            foray__expression(&value, cases[i].text, cases[i].n_jobs, &err),
            err);
        if (value < cases[i].value || value > cases[i].value)
            fail_msg("%s is %g, not %g", cases[i].text, value, cases[i].value);
    }
}

static void test_refusals(void **state)
{
    static const struct {
        const char *text, *wrong;
    } cases[] = {
        /* joblib's own */
        {"exec('import os')", "character 1: a number, n_jobs or ( is missing"},
        {"print(1)", "character 1: "},
        {"import os", "character 1: "},
        {"1+1; import os", "character 4: an operator is missing"},
        {"1^1", "character 2: an operator is missing"},
        {"' ' * 10**10", "character 1: "},
        {"9. ** 10000.", "character 4: the value is beyond 1000000"},
        {"1/0", "character 2: a division by zero"},
        {"1//0", "character 2: a division by zero"},
        {"1%0", "character 2: a division by zero"},
        {"1e7", "character 1: the value is beyond 1000000"},
        {"10**7", "character 3: the value is beyond 1000000"},
        {"9**9**9", "character 5: the value is beyond 1000000"},
        {"1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1", "is too long: at most 30"},
        {"n_jobs+n_jobs+n_jobs+n_jobs+n_jobs+n_jobs+n_jobs+n_jobs",
         "n_jobs written as 123"},
        /* values */
        {"1000000 + 1", "character 9: the value is beyond"},
        {"-1000001", "character 2: the value is beyond"},
        {"1e999 * 0", "character 1: the value is beyond"},
        {"0**-1", "character 2: a division by zero"},
        {"1/(1-1)", "character 2: a division by zero"},
        {"(-8)**0.5", "character 5: the result is no real number"},
        /* spelling */
        {"", "character 1: a number, n_jobs or ( is missing"},
        {"  ", "character 3: a number, n_jobs or ( is missing"},
        {"1 +", "character 4: a number, n_jobs or ( is missing"},
        {"(1", "character 3: an operator or ) is missing"},
        {"(1 2)", "character 4: an operator or ) is missing"},
        {"1)", "character 2: an operator is missing"},
        {"()", "character 2: a number"},
        {"1 2", "character 3: an operator is missing"},
        {"2n_jobs", "character 2: an operator is missing"},
        {"n_jobs2", "character 7: an operator is missing"},
        {"n_job", "character 1: a number"},
        {"N_JOBS", "character 1: a number"},
        {"2(3)", "character 2: an operator is missing"},
        {"+1", "character 1: a number"},
        {"2 * * 3", "character 5: a number"},
        {"2 ** * 3", "character 6: a number"},
        {"8 / / 2", "character 5: a number"},
        {"2***3", "character 4: a number"},
        {"010", "character 1: the number begins with 0"},
        {"0x10", "character 2: an operator is missing"},
        {"1_000", "character 2: an operator is missing"},
        {"1e", "character 2: an operator is missing"},
        {"1e+", "character 2: an operator is missing"},
        {"1.2.3", "character 4: an operator is missing"},
        {"1,5", "character 2: an operator is missing"},
        {".", "character 1: a number"},
        {"inf", "character 1: a number"},
        {"nan", "character 1: a number"},
        {"1\n", "\"1?\", character 2: an operator is missing"},
        {"\xff\x01", "\"??\", character 1: a number"},
        {"((((((((((((((((((((((((((((((", "character 31: a number"},
        {"------------------------------", "character 31: a number"},
        {"2**2**2**2**2**2**2**2**2**2**", "character 31: a number"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct foray_error err = {0};
        double value = 77;

        assert_int_equal(foray__expression(&value, cases[i].text, 123, &err),
                         FORAY_EINVAL);
        assert_true(value > 76 && value < 78);
        if (!strstr(err.msg, cases[i].wrong))
            fail_msg("%s: not \"%s\"", err.msg, cases[i].wrong);
        assert_int_equal(foray__expression(&value, cases[i].text, 123, NULL),
                         FORAY_EINVAL);
    }
}

static void test_n_jobs_is_a_number_of_workers(void **state)
{
    struct foray_error err;
    double value;

    (void)state;
    assert_int_equal(foray__expression(&value, "1", 0, &err), FORAY_EINVAL);
    assert_int_equal(foray__expression(&value, "1", -1, &err), FORAY_EINVAL);
    assert_string_equal(err.msg, "n_jobs is -1: must be 1 or more");
    assert_int_equal(foray__expression(&value, "n_jobs", 1000001, &err),
                     FORAY_EINVAL);
}

/* A text that ends before an unmapped page, and one that is very long. */
static void test_reads_no_further_than_it_must(void **state)
{
    static char long_text[1 << 20];
    struct foray_error err;
    double value;
    char *text;

    (void)state;
    text = guarded(31);
    memset(text, '(', 30);
    text[30] = '\0';
    assert_int_equal(foray__expression(&value, text, 1, &err), FORAY_EINVAL);
    memset(text, '9', 30);
    assert_int_equal(foray__expression(&value, text, 1, &err), FORAY_EINVAL);
    memcpy(text + 25, "n_job", 5);
    assert_int_equal(foray__expression(&value, text, 1, &err), FORAY_EINVAL);
    guarded_free(text, 31);
    memset(long_text, '(', sizeof long_text - 1);
    assert_int_equal(foray__expression(&value, long_text, 1, &err),
                     FORAY_EINVAL);
    assert_non_null(strstr(err.msg, "(((...\" is too long"));
}

/* Any text ends in a value within the limit or in a sentence. */
static void test_hostile(void **state)
{
    static const char *const pieces[] = {"n_jobs", "1",  "0", "9.5", "+", "-",
                                         "*",      "**", "/", "//",  "%", "(",
                                         ")",      " ",  ".", "e",   "^"};
    uint32_t seed = 1;

    (void)state;
    for (int round = 0; round < 200000; round++) {
        struct foray_error err = {0};
        char text[64] = "";
        double value;
        int code;

        for (uint32_t left = 1 + seed % 9; left; left--) {
            seed = seed * 1664525 + 1013904223;
            strcat(text, pieces[(seed >> 16) % 17]);
        }
        code = foray__expression(&value, text, 3, &err);
        if (code ? code != FORAY_EINVAL || !err.msg[0]
                 : !(value >= -1e6 && value <= 1e6))
            fail_msg("%s", text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_n_jobs_is_a_number_of_workers),
        cmocka_unit_test(test_reads_no_further_than_it_must),
        cmocka_unit_test(test_hostile),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
