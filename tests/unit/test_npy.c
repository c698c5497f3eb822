#include "helpers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "array/npy.h"

/* A file in memory. */
struct file {
    unsigned char bytes[80000];
    size_t nbytes;
};

static struct file file;

/* A .npy file whose header is exactly `text`, with `ndata` bytes behind it. */
static void make(int version, const char *text, size_t ndata)
{
    size_t length = strlen(text), prefix = version == 1 ? 10 : 12;

    memcpy(file.bytes, "\x93NUMPY", 6);
    file.bytes[6] = (unsigned char)version;
    file.bytes[7] = 0;
    for (size_t k = 8; k < prefix; k++)
        file.bytes[k] = (unsigned char)(length >> 8 * (k - 8));
    memcpy(file.bytes + prefix, text, length);
    memset(file.bytes + prefix + length, 7, ndata);
    file.nbytes = prefix + length + ndata;
}

/* Parse `file` with no byte readable behind it. */
static int parse(struct foray__npy_header *out, struct foray_error *err)
{
    unsigned char *bytes = guarded(file.nbytes ? file.nbytes : 1);
    int code;

    memcpy(bytes, file.bytes, file.nbytes);
    code = foray__npy_parse(out, bytes, file.nbytes, file.nbytes, "x.npy", err);
    guarded_free(bytes, file.nbytes ? file.nbytes : 1);
    return code;
}

static void read_reference(const char *name)
{
    const char *path = data_path("npy/%s.npy", name);
    FILE *in = fopen(path, "rb");

    if (!in)
        fail_msg("%s cannot be opened", path);
    file.nbytes = fread(file.bytes, 1, sizeof file.bytes, in);
    fclose(in);
}

/* What data/make_npy.py saved, and that we would write the same header. */
static const struct reference {
    const char *name;
    enum foray_dtype dtype;
    bool big, fortran_order;
    int version, ndim;
    size_t itemsize, shape[3];
    const char *descr;
} references[] = {
    {"bool_5", FORAY_BOOL, 0, 0, 1, 1, 1, {5}, "|b1"},
    {"i8_0d", FORAY_I8, 0, 0, 1, 0, 1, {0}, "|i1"},
    {"i16_big_2x3", FORAY_I16, 1, 0, 1, 2, 2, {2, 3}, ">i2"},
    {"u64_3x0", FORAY_U64, 0, 0, 1, 2, 8, {3, 0}, "<u8"},
    {"f16_6", FORAY_F16, 0, 0, 1, 1, 2, {6}, "<f2"},
    {"f32_fortran_2x3", FORAY_F32, 0, 1, 1, 2, 4, {2, 3}, "<f4"},
    {"f64_2x3x4", FORAY_F64, 0, 0, 1, 3, 8, {2, 3, 4}, "<f8"},
    {"c64_2x1", FORAY_C64, 0, 0, 1, 2, 8, {2, 1}, "<c8"},
    {"c128_big_2", FORAY_C128, 1, 0, 1, 1, 16, {2}, ">c16"},
    {"i64_32_axes", FORAY_I64, 0, 0, 1, 32, 8, {1, 1, 1}, "<i8"},
    {"text_2", FORAY_OPAQUE, 0, 0, 1, 1, 12, {2}, "<U3"},
    {"bytes_3", FORAY_OPAQUE, 0, 0, 1, 1, 3, {3}, "|S3"},
    {"date_1", FORAY_OPAQUE, 0, 0, 1, 1, 8, {1}, "<M8[us]"},
    {"structured_2",
     FORAY_OPAQUE,
     0,
     0,
     1,
     1,
     12,
     {2},
     "[('id', '<i4'), ('xy', '>f4', (2,))]"},
    {"nested_1",
     FORAY_OPAQUE,
     0,
     0,
     1,
     1,
     12,
     {1},
     "[('a', [('b', '|u1'), ('c', '<f8')]), (\"it's\", '|S3')]"},
    {"latin1_1", FORAY_OPAQUE, 0, 0, 1, 1, 8, {1}, "[('h\u00f6he', '<f8')]"},
    {"greek_1", FORAY_OPAQUE, 0, 0, 3, 1, 8, {1}, "[('\u03bb', '<f8')]"},
};

static bool is_swapped(const struct reference *reference)
{
    bool little = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__;

    return reference->dtype != FORAY_OPAQUE && reference->itemsize > 1 &&
           reference->big == little;
}

