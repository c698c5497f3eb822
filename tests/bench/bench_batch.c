/* HOG of 200 photographs: foray's workers against an OpenMP loop over the same
 * decoder, kernel and output file, and two workers against one.
 *
 *     bench_batch OUTPUT-FOLDER JPEG...
 *
 * Each measurement is the whole of it: plan, workers or threads started,
 * output made, filled and closed. A and B alternate; the best of each counts.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <foray.h>
#include <foray/hog_batch.h>

#include "measure.h"

enum { IMAGES = 200, ROUNDS = 9 };

static const char *paths[IMAGES];
static char output[4096];

static void make_output(struct foray_array *features,
                        const struct foray_hog_plan *plan)
{
    struct foray_error err;

    if (foray_array_create(features, output, plan->dtype, 2,
                           (size_t[]){plan->n, plan->length}, &err))
        die(err.msg);
}

static void end_output(struct foray_array *features)
{
    struct foray_error err;

    if (foray_array_close(features, &err))
        die(err.msg);
    unlink(output);
}

static double with_foray(const struct foray_hog_batch *batch, int n_jobs)
{
    struct foray_config config = {.n_jobs = n_jobs};
    struct foray_pool *pool = NULL;
    struct foray_array features = {0};
    struct foray_hog_plan plan;
    struct foray_error err;
    double start = now();

    if (foray_hog_batch_plan(&plan, batch, &err) ||
        foray_pool_open(&pool, &config, &err))
        die(err.msg);
    make_output(&features, &plan);
    if (foray_hog_batch_run(pool, batch, &plan, &features, NULL, NULL, &err))
        die(err.msg);
    foray_pool_close(pool);
    end_output(&features);
    return now() - start;
}

static void loop(const struct foray_hog_batch *batch,
                 const struct foray_array *features)
{
#pragma omp parallel num_threads(2)
    {
        struct foray_image *image = NULL;
        struct foray_hog *hog = NULL;
        struct foray_array row;
        struct foray_error err;

        if (foray_image_new(&image, &err) ||
            foray_hog_new(&hog, &batch->hog, &err))
            die(err.msg);
#pragma omp for schedule(dynamic, 1)
        for (int i = 0; i < IMAGES; i++)
            if (foray_image_read(image, paths[i], &batch->image, &err) ||
                foray_array_index(&row, features, 0, (size_t)i, &err) ||
                foray_hog_compute(hog, foray_image_pixels(image), &row, &err))
                die(err.msg);
        foray_hog_free(hog);
        foray_image_free(image);
    }
}

static double with_openmp(const struct foray_hog_batch *batch)
{
    struct foray_array features = {0};
    struct foray_hog_plan plan;
    struct foray_error err;
    double start = now();

    if (foray_hog_batch_plan(&plan, batch, &err))
        die(err.msg);
    make_output(&features, &plan);
    loop(batch, &features);
    end_output(&features);
    return now() - start;
}

static void compare(const char *name, const struct foray_hog_batch *batch)
{
    double one = 1e9, two = 1e9, openmp = 1e9;

    for (int i = 0; i < ROUNDS; i++) {
        two = least(two, with_foray(batch, 2));
        openmp = least(openmp, with_openmp(batch));
        one = least(one, with_foray(batch, 1));
    }
    printf("%-20s  1 job %.3f s  2 jobs %.3f s (%.0f images/s)  openmp 2 "
           "threads %.3f s\n%-20s  2 jobs / 1 job %.2f  foray / openmp %.2f\n",
           name, one, two, IMAGES / two, openmp, "", one / two, openmp / two);
}

/* For all that is measured here, and by bench_batch.sh right after. */
static void warm_up(void)
{
    size_t most = (size_t)4 << 30;
    size_t half =
        (size_t)sysconf(_SC_AVPHYS_PAGES) * (size_t)sysconf(_SC_PAGESIZE) / 2;

    warm_memory(half < most ? half : most);
}

int main(int argc, char **argv)
{
    struct foray_hog_batch defaults = {.paths = paths, .n = IMAGES};
    struct foray_hog_batch tutorial = {
        .paths = paths,
        .n = IMAGES,
        .hog = {.orientations = 8,
                .cell_rows = 16,
                .cell_cols = 16,
                .block_rows = 1,
                .block_cols = 1},
        .dtype = FORAY_F32,
    };

    if (argc < 3) {
        fputs("usage: bench_batch OUTPUT-FOLDER JPEG...\n", stderr);
        return 2;
    }
    warm_up();
    snprintf(output, sizeof output, "%s/bench_batch.%ld.npy", argv[1],
             (long)getpid());
    for (int i = 0; i < IMAGES; i++)
        paths[i] = argv[2 + i % (argc - 2)];
    compare("defaults, f64", &defaults);
    compare("16x16, 1x1, f32", &tutorial);
    return 0;
}
