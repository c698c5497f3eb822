#include "helpers.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <foray.h>
#include <foray/hog.h>

#include "image_files.h"

static struct foray_image *image;
static struct foray_error err;

static int set_up(void **state)
{
    (void)state;
    return foray_image_new(&image, NULL);
}

static int tear_down(void **state)
{
    (void)state;
    foray_image_free(image);
    return 0;
}

static int read_sample(const char *file,
                       const struct foray_image_options *options)
{
    return foray_image_read(image, sample_path(file), options, &err);
}

static void assert_shape(size_t rows, size_t cols, size_t channels,
                         enum foray_dtype dtype)
{
    const struct foray_array *pixels = foray_image_pixels(image);

    assert_non_null(pixels);
    assert_int_equal(pixels->ndim, channels ? 3 : 2);
    assert_int_equal(pixels->shape[0], rows);
    assert_int_equal(pixels->shape[1], cols);
    if (channels)
        assert_int_equal(pixels->shape[2], channels);
    assert_int_equal(pixels->dtype, dtype);
}

static void test_new_and_free(void **state)
{
    (void)state;
    assert_null(foray_image_pixels(image));
    assert_null(foray_image_last_info(image));
    foray_image_free(NULL);
}

static void test_what_is_not_an_image(void **state)
{
    const char *fifo = test_path("fifo"), *secret = test_path("secret");

    (void)state;
    assert_int_equal(foray_image_read(image, test_path("none"), NULL, &err),
                     FORAY_ENOENT);
    assert_int_equal(foray_image_read(image, test_folder(), NULL, &err),
                     FORAY_ENOTSUP);
    assert_non_null(strstr(err.msg, "folder"));
    assert_int_equal(mkfifo(fifo, 0600), 0);
    assert_int_equal(foray_image_read(image, fifo, NULL, &err), FORAY_ENOTSUP);
    assert_int_equal(foray_image_read(image, "/dev/zero", NULL, &err),
                     FORAY_ENOTSUP);
    assert_int_equal(read_bytes(image, "", 0, NULL, &err), FORAY_ETRUNCATED);
    assert_non_null(strstr(err.msg, "empty"));
    assert_int_equal(read_bytes(image, "GIF89a..", 8, NULL, &err),
                     FORAY_ENOTSUP);
    assert_int_equal(read_bytes(image, "P7 1 1 255", 10, NULL, &err),
                     FORAY_ENOTSUP);
    assert_int_equal(read_bytes(image, "Pages", 5, NULL, &err), FORAY_ENOTSUP);
    assert_int_equal(read_bytes(image, "P5", 2, NULL, NULL), FORAY_ETRUNCATED);
    assert_int_equal(rename(test_path("bytes"), secret), 0);
    assert_int_equal(chmod(secret, 0), 0);
    if (geteuid())
        assert_int_equal(foray_image_read(image, secret, NULL, &err),
                         FORAY_EACCES);
}

static void test_options_are_checked(void **state)
{
    struct foray_image_options options = {.rows = 5};

    (void)state;
    assert_int_equal(read_sample("pnm_rgb.ppm", &options), FORAY_EINVAL);
    options = (struct foray_image_options){.color = 99};
    assert_int_equal(read_sample("pnm_rgb.ppm", &options), FORAY_EINVAL);
    options = (struct foray_image_options){.rows = SIZE_MAX, .cols = SIZE_MAX};
    assert_int_equal(read_sample("pnm_rgb.ppm", &options), FORAY_ETOOLARGE);
    options = (struct foray_image_options){.rows = 4, .cols = 4};
    assert_int_equal(read_sample("pnm_deep.pgm", &options), FORAY_ENOTSUP);
    options = (struct foray_image_options){.rows = 21, .cols = 26};
    assert_ok(read_sample("pnm_deep.pgm", &options), err);
}

static void test_limit_of_pixels(void **state)
{
    struct foray_image_options options = {.max_pixels = 21 * 26 - 1};

    (void)state;
    assert_int_equal(read_sample("png_rgb.png", &options), FORAY_ETOOLARGE);
    assert_int_equal(read_sample("jpeg_420.jpg", &options), FORAY_ETOOLARGE);
    assert_int_equal(read_sample("pnm_rgb.ppm", &options), FORAY_ETOOLARGE);
    assert_null(foray_image_pixels(image));
    options.max_pixels++;
    assert_ok(read_sample("png_rgb.png", &options), err);
}