static void check_reference(const struct reference *reference)
{
    struct foray__npy_header header;
    struct foray_error err;
    size_t nbytes;
    char *bytes;

    read_reference(reference->name);
    assert_ok(parse(&header, &err), err);
    assert_int_equal(header.dtype, reference->dtype);
    assert_int_equal(header.swapped, is_swapped(reference));
    assert_int_equal(header.fortran_order, reference->fortran_order);
    assert_int_equal(header.version, reference->version);
    assert_int_equal(header.ndim, reference->ndim);
    assert_int_equal(header.itemsize, reference->itemsize);
    for (int k = 0; k < header.ndim; k++)
        assert_int_equal(header.shape[k], k < 3 ? reference->shape[k] : 1);
    assert_string_equal(header.descr, reference->descr);
    assert_int_equal(header.offset + header.nbytes, file.nbytes);

    assert_ok(foray__npy_format(&bytes, &nbytes, header.descr,
                                header.fortran_order, header.ndim, header.shape,
                                64, &err),
              err);
    assert_int_equal(nbytes, header.offset);
    assert_memory_equal(bytes, file.bytes, nbytes);
    free(bytes);
    foray__npy_free(&header);
    assert_null(header.descr);
}

static void test_files_of_numpy_are_read_and_written_alike(void **state)
{
    (void)state;
    for (size_t k = 0; k < sizeof references / sizeof references[0]; k++)
        check_reference(&references[k]);
}

#define REST ", 'fortran_order': False, 'shape': (2, 3), }"
#define F8 "{'descr': '<f8', 'fortran_order': False, 'shape': "

/* Headers no np.save of today writes, but which NumPy reads; all of them are
 * (2, 3) of float64, or what `descr` says. */
static const struct {
    const char *text, *descr;
} accepted[] = {
    {F8 "(2, 3), }", "<f8"}, /* neither padded nor ended by a newline */
    {F8 "(2, 3), }      \n", "<f8"},
    {"{'shape':(2,3),'fortran_order':False,'descr':'<f8'}", "<f8"},
    {" {\"descr\": \"<f8\", # why\n \"fortran_order\": "
     "False,\n\"shape\":(2,3)}",
     "<f8"},
    {F8 "(2L, 3L), }", "<f8"},
    {F8 "(0x2, 0b11), }", "<f8"},
    {F8 "(+2, 0o3,), }", "<f8"},
    {F8 "((2), 3), }", "<f8"},
    {"{'descr': '<f4', 'descr': '<f8'" REST, "<f8"}, /* the last counts */
    {"{'descr': 'float64'" REST, "=f8"},
    {"{'descr': '=f8'" REST, "=f8"},
    {"{'descr': 'f8'" REST, "=f8"},
    {"{'descr': 'i8'" REST, "=i8"}, /* NumPy's: eight bytes */
    {"{'descr': 'u8'" REST, "=u8"},
    {"{'descr': u'<f8'" REST, "<f8"}, /* Python 2 */
    {"{'descr': '<b1'" REST, "|b1"},
    {"{'descr': 'S8'" REST, "|S8"},
    {"{'descr': [('a','<i4'),('b','V4')]" REST, "[('a', '<i4'), ('b', 'V4')]"},
    {"{'descr': [(('title', 'a'), '<i4', 2)]" REST,
     "[(('title', 'a'), '<i4', 2)]"},
    {"{'descr': [('a\\'b', '<f8')]" REST, "[('a\\'b', '<f8')]"},
};

static void test_every_spelling_numpy_reads_is_read(void **state)
{
    struct foray__npy_header header;
    struct foray_error err;

    (void)state;
    for (size_t k = 0; k < sizeof accepted / sizeof accepted[0]; k++) {
        char descr[64];

        for (int version = 1; version <= 3; version++) {
            make(version, accepted[k].text, 60);
            if (parse(&header, &err))
                fail_msg("%s: %s", accepted[k].text, err.msg);
            strcpy(descr, accepted[k].descr);
            if (descr[0] == '=')
                descr[0] =
                    __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? '<' : '>';
            assert_string_equal(header.descr, descr);
            assert_int_equal(header.ndim, 2);
            assert_int_equal(header.shape[0], 2);
            assert_int_equal(header.shape[1], 3);
            assert_int_equal(header.nbytes, 6 * header.itemsize);
            assert_false(header.fortran_order);
            foray__npy_free(&header);
        }
    }
}

