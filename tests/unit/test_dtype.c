#include "helpers.h"

#include <string.h>

#include <foray/dtype.h>

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
static const bool big_is_swapped = true;
#else
static const bool big_is_swapped = false;
#endif

static void test_size_and_name_of_every_type(void **state)
{
    static const struct {
        enum foray_dtype dtype;
        size_t size;
        const char *name;
    } expected[] = {
        {FORAY_OPAQUE, 0, "opaque"}, {FORAY_BOOL, 1, "bool"},
        {FORAY_I8, 1, "i8"},         {FORAY_I16, 2, "i16"},
        {FORAY_I32, 4, "i32"},       {FORAY_I64, 8, "i64"},
        {FORAY_U8, 1, "u8"},         {FORAY_U16, 2, "u16"},
        {FORAY_U32, 4, "u32"},       {FORAY_U64, 8, "u64"},
        {FORAY_F16, 2, "f16"},       {FORAY_F32, 4, "f32"},
        {FORAY_F64, 8, "f64"},       {FORAY_C64, 8, "c64"},
        {FORAY_C128, 16, "c128"},
    };

    (void)state;
    for (size_t k = 0; k < sizeof expected / sizeof expected[0]; k++) {
        assert_int_equal(foray_dtype_size(expected[k].dtype), expected[k].size);
        assert_string_equal(foray_dtype_name(expected[k].dtype),
                            expected[k].name);
    }
}

static void test_a_number_that_is_no_type_has_no_size(void **state)
{
    (void)state;
    assert_int_equal(foray_dtype_size((enum foray_dtype)15), 0);
    assert_int_equal(foray_dtype_size((enum foray_dtype) - 1), 0);
    assert_string_equal(foray_dtype_name((enum foray_dtype) - 1), "opaque");
}

static void check_parse(const char *text, enum foray_dtype dtype, bool swapped)
{
    enum foray_dtype got = FORAY_OPAQUE;
    struct foray_error err;
    bool got_swapped = !swapped;

    assert_ok(foray_dtype_parse(&got, &got_swapped, text, &err), err);
    assert_int_equal(got, dtype);
    assert_int_equal(got_swapped, swapped);
    assert_ok(foray_dtype_parse(&got, NULL, text, NULL), err);
}

static void test_parse_reads_short_names(void **state)
{
    (void)state;
    for (int k = FORAY_BOOL; k <= FORAY_C128; k++)
        check_parse(foray_dtype_name((enum foray_dtype)k), (enum foray_dtype)k,
                    false);
}

/* "i8" is one byte here, "<i8" is NumPy's and has eight. */
static void test_parse_tells_short_names_from_type_strings(void **state)
{
    (void)state;
    check_parse("i8", FORAY_I8, false);
    check_parse("=i8", FORAY_I64, false);
    check_parse("u8", FORAY_U8, false);
    check_parse("|u1", FORAY_U8, false);
    check_parse("f16", FORAY_F16, false);
    check_parse("=f2", FORAY_F16, false);
}

static void test_parse_reads_numpy_names_and_type_strings(void **state)
{
    (void)state;
    check_parse("float64", FORAY_F64, false);
    check_parse("uint16", FORAY_U16, false);
    check_parse("complex64", FORAY_C64, false);
    check_parse("int8", FORAY_I8, false);
    check_parse("<f8", FORAY_F64, !big_is_swapped);
    check_parse(">i2", FORAY_I16, big_is_swapped);
    check_parse(">c16", FORAY_C128, big_is_swapped);
    check_parse("=f8", FORAY_F64, false);
    check_parse("f8", FORAY_F64, false);
    check_parse("|b1", FORAY_BOOL, false);
    check_parse(">u1", FORAY_U8, false);
}

static void test_parse_refuses_everything_else(void **state)
{
    static const char *const texts[] = {
        "",       "opaque", "f",    "f9",   "<",   "<U2",      "|V8",
        "M8[us]", "<f16",   "O",    "|O",   "F64", " f64",     "f64 ",
        "<f64",   "float",  "i128", "<<f8", "b8",  "float128x"};
    enum foray_dtype dtype;
    struct foray_error err;

    (void)state;
    for (size_t k = 0; k < sizeof texts / sizeof texts[0]; k++) {
        if (foray_dtype_parse(&dtype, NULL, texts[k], &err) != FORAY_EDTYPE)
            fail_msg("'%s' was taken for a type", texts[k]);
        assert_non_null(strstr(err.msg, texts[k]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_size_and_name_of_every_type),
        cmocka_unit_test(test_a_number_that_is_no_type_has_no_size),
        cmocka_unit_test(test_parse_reads_short_names),
        cmocka_unit_test(test_parse_tells_short_names_from_type_strings),
        cmocka_unit_test(test_parse_reads_numpy_names_and_type_strings),
        cmocka_unit_test(test_parse_refuses_everything_else),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
