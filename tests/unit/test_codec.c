#include "helpers.h"

#include <stdlib.h>
#include <string.h>

#include "storage/codec.h"
#include "storage/codec_abi.h"
#include "storage/crc.h"
#include "storage/input.h"
#include "storage/output.h"

#include <fcntl.h>
#include <unistd.h>

/* What we declare of the libraries is what their headers do, where installed.
 */
#if __has_include(<zlib.h>)
#include <zlib.h>
_Static_assert(sizeof(z_stream) == sizeof(struct foray__z_stream), "zlib");
_Static_assert(offsetof(z_stream, avail_out) ==
                   offsetof(struct foray__z_stream, avail_out),
               "zlib");
_Static_assert(offsetof(z_stream, adler) ==
                   offsetof(struct foray__z_stream, adler),
               "zlib");
_Static_assert((int)Z_FINISH == (int)FORAY__Z_FINISH &&
                   (int)Z_BUF_ERROR == (int)FORAY__Z_BUF_ERROR,
               "zlib");
#endif
#if __has_include(<bzlib.h>)
#include <bzlib.h>
_Static_assert(sizeof(bz_stream) == sizeof(struct foray__bz_stream), "bzip2");
_Static_assert(offsetof(bz_stream, avail_out) ==
                   offsetof(struct foray__bz_stream, avail_out),
               "bzip2");
_Static_assert((int)BZ_FINISH == (int)FORAY__BZ_FINISH &&
                   (int)BZ_MEM_ERROR == (int)FORAY__BZ_MEM_ERROR,
               "bzip2");
#endif
#if __has_include(<lzma.h>)
#include <lzma.h>
_Static_assert(sizeof(lzma_stream) == sizeof(struct foray__lzma_stream),
               "liblzma");
_Static_assert(offsetof(lzma_stream, avail_out) ==
                   offsetof(struct foray__lzma_stream, avail_out),
               "liblzma");
_Static_assert(sizeof(lzma_options_lzma) <= sizeof(union foray__lzma_options),
               "liblzma");
_Static_assert((int)LZMA_FINISH == (int)FORAY__LZMA_FINISH &&
                   (int)LZMA_BUF_ERROR == (int)FORAY__LZMA_BUF_ERROR &&
                   (int)LZMA_MEMLIMIT_ERROR ==
                       (int)FORAY__LZMA_MEMLIMIT_ERROR &&
                   (int)LZMA_CONCATENATED == (int)FORAY__LZMA_CONCATENATED,
               "liblzma");
#endif
#if __has_include(<lz4frame.h>)
#include <lz4frame.h>
_Static_assert(sizeof(LZ4F_preferences_t) ==
                   sizeof(struct foray__lz4_preferences),
               "lz4");
_Static_assert(LZ4F_VERSION == FORAY__LZ4_VERSION, "lz4");
#endif

static const char *const sonames[FORAY__CODECS] = {
    [FORAY__DEFLATE] = "libz.so.1", [FORAY__ZLIB] = "libz.so.1",
    [FORAY__GZIP] = "libz.so.1",    [FORAY__BZ2] = "libbz2.so.1.0",
    [FORAY__XZ] = "liblzma.so.5",   [FORAY__LZMA] = "liblzma.so.5",
    [FORAY__LZ4] = "liblz4.so.1",
};

/* In a process that has not loaded any. */
static int fails_without_library(void *arg)
{
    struct foray__codec_stream stream;
    struct foray_error err;
    int codec = *(int *)arg;

    setenv("FORAY_TEST_NO", sonames[codec], 1);
    if (foray__codec_open(&stream, (enum foray__codec)codec, 0, "x.z", &err) !=
        FORAY_ENOTSUP)
        return 1;
    if (!strstr(err.msg, sonames[codec]) || !strstr(err.msg, "install"))
        return 2;
    return strncmp(err.msg, "x.z: ", 5) ? 3 : 0;
}

static void test_missing_libraries_are_named(void **state)
{
    (void)state;
    for (int codec = FORAY__DEFLATE; codec < FORAY__CODECS; codec++)
        assert_int_equal(in_child(fails_without_library, &codec), 0);
}

static void test_names(void **state)
{
    enum foray__codec codec;

    (void)state;
    for (int k = FORAY__ZLIB; k < FORAY__CODECS; k++) {
        assert_true(
            foray__codec_find(&codec, foray__codec_name((enum foray__codec)k)));
        assert_int_equal(codec, k);
    }
    assert_false(foray__codec_find(&codec, "deflate"));
    assert_false(foray__codec_find(&codec, "ZLIB"));
    assert_false(foray__codec_find(&codec, ""));
}

/* Half of it compresses well, half not at all. */
static unsigned char *make_bytes(size_t n)
{
    unsigned char *bytes = malloc(n);
    uint32_t number = 1;

    assert_non_null(bytes);
    for (size_t i = 0; i < n; i++) {
        number = number * 1664525 + 1013904223;
        bytes[i] = i % 200000 < 100000 ? (unsigned char)(number >> 24)
                                       : (unsigned char)(i / 1000);
    }
    return bytes;
}

