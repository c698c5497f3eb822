#include "helpers.h"

#include <foray/array.h>

static void test_split_as_array_split(void **state)
{
    /* [len(x) for x in numpy.array_split(range(n), parts)] */
    static const size_t sizes[][7] = {
        {10, 3, 4, 3, 3}, {8, 3, 3, 3, 2}, {2, 5, 1, 1, 0, 0, 0}, {0, 2, 0, 0}};
    struct foray_error err;

    (void)state;
    for (size_t k = 0; k < sizeof sizes / sizeof sizes[0]; k++) {
        size_t n = sizes[k][0], parts = sizes[k][1], next = 0;

        for (size_t i = 0; i < parts; i++) {
            struct foray_slice slice;

            assert_ok(foray_slice_split(&slice, n, parts, i, &err), err);
            assert_int_equal(slice.start, next);
            assert_int_equal(slice.stop - slice.start, sizes[k][2 + i]);
            next = slice.stop;
        }
        assert_int_equal(next, n);
    }
}

static void test_split_of_the_largest_numbers(void **state)
{
    struct foray_slice slice;
    struct foray_error err;

    (void)state;
    assert_ok(foray_slice_split(&slice, SIZE_MAX, 2, 1, &err), err);
    assert_int_equal(slice.start, SIZE_MAX / 2 + 1);
    assert_int_equal(slice.stop, SIZE_MAX);
    assert_ok(foray_slice_split(&slice, SIZE_MAX, SIZE_MAX, SIZE_MAX - 1, &err),
              err);
    assert_int_equal(slice.start, SIZE_MAX - 1);
    assert_int_equal(slice.stop, SIZE_MAX);
}

static void test_split_refuses_ranges_that_are_not_there(void **state)
{
    struct foray_slice slice;

    (void)state;
    assert_int_equal(foray_slice_split(&slice, 5, 0, 0, NULL), FORAY_EINVAL);
    assert_int_equal(foray_slice_split(&slice, 5, 3, 3, NULL), FORAY_EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_split_as_array_split),
        cmocka_unit_test(test_split_of_the_largest_numbers),
        cmocka_unit_test(test_split_refuses_ranges_that_are_not_there),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
