/* Megapixels a second on one core of what other programs do as well: the HOG of
 * OpenCV and VLFeat, and resampling as Pillow's. VLFeat runs in between when
 * it is there; bench_methods.py does so with OpenCV and Pillow.
 *
 * The best of several rounds counts: on a shared machine look at the ratios.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <foray.h>
#include <foray/hog.h>
#include <foray/image.h>

#include "measure.h"

#ifdef BENCH_VLFEAT
#include <vl/hog.h>
#endif

enum { SIZE = 512, ROUNDS = 15 };

/* Waves of several lengths and some noise, 0 to 255. Owner: the caller. */
static uint8_t *paint(size_t channels)
{
    size_t width = SIZE * channels, n = SIZE * width;
    uint8_t *pixels = memory(n);
    unsigned seed = 1;

    for (size_t i = 0; i < n; i++) {
        double y = (double)(i / width), x = (double)(i % width);

        seed = seed * 1664525 + 1013904223;
        pixels[i] = (uint8_t)(120 + 60 * sin(y / 9 + x / 17) + 40 * cos(x / 5) +
                              (double)(seed >> 24) / 8);
    }
    return pixels;
}

static struct foray_array image_of(uint8_t *pixels, size_t channels)
{
    size_t shape[3] = {SIZE, SIZE, channels};
    struct foray_array image;
    struct foray_error err;

    check(foray_array_wrap(&image, pixels, FORAY_U8, channels > 1 ? 3 : 2,
                           shape, &err),
          &err);
    return image;
}

static void show(const char *name, double seconds)
{
    printf("%-44s %7.1f\n", name, SIZE * SIZE / seconds / 1e6);
}

#ifdef BENCH_VLFEAT
static double vlfeat_seconds(const uint8_t *pixels, size_t channels)
{
    float *planes = memory(SIZE * SIZE * channels * sizeof *planes);
    double start = now();
    VlHog *hog = vl_hog_new(VlHogVariantUoctti, 9, VL_FALSE);
    float *features;

    for (size_t i = 0; i < (size_t)SIZE * SIZE; i++)
        for (size_t c = 0; c < channels; c++)
            planes[c * SIZE * SIZE + i] = pixels[i * channels + c];
    vl_hog_put_image(hog, planes, SIZE, SIZE, channels, 8);
    features = memory(vl_hog_get_width(hog) * vl_hog_get_height(hog) *
                      vl_hog_get_dimension(hog) * sizeof *features);
    vl_hog_extract(hog, features);
    vl_hog_delete(hog);
    start = now() - start;
    free(features);
    free(planes);
    return start;
}
#endif

static void measure_hog(const char *name, enum foray_hog_method method,
                        size_t channels)
{
    struct foray_hog_options options = {.method = method};
    uint8_t *pixels = paint(channels);
    struct foray_array image = image_of(pixels, channels), features;
    double best = HUGE_VAL, theirs = HUGE_VAL;
    struct foray_hog *hog;
    struct foray_error err;
    size_t length;

    check(foray_hog_new(&hog, &options, &err), &err);
    check(foray_hog_length(&length, hog, SIZE, SIZE, &err), &err);
    check(foray_array_wrap(&features, memory(length * sizeof(float)), FORAY_F32,
                           1, &length, &err),
          &err);
    for (int i = 0; i < ROUNDS; i++) {
        double start = now();

        check(foray_hog_compute(hog, &image, &features, &err), &err);
        best = least(best, now() - start);
#ifdef BENCH_VLFEAT
        if (method == FORAY_HOG_UOCTTI)
            theirs = least(theirs, vlfeat_seconds(pixels, channels));
#endif
    }
    show(name, best);
    if (theirs < HUGE_VAL)
        show("  VLFeat", theirs);
    foray_hog_free(hog);
    free(features.data);
    free(pixels);
}

static void measure_resize(size_t channels, size_t rows, size_t cols)
{
    struct foray_image_options options = {
        .color = FORAY_COLOR_ALL, .rows = rows, .cols = cols};
    uint8_t *pixels = paint(channels);
    struct foray_array image = image_of(pixels, channels);
    double best = HUGE_VAL;
    struct foray_image *resized;
    struct foray_error err;
    char name[64];

    check(foray_image_new(&resized, &err), &err);
    for (int i = 0; i < ROUNDS; i++) {
        double start = now();

        check(foray_image_adopt(resized, &image, "bench", &options, &err),
              &err);
        best = least(best, now() - start);
    }
    snprintf(name, sizeof name, "resize %zu channels to %zux%zu", channels,
             rows, cols);
    show(name, best);
    foray_image_free(resized);
    free(pixels);
}

int main(void)
{
    puts("512x512, Mpixel/s of the image that is read");
    measure_hog("dalal-triggs gray", FORAY_HOG_DALAL_TRIGGS, 1);
    measure_hog("dalal-triggs RGB", FORAY_HOG_DALAL_TRIGGS, 3);
    measure_hog("uoctti gray", FORAY_HOG_UOCTTI, 1);
    measure_hog("uoctti RGB", FORAY_HOG_UOCTTI, 3);
    for (size_t channels = 1; channels <= 4; channels++) {
        measure_resize(channels, 128, 64);
        measure_resize(channels, 300, 400);
        measure_resize(channels, 800, 900);
    }
    return fclose(stdout) != 0;
}
