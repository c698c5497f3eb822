#include "helpers.h"

#include <locale.h>
#include <string.h>

#include <foray/size.h>

#include "base/size.h"

static void test_shape_nbytes_multiplies(void **state)
{
    size_t nbytes = 7, shape[3] = {2, 3, 4};

    (void)state;
    assert_true(foray__shape_nbytes(&nbytes, 8, 3, shape));
    assert_int_equal(nbytes, 192);
    assert_true(foray__shape_nbytes(&nbytes, 8, 0, shape));
    assert_int_equal(nbytes, 8);
}

static void test_shape_nbytes_refuses_overflow_behind_zero(void **state)
{
    size_t nbytes, shape[3] = {(size_t)1 << 62, 0, 4};

    (void)state;
    assert_false(foray__shape_nbytes(&nbytes, 8, 3, shape));
    shape[0] = 5;
    assert_true(foray__shape_nbytes(&nbytes, 8, 3, shape));
    assert_int_equal(nbytes, 0);
}

static void test_parse(void **state)
{
    static const uint64_t K = 1024, M = 1 << 20, G = 1 << 30;
    const struct {
        const char *text;
        uint64_t nbytes;
    } cases[] = {
        /* joblib's own */
        {"80G", 80 * G},
        {"1.4M", 1468006},
        {"120M", 120 * M},
        {"53K", 53 * K},
        /* more */
        {"2T", 2 * K * G},
        {"1MiB", M},
        {"1.5GiB", 3 * G / 2},
        {"1048576", M},
        {"0", 0},
        {"0K", 0},
        {"007", 7},
        {"3k", 3 * K},
        {".5K", 512},
        {"2.M", 2 * M},
        {"1e3K", 1000 * K},
        {"0.0001K", 0},
        {"18446744073709551615", UINT64_MAX},
        {"16777215T", ((uint64_t)1 << 40) * 16777215},
        {"9007199254740993K", 9007199254740993u * K},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct foray_error err;
        uint64_t nbytes = 77;

        assert_ok(foray_size_parse(&nbytes, cases[i].text, &err), err);
        if (nbytes != cases[i].nbytes)
            fail_msg("%s is %ju", cases[i].text, (uintmax_t)nbytes);
    }
}

static void test_parse_refuses(void **state)
{
    static const char *const no_sizes[] = {
        "fooG",  "1.4N", "",    "-1",    "-1K",  "+1K",  "K",    "1KB",  "1Ki",
        "1KiB ", " 1K",  "1 K", "1.5",   "1e6",  "1KK",  "infG", "nanK", "0x1K",
        "1_0K",  "1,4M", ".K",  "1.4.M", "1MIB", "1M\n", "1P"};
    static const char *const too_large[] = {"18446744073709551616", "16777216T",
                                            "16777216.0T", "17179869184G",
                                            "1e400K"};
    char digits[200];

    (void)state;
    for (size_t i = 0; i < sizeof no_sizes / sizeof no_sizes[0]; i++) {
        struct foray_error err = {0};
        uint64_t nbytes = 77;

        if (foray_size_parse(&nbytes, no_sizes[i], &err) != FORAY_EINVAL ||
            nbytes != 77 || !strstr(err.msg, "is no size"))
            fail_msg("%s: %s", no_sizes[i], err.msg);
    }
    for (size_t i = 0; i < sizeof too_large / sizeof too_large[0]; i++) {
        struct foray_error err = {0};
        uint64_t nbytes = 77;

        if (foray_size_parse(&nbytes, too_large[i], &err) != FORAY_EINVAL ||
            nbytes != 77 || !strstr(err.msg, "is too large"))
            fail_msg("%s: %s", too_large[i], err.msg);
    }
    memset(digits, '1', sizeof digits - 1);
    digits[sizeof digits - 1] = '\0';
    assert_int_equal(foray_size_parse(&(uint64_t){0}, digits, NULL),
                     FORAY_EINVAL);
    digits[1] = '.';
    assert_int_equal(foray_size_parse(&(uint64_t){0}, digits, NULL),
                     FORAY_EINVAL);
}

/* A decimal comma of the program's locale changes nothing. */
static void test_parse_in_another_locale(void **state)
{
    static const char *const names[] = {"de_DE.UTF-8", "fr_FR.UTF-8", "de_DE",
                                        "ru_RU.UTF-8"};
    uint64_t nbytes;
    int k = 0;

    (void)state;
    while (k < 4 && !setlocale(LC_ALL, names[k]))
        k++;
    if (k == 4)
        skip();
    assert_int_equal(foray_size_parse(&nbytes, "1.4M", NULL), 0);
    setlocale(LC_ALL, "C");
    assert_int_equal(nbytes, 1468006);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shape_nbytes_multiplies),
        cmocka_unit_test(test_shape_nbytes_refuses_overflow_behind_zero),
        cmocka_unit_test(test_parse),
        cmocka_unit_test(test_parse_refuses),
        cmocka_unit_test(test_parse_in_another_locale),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