static const struct {
    const char *text;
    int code;
    const char *said;
} refused[] = {
    {"", FORAY_EFORMAT, "value"},
    {"7", FORAY_EFORMAT, "dictionary"},
    {"{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3)", FORAY_EFORMAT,
     ""},
    {F8 "(2, 3)} 'more'", FORAY_EFORMAT, "follows"},
    {F8 "(2, 3), 'x': 1}", FORAY_EFORMAT, "key"},
    {F8 "(2, 3), 1: 1}", FORAY_EFORMAT, ""},
    {"{'descr': '<f8', 'shape': (2, 3)}", FORAY_EFORMAT, "fortran_order"},
    {"{'fortran_order': False, 'shape': (2, 3)}", FORAY_EFORMAT, "descr"},
    {"{'descr': '<f8', 'fortran_order': True}", FORAY_EFORMAT, "shape"},
    {"{'descr': '<f8', 'fortran_order': 1, 'shape': (2, 3)}", FORAY_EFORMAT,
     "neither True nor False"},
    {F8 "6}", FORAY_EFORMAT, "tuple"},
    {F8 "(6)}", FORAY_EFORMAT, "tuple"},
    {F8 "[2, 3]}", FORAY_EFORMAT, "tuple"},
    {F8 "(-1, 3)}", FORAY_EFORMAT, "negative"},
    {F8 "(-2, -3)}", FORAY_EFORMAT, "negative"},
    {F8 "(True, 6)}", FORAY_EFORMAT, "integer"},
    {F8 "('2', 3)}", FORAY_EFORMAT, "integer"},
    {F8 "(2.0, 3)}", FORAY_EFORMAT, ""},
    {F8 "(2e0, 3)}", FORAY_EFORMAT, ""},
    {F8 "(1+1, 3)}", FORAY_EFORMAT, ""},
    {F8 "(02, 3)}", FORAY_EFORMAT, ""},
    {F8 "(0x, 3)}", FORAY_EFORMAT, ""},
    {F8 "(np.int64(2), 3)}", FORAY_EFORMAT, ""},
    {F8 "(2,, 3)}", FORAY_EFORMAT, ""},
    {F8 "(, 2, 3)}", FORAY_EFORMAT, ""},
    {F8 "(2 3)}", FORAY_EFORMAT, ""},
    {F8 "(2, 3]}", FORAY_EFORMAT, ""},
    {F8 "(4294967296, 4294967296)}", FORAY_EFORMAT, "memory"},
    {F8 "(4611686018427387904,)}", FORAY_EFORMAT, "memory"},
    {F8 "(4611686018427387904, 0)}", FORAY_EFORMAT, "memory"},
    {F8 "(1099511627776, 1099511627776, 0)}", FORAY_EFORMAT, "memory"},
    {F8 "(9223372036854775808, 0)}", FORAY_EFORMAT, ""},
    {F8 "(1180591620717411303424,)}", FORAY_EFORMAT, ""},
    {F8 "(1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1)}",
     FORAY_EFORMAT, "32"},
    {F8 "(100, 3), }", FORAY_ETRUNCATED, "2400 bytes"},
    {"{'descr': 8" REST, FORAY_EFORMAT, "descr"},
    {"{'descr': ('<f4', (2,))" REST, FORAY_EFORMAT, "descr"},
    {"{'descr': {'names': ['a'], 'formats': ['<f4']}" REST, FORAY_EFORMAT,
     "descr"},
    {"{'descr': ''" REST, FORAY_EFORMAT, ""},
    {"{'descr': 'O'" REST, FORAY_EDTYPE, "Python objects"},
    {"{'descr': '|O'" REST, FORAY_EDTYPE, "Python objects"},
    {"{'descr': '<f3'" REST, FORAY_EFORMAT, "<f3"},
    {"{'descr': '<x8'" REST, FORAY_EFORMAT, "<x8"},
    {"{'descr': '<f8 '" REST, FORAY_EFORMAT, ""},
    {"{'descr': '<U99999999999999999999999'" REST, FORAY_EFORMAT, ""},
    {"{'descr': '<M8[us'" REST, FORAY_EFORMAT, ""},
    {"{'descr': '|S0'" REST, FORAY_EFORMAT, "0 bytes"},
    {"{'descr': '<U0'" REST, FORAY_EFORMAT, "0 bytes"},
    {"{'descr': []" REST, FORAY_EFORMAT, "0 bytes"},
    {"{'descr': [('a', '|O')]" REST, FORAY_EDTYPE, "Python objects"},
    {"{'descr': [('a', '<i4', (4611686018427387904, 4))]" REST, FORAY_EFORMAT,
     ""},
    {"{'descr': [('a', '<i4', (-1,))]" REST, FORAY_EFORMAT, ""},
    {"{'descr': [('a',)]" REST, FORAY_EFORMAT, ""},
    {"{'descr': ['a']" REST, FORAY_EFORMAT, ""},
    {"{'descr': [(7, '<i4')]" REST, FORAY_EFORMAT, "name"},
    {"{'descr': [('a', '<i4', 1, 2)]" REST, FORAY_EFORMAT, ""},
    {"{'descr': '<f8" REST, FORAY_EFORMAT, ""},
};

