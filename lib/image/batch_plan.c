/* The plan of a batch: what comes out, known from headers alone. */
#include <foray/hog_batch.h>

#include <stdlib.h>
#include <string.h>

#include <foray/machine.h>

#include "base/error.h"
#include "base/size.h"
#include "image/batch_places.h"
#include "image/batch_task.h"
#include "image/headers.h"
#include "image/hog_method.h"

enum { DEFAULT_MAX_PIXELS = 268435456 };

/* Headers read at a time. */
enum { SOME = 4096 };

/* "512 x 512" of an image, and which one it was. */
struct size_seen {
    size_t rows, cols, index;
    bool any, told; /* by the caller, of images that are not here */
};

static int check_pixels(const struct foray_image_info *info,
                        const struct foray_hog_batch *batch, size_t i,
                        struct foray_error *err)
{
    uint64_t most = batch->image.max_pixels;
    char tail[FORAY__TAIL_SIZE];

    if (!most)
        most = DEFAULT_MAX_PIXELS;
    if (!info->rows || info->cols <= most / info->rows)
        return 0;
    return foray__fail(
        err, FORAY_ETOOLARGE,
        "%s: %zu x %zu pixels are more than max_pixels, %llu: raise it if "
        "the file is to be trusted",
        foray__tail(tail, batch->paths[i]), info->rows, info->cols,
        (unsigned long long)most);
}

static int check_size(struct size_seen *seen,
                      const struct foray_hog_batch *batch,
                      const struct foray_image_info *info, size_t i,
                      struct foray_error *err)
{
    char first[FORAY__TAIL_SIZE], second[FORAY__TAIL_SIZE];
    size_t rows, cols;
    int channels;

    foray_image_result_shape(&rows, &cols, &channels, info, &batch->image);
    if (!seen->any) {
        *seen = (struct size_seen){rows, cols, i, true, false};
        return 0;
    }
    if (rows == seen->rows && cols == seen->cols)
        return 0;
    if (seen->told)
        return foray__fail(err, FORAY_ESHAPE,
                           "%s is %zu x %zu, the images before are %zu x %zu "
                           "(rows x columns); resize them to one size",
                           foray__tail(second, batch->paths[i]), rows, cols,
                           seen->rows, seen->cols);
    return foray__fail(
        err, FORAY_ESHAPE,
        "images differ in size: %s is %zu x %zu, %s is %zu x %zu (rows x "
        "columns); resize them to one size",
        foray__tail(first, batch->paths[seen->index]), seen->rows, seen->cols,
        foray__tail(second, batch->paths[i]), rows, cols);
}

/* What is found out of one image after the other. */
struct planning {
    const struct foray_hog_batch *batch;
    const struct foray_hog *hog;
    struct size_seen seen;
    struct foray_error first; /* code 0: none failed */
};

/* One image more. An error ends the plan; of one that fails by itself the
 * first is kept. */
static int plan_file(struct planning *planning, size_t i,
                     const struct foray__header *header,
                     struct foray_error *err)
{
    const struct foray_hog_batch *batch = planning->batch;
    struct foray_image_info info = header->info;
    struct foray_error why;
    int code =
        header->known ? 0 : foray_image_info(&info, batch->paths[i], &why);

    if (!code)
        code = check_pixels(&info, batch, i, &why);
    if (!code && batch->places)
        code = foray__batch_place(batch, i, planning->hog, &info, &why);
    else if (!code)
        FORAY_TRY(check_size(&planning->seen, batch, &info, i, err));
    if (!code) {
        planning->seen.any = true;
    } else if (!planning->first.code) {
        planning->first = why;
        planning->first.task = (int64_t)i;
    }
    return 0;
}

/* Images first..first + n, which are told to the caller. */
static int plan_some(struct planning *planning, struct foray__header *headers,
                     size_t first, size_t n, int threads,
                     struct foray_error *err)
{
    const struct foray_hog_batch *batch = planning->batch;

    foray__headers_read(headers, batch->paths + first, n, threads);
    for (size_t i = 0; i < n; i++) {
        FORAY_TRY(plan_file(planning, first + i, &headers[i], err));
        if (planning->first.code && batch->on_error != FORAY_SKIP)
            return 0;
    }
    if (batch->planned &&
        batch->planned(first + n, batch->n, batch->planned_arg))
        return foray__fail(err, FORAY_ECANCELED,
                           "the plan was stopped at image %zu of %zu",
                           first + n, batch->n);
    return 0;
}

/* Every header, before any work. */
static int plan_files(struct planning *planning, struct foray_error *err)
{
    const struct foray_hog_batch *batch = planning->batch;
    bool skip = batch->on_error == FORAY_SKIP;
    struct foray__header *headers = calloc(SOME, sizeof *headers);
    int threads = batch->plan_threads, code = 0;

    if (!headers)
        return foray__fail(err, FORAY_ENOMEM, "no memory for a plan");
    if (threads < 1)
        threads = foray_cpu_count();
    for (size_t i = 0; !code && i < batch->n; i += SOME) {
        size_t left = batch->n - i;

        code = plan_some(planning, headers, i, left < SOME ? left : SOME,
                         threads, err);
        if (planning->first.code && !skip)
            break;
    }
    free(headers);
    if (!code && planning->first.code && (!skip || !planning->seen.any)) {
        if (err)
            *err = planning->first;
        return planning->first.code;
    }
    return code;
}

