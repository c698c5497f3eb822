#include "helpers.h"

#include <stdlib.h>
#include <string.h>

#include "array/npy.h"

static size_t header_size(const char *descr, int ndim, const size_t *shape)
{
    struct foray_error err;
    size_t nbytes;
    char *bytes;

    assert_ok(
        foray__npy_format(&bytes, &nbytes, descr, false, ndim, shape, 64, &err),
        err);
    free(bytes);
    return nbytes;
}

/* Where numpy.lib.format begins the data, on both sides of each step. */
static void test_format_leaves_the_room_numpy_leaves(void **state)
{
    static const struct {
        int ndim;
        size_t nbytes;
    } sizes[] = {{0, 128},  {1, 128},  {6, 128},  {7, 192}, {15, 192},
                 {16, 256}, {25, 256}, {26, 320}, {32, 320}};
    size_t shape[32], seven = 7;

    (void)state;
    for (int k = 0; k < 32; k++)
        shape[k] = 12345;
    for (size_t k = 0; k < sizeof sizes / sizeof sizes[0]; k++)
        assert_int_equal(header_size("<f8", sizes[k].ndim, shape),
                         sizes[k].nbytes);
    assert_int_equal(
        header_size("[('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', '|u1')]", 1, &seven),
        128); /* 31 letters */
    assert_int_equal(
        header_size("[('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', '|u1')]", 1, &seven),
        192);
}

static void test_format_aligns_the_data(void **state)
{
    const size_t shape[2] = {12345, 6};
    struct foray__npy_header header;
    struct foray_error err;
    size_t nbytes;
    char *bytes;

    (void)state;
    for (size_t align = 64; align <= 32768; align *= 2) {
        assert_ok(foray__npy_format(&bytes, &nbytes, "<f8", true, 2, shape,
                                    align, &err),
                  err);
        assert_int_equal(nbytes % align, 0);
        assert_int_equal(bytes[nbytes - 1], '\n');
        assert_ok(foray__npy_parse(&header, bytes, nbytes,
                                   nbytes + 12345 * 6 * 8, "x.npy", &err),
                  err);
        assert_int_equal(header.offset, nbytes);
        assert_true(header.fortran_order);
        foray__npy_free(&header);
        free(bytes);
    }
    assert_int_equal(foray__npy_format(&bytes, &nbytes, "<f8", true, 2, shape,
                                       1 << 20, &err),
                     FORAY_ETOOLARGE);
    assert_null(bytes);
}

static int format_fields(size_t length)
{
    static char descr[FORAY__NPY_MAX_HEADER + 64];
    struct foray__npy_header header;
    const size_t shape[1] = {0};
    struct foray_error err;
    size_t nbytes;
    char *bytes;
    int code;

    memset(descr, 'a', sizeof descr);
    memcpy(descr, "[('", 3);
    strcpy(descr + 3 + length, "', '|u1')]");
    code = foray__npy_format(&bytes, &nbytes, descr, false, 1, shape, 64, &err);
    if (code)
        return code;
    assert_int_equal(bytes[6], 1);
    assert_ok(foray__npy_parse(&header, bytes, nbytes, nbytes, "x.npy", &err),
              err);
    assert_string_equal(header.descr, descr);
    foray__npy_free(&header);
    free(bytes);
    return 0;
}

static void test_format_stops_where_parse_stops(void **state)
{
    (void)state;
    assert_int_equal(format_fields(65430), 0);
    assert_int_equal(format_fields(65500), FORAY_ETOOLARGE);
}

static void test_descr_of_every_type_is_read_back(void **state)
{
    (void)state;
    for (int k = FORAY_BOOL; k <= FORAY_C128; k++)
        for (int swapped = 0; swapped < 2; swapped++) {
            enum foray_dtype dtype;
            struct foray_error err;
            bool got;
            char descr[8];

            foray__npy_descr(descr, (enum foray_dtype)k, swapped);
            assert_ok(foray_dtype_parse(&dtype, &got, descr, &err), err);
            assert_int_equal(dtype, k);
            assert_int_equal(got, swapped && foray_dtype_size(dtype) > 1);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_format_leaves_the_room_numpy_leaves),
        cmocka_unit_test(test_format_aligns_the_data),
        cmocka_unit_test(test_format_stops_where_parse_stops),
        cmocka_unit_test(test_descr_of_every_type_is_read_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