static void test_hostile_headers_are_refused_with_a_reason(void **state)
{
    static const struct foray__npy_header empty;
    struct foray__npy_header header;
    struct foray_error err;

    (void)state;
    for (size_t k = 0; k < sizeof refused / sizeof refused[0]; k++) {
        int code;

        make(k % 2 ? 1 : 2, refused[k].text, 64);
        memset(&err, 0, sizeof err);
        code = parse(&header, &err);
        if (code != refused[k].code)
            fail_msg("%s: %d, \"%s\"", refused[k].text, code, err.msg);
        if (!strstr(err.msg, refused[k].said))
            fail_msg("%s: \"%s\"", refused[k].text, err.msg);
        assert_non_null(strstr(err.msg, "x.npy"));
        assert_memory_equal(&header, &empty, sizeof empty);
    }
}

static void check_prefix(const void *bytes, size_t nbytes, int code,
                         const char *said)
{
    struct foray__npy_header header;
    struct foray_error err = {0};

    memcpy(file.bytes, bytes, nbytes);
    file.nbytes = nbytes;
    assert_int_equal(parse(&header, &err), code);
    if (!strstr(err.msg, said))
        fail_msg("\"%s\" does not say \"%s\"", err.msg, said);
}

static void test_broken_beginnings_are_refused(void **state)
{
    (void)state;
    check_prefix("", 0, FORAY_ETRUNCATED, "empty");
    check_prefix("PK\3\4", 4, FORAY_EFORMAT, "not a .npy file");
    check_prefix("\x89HDF\r\n\x1a\n........", 16, FORAY_EFORMAT,
                 "not a .npy file");
    check_prefix("\x93NUMPY", 6, FORAY_ETRUNCATED, "header");
    check_prefix("\x93NUMPY\1\0\0", 9, FORAY_ETRUNCATED, "header");
    check_prefix("\x93NUMPY\2\0\0\0\0", 11, FORAY_ETRUNCATED, "header");
    check_prefix("\x93NUMPY\4\0\0\0\0\0", 12, FORAY_EFORMAT, "version 4.0");
    check_prefix("\x93NUMPY\1\1\0\0\0\0", 12, FORAY_EFORMAT, "version 1.1");
    check_prefix("\x93NUMPY\0\0\0\0\0\0", 12, FORAY_EFORMAT, "version 0.0");
    check_prefix("\x93NUMPY\1\0\x76\0{}", 12, FORAY_ETRUNCATED, "118 bytes");
    check_prefix("\x93NUMPY\2\0\xff\xff\xff\xff", 12, FORAY_EFORMAT,
                 "4294967295 bytes");
    check_prefix("\x93NUMPY\1\0\2\0{\0", 12, FORAY_EFORMAT, "");
}

static void test_data_must_be_whole_and_may_be_more(void **state)
{
    struct foray__npy_header header;
    struct foray_error err;

    (void)state;
    make(1, F8 "(2, 3)}", 48);
    assert_ok(parse(&header, &err), err);
    foray__npy_free(&header);
    make(1, F8 "(2, 3)}", 47);
    assert_int_equal(parse(&header, &err), FORAY_ETRUNCATED);
    assert_non_null(strstr(err.msg, "48 bytes"));
    make(1, F8 "(2, 3)}", 50);
    assert_ok(parse(&header, &err), err);
    assert_int_equal(header.nbytes, 48);
    foray__npy_free(&header);
    make(1, F8 "(0, 3)}", 0);
    assert_ok(parse(&header, &err), err);
    assert_int_equal(header.nbytes, 0);
    foray__npy_free(&header);
}

