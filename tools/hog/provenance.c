#include "hog/provenance.h"

#include <config.h>

#include <string.h>

#include <foray/config.h>

#include "hog/ragged.h"

static const char options[] = "options", row[] = "row", status[] = "status";

/* What one row is, in C order: the axes that foray_hog_shape names. */
static void add_row(struct provenance *to, enum foray_hog_method method,
                    const struct foray_hog_plan *plan)
{
    static const char *const axes[][5] = {
        [FORAY_HOG_SKIMAGE] = {"blocks_r", "blocks_c", "br", "bc", "n"},
        [FORAY_HOG_DALAL_TRIGGS] = {"blocks_c", "blocks_r", "bc", "br", "n"},
        [FORAY_HOG_UOCTTI] = {"planes", "cells_r", "cells_c"},
    };

    if (!plan->feature_ndim) { /* each its own: the columns of `shapes` */
        provenance_text(
            to, row, "axes",
            method == FORAY_HOG_SKIMAGE        ? "blocks_r blocks_c br bc n"
            : method == FORAY_HOG_DALAL_TRIGGS ? "blocks_c blocks_r bc br n"
                                               : "planes cells_r cells_c");
        return;
    }
    provenance_list(to, row, "shape", plan->feature_shape, plan->feature_ndim);
    for (int i = 0; i < plan->feature_ndim; i++)
        provenance_integer(to, row, axes[method][i], plan->feature_shape[i]);
}

static void add_image_options(struct provenance *to,
                              const struct foray_image_options *image)
{
    static const uint64_t default_max_pixels = 256 << 20;
    const size_t resize[2] = {image->rows, image->cols};

    provenance_text(to, options, "color", foray_color_name(image->color));
    provenance_bool(to, options, "exif", image->exif);
    if (image->rows) {
        provenance_list(to, options, "resize", resize, 2);
        provenance_text(to, options, "filter",
                        foray_filter_name(image->filter));
        provenance_text(to, options, "fit", foray_fit_name(image->fit));
        provenance_text(to, options, "jpeg-scale",
                        foray_jpeg_scale_name(image->jpeg_scale));
    } else {
        provenance_null(to, options, "resize");
        provenance_null(to, options, "filter");
        provenance_null(to, options, "fit");
        provenance_null(to, options, "jpeg-scale");
    }
    provenance_text(to, options, "truncated",
                    image->truncated ? "accept" : "fail");
    provenance_integer(to, options, "max-pixels",
                       image->max_pixels ? image->max_pixels
                                         : default_max_pixels);
}

static int add_hog_options(struct provenance *to,
                           const struct foray_hog_options *given,
                           struct foray_error *err)
{
    const struct foray_hog_options *meant;
    struct foray_hog *hog;
    size_t cell[2], block[2];
    int code = foray_hog_new(&hog, given, err);

    if (code)
        return code;
    meant = foray_hog_options(hog);
    cell[0] = meant->cell_rows;
    cell[1] = meant->cell_cols;
    block[0] = meant->block_rows;
    block[1] = meant->block_cols;
    provenance_text(to, options, "method",
                    foray_hog_method_name(meant->method));
    provenance_integer(to, options, "orientations",
                       (uint64_t)meant->orientations);
    provenance_list(to, options, "pixels-per-cell", cell, 2);
    if (meant->method == FORAY_HOG_UOCTTI) {
        provenance_null(to, options, "cells-per-block");
        provenance_null(to, options, "block-norm");
    } else {
        provenance_list(to, options, "cells-per-block", block, 2);
        provenance_text(to, options, "block-norm",
                        foray_hog_norm_name(meant->norm));
    }
    provenance_bool(to, options, "transform-sqrt", meant->transform_sqrt);
    foray_hog_free(hog);
    return 0;
}

/* Those of the work that decide which rows fail. */
static int add_work_options(struct provenance *to, const struct hog_run *run,
                            struct foray_error *err)
{
    const struct parallel *parallel = &run->parallel;
    struct foray_config config;
    int code = foray_config_get(&config, err);
    int retries = parallel->retries ? parallel->retries : config.retries;

    if (code)
        return code;
    provenance_text(to, options, "on-error",
                    parallel->on_error == FORAY_SKIP ? "skip" : "stop");
    provenance_text(to, options, "failed", run->drops ? "drop" : "nan");
    if (parallel->timeout > 0 || config.timeout > 0)
        provenance_number(to, options, "timeout",
                          parallel->timeout > 0 ? parallel->timeout
                                                : config.timeout);
    else
        provenance_null(to, options, "timeout");
    provenance_integer(to, options, "retries",
                       retries > 0 ? (uint64_t)retries : 0);
    return 0;
}

static void add_status(struct provenance *to, const struct foray_hog_row *rows,
                       size_t n)
{
    enum { N_STATUSES = FORAY_IMAGE_STATUS_GONE + 1 };
    size_t counts[N_STATUSES] = {0};

    for (size_t i = 0; i < n; i++)
        if (rows[i].status < N_STATUSES)
            counts[rows[i].status]++;
    for (int k = 0; k < N_STATUSES; k++)
        if (counts[k] || k == FORAY_IMAGE_STATUS_OK)
            provenance_integer(
                to, status, foray_image_status_name((enum foray_image_status)k),
                counts[k]);
}

int hog_provenance_fill(struct hog_provenance *out, const struct hog_run *run,
                        const struct foray_hog_plan *plan,
                        const struct foray_hog_row *rows, size_t n_kept,
                        struct foray_error *err)
{
    struct provenance *to = &out->items;
    const struct foray_hog_place *places = run->batch.places;
    size_t length = places ? hog_ragged_length(places, plan->n) : plan->length;
    const size_t shape[2] = {n_kept, length},
                 image[2] = {plan->rows, plan->cols};
    int code;

    memset(out, 0, sizeof *out);
    if (run->stack)
        foray_hog_digest(out->digest, &run->stack, 1);
    else
        foray_hog_digest(out->digest, run->batch.paths, run->batch.n);
    provenance_text(to, NULL, "foray", PACKAGE_VERSION);
    provenance_text(to, NULL, "command", "hog");
    provenance_integer(to, NULL, "images", plan->n);
    provenance_text(to, NULL, "paths_sha256", out->digest);
    if (places)
        provenance_null(to, NULL, "image");
    else
        provenance_list(to, NULL, "image", image, 2);
    provenance_list(to, NULL, "shape", places ? shape + 1 : shape,
                    places ? 1 : 2);
    provenance_text(to, NULL, "dtype", foray_dtype_name(plan->dtype));
    add_row(to, run->batch.hog.method, plan);
    add_image_options(to, &run->batch.image);
    code = add_hog_options(to, &run->batch.hog, err);
    if (code)
        return code;
    provenance_text(to, options, "dtype", foray_dtype_name(plan->dtype));
    provenance_bool(to, options, "ragged", places != NULL);
    code = add_work_options(to, run, err);
    if (code)
        return code;
    if (run->shard[1]) {
        snprintf(out->shard, sizeof out->shard, "%zu/%zu", run->shard[0],
                 run->shard[1]);
        provenance_text(to, options, "shard", out->shard);
    } else {
        provenance_null(to, options, "shard");
    }
    add_status(to, rows, plan->n);
    return 0;
}