/* A small picture in a file of a terabyte, of which no byte is on the disk. */
static void test_file_too_large_for_its_image(void **state)
{
    (void)state;
    assert_ok(read_bytes(image, "P5 1 1 255\n1", 12, NULL, &err), err);
    if (truncate(test_path("bytes"), (off_t)1 << 40))
        skip();
    assert_int_equal(foray_image_read(image, test_path("bytes"), NULL, &err),
                     FORAY_ETOOLARGE);
}

struct shape {
    const char *file;
    enum foray_color color;
    size_t channels;
    enum foray_dtype dtype;
};

static void test_colours(void **state)
{
    static const struct shape shapes[] = {
        {"png_la.png", FORAY_COLOR_DEFAULT, 0, FORAY_U8},
        {"png_la.png", FORAY_COLOR_ALL, 2, FORAY_U8},
        {"png_la.png", FORAY_COLOR_GRAY, 0, FORAY_U8},
        {"png_la.png", FORAY_COLOR_RGB2GRAY, 0, FORAY_U8},
        {"png_rgba.png", FORAY_COLOR_DEFAULT, 3, FORAY_U8},
        {"png_rgba.png", FORAY_COLOR_ALL, 4, FORAY_U8},
        {"png_rgba.png", FORAY_COLOR_GRAY, 0, FORAY_U8},
        {"png_rgba.png", FORAY_COLOR_RGB2GRAY, 0, FORAY_F64},
        {"png_rgba16.png", FORAY_COLOR_DEFAULT, 3, FORAY_U16},
        {"png_rgba16.png", FORAY_COLOR_GRAY, 0, FORAY_U16},
        {"png_palette_alpha.png", FORAY_COLOR_DEFAULT, 3, FORAY_U8},
        {"png_rgb_key.png", FORAY_COLOR_DEFAULT, 3, FORAY_U8},
        {"png_gray16.png", FORAY_COLOR_GRAY, 0, FORAY_U16},
        {"png_gray1.png", FORAY_COLOR_RGB2GRAY, 0, FORAY_U8},
        {"jpeg_gray.jpg", FORAY_COLOR_RGB2GRAY, 0, FORAY_U8},
        {"jpeg_420.jpg", FORAY_COLOR_RGB2GRAY, 0, FORAY_F64},
        {"pnm_rgb.ppm", FORAY_COLOR_GRAY, 0, FORAY_U8},
    };

    (void)state;
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        const struct shape *s = shapes + i;
        struct foray_image_options options = {.color = s->color};
        int channels;
        size_t rows, cols;

        assert_ok(read_sample(s->file, &options), err);
        assert_shape(21, 26, s->channels, s->dtype);
        foray_image_result_shape(&rows, &cols, &channels,
                                 foray_image_last_info(image), &options);
        assert_int_equal(rows, 21);
        assert_int_equal(cols, 26);
        assert_int_equal(channels, s->channels);
        options.rows = options.cols = 16;
        if (s->dtype == FORAY_U16)
            continue;
        assert_ok(read_sample(s->file, &options), err);
        assert_shape(16, 16, s->channels, s->dtype);
    }
}

/* Alpha left out by the decoder is alpha dropped afterwards. */
static void test_alpha_is_dropped_alike(void **state)
{
    struct foray_image_options options = {.color = FORAY_COLOR_ALL};
    const struct foray_array *pixels;
    uint8_t with[21 * 26 * 4];

    (void)state;
    assert_ok(read_sample("png_rgba.png", &options), err);
    memcpy(with, foray_image_pixels(image)->data, sizeof with);
    assert_ok(read_sample("png_rgba.png", NULL), err);
    pixels = foray_image_pixels(image);
    for (size_t i = 0; i < 21 * 26; i++)
        assert_memory_equal((uint8_t *)pixels->data + 3 * i, with + 4 * i, 3);
}

