/* Method uoctti next to VLFeat's own vl_hog, within 1e-5. Built when VLFeat is
 * there. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <vl/hog.h>

#include <foray.h>
#include <foray/hog.h>

/* A picture with edges in all directions; VLFeat wants planes of columns that
 * follow each other in memory: (channels, rows, cols). */
static void draw(float *image, size_t rows, size_t cols, size_t channels)
{
    unsigned seed = (unsigned)(rows * 31 + cols * 7 + channels);

    for (size_t c = 0; c < channels; c++)
        for (size_t y = 0; y < rows; y++)
            for (size_t x = 0; x < cols; x++)
                image[(c * rows + y) * cols + x] =
                    (float)(100 + 50 * sin((double)(x * (c + 1)) / 5) +
                            40 * cos((double)y / 4 + (double)x / 9) +
                            rand_r(&seed) % 32);
}

static double compare(size_t rows, size_t cols, size_t channels, size_t cell,
                      int n)
{
    size_t shape[3] = {rows, cols, channels}, length;
    struct foray_hog_options options = {.method = FORAY_HOG_UOCTTI,
                                        .orientations = n,
                                        .cell_rows = cell,
                                        .cell_cols = cell};
    float *planar = malloc(rows * cols * channels * sizeof *planar);
    float *pixels = malloc(rows * cols * channels * sizeof *pixels);
    float *ours, *theirs;
    struct foray_array image, features;
    struct foray_hog *hog;
    struct foray_error err;
    double worst = 0;
    VlHog *vl;

    draw(planar, rows, cols, channels);
    for (size_t i = 0; i < rows * cols; i++)
        for (size_t c = 0; c < channels; c++)
            pixels[i * channels + c] = planar[c * rows * cols + i];
    vl = vl_hog_new(VlHogVariantUoctti, (vl_size)n, VL_FALSE);
    vl_hog_put_image(vl, planar, cols, rows, channels, cell);
    length =
        vl_hog_get_width(vl) * vl_hog_get_height(vl) * vl_hog_get_dimension(vl);
    theirs = malloc(length * sizeof *theirs);
    ours = malloc(length * sizeof *ours);
    vl_hog_extract(vl, theirs);
    if (foray_array_wrap(&image, pixels, FORAY_F32, 3, shape, &err) ||
        foray_array_wrap(&features, ours, FORAY_F32, 1, &length, &err) ||
        foray_hog_new(&hog, &options, &err) ||
        foray_hog_compute(hog, &image, &features, &err)) {
        fprintf(stderr, "uoctti: %s\n", err.msg);
        exit(1);
    }
    for (size_t i = 0; i < length; i++) {
        double far = fabs((double)ours[i] - (double)theirs[i]);

        if (!(far <= worst))
            worst = far;
    }
    foray_hog_free(hog);
    vl_hog_delete(vl);
    free(ours);
    free(theirs);
    free(pixels);
    free(planar);
    return worst;
}

int main(void)
{
    static const size_t sizes[][2] = {{64, 48}, {37, 53}, {16, 16}, {100, 9}};
    double worst = 0;
    int n_cases = 0;

    for (size_t s = 0; s < 4; s++)
        for (size_t channels = 1; channels <= 3; channels += 2)
            for (size_t cell = 4; cell <= 8; cell += 2)
                for (int n = 8; n <= 9; n++, n_cases++) {
                    double far =
                        compare(sizes[s][0], sizes[s][1], channels, cell, n);

                    if (far > 1e-5)
                        printf("%zux%zux%zu, cells of %zu, %d orientations: "
                               "%g\n",
                               sizes[s][0], sizes[s][1], channels, cell, n,
                               far);
                    if (far > worst)
                        worst = far;
                }
    printf("%d images, at most %.1e apart\n", n_cases, worst);
    return worst <= 1e-5 ? 0 : 1;
}
