#include "helpers.h"

#include <math.h>

#include "image/hog_kernel.h"
#include "image/orientation.h"

static const int counts[] = {1, 2, 3, 4, 7, 8, 9, 12, 18, 36, 39, 77, 180};

/* skimage's words for it: a loop over bins, bounds as products. */
static int bin_by_definition(double dy, double dx, int n)
{
    double degrees = fmod(atan2(dy, dx) * (180 / M_PI), 180), width = 180.0 / n;

    if (degrees < 0)
        degrees += 180;
    for (int i = 0; i < n; i++)
        if (degrees < width * (i + 1) && degrees >= width * i)
            return i;
    return n;
}

static void test_ties_fall_into_the_ideal_bin(void **state)
{
    (void)state;
    for (int n = 1; n <= 180; n++) {
        assert_int_equal(foray__orientation_bin(0, 0, n), 0);
        assert_int_equal(foray__orientation_bin(-0.0, -0.0, n), 0);
        for (int k = 1; k < 256; k++) {
            assert_int_equal(foray__orientation_bin(0, k, n), 0);
            assert_int_equal(foray__orientation_bin(0, -k, n), 0);
            assert_int_equal(foray__orientation_bin(-0.0, -k, n), 0);
            assert_int_equal(foray__orientation_bin(k, k, n), n / 4);
            assert_int_equal(foray__orientation_bin(-k, -k, n), n / 4);
            assert_int_equal(foray__orientation_bin(k, 0, n), n / 2);
            assert_int_equal(foray__orientation_bin(-k, 0, n), n / 2);
            assert_int_equal(foray__orientation_bin(k, -k, n), 3 * n / 4);
            assert_int_equal(foray__orientation_bin(-k, k, n), 3 * n / 4);
        }
    }
}

static void test_angles_without_a_bin(void **state)
{
    (void)state;
    /* An angle just below zero is 180 after rounding: in no bin. */
    assert_int_equal(foray__orientation_bin(-1e-300, 1, 9), 9);
    assert_int_equal(foray__orientation_bin(1e-300, -1, 9), 0);
    assert_int_equal(foray__orientation_bin(-1e-3, 1, 9), 8);
    assert_int_equal(foray__orientation_bin(NAN, 1, 9), -1);
    assert_int_equal(foray__orientation_bin(1, NAN, 9), -1);
    assert_int_equal(foray__orientation_bin(INFINITY, INFINITY, 9), 2);
}

static void test_bins_are_those_of_the_definition(void **state)
{
    uint32_t seed = 5;

    (void)state;
    for (size_t k = 0; k < sizeof counts / sizeof counts[0]; k++)
        for (int i = 0; i < 20000; i++) {
            double angle, dy, dx;

            seed = seed * 1664525 + 1013904223;
            /* near a bound, or anywhere */
            angle = M_PI / counts[k] * (int)(seed >> 16) +
                    (i % 3 ? ldexp(1, -(int)(seed >> 10 & 63)) : seed * 1e-9);
            dy = sin(angle);
            dx = cos(angle);
            assert_int_equal(foray__orientation_bin(dy, dx, counts[k]),
                             bin_by_definition(dy, dx, counts[k]));
        }
}

static void test_table_holds_the_bins_of_all_bytes(void **state)
{
    static uint8_t table[FORAY__BIN_ROWS * FORAY__BIN_STRIDE];

    (void)state;
    for (size_t k = 0; k < sizeof counts / sizeof counts[0]; k++) {
        int n = counts[k];

        foray__bin_table(table, n);
        for (int dy = 0; dy <= 255; dy++)
            for (int dx = -255; dx <= 255; dx++) {
                int bin = table[dy * FORAY__BIN_STRIDE + dx + 255];

                assert_int_equal(bin, bin_by_definition(dy, dx, n));
                /* the opposite gradient reads the same entry */
                assert_int_equal(bin, bin_by_definition(-dy, -dx, n));
            }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ties_fall_into_the_ideal_bin),
        cmocka_unit_test(test_angles_without_a_bin),
        cmocka_unit_test(test_bins_are_those_of_the_definition),
        cmocka_unit_test(test_table_holds_the_bins_of_all_bytes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
