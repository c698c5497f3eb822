/* PNG inflated at once, against libpng: the same pixels, of files as they are
 * and of odd ones, and the same errors. */
#include "helpers.h"

#include <config.h>

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "image/format.h"
#include "image/png_at_once.h"
#include "storage/crc.h"

enum { MOST = 1 << 15 };

/* What is odd about a file. */
enum oddity {
    NOTHING,
    BAD_FILTER,
    MORE_DATA,
    LESS_DATA,
    SMALL_WINDOW,
    BAD_CHECK,
    TEXT_BETWEEN,
    UNKNOWN_CRITICAL,
    BAD_CRC,
    ODDITIES
};

struct file {
    uint8_t bytes[2 * MOST];
    size_t n;
};

static uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525 + 1013904223;
    return *state >> 8;
}

static void put32(uint8_t *to, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        to[i] = (uint8_t)(value >> (24 - 8 * i));
}

static void add_chunk(struct file *file, const char *type, const void *data,
                      size_t n)
{
    uint8_t *at = file->bytes + file->n;

    put32(at, (uint32_t)n);
    memcpy(at + 4, type, 4);
    if (n)
        memcpy(at + 8, data, n);
    put32(at + 8 + n, foray__crc32(0, at + 4, 4 + n));
    file->n += 12 + n;
}

static uint32_t adler(const uint8_t *bytes, size_t n)
{
    uint32_t a = 1, b = 0;

    for (size_t i = 0; i < n; i++) {
        a = (a + bytes[i]) % 65521;
        b = (b + a) % 65521;
    }
    return b << 16 | a;
}

/* In zlib's wrapping, as it is. Returns the size. */
static size_t store(uint8_t *out, const uint8_t *bytes, size_t n,
                    enum oddity oddity)
{
    static const uint8_t header[] = {0x78, 0x01, 0x01};
    static const uint8_t small[] = {0x08, 0x1d, 0x01}; /* 256 bytes */

    memcpy(out, oddity == SMALL_WINDOW ? small : header, 3);
    out[3] = (uint8_t)n;
    out[4] = (uint8_t)(n >> 8);
    out[5] = (uint8_t)~out[3];
    out[6] = (uint8_t)~out[4];
    memcpy(out + 7, bytes, n);
    put32(out + 7 + n, adler(bytes, n) + (oddity == BAD_CHECK));
    return 11 + n;
}

/* Rows of anything, each with any filter. */
static size_t make_rows(uint8_t *out, size_t rows, size_t line,
                        enum oddity oddity, uint32_t *state)
{
    for (size_t i = 0; i < rows * line; i++)
        out[i] =
            (uint8_t)(i % line ? next_random(state) : next_random(state) % 5);
    if (oddity == BAD_FILTER)
        out[rows / 2 * line] = 5;
    if (oddity == MORE_DATA)
        out[rows * line] = 0;
    return rows * line + (oddity == MORE_DATA) - (oddity == LESS_DATA);
}

static void make(struct file *file, size_t rows, size_t cols, int color,
                 enum oddity oddity, uint32_t *state)
{
    static const uint8_t signature[] = {0x89, 'P',  'N',  'G',
                                        '\r', '\n', 0x1a, '\n'};
    static const size_t samples[] = {1, 0, 3, 0, 2, 0, 4};
    static uint8_t raw[MOST], data[MOST];
    uint8_t header[13] = {0};
    size_t n = make_rows(raw, rows, 1 + cols * samples[color], oddity, state);
    size_t first;

    n = store(data, raw, n, oddity);
    memcpy(file->bytes, signature, 8);
    file->n = 8;
    put32(header, (uint32_t)cols);
    put32(header + 4, (uint32_t)rows);
    header[8] = 8;
    header[9] = (uint8_t)color;
    add_chunk(file, "IHDR", header, sizeof header);
    add_chunk(file, "tEXt", "a\0b", 3);
    if (oddity == UNKNOWN_CRITICAL)
        add_chunk(file, "ABCD", "a", 1);
    first = oddity == TEXT_BETWEEN || next_random(state) % 2 ? n / 3 : n;
    add_chunk(file, "IDAT", data, first);
    if (oddity == TEXT_BETWEEN)
        add_chunk(file, "tEXt", "a\0b", 3);
    if (first < n)
        add_chunk(file, "IDAT", data + first, n - first);
    add_chunk(file, "IEND", NULL, 0);
    if (oddity == BAD_CRC)
        file->bytes[file->n - 20] ^= 1;
}