static int make_file(void)
{
    int fd =
        open(test_path("packed"), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    assert_true(fd >= 0);
    return fd;
}

/* The pieces that are put differ from those that are read. */
static uint64_t pack(int fd, enum foray__codec codec, int level,
                     const unsigned char *bytes, size_t n)
{
    struct foray__output output;
    struct foray_error err;

    assert_ok(foray__output_open(&output, fd, 5, codec, level, "out", &err),
              err);
    output.sums = true;
    for (size_t at = 0, part = 1; at < n; at += part, part = part * 3 + 1) {
        if (part > n - at)
            part = n - at;
        assert_ok(foray__output_put(&output, bytes + at, part, &err), err);
    }
    assert_ok(foray__output_finish(&output, &err), err);
    assert_int_equal(output.position, n);
    assert_int_equal(output.crc, foray__crc32(0, bytes, n));
    foray__output_close(&output);
    return output.at - 5;
}

static void unpack(int fd, enum foray__codec codec, uint64_t stored,
                   const unsigned char *bytes, size_t n)
{
    unsigned char *out = malloc(n + 1);
    struct foray__input input;
    struct foray_error err;
    bool ends;

    assert_ok(foray__input_open(&input, fd, 5, stored, codec, "in", &err), err);
    for (size_t at = 0, part = 1; at < n; at += part, part = part * 7 + 1) {
        if (part > n - at)
            part = n - at;
        if (part == 8) { /* once by passing over */
            assert_ok(foray__input_skip(&input, part, &err), err);
            memcpy(out + at, bytes + at, part);
        } else {
            assert_ok(foray__input_read(&input, out + at, part, &err), err);
        }
    }
    assert_memory_equal(out, bytes, n);
    assert_ok(foray__input_ends(&input, &ends, &err), err);
    assert_true(ends);
    assert_int_equal(foray__input_read(&input, out, 1, &err), FORAY_ETRUNCATED);
    foray__input_close(&input);
    free(out);
}

static bool is_here(enum foray__codec codec)
{
    struct foray__codec_stream stream;

    if (codec != FORAY__STORED &&
        foray__codec_open(&stream, codec, 0, "", NULL)) {
        print_message("%s is not installed\n", sonames[codec]);
        return false;
    }
    if (codec != FORAY__STORED)
        foray__codec_close(&stream);
    return true;
}

static void test_round_trips(void **state)
{
    static const size_t sizes[] = {0, 1, 1000, 3000000};
    unsigned char *bytes = make_bytes(sizes[3]);

    (void)state;
    for (int k = FORAY__STORED; k < FORAY__CODECS; k++) {
        enum foray__codec codec = (enum foray__codec)k;

        for (size_t i = 0; i < 4 && is_here(codec); i++)
            for (int level = 1; level <= 9; level += 4) {
                int fd = make_file();
                uint64_t stored = pack(fd, codec, level, bytes, sizes[i]);

                if (i == 3 && codec != FORAY__STORED)
                    assert_true(stored < sizes[i] * 6 / 10);
                unpack(fd, codec, stored, bytes, sizes[i]);
                close(fd);
            }
    }
    free(bytes);
}

/* Whatever is missing at the end, it is no success. */
static void test_cut_short(void **state)
{
    unsigned char *bytes = make_bytes(1000), out[1000];

    (void)state;
    for (int k = FORAY__DEFLATE; k < FORAY__CODECS; k++) {
        enum foray__codec codec = (enum foray__codec)k;
        struct foray__input input;
        struct foray_error err;
        uint64_t stored;
        int fd;

        if (!is_here(codec))
            continue;
        fd = make_file();
        stored = pack(fd, codec, 3, bytes, 1000);
        for (uint64_t n = 0; n < stored; n++) {
            bool ends = true;
            int code;

            assert_ok(foray__input_open(&input, fd, 5, n, codec, "in", &err),
                      err);
            code = foray__input_read(&input, out, 1000, &err);
            if (!code)
                code = foray__input_ends(&input, &ends, &err);
            assert_true(code || !ends);
            foray__input_close(&input);
        }
        close(fd);
    }
    free(bytes);
}

static void test_crc(void **state)
{
    unsigned char *bytes = make_bytes(1000);
    uint32_t crc = 0;

    (void)state;
    assert_int_equal(foray__crc32(0, "123456789", 9), 0xCBF43926);
    assert_int_equal(foray__crc32(0, "", 0), 0);
    for (size_t at = 0, n = 1; at < 1000; at += n, n = (n + 3) % 20)
        crc = foray__crc32(crc, bytes + at, n < 1000 - at ? n : 1000 - at);
    assert_int_equal(crc, foray__crc32(0, bytes, 1000));
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_missing_libraries_are_named),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_round_trips),
        cmocka_unit_test(test_cut_short),
        cmocka_unit_test(test_crc),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
