#include "helpers.h"

#include <math.h>
#include <string.h>

#include <foray/array.h>

#include "array/half.h"

/* One number of `from` to one of `to`, through foray_array_copy. */
static void convert(enum foray_dtype to, void *out, enum foray_dtype from,
                    const void *in)
{
    struct foray_array src, dst;
    struct foray_error err;
    unsigned char copy[16];

    memcpy(copy, in, foray_dtype_size(from));
    assert_ok(foray_array_wrap(&src, copy, from, 0, NULL, &err), err);
    assert_ok(foray_array_wrap(&dst, out, to, 0, NULL, &err), err);
    assert_ok(foray_array_copy(&dst, &src, &err), err);
}

/* A double to any type and back. */
static double through(enum foray_dtype dtype, double number)
{
    unsigned char item[16];
    double back;

    convert(dtype, item, FORAY_F64, &number);
    convert(FORAY_F64, &back, dtype, item);
    return back;
}

static void test_floats_are_cut_and_clipped(void **state)
{
    static const struct {
        enum foray_dtype dtype;
        double least, most; /* as doubles */
    } ranges[] = {
        {FORAY_I8, -128, 127},
        {FORAY_U8, 0, 255},
        {FORAY_I16, -32768, 32767},
        {FORAY_U16, 0, 65535},
        {FORAY_I32, -0x1p31, 0x1p31 - 1},
        {FORAY_U32, 0, 0x1p32 - 1},
        {FORAY_I64, -0x1p63, 0x1p63}, /* 2^63 - 1 is no double */
        {FORAY_U64, 0, 0x1p64},
    };

    (void)state;
    for (size_t k = 0; k < sizeof ranges / sizeof ranges[0]; k++) {
        enum foray_dtype dtype = ranges[k].dtype;

        assert_true(through(dtype, 2.99) == 2);
        assert_true(through(dtype, -2.99) == (ranges[k].least < 0 ? -2 : 0));
        assert_true(through(dtype, -0.99) == 0);
        assert_true(through(dtype, ranges[k].most) == ranges[k].most);
        assert_true(through(dtype, ranges[k].most + 0.5) == ranges[k].most);
        assert_true(through(dtype, 1e30) == ranges[k].most);
        assert_true(through(dtype, (double)INFINITY) == ranges[k].most);
        assert_true(through(dtype, ranges[k].least) == ranges[k].least);
        assert_true(through(dtype, -1e30) == ranges[k].least);
        assert_true(through(dtype, -(double)INFINITY) == ranges[k].least);
        assert_true(through(dtype, (double)NAN) == 0);
    }
}

static void test_integers_wrap_around(void **state)
{
    const int32_t number = -300;
    const uint64_t large = UINT64_MAX;
    int8_t i8;
    uint8_t u8;
    uint64_t u64;
    int16_t i16;

    (void)state;
    convert(FORAY_I8, &i8, FORAY_I32, &number);
    assert_int_equal(i8, -44);
    convert(FORAY_U8, &u8, FORAY_I32, &number);
    assert_int_equal(u8, 212);
    convert(FORAY_U64, &u64, FORAY_I32, &number);
    assert_true(u64 == UINT64_MAX - 299);
    convert(FORAY_I16, &i16, FORAY_U64, &large);
    assert_int_equal(i16, -1);
}

static void test_large_integers_round_to_nearest(void **state)
{
    const uint64_t most = UINT64_MAX, odd = (UINT64_C(1) << 53) + 1;
    const int64_t least = INT64_MIN;
    double f64;
    float f32;
    uint16_t f16;

    (void)state;
    convert(FORAY_F64, &f64, FORAY_U64, &most);
    assert_true(f64 == 0x1p64);
    convert(FORAY_F64, &f64, FORAY_U64, &odd);
    assert_true(f64 == 0x1p53);
    convert(FORAY_F32, &f32, FORAY_I64, &least);
    assert_true(f32 == -0x1p63F);
    convert(FORAY_F16, &f16, FORAY_I64, &least);
    assert_int_equal(f16, 0xFC00);
}