/* A file's pixels, or how that failed. */
struct outcome {
    int code;
    struct foray_error error;
    bool at_once;
    uint8_t pixels[MOST];
};

static void decode(struct outcome *out, const struct file *file,
                   bool drops_alpha, const char *without)
{
    struct foray_image_info info = {0};
    struct foray__source source;
    struct foray_array array;
    size_t shape[3];

    memset(out, 0, sizeof *out);
    foray__source_wrap(&source, file->bytes, file->n, "a.png");
    source.may_end = false;
    out->code = foray__png_header(&info, &source, &out->error);
    if (out->code)
        return;
    shape[0] = info.rows;
    shape[1] = info.cols;
    shape[2] = (size_t)info.channels - (drops_alpha && info.alpha);
    assert_ok(foray_array_wrap(&array, out->pixels, FORAY_U8,
                               shape[2] > 1 ? 3 : 2, shape, &out->error),
              out->error);
    setenv("FORAY_TEST_NO", without, 1);
    out->at_once = foray__png_at_once(&array, &source);
    out->code = foray__png_decode(&array, &source, &info, &out->error);
    unsetenv("FORAY_TEST_NO");
}

/* Whether it was inflated at once. */
static bool assert_same(const struct file *file, bool drops_alpha)
{
    static struct outcome ours, theirs;

    decode(&ours, file, drops_alpha, "");
    decode(&theirs, file, drops_alpha, "png_at_once");
    assert_false(theirs.at_once);
    assert_int_equal(ours.code, theirs.code);
    if (ours.code)
        assert_string_equal(ours.error.msg, theirs.error.msg);
    else
        assert_memory_equal(ours.pixels, theirs.pixels, MOST);
    return ours.at_once;
}

static const int colors[] = {0, 2, 4, 6};

static void test_pixels_are_libpngs(void **state)
{
    static const size_t widths[] = {1, 2, 3, 28, 65};
    static struct file file;
    uint32_t random = 1;
    size_t n = 0, at_once = 0;

    (void)state;
    for (int c = 0; c < 4; c++)
        for (int w = 0; w < 5; w++)
            for (size_t rows = 1; rows < 30; rows += 7)
                for (int drops = 0; drops < 2; drops++, n++) {
                    make(&file, rows, widths[w], colors[c], NOTHING, &random);
                    at_once += assert_same(&file, drops);
                }
#ifdef FORAY_WITH_LIBDEFLATE
    assert_int_equal(at_once, n);
#else
    assert_int_equal(at_once, 0);
#endif
}

static void test_odd_files_are_told_alike(void **state)
{
    static struct file file;
    uint32_t random = 2;

    (void)state;
    for (int oddity = NOTHING + 1; oddity < ODDITIES; oddity++)
        for (int c = 0; c < 4; c++) {
            make(&file, 20, 30, colors[c], (enum oddity)oddity, &random);
            /* Of more data than there should be libpng takes what it needs. */
            assert_false(assert_same(&file, false));
        }
}

static void test_cut_and_damaged_files_are_told_alike(void **state)
{
    static struct file file, copy;
    uint32_t random = 3;

    (void)state;
    make(&file, 5, 7, 2, NOTHING, &random);
    for (copy = file; --copy.n > 8;)
        assert_false(assert_same(&copy, false));
    for (int i = 0; i < 1000; i++) {
        copy = file;
        copy.bytes[8 + next_random(&random) % (file.n - 8)] ^=
            (uint8_t)(1U << next_random(&random) % 8);
        assert_false(assert_same(&copy, false));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pixels_are_libpngs),
        cmocka_unit_test(test_odd_files_are_told_alike),
        cmocka_unit_test(test_cut_and_damaged_files_are_told_alike),
    };

    test_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
