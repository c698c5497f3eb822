#include "report/pictures.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include <foray/map.h>
#include <foray/storage.h>

#include "report/picture_task.h"
#include "shell/stop.h"

/* For all of them: as long as the run took, within these limits. */
static const double least_seconds = 10, most_seconds = 60;

static void end_in_time(const struct foray_progress *now, void *arg)
{
    const double *seconds = arg;

    if (now->seconds > *seconds)
        foray_pool_cancel(now->pool);
}

/* Photos first: with them a page is worth something already. */
static int fill_requests(struct foray_array *out, const struct index *images,
                         const size_t *which, size_t n)
{
    size_t shape[2] = {2 * n, sizeof(struct picture_request)};
    char name[INDEX_NAME_SIZE];

    if (foray_array_create(out, NULL, FORAY_U8, 2, shape, NULL))
        return -1;
    for (size_t k = 0; k < 2 * n; k++) {
        struct picture_request *request = foray_row(out, k);

        request->index = which[k % n];
        request->glyphs = k >= n;
        if (!images->stack) /* a longer one cannot be opened, cut or not */
            snprintf(request->path, sizeof request->path, "%s",
                     index_name(name, which[k % n], images));
    }
    return 0;
}

static void run(struct foray_array *out, const struct foray_array *requests,
                const struct pictures_of *of, double seconds)
{
    const struct foray_hog_batch *batch = of->batch;
    const struct picture_params params = {batch->image, batch->hog,
                                          of->plan->rows, of->plan->cols,
                                          batch->stack != NULL};
    struct foray_config config = {.backend = "fork",
                                  .n_jobs = of->parallel->n_jobs,
                                  .memory = (size_t)of->parallel->memory,
                                  .timeout = seconds / 2,
                                  .retries = FORAY_NO_RETRIES,
                                  .progress = end_in_time,
                                  .progress_arg = &seconds,
                                  .progress_interval = 0.25};
    struct foray_map map = {.fn = picture_task,
                            .in = {requests},
                            .out = {out},
                            .chunk = 1,
                            .params = &params,
                            .params_size = sizeof params,
                            .on_error = FORAY_SKIP};
    struct foray_pool *pool = NULL;

    if (batch->stack)
        map.whole[0] = batch->stack;
    /* What fails, or is not done in time, has no picture. */
    if (!foray_pool_open(&pool, &config, NULL) &&
        foray_map(pool, &map, NULL, NULL))
        (void)0;
    foray_pool_close(pool);
}

/* Who has sent a signal does not want to wait. */
static double time_for(double run_seconds)
{
    return stop_signal() ? least_seconds
                         : fmin(fmax(run_seconds, least_seconds), most_seconds);
}

void pictures_make(struct pictures *out, const struct pictures_of *of,
                   const size_t *which, size_t n)
{
    size_t shape[2] = {0, sizeof(struct picture_file)};
    struct foray_array requests = {0};

    memset(out, 0, sizeof *out);
    out->n = n < PICTURES_MOST ? n : PICTURES_MOST;
    shape[0] = 2 * out->n;
    if (n && !fill_requests(&requests, of->images, which, out->n) &&
        !foray_array_create(&out->files, NULL, FORAY_U8, 2, shape, NULL))
        run(&out->files, &requests, of, time_for(of->seconds));
    foray_array_close(&requests, NULL);
}

static const struct picture_file *file_of(const struct pictures *pictures,
                                          size_t k, size_t row)
{
    const struct picture_file *file = pictures->files.data && k < pictures->n
                                          ? foray_row(&pictures->files, row)
                                          : NULL;

    return file && file->n && file->n <= PICTURE_BYTES ? file : NULL;
}

const struct picture_file *pictures_photo(const struct pictures *pictures,
                                          size_t k)
{
    return file_of(pictures, k, k);
}

const struct picture_file *pictures_glyphs(const struct pictures *pictures,
                                           size_t k)
{
    return file_of(pictures, k, pictures->n + k);
}

void pictures_free(struct pictures *pictures)
{
    foray_array_close(&pictures->files, NULL);
}
