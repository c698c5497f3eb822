/* Images: read, written and described. */
#include "scenario.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <foray/hog_batch.h>
#include <foray/image.h>

#include "helpers.h"
#include "image_files.h"

/* What is read, and its pixels as they are read before anything fails. Without
 * the format's library it is another file. */
static struct sample {
    char path[512];
    struct foray_array pixels;
} tiff, webp;

static int image_write(struct foray_error *err)
{
    static uint8_t pixels[30 * 20];
    struct foray_array image;
    int code =
        foray_array_wrap(&image, pixels, FORAY_U8, 2, (size_t[]){30, 20}, err);

    return code ? code : foray_image_write(&image, scenario_path("y.png"), err);
}

static int read_sample(const struct sample *sample, struct foray_error *err)
{
    struct foray_image *image = NULL;
    int code = foray_image_new(&image, err);

    if (!code)
        code = foray_image_read(image, sample->path, NULL, err);
    if (!code && memcmp(foray_image_pixels(image)->data, sample->pixels.data,
                        foray_array_nbytes(&sample->pixels)) != 0)
        code = broken(err, "an image has other pixels");
    foray_image_free(image);
    return code;
}

static int read_tiff(struct foray_error *err)
{
    return read_sample(&tiff, err);
}

static int read_webp(struct foray_error *err)
{
    return read_sample(&webp, err);
}

static int compute(struct foray_pool *pool, const struct foray_array *features,
                   const struct foray_hog_batch *batch,
                   const struct foray_hog_plan *plan, struct foray_error *err)
{
    struct foray_hog_row index[2] = {0};
    int code =
        foray_hog_batch_run(pool, batch, plan, features, index, NULL, err);

    for (int k = 0; k < 2 && !code; k++)
        if (index[k].status != FORAY_IMAGE_STATUS_OK)
            code = broken(err, "an image without an error was left out");
    /* Of the same image, stored as PNG and as PGM. */
    if (!code && memcmp(foray_row(features, 0), foray_row(features, 1),
                        plan->length * sizeof(double)) != 0)
        code = broken(err, "features of the same image differ");
    foray_hog_rows_clear(index, 2);
    return code;
}

static int hog(struct foray_error *err)
{
    const char *paths[] = {scenario_input("x.png"), scenario_input("x.pgm")};
    struct foray_hog_batch batch = {.paths = paths, .n = 2};
    struct foray_hog_plan plan = {0};
    struct foray_array features = {0};
    struct foray_pool *pool = NULL;
    int code = foray_hog_batch_plan(&plan, &batch, err);

    if (!code)
        code = foray_array_create_at(
            &features, scenario_path("hog.npy"), plan.dtype, 2,
            (size_t[]){plan.n, plan.length},
            &(struct foray_placement){.partial = true}, err);
    if (!code)
        code = foray_pool_open(&pool, &(struct foray_config){.n_jobs = 2}, err);
    if (!code)
        code = compute(pool, &features, &batch, &plan, err);
    if (!code)
        code = foray_array_commit(&features, err);
    foray_pool_close(pool);
    return first_of(code, foray_array_close(&features, code ? NULL : err));
}

static int take_sample(struct sample *sample, const char *path,
                       struct foray_error *err)
{
    struct foray_image *image = NULL;
    const struct foray_array *pixels;
    int code = foray_image_new(&image, err);

    snprintf(sample->path, sizeof sample->path, "%s", path);
    if (!code)
        code = foray_image_read(image, path, NULL, err);
    if (!code) {
        pixels = foray_image_pixels(image);
        code = foray_array_create(&sample->pixels, NULL, pixels->dtype,
                                  pixels->ndim, pixels->shape, err);
    }
    if (!code)
        code = foray_array_copy(&sample->pixels, pixels, err);
    foray_image_free(image);
    return code;
}

/* This loads the library, too, whose calls count from then on. Of TIFF one that
 * is not compressed: libtiff (4.5) crashes where it has no memory to note which
 * fields LZW and others have. */
static int take_format(struct sample *sample, const char *name,
                       struct foray_error *err)
{
    int code = take_sample(sample, sample_path(name), err);

    return code == FORAY_ENOTSUP
               ? take_sample(sample, scenario_input("x.png"), err)
               : code;
}

void image_scenario_prepare(void)
{
    struct foray_array image = {0};
    struct foray_error err;

    if (foray_array_open(&image, scenario_input("old.npy"), "r", &err) ||
        foray_image_write(&image, scenario_input("x.png"), &err) ||
        foray_image_write(&image, scenario_input("x.pgm"), &err) ||
        take_format(&tiff, "tiff_rgb.tif", &err) ||
        take_format(&webp, "webp_rgb.webp", &err)) {
        fprintf(stderr, "%s\n", err.msg);
        exit(99);
    }
    foray_array_close(&image, NULL);
}

const struct scenario image_scenarios[] = {
    {"png save", image_write, 0, "y.png", "old.npy", NULL},
    {"tiff read", read_tiff, 0, NULL, NULL, NULL},
    {"webp read", read_webp, 0, NULL, NULL, NULL},
    {"hog", hog, 0, "hog.npy", NULL, NULL},
    {"hog over", hog, 0, "hog.npy", "old.npy", NULL},
    {.name = NULL}};
