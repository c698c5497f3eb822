/* Megapixels a second of HOG on one core, for each kernel of this machine.
 *
 * Each case runs warm, kernels alternate, the best of several rounds counts:
 * on a shared machine look at the ratios. A kernel is taken away by the same
 * variable that the tests use, FORAY_TEST_NO.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <foray.h>
#include <foray/hog.h>

#include "measure.h"

enum { ROUNDS = 15, MAX_KERNELS = 3 };

static const char *const absences[MAX_KERNELS] = {"none", "avx512",
                                                  "avx512,avx2"};

struct situation {
    const char *name;
    size_t rows, cols, channels; /* no channels: a gray image */
    enum foray_dtype image, features;
    struct foray_hog_options options;
};

static const struct situation situations[] = {
    {"512x512 gray, defaults, f64", 512, 512, 0, FORAY_U8, FORAY_F64, {0}},
    {"512x512 gray, 2x2 blocks, f64",
     512,
     512,
     0,
     FORAY_U8,
     FORAY_F64,
     {.block_rows = 2, .block_cols = 2}},
    {"512x512 gray, 8 orientations, 16x16 cells, 1x1, f32",
     512,
     512,
     0,
     FORAY_U8,
     FORAY_F32,
     {.orientations = 8,
      .cell_rows = 16,
      .cell_cols = 16,
      .block_rows = 1,
      .block_cols = 1}},
    {"512x512 gray, defaults, f32", 512, 512, 0, FORAY_U8, FORAY_F32, {0}},
    {"512x512 gray, defaults, f16", 512, 512, 0, FORAY_U8, FORAY_F16, {0}},
    {"128x64 gray, defaults, f64", 128, 64, 0, FORAY_U8, FORAY_F64, {0}},
    {"512x512 RGB, defaults, f64", 512, 512, 3, FORAY_U8, FORAY_F64, {0}},
    {"512x512 gray u16, defaults, f64", 512, 512, 0, FORAY_U16, FORAY_F64, {0}},
    {"512x512 gray f32, defaults, f64", 512, 512, 0, FORAY_F32, FORAY_F64, {0}},
    {"512x512 RGB f64, defaults, f64", 512, 512, 3, FORAY_F64, FORAY_F64, {0}},
};

enum { N_SITUATIONS = sizeof situations / sizeof situations[0] };

/* Waves of several lengths and some noise, 0 to 255. */
static void paint(const struct foray_array *image)
{
    struct foray_array number;
    struct foray_error err;
    size_t n = foray_array_nitems(image), width = image->shape[1];
    double *values = memory(n * sizeof *values);
    unsigned seed = 1;

    if (image->ndim == 3)
        width *= image->shape[2];
    for (size_t i = 0; i < n; i++) {
        double y = (double)(i / width), x = (double)(i % width);

        seed = seed * 1664525 + 1013904223;
        values[i] = floor(120 + 60 * sin(y / 9 + x / 17) + 40 * cos(x / 5) +
                          (double)(seed >> 24) / 8);
    }
    check(foray_array_wrap(&number, values, FORAY_F64, image->ndim,
                           image->shape, &err),
          &err);
    check(foray_array_copy(image, &number, &err), &err);
    free(values);
}

static double seconds(struct foray_hog *hog, const struct foray_array *image,
                      const struct foray_array *features)
{
    struct foray_error err;
    double start = now();
    int n = image->shape[0] < 512 ? 32 : 1;

    for (int i = 0; i < n; i++)
        check(foray_hog_compute(hog, image, features, &err), &err);
    return (now() - start) / n;
}

static void measure(const struct situation *s)
{
    size_t shape[3] = {s->rows, s->cols, s->channels}, length;
    struct foray_array image, features;
    struct foray_hog *hogs[MAX_KERNELS];
    double best[MAX_KERNELS];
    const char *names[MAX_KERNELS];
    struct foray_error err;
    int ndim = s->channels ? 3 : 2, n = 0;
    void *bytes = memory(s->rows * s->cols * 32);

    for (int i = 0; i < MAX_KERNELS; i++) {
        setenv("FORAY_TEST_NO", absences[i], 1);
        if (n && foray_hog_kernel() == names[n - 1])
            continue;
        names[n] = foray_hog_kernel();
        best[n] = 1e9;
        check(foray_hog_new(&hogs[n++], &s->options, &err), &err);
    }
    check(foray_array_wrap(&image, bytes, s->image, ndim, shape, &err), &err);
    paint(&image);
    check(foray_hog_length(&length, hogs[0], s->rows, s->cols, &err), &err);
    check(foray_array_wrap(&features, memory(length * 8), s->features, 1,
                           &length, &err),
          &err);
    for (int round = 0; round < ROUNDS; round++)
        for (int i = 0; i < n; i++)
            best[i] = least(best[i], seconds(hogs[i], &image, &features));
    printf("%-52s", s->name);
    for (int i = 0; i < n; i++) {
        printf("  %s %6.1f", names[i],
               (double)(s->rows * s->cols) / best[i] / 1e6);
        foray_hog_free(hogs[i]);
    }
    puts("");
    free(features.data);
    free(bytes);
}

int main(void)
{
    puts("Mpixel/s");
    for (int i = 0; i < N_SITUATIONS; i++)
        measure(&situations[i]);
    return fclose(stdout) != 0;
}