/* Large, small, failing, large: buffers and what they hold are kept apart. */
static void test_reuse(void **state)
{
    struct foray_image_options large = {.rows = 300, .cols = 200};

    (void)state;
    for (int i = 0; i < 3; i++) {
        assert_ok(read_sample("png_rgb.png", &large), err);
        assert_shape(300, 200, 3, FORAY_U8);
        assert_ok(read_sample("pnm_bits.pbm", NULL), err);
        assert_shape(21, 26, 0, FORAY_U8);
        assert_int_equal(read_sample("jpeg_cmyk.jpg", NULL), FORAY_ENOTSUP);
        assert_null(foray_image_pixels(image));
    }
}

static void test_adopt(void **state)
{
    struct foray_image_options gray = {.color = FORAY_COLOR_GRAY};
    struct foray_image_options all = {.color = FORAY_COLOR_ALL};
    uint8_t bytes[4 * 5 * 4] = {9, 9, 9, 7};
    size_t shape[3] = {4, 5, 4};
    struct foray_array array, view;

    (void)state;
    assert_ok(foray_array_wrap(&array, bytes, FORAY_U8, 3, shape, &err), err);
    assert_ok(foray_image_adopt(image, &array, "it", &all, &err), err);
    assert_shape(4, 5, 4, FORAY_U8);
    assert_ptr_equal(foray_image_pixels(image)->data, bytes);
    assert_ok(foray_image_adopt(image, &array, "it", NULL, &err), err);
    assert_shape(4, 5, 3, FORAY_U8);
    assert_ok(foray_image_adopt(image, &array, "it", &gray, &err), err);
    assert_shape(4, 5, 0, FORAY_U8);
    assert_int_equal(*(uint8_t *)foray_image_pixels(image)->data, 9);

    assert_ok(foray_array_transpose(&view, &array, (int[]){1, 0, 2}, &err),
              err);
    assert_ok(foray_image_adopt(image, &view, "it", &all, &err), err);
    assert_shape(5, 4, 4, FORAY_U8);
    assert_true(
        foray_array_is_contiguous(foray_image_pixels(image), FORAY_C_ORDER));
    assert_ok(foray_array_slice(&view, &array, 2, 3, 4, 1, &err), err);
    assert_ok(foray_image_adopt(image, &view, "it", NULL, &err), err);
    assert_shape(4, 5, 0, FORAY_U8);
    assert_int_equal(*(uint8_t *)foray_image_pixels(image)->data, 7);
}

static void test_adopt_other_types(void **state)
{
    struct foray_image_options gray = {.color = FORAY_COLOR_GRAY};
    struct foray_image_options size = {.rows = 2, .cols = 2};
    float numbers[3 * 3 * 4] = {0};
    size_t shape[4] = {3, 3, 4, 1}, none[2] = {0, 5};
    struct foray_array array;

    (void)state;
    assert_ok(foray_array_wrap(&array, numbers, FORAY_F32, 3, shape, &err),
              err);
    assert_ok(foray_image_adopt(image, &array, "it", NULL, &err), err);
    assert_shape(3, 3, 4, FORAY_F32);
    assert_int_equal(foray_image_adopt(image, &array, "it", &gray, &err),
                     FORAY_EDTYPE);
    assert_int_equal(foray_image_adopt(image, &array, "it", &size, &err),
                     FORAY_EDTYPE);
    assert_null(foray_image_pixels(image));
    assert_ok(foray_array_wrap(&array, numbers, FORAY_U8, 4, shape, &err), err);
    assert_int_equal(foray_image_adopt(image, &array, "it", NULL, &err),
                     FORAY_ESHAPE);
    shape[2] = 5;
    assert_ok(foray_array_wrap(&array, numbers, FORAY_U8, 3, shape, &err), err);
    assert_int_equal(foray_image_adopt(image, &array, "it", NULL, &err),
                     FORAY_ESHAPE);
    assert_ok(foray_array_wrap(&array, numbers, FORAY_U8, 2, none, &err), err);
    assert_int_equal(foray_image_adopt(image, &array, "it", &size, &err),
                     FORAY_ETOOSMALL);
}