static void test_anything_to_bool_is_not_zero(void **state)
{
    const double nan = (double)NAN, minus_zero = -0.0;
    const float imaginary[2] = {0, 1}, nothing[2] = {-0.0F, 0};
    const uint16_t half_zero = 0x8000;
    const int32_t low_byte_zero = 256;
    const uint8_t odd_bool = 2;
    unsigned char truth;
    int32_t number;

    (void)state;
    convert(FORAY_BOOL, &truth, FORAY_F64, &nan);
    assert_int_equal(truth, 1);
    convert(FORAY_BOOL, &truth, FORAY_F64, &minus_zero);
    assert_int_equal(truth, 0);
    convert(FORAY_BOOL, &truth, FORAY_C64, imaginary);
    assert_int_equal(truth, 1);
    convert(FORAY_BOOL, &truth, FORAY_C64, nothing);
    assert_int_equal(truth, 0);
    convert(FORAY_BOOL, &truth, FORAY_F16, &half_zero);
    assert_int_equal(truth, 0);
    convert(FORAY_BOOL, &truth, FORAY_I32, &low_byte_zero);
    assert_int_equal(truth, 1);
    convert(FORAY_I32, &number, FORAY_BOOL, &odd_bool);
    assert_int_equal(number, 1);
}

static void test_complex_keeps_the_real_part(void **state)
{
    const double number[2] = {-2.5, 7}, real = 3.25;
    int16_t i16;
    float pair[2];

    (void)state;
    convert(FORAY_I16, &i16, FORAY_C128, number);
    assert_int_equal(i16, -2);
    convert(FORAY_C64, pair, FORAY_C128, number);
    assert_true(pair[0] == -2.5F && pair[1] == 7);
    convert(FORAY_C64, pair, FORAY_F64, &real);
    assert_true(pair[0] == 3.25F && pair[1] == 0);
}

/* Values of IEEE 754 binary16, from the standard's definition. */
static void test_half_precision_values(void **state)
{
    static const struct {
        uint16_t half;
        double number;
    } exact[] = {
        {0x0000, 0},           {0x0001, 0x1p-24},    {0x03FF, 1023 * 0x1p-24},
        {0x0400, 0x1p-14},     {0x3555, 0x1.554p-2}, {0x3C00, 1},
        {0x3C01, 1 + 0x1p-10}, {0x7BFF, 65504},      {0x7C00, (double)INFINITY},
    };

    (void)state;
    for (size_t k = 0; k < sizeof exact / sizeof exact[0]; k++) {
        uint16_t negative = exact[k].half | 0x8000;

        assert_true((double)foray__half_to_float(exact[k].half) ==
                    exact[k].number);
        assert_true((double)foray__half_to_float(negative) == -exact[k].number);
        assert_int_equal(foray__half_from_double(exact[k].number),
                         exact[k].half);
        assert_int_equal(foray__half_from_double(-exact[k].number), negative);
    }
}

static void test_every_half_comes_back(void **state)
{
    (void)state;
    for (unsigned half = 0; half <= 0xFFFF; half++) {
        float number = foray__half_to_float((uint16_t)half);

        if ((half & 0x7FFF) > 0x7C00)
            assert_true(isnan(number));
        if (foray__half_from_double((double)number) != half &&
            !isnan(number)) /* a signalling NaN may come back quiet */
            fail_msg("%#x comes back as %#x", half,
                     foray__half_from_double((double)number));
    }
}

static void test_halves_round_to_nearest_even(void **state)
{
    static const struct {
        double number;
        uint16_t half;
    } rounded[] = {
        {1 + 0x1p-11, 0x3C00},
        {1 + 0x1p-11 + 0x1p-50, 0x3C01},
        {1 + 3 * 0x1p-11, 0x3C02},
        {1 + 3 * 0x1p-11 - 0x1p-50, 0x3C01},
        {65519.999, 0x7BFF},
        {65520, 0x7C00},
        {1e300, 0x7C00},
        {0x1p-25, 0x0000},
        {0x1p-25 + 0x1p-70, 0x0001},
        {3 * 0x1p-25, 0x0002},
        {1023.5 * 0x1p-24, 0x0400},
        {0x1p-26, 0x0000},
        {5e-324, 0x0000},
        {-0x1p-30, 0x8000},
        {2047.5 * 0x1p-25, 0x0400},
        {1023.25 * 0x1p-24, 0x03FF},
    };

    (void)state;
    for (size_t k = 0; k < sizeof rounded / sizeof rounded[0]; k++)
        if (foray__half_from_double(rounded[k].number) != rounded[k].half)
            fail_msg("%a becomes %#x, not %#x", rounded[k].number,
                     foray__half_from_double(rounded[k].number),
                     rounded[k].half);
    assert_true(isnan(foray__half_to_float(foray__half_from_double(NAN))));
    {
        /* A NaN whose payload lies below what a half can hold. */
        uint64_t bits = UINT64_C(0x7FF0000000000001);
        double number;

        memcpy(&number, &bits, sizeof number);
        assert_true(
            isnan(foray__half_to_float(foray__half_from_double(number))));
    }
}

