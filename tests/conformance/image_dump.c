/* image_dump resize IN.npy OUT.npy ROWS COLS FILTER FIT | color IN.npy OUT.npy
 * WORD
 *
 * The steps on pixels behind decoding, for comparison with other programs: the
 * last of 2 or 4 channels is alpha. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <foray.h>
#include <foray/image.h>

#include "base/error.h"
#include "image/color.h"

static enum foray_color color_of(const char *word)
{
    if (!strcmp(word, "gray"))
        return FORAY_COLOR_GRAY;
    if (!strcmp(word, "rgb2gray"))
        return FORAY_COLOR_RGB2GRAY;
    return strcmp(word, "all") ? FORAY_COLOR_DEFAULT : FORAY_COLOR_ALL;
}

/* Numbers of FILTER and FIT are those of the enums. */
static int resize(const struct foray_array *src, char **argv,
                  struct foray_error *err)
{
    struct foray_image_options options = {.color = FORAY_COLOR_ALL,
                                          .rows = (size_t)atol(argv[4]),
                                          .cols = (size_t)atol(argv[5]),
                                          .filter =
                                              (enum foray_filter)atoi(argv[6]),
                                          .fit = (enum foray_fit)atoi(argv[7])};
    struct foray_image *image = NULL;

    FORAY_TRY(foray_image_new(&image, err));
    FORAY_TRY(foray_image_adopt(image, src, argv[2], &options, err));
    FORAY_TRY(foray_array_save(foray_image_pixels(image), argv[3], err));
    foray_image_free(image);
    return 0;
}

static int recolor(const struct foray_array *src, char **argv,
                   struct foray_error *err)
{
    enum foray_color color = color_of(argv[4]);
    size_t channels = src->ndim == 3 ? src->shape[2] : 1;
    bool alpha = channels % 2 == 0;
    size_t colors = channels - alpha;
    size_t shape[3] = {src->shape[0], src->shape[1], channels};
    enum foray_dtype dtype = src->dtype;
    struct foray_array dst;

    if (color == FORAY_COLOR_GRAY || color == FORAY_COLOR_RGB2GRAY)
        shape[2] = 1;
    else if (color == FORAY_COLOR_DEFAULT)
        shape[2] = colors;
    if (color == FORAY_COLOR_RGB2GRAY && colors == 3)
        dtype = FORAY_F64;
    FORAY_TRY(foray_array_create(&dst, argv[3], dtype, shape[2] > 1 ? 3 : 2,
                                 shape, err));
    FORAY_TRY(foray__color(&dst, src, color, alpha, err));
    return foray_array_close(&dst, err);
}

int main(int argc, char **argv)
{
    struct foray_array pixels;
    struct foray_error err;
    bool resizes;

    if (argc < 5)
        return 2;
    resizes = !strcmp(argv[1], "resize");
    if (argc != (resizes ? 8 : 5))
        return 2;
    if (foray_array_open(&pixels, argv[2], "r", &err) ||
        (resizes ? resize : recolor)(&pixels, argv, &err) ||
        foray_array_close(&pixels, &err)) {
        fprintf(stderr, "image_dump: %s\n", err.msg);
        return 1;
    }
    return 0;
}
