/* decode_dump COLOR EXIF SIZE IN OUT.npy [IN OUT.npy]...
 *
 * The pixels of image files, for comparison with Pillow. COLOR is default,
 * all, gray, rgb2gray or accept (all, of a cut file
 * what is there); EXIF is 0 or 1; SIZE is 0 or ROWSxCOLSxFIT, a number
 * of the enum, with JPEG files scaled before. A file that cannot be decoded
 * gives a line on standard output instead: the name of its error. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <foray.h>
#include <foray/image.h>

static enum foray_color color_of(const char *word)
{
    if (!strcmp(word, "all"))
        return FORAY_COLOR_ALL;
    if (!strcmp(word, "gray"))
        return FORAY_COLOR_GRAY;
    if (!strcmp(word, "rgb2gray"))
        return FORAY_COLOR_RGB2GRAY;
    return FORAY_COLOR_DEFAULT;
}

/* What the header promises is what comes. */
static int is_promised(const struct foray_image *image,
                       const struct foray_image_options *options,
                       const char *path)
{
    const struct foray_array *pixels = foray_image_pixels(image);
    struct foray_image_info info;
    size_t rows, cols;
    int channels;

    if (foray_image_info(&info, path, NULL))
        return 0;
    foray_image_result_shape(&rows, &cols, &channels, &info, options);
    return pixels->shape[0] == rows && pixels->shape[1] == cols &&
           pixels->ndim == (channels ? 3 : 2) &&
           (!channels || pixels->shape[2] == (size_t)channels);
}

/* Resampled as `size` says, unless it is 0. */
static void read_size(struct foray_image_options *options, const char *size)
{
    unsigned fit = 0;

    if (sscanf(size, "%zux%zux%u", &options->rows, &options->cols, &fit) != 3)
        return;
    options->fit = (enum foray_fit)fit;
    options->jpeg_scale = FORAY_JPEG_AUTO;
}

int main(int argc, char **argv)
{
    struct foray_image_options options = {0};
    struct foray_image *image;
    struct foray_error err;

    if (argc < 6 || argc % 2 || foray_image_new(&image, &err))
        return 2;
    options.truncated = !strcmp(argv[1], "accept");
    options.color = options.truncated ? FORAY_COLOR_ALL : color_of(argv[1]);
    options.exif = argv[2][0] == '1';
    read_size(&options, argv[3]);
    for (int k = 4; k < argc; k += 2) {
        int code = foray_image_read(image, argv[k], &options, &err);

        if (code) {
            printf("%s %s\n", foray_error_name(code), err.msg);
        } else if (!is_promised(image, &options, argv[k])) {
            printf("%s is not what its header promises\n", argv[k]);
            return 1;
        } else if (foray_array_save(foray_image_pixels(image), argv[k + 1],
                                    &err)) {
            fprintf(stderr, "decode_dump: %s\n", err.msg);
            return 1;
        }
    }
    foray_image_free(image);
    return 0;
}
