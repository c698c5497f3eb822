/* For builds without some of the decoders: what is lacking is said. */
#include "helpers.h"

#include <string.h>

#include "image/format.h"
#include "image_files.h"

static void check_sample(const char *file, const char *format)
{
    struct foray_image *image;
    struct foray_image_info info;
    struct foray_error err;

    assert_ok(foray_image_new(&image, &err), err);
    assert_int_equal(foray_image_read(image, sample_path(file), NULL, &err),
                     FORAY_ENOTSUP);
    assert_non_null(strstr(err.msg, "built without"));
    assert_non_null(strstr(err.msg, format));
    assert_int_equal(foray_image_info(&info, sample_path(file), &err),
                     FORAY_ENOTSUP);
    foray_image_free(image);
}

static bool has(const char *file)
{
    struct foray_image_info info;

    return !foray_image_info(&info, sample_path(file), NULL);
}

static void test_one_at_least_is_lacking(void **state)
{
    (void)state;
    assert_false(has("jpeg_420.jpg") && has("png_rgb.png") &&
                 has("tiff_rgb.tif") && has("webp_rgb.webp"));
}

static void test_lacking_says_so(void **state)
{
    uint8_t byte = 0;
    size_t shape[2] = {1, 1};
    struct foray_array array;
    struct foray_error err;

    (void)state;
    if (!has("jpeg_420.jpg"))
        check_sample("jpeg_420.jpg", "JPEG");
    if (!has("tiff_rgb.tif"))
        check_sample("tiff_rgb.tif", "TIFF");
    if (!has("webp_rgb.webp"))
        check_sample("webp_rgb.webp", "WebP");
    if (has("png_rgb.png"))
        return;
    check_sample("png_rgb.png", "PNG");
    assert_ok(foray_array_wrap(&array, &byte, FORAY_U8, 2, shape, &err), err);
    assert_int_equal(foray_image_write(&array, test_path("a.png"), &err),
                     FORAY_ENOTSUP);
    assert_ok(foray_image_write(&array, test_path("a.pgm"), &err), err);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_at_least_is_lacking),
        cmocka_unit_test(test_lacking_says_so),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
