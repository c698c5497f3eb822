/* Any bytes as an image file: no crash, no leak, no overrun; pixels have the
 * shape that the header promised, and a failure leaves a sentence.
 * Run by libFuzzer (./configure --enable-fuzzing CC=clang) or standalone.c. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <foray/image.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t nbytes);

/* Every step once, and none. */
static const struct foray_image_options all_options[] = {
    {.color = FORAY_COLOR_ALL, .max_pixels = 1 << 16},
    {.max_pixels = 1 << 16, .exif = true},
    {.color = FORAY_COLOR_ALL, .max_pixels = 1 << 16, .truncated = true},
    {.color = FORAY_COLOR_RGB2GRAY, .max_pixels = 1 << 16, .exif = true},
    {.color = FORAY_COLOR_GRAY, .rows = 7, .cols = 30, .max_pixels = 1 << 16},
    {.rows = 2,
     .cols = 3,
     .max_pixels = 1 << 16,
     .filter = FORAY_FILTER_LANCZOS,
     .fit = FORAY_FIT_CROP,
     .jpeg_scale = FORAY_JPEG_AUTO},
    {.color = FORAY_COLOR_ALL,
     .rows = 5,
     .cols = 5,
     .max_pixels = 1 << 16,
     .fit = FORAY_FIT_PAD,
     .jpeg_scale = FORAY_JPEG_AUTO},
};

static void check_failure(const struct foray_image *image, int code,
                          const struct foray_error *err)
{
    if (code != err->code || !strchr(err->msg, ':') ||
        foray_image_pixels(image) || foray_image_last_info(image))
        abort();
}

static void check_pixels(const struct foray_image *image,
                         const struct foray_image_info *info,
                         const struct foray_image_options *options)
{
    const struct foray_array *pixels = foray_image_pixels(image);
    const uint8_t *bytes = pixels->data;
    volatile uint8_t last;
    size_t rows, cols;
    int channels;

    foray_image_result_shape(&rows, &cols, &channels, info, options);
    if (pixels->shape[0] != rows || pixels->shape[1] != cols ||
        pixels->ndim != (channels ? 3 : 2) ||
        (channels && pixels->shape[2] != (size_t)channels))
        abort();
    last = bytes[foray_array_nbytes(pixels) - 1];
    (void)last;
}

static void check(struct foray_image *image, const char *path)
{
    struct foray_image_info info;
    struct foray_error err;
    int no_header = foray_image_info(&info, path, NULL);

    for (size_t i = 0; i < sizeof all_options / sizeof *all_options; i++) {
        int code = foray_image_read(image, path, &all_options[i], &err);

        if (code)
            check_failure(image, code, &err);
        else if (no_header)
            abort();
        else
            check_pixels(image, &info, &all_options[i]);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t nbytes)
{
    int fd = (int)syscall(SYS_memfd_create, "image", 0);
    struct foray_image *image;
    char path[32];

    if (fd < 0 || write(fd, bytes, nbytes) != (ssize_t)nbytes ||
        foray_image_new(&image, NULL)) {
        perror("fuzz_image");
        exit(99);
    }
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    check(image, path);
    foray_image_free(image);
    close(fd);
    return 0;
}