static int begin_files(struct planning *planning, struct foray_error *err)
{
    const struct foray_hog_batch *batch = planning->batch;

    if (batch->rows)
        planning->seen =
            (struct size_seen){batch->rows, batch->cols, 0, true, true};
    else if (batch->places && batch->may_be_none)
        planning->seen.any = true;
    else if (!batch->n)
        return foray__fail(err, FORAY_EINVAL, "no images were given");
    if (batch->places)
        memset(batch->places, 0, batch->n * sizeof *batch->places);
    return plan_files(planning, err);
}

static int plan_stack(struct size_seen *seen, size_t *n,
                      const struct foray_hog_batch *batch,
                      struct foray_error *err)
{
    const struct foray_array *stack = batch->stack;
    struct foray_image_info info = {.bits = 8, .orientation = 1};
    int channels;

    if (stack->ndim != 3 && stack->ndim != 4)
        return foray__fail(err, FORAY_ESHAPE,
                           "a stack of images has 3 axes (images, rows, cols) "
                           "or 4 (..., channels), this array has %d",
                           stack->ndim);
    FORAY_TRY(foray__hog_check_real(stack->dtype, "HOG of a stack", err));
    if (stack->shape[1] > UINT32_MAX || stack->shape[2] > UINT32_MAX)
        return foray__fail(err, FORAY_ETOOLARGE,
                           "images of %zu x %zu pixels are too large",
                           stack->shape[1], stack->shape[2]);
    info.rows = stack->shape[1];
    info.cols = stack->shape[2];
    info.channels = stack->ndim == 4 ? (int)stack->shape[3] : 1;
    if (stack->dtype == FORAY_U16)
        info.bits = 16;
    foray_image_result_shape(&seen->rows, &seen->cols, &channels, &info,
                             &batch->image);
    seen->any = true;
    *n = stack->shape[0];
    return 0;
}

static int check_visualize(const struct foray_hog_batch *batch,
                           const struct foray_hog_options *hog,
                           struct foray_error *err)
{
    if (!batch->visualize)
        return 0;
    if (hog->method != FORAY_HOG_SKIMAGE)
        return foray__fail(err, FORAY_EINVAL,
                           "pictures of the features exist for the method "
                           "skimage only");
    if (hog->cell_rows < 2 || hog->cell_cols < 2)
        return foray__fail(err, FORAY_EINVAL,
                           "pictures of the features need cells of at least "
                           "2x2 pixels, not %zux%zu",
                           hog->cell_rows, hog->cell_cols);
    if (!*batch->visualize ||
        strlen(batch->visualize) >= FORAY__BATCH_FOLDER_SIZE)
        return foray__fail(err, FORAY_EINVAL,
                           "the name of the folder of pictures is %s",
                           *batch->visualize ? "too long" : "empty");
    return 0;
}

static int plan_rows(struct foray_hog_plan *plan,
                     const struct foray_hog_batch *batch,
                     const struct foray_hog *hog, struct foray_error *err)
{
    if (batch->places)
        return foray__batch_arrange(&plan->length, batch, err);
    FORAY_TRY(foray_hog_shape(plan->feature_shape, &plan->feature_ndim, hog,
                              plan->rows, plan->cols, err));
    return foray_hog_length(&plan->length, hog, plan->rows, plan->cols, err);
}

static int plan_output(struct foray_hog_plan *plan,
                       const struct foray_hog_batch *batch,
                       const struct foray_hog *hog, struct foray_error *err)
{
    FORAY_TRY(plan_rows(plan, batch, hog, err));
    plan->dtype = batch->dtype ? batch->dtype : FORAY_F64;
    if (plan->dtype != FORAY_F64 && plan->dtype != FORAY_F32 &&
        plan->dtype != FORAY_F16)
        return foray__fail(err, FORAY_EDTYPE,
                           "features are f64, f32 or f16, not %s",
                           foray_dtype_name(plan->dtype));
    if (!foray__shape_nbytes(
            &plan->nbytes, foray_dtype_size(plan->dtype), 2,
            (size_t[]){batch->places ? 1 : plan->n, plan->length}))
        return foray__fail(err, FORAY_ERANGE,
                           "%zu rows of %zu features are more than the "
                           "address space holds",
                           plan->n, plan->length);
    return 0;
}

int foray_hog_batch_plan(struct foray_hog_plan *out,
                         const struct foray_hog_batch *batch,
                         struct foray_error *err)
{
    struct foray_hog_plan plan = {.n = batch->n};
    struct planning planning = {.batch = batch};
    struct size_seen *seen = &planning.seen;
    struct foray_hog *hog = NULL;
    int code = foray_hog_new(&hog, &batch->hog, err);

    if (!code)
        code = foray__batch_check_places(batch, err);
    if (!code)
        code = check_visualize(batch, foray_hog_options(hog), err);
    planning.hog = hog;
    if (!code)
        code = batch->stack ? plan_stack(seen, &plan.n, batch, err)
                            : begin_files(&planning, err);
    if (!code) {
        plan.rows = seen->rows;
        plan.cols = seen->cols;
        code = plan_output(&plan, batch, hog, err);
    }
    foray_hog_free(hog);
    if (!code)
        *out = plan;
    return code;
}