static void test_write(void **state)
{
    static const char *const names[] = {"out.png", "out.pgm", "out.PGM"};
    uint8_t bytes[3 * 4] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 254, 255};
    size_t shape[2] = {3, 4};
    struct foray_array array, turned;

    (void)state;
    assert_ok(foray_array_wrap(&array, bytes, FORAY_U8, 2, shape, &err), err);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *path = test_path(names[i]);

        for (int twice = 0; twice < 2; twice++)
            assert_ok(foray_image_write(&array, path, &err), err);
        assert_ok(foray_image_read(image, path, NULL, &err), err);
        assert_pixels(image, &array);
        assert_int_equal(foray_image_last_info(image)->format,
                         i ? FORAY_IMAGE_PNM : FORAY_IMAGE_PNG);
    }
    assert_ok(foray_array_transpose(&turned, &array, NULL, &err), err);
    assert_int_equal(foray_image_write(&turned, test_path("t.png"), &err),
                     FORAY_ESHAPE);
    array.dtype = FORAY_BOOL;
    assert_int_equal(foray_image_write(&array, test_path("t.png"), &err),
                     FORAY_EDTYPE);
}

/* Written and read again: the same, or of JPEG about the same. */
static void test_write_colours(void **state)
{
    static const struct foray_image_options all = {.color = FORAY_COLOR_ALL};
    static const char *const names[] = {"c.png", "c.jpeg", "c.ppm"};
    static const enum foray_image_format formats[] = {
        FORAY_IMAGE_PNG, FORAY_IMAGE_JPEG, FORAY_IMAGE_PNM};
    size_t shape[3] = {16, 16, 0};
    uint8_t bytes[16 * 16 * 4];
    struct foray_array array;

    (void)state;
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(60 + i % 12);
    for (size_t k = 0; k < 4 * 3; k++) {
        enum foray_image_format format = formats[k % 3];
        const char *path = test_path(names[k % 3]);
        size_t channels = shape[2] = k / 3 + 1;
        int code;

        assert_ok(foray_array_wrap(&array, bytes, FORAY_U8, 3, shape, &err),
                  err);
        code = foray_image_write(&array, path, &err);
        if (format != FORAY_IMAGE_PNG && channels % 2 == 0) {
            assert_int_equal(code, FORAY_ESHAPE);
            continue;
        }
        assert_ok(code, err);
        assert_ok(foray_image_read(image, path, &all, &err), err);
        assert_int_equal(foray_image_last_info(image)->format, format);
        for (size_t i = 0; i < 16 * 16 * channels; i++)
            assert_in_range(((uint8_t *)foray_image_pixels(image)->data)[i],
                            bytes[i] - (format == FORAY_IMAGE_JPEG ? 12 : 0),
                            bytes[i] + (format == FORAY_IMAGE_JPEG ? 12 : 0));
    }
}

/* The format is the caller's, whatever the name; a better quality is more. */
static void test_write_as(void **state)
{
    uint8_t bytes[64 * 64];
    size_t shape[2] = {64, 64};
    struct foray_array array;
    struct stat fine, coarse;
    const char *path = test_path("as.png");

    (void)state;
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * i / 7);
    assert_ok(foray_array_wrap(&array, bytes, FORAY_U8, 2, shape, &err), err);
    for (int quality = -1; quality <= 101; quality += 102)
        assert_int_equal(
            foray_image_write_as(&array, path, FORAY_IMAGE_JPEG, quality, &err),
            FORAY_EINVAL);
    assert_ok(foray_image_write_as(&array, path, FORAY_IMAGE_JPEG, 10, &err),
              err);
    assert_int_equal(stat(path, &coarse), 0);
    assert_ok(foray_image_write_as(&array, path, FORAY_IMAGE_JPEG, 95, &err),
              err);
    assert_int_equal(stat(path, &fine), 0);
    assert_true(fine.st_size > coarse.st_size);
    assert_ok(foray_image_read(image, path, NULL, &err), err);
    assert_int_equal(foray_image_last_info(image)->format, FORAY_IMAGE_JPEG);
}

