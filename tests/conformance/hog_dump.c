/* hog_dump IMAGE.npy FEATURES.npy PICTURE.npy METHOD N CR CC BR BC NORM SQRT
 * DTYPE: HOG of one array, for comparison with other programs. A picture of
 * "-" is not drawn. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <foray.h>
#include <foray/hog.h>

static int fail(const struct foray_error *err)
{
    fprintf(stderr, "hog_dump: %s\n", err->msg);
    return 1;
}

static size_t number(const char *text)
{
    return (size_t)strtoul(text, NULL, 10);
}

int main(int argc, char **argv)
{
    struct foray_array image, features, picture;
    struct foray_hog_options options = {0};
    struct foray_hog *hog;
    struct foray_error err;
    enum foray_dtype dtype;
    size_t length;

    if (argc != 13)
        return 2;
    options.orientations = (int)number(argv[5]);
    options.cell_rows = number(argv[6]);
    options.cell_cols = number(argv[7]);
    options.block_rows = number(argv[8]);
    options.block_cols = number(argv[9]);
    options.transform_sqrt = number(argv[11]) != 0;
    if (foray_hog_method_parse(&options.method, argv[4], &err) ||
        (strcmp(argv[10], "-") &&
         foray_hog_norm_parse(&options.norm, argv[10], &err)) ||
        foray_dtype_parse(&dtype, NULL, argv[12], &err) ||
        foray_array_open(&image, argv[1], "r", &err) ||
        foray_hog_new(&hog, &options, &err) ||
        foray_hog_length(&length, hog, image.shape[0], image.shape[1], &err) ||
        foray_array_create(&features, argv[2], dtype, 1, &length, &err) ||
        foray_hog_compute(hog, &image, &features, &err))
        return fail(&err);
    if (strcmp(argv[3], "-")) {
        if (foray_array_create(&picture, argv[3], FORAY_F64, 2, image.shape,
                               &err) ||
            foray_hog_draw(hog, &picture, &err) ||
            foray_array_close(&picture, &err))
            return fail(&err);
    }
    if (foray_array_close(&features, &err) || foray_array_close(&image, &err))
        return fail(&err);
    foray_hog_free(hog);
    return 0;
}