/* Only the beginning of a large file is handed to the parser. */
static void test_a_large_file_is_known_by_its_beginning(void **state)
{
    struct foray__npy_header header;
    struct foray_error err;

    (void)state;
    make(1, F8 "(1000000, 1000)}", 0);
    memset(file.bytes + file.nbytes, 0, FORAY__NPY_MAX_HEADER + 12);
    assert_ok(foray__npy_parse(&header, file.bytes, FORAY__NPY_MAX_HEADER + 12,
                               file.nbytes + 8000000000, "big.npy", &err),
              err);
    assert_int_equal(header.nbytes, 8000000000);
    assert_int_equal(header.offset, file.nbytes);
    foray__npy_free(&header);
    assert_int_equal(
        foray__npy_parse(&header, file.bytes, FORAY__NPY_MAX_HEADER + 12,
                         file.nbytes + 7999999999, "big.npy", &err),
        FORAY_ETRUNCATED);
}

static void test_nesting_is_limited(void **state)
{
    static char text[65536];
    struct foray__npy_header header;
    struct foray_error err;

    (void)state;
    memset(text, '(', sizeof text - 1);
    make(2, text, 0);
    assert_int_equal(parse(&header, &err), FORAY_EFORMAT);
    assert_non_null(strstr(err.msg, "nested too deeply"));
    memset(text, '[', sizeof text - 1);
    memcpy(text, "{'descr':", 9);
    make(2, text, 0);
    assert_int_equal(parse(&header, &err), FORAY_EFORMAT);
    assert_non_null(strstr(err.msg, "nested too deeply"));
}

static void test_the_largest_header_is_read_and_a_larger_not(void **state)
{
    static char text[FORAY__NPY_MAX_HEADER + 2];
    struct foray__npy_header header;
    struct foray_error err;

    (void)state;
    memset(text, ' ', FORAY__NPY_MAX_HEADER);
    memcpy(text, F8 "(2, 3)}", strlen(F8 "(2, 3)}"));
    make(3, text, 48);
    assert_ok(parse(&header, &err), err);
    assert_int_equal(header.offset, 12 + FORAY__NPY_MAX_HEADER);
    foray__npy_free(&header);
    text[FORAY__NPY_MAX_HEADER] = ' ';
    make(3, text, 48);
    assert_int_equal(parse(&header, &err), FORAY_EFORMAT);
    assert_non_null(strstr(err.msg, "65537 bytes"));
}

static void test_version_3_must_be_utf8(void **state)
{
    static const char *const wrong[] = {"\xff",         "\xc3",
                                        "\xc0\xaf",     "\xe0\x80\x80",
                                        "\xed\xa0\x80", "\xf4\x90\x80\x80"};
    struct foray__npy_header header;
    struct foray_error err;
    char text[128];

    (void)state;
    for (size_t k = 0; k < sizeof wrong / sizeof wrong[0]; k++) {
        snprintf(text, sizeof text, "{'descr': [('%s', '<f8')]" REST, wrong[k]);
        make(3, text, 48);
        if (parse(&header, &err) != FORAY_EFORMAT)
            fail_msg("bytes that are no UTF-8 were read (%zu)", k);
        make(1, text, 48); /* latin-1, where every byte is a letter */
        assert_ok(parse(&header, &err), err);
        foray__npy_free(&header);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_files_of_numpy_are_read_and_written_alike),
        cmocka_unit_test(test_every_spelling_numpy_reads_is_read),
        cmocka_unit_test(test_hostile_headers_are_refused_with_a_reason),
        cmocka_unit_test(test_broken_beginnings_are_refused),
        cmocka_unit_test(test_data_must_be_whole_and_may_be_more),
        cmocka_unit_test(test_a_large_file_is_known_by_its_beginning),
        cmocka_unit_test(test_nesting_is_limited),
        cmocka_unit_test(test_the_largest_header_is_read_and_a_larger_not),
        cmocka_unit_test(test_version_3_must_be_utf8),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