/* To an open file, from where it stands. */
static void test_write_fd(void **state)
{
    const char *path = test_path("fd"), *behind = test_path("behind");
    uint8_t bytes[4 * 4] = {1, 2, 3}, written[64];
    size_t shape[2] = {4, 4};
    struct foray_array array;
    int fd = open(behind, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    ssize_t n;

    (void)state;
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "before", 6), 6);
    assert_ok(foray_array_wrap(&array, bytes, FORAY_U8, 2, shape, &err), err);
    assert_ok(
        foray_image_write_fd(&array, fd, "a.pgm", FORAY_IMAGE_UNKNOWN, 0, &err),
        err);
    n = pread(fd, written, sizeof written, 6);
    assert_int_equal(n, strlen("P5\n4 4\n255\n") + sizeof bytes);
    assert_memory_equal(written, "P5\n4 4\n255\n", (size_t)n - 16);
    assert_memory_equal(written + n - 16, bytes, 16);
    assert_int_equal(close(fd), 0);
    fd = open(behind, O_RDONLY | O_CLOEXEC);
    assert_true(
        foray_image_write_fd(&array, fd, path, FORAY_IMAGE_PNG, 0, &err) < 0);
    assert_non_null(strstr(err.msg, path));
    assert_int_equal(close(fd), 0);
}

static void test_write_fails_cleanly(void **state)
{
    uint8_t byte = 0;
    size_t shape[2] = {1, 1};
    struct foray_array array;
    struct stat status;

    (void)state;
    assert_ok(foray_array_wrap(&array, &byte, FORAY_U8, 2, shape, &err), err);
    assert_int_equal(foray_image_write(&array, test_path("no/a.png"), &err),
                     FORAY_ENOENT);
    assert_int_equal(mkdir(test_path("d.png"), 0700), 0);
    assert_true(foray_image_write(&array, test_path("d.png"), &err) < 0);
    assert_int_equal(stat(test_path("d.png"), &status), 0);
    assert_true(S_ISDIR(status.st_mode));
    assert_int_equal(rmdir(test_path("d.png")), 0);
}

static void test_nothing_is_left_open(void **state)
{
    size_t before = count_descriptors();

    (void)state;
    assert_ok(read_sample("png_rgb.png", NULL), err);
    assert_int_equal(read_sample("jpeg_cmyk.jpg", NULL), FORAY_ENOTSUP);
    assert_int_equal(foray_image_read(image, test_folder(), NULL, &err),
                     FORAY_ENOTSUP);
    assert_int_equal(count_descriptors(), before);
}

/* What is written in words is read in words. */
static void test_words(void **state)
{
    (void)state;
    for (int k = 0; k <= FORAY_HOG_NORM_L1_SQRT; k++) {
        enum foray_hog_norm norm;

        assert_int_equal(
            foray_hog_norm_parse(
                &norm, foray_hog_norm_name((enum foray_hog_norm)k), NULL),
            0);
        assert_int_equal(norm, k);
    }
    assert_string_equal(foray_hog_method_name(FORAY_HOG_UOCTTI), "uoctti");
    assert_string_equal(foray_color_name(FORAY_COLOR_RGB2GRAY), "rgb2gray");
    assert_string_equal(foray_filter_name(FORAY_FILTER_LANCZOS), "lanczos");
    assert_string_equal(foray_fit_name(FORAY_FIT_PAD), "pad");
    assert_string_equal(foray_jpeg_scale_name(FORAY_JPEG_AUTO), "auto");
    assert_string_equal(foray_hog_norm_name((enum foray_hog_norm)9), "?");
    assert_string_equal(foray_filter_name((enum foray_filter) - 1), "?");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_words),
        TEST(test_new_and_free),
        TEST(test_what_is_not_an_image),
        TEST(test_options_are_checked),
        TEST(test_limit_of_pixels),
        TEST(test_file_too_large_for_its_image),
        TEST(test_colours),
        TEST(test_alpha_is_dropped_alike),
        TEST(test_reuse),
        TEST(test_adopt),
        TEST(test_adopt_other_types),
        TEST(test_write),
        TEST(test_write_colours),
        TEST(test_write_as),
        TEST(test_write_fd),
        TEST(test_write_fails_cleanly),
        TEST(test_nothing_is_left_open),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
