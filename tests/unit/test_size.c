#include "helpers.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shape_nbytes_multiplies),
        cmocka_unit_test(test_shape_nbytes_refuses_overflow_behind_zero),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