/* A float that passed through single precision would be rounded twice. */
static void test_double_to_half_rounds_once(void **state)
{
    const double number = 1 + 0x1p-11 + 0x1p-40;
    uint16_t half;

    (void)state;
    convert(FORAY_F16, &half, FORAY_F64, &number);
    assert_int_equal(half, 0x3C01);
}

/* Every pair of types in both byte orders, over more than one block, between
 * strided views: small integers survive any of them. */
static void check_pair(enum foray_dtype from, bool from_swapped,
                       enum foray_dtype to, bool to_swapped)
{
    static double numbers[600], back[600];
    static unsigned char first[600 * 48], second[600 * 48];
    struct foray_array plain, src, dst, again;
    struct foray_error err;
    size_t n = 600, spaced = 1800;

    for (size_t i = 0; i < n; i++)
        numbers[i] = from == FORAY_BOOL || to == FORAY_BOOL ? (double)(i % 2)
                                                            : (double)(i % 128);
    assert_ok(foray_array_wrap(&plain, numbers, FORAY_F64, 1, &n, &err), err);
    assert_ok(foray_array_wrap(&again, back, FORAY_F64, 1, &n, &err), err);
    assert_ok(foray_array_wrap(&src, first, from, 1, &spaced, &err), err);
    assert_ok(foray_array_wrap(&dst, second, to, 1, &spaced, &err), err);
    assert_ok(foray_array_slice(&src, &src, 0, -1, FORAY_TO_END, -3, &err),
              err);
    assert_ok(foray_array_slice(&dst, &dst, 0, 1, FORAY_TO_END, 3, &err), err);
    src.swapped = from_swapped && src.itemsize > 1;
    dst.swapped = to_swapped && dst.itemsize > 1;
    assert_ok(foray_array_copy(&src, &plain, &err), err);
    assert_ok(foray_array_copy(&dst, &src, &err), err);
    assert_ok(foray_array_copy(&again, &dst, &err), err);
    for (size_t i = 0; i < n; i++)
        if (back[i] != numbers[i])
            fail_msg("%s to %s: %g became %g", foray_dtype_name(from),
                     foray_dtype_name(to), numbers[i], back[i]);
}

static void test_every_pair_of_types_and_orders(void **state)
{
    (void)state;
    for (int from = FORAY_BOOL; from <= FORAY_C128; from++)
        for (int to = FORAY_BOOL; to <= FORAY_C128; to++)
            for (int orders = 0; orders < 4; orders++)
                check_pair((enum foray_dtype)from, orders & 1,
                           (enum foray_dtype)to, orders & 2);
}

/* The bytes themselves, so that two wrong swaps do not cancel out. */
static void test_byte_order_of_complex_numbers(void **state)
{
    static const unsigned char big[8] = {0x3F, 0x80, 0, 0, 0xC0, 0, 0, 0};
    struct foray_array src, dst;
    struct foray_error err;
    double pair[2];

    (void)state;
    assert_ok(foray_array_wrap(&src, (void *)(uintptr_t)big, FORAY_C64, 0, NULL,
                               &err),
              err);
    src.swapped = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__;
    assert_ok(foray_array_wrap(&dst, pair, FORAY_C128, 0, NULL, &err), err);
    assert_ok(foray_array_copy(&dst, &src, &err), err);
    assert_true(pair[0] == 1 && pair[1] == -2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_floats_are_cut_and_clipped),
        cmocka_unit_test(test_integers_wrap_around),
        cmocka_unit_test(test_large_integers_round_to_nearest),
        cmocka_unit_test(test_anything_to_bool_is_not_zero),
        cmocka_unit_test(test_complex_keeps_the_real_part),
        cmocka_unit_test(test_half_precision_values),
        cmocka_unit_test(test_every_half_comes_back),
        cmocka_unit_test(test_halves_round_to_nearest_even),
        cmocka_unit_test(test_double_to_half_rounds_once),
        cmocka_unit_test(test_every_pair_of_types_and_orders),
        cmocka_unit_test(test_byte_order_of_complex_numbers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
