/* image_dump resize IN.npy OUT.npy ROWS COLS | color IN.npy OUT.npy WORD
 *
 * The steps on pixels behind decoding, for comparison with other programs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <foray.h>
#include <foray/image.h>

static int fail(const struct foray_error *err)
{
    fprintf(stderr, "image_dump: %s\n", err->msg);
    return 1;
}

static enum foray_color color_of(const char *word)
{
    if (!strcmp(word, "gray"))
        return FORAY_COLOR_GRAY;
    if (!strcmp(word, "rgb2gray"))
        return FORAY_COLOR_RGB2GRAY;
    return strcmp(word, "all") ? FORAY_COLOR_DEFAULT : FORAY_COLOR_ALL;
}

int main(int argc, char **argv)
{
    struct foray_image_options options = {.color = FORAY_COLOR_ALL};
    struct foray_image *image;
    struct foray_array pixels;
    struct foray_error err;

    if (argc < 5)
        return 2;
    if (!strcmp(argv[1], "resize") && argc == 6) {
        options.rows = (size_t)atol(argv[4]);
        options.cols = (size_t)atol(argv[5]);
    } else {
        options.color = color_of(argv[4]);
    }
    if (foray_array_open(&pixels, argv[2], "r", &err) ||
        foray_image_new(&image, &err) ||
        foray_image_adopt(image, &pixels, argv[2], &options, &err) ||
        foray_array_save(foray_image_pixels(image), argv[3], &err) ||
        foray_array_close(&pixels, &err))
        return fail(&err);
    foray_image_free(image);
    return 0;
}
