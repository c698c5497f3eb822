/* HOG of many images: one run of foray_map, a task an image. */
#include <foray/hog_batch.h>

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <foray/storage.h>
#include <foray/texts.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/sha256.h"
#include "engine/only_task.h"
#include "image/batch_journal.h"
#include "image/batch_places.h"
#include "image/batch_task.h"

void foray_hog_digest(char out[FORAY_HOG_DIGEST_SIZE], const char *const *paths,
                      size_t n)
{
    struct foray__sha256 sha;

    foray__sha256_init(&sha);
    for (size_t i = 0; i < n; i++)
        foray__sha256_add_text(&sha, paths[i]);
    foray__sha256_text(out, &sha);
}

/* A run under way, for the callback of failed tasks. */
struct batch_run {
    struct foray_pool *pool;
    const struct foray_hog_batch *batch;
    struct foray_hog_row *index; /* or NULL */
    struct foray_texts paths;
    struct foray_array records, places, numbers;
    const struct foray_array *features;
    uint64_t number; /* the params' run */
    double began;
    struct foray_error picture; /* the first that could not be written */
};

static struct foray__batch_record *record_of(const struct batch_run *run,
                                             size_t i)
{
    return foray_row(&run->records, i);
}

/* How long it ran, if it did not come to say so itself. */
static void end_record(struct foray__batch_record *record,
                       const struct batch_run *run)
{
    if (record->run == run->number && record->seconds < 0)
        record->seconds = (float)(foray__now() - record->began);
}

/* What the engine says of a dead worker knows the task, not the image. What is
 * wrong with a file needs no debugger. */
static void describe(char *out, size_t size, const struct batch_run *run,
                     const struct foray_error *why)
{
    bool is_lost = why->code == FORAY_ECRASH || why->code == FORAY_EEXIT ||
                   why->code == FORAY_ETIMEDOUT;
    char tail[FORAY__TAIL_SIZE];
    const char *path = "";
    size_t room, length = strlen(why->msg);

    if (is_lost && !run->batch->stack)
        path = foray__tail(tail, run->batch->paths[why->task]);
    if (!is_lost)
        length = foray__only_task_bare(why->msg);
    room = size - strlen(path) - 3;
    snprintf(out, size, "%s%s%.*s", path, *path ? ": " : "",
             (int)(length < room ? length : room), why->msg);
}

static void on_failed(const struct foray_error *why, void *arg)
{
    struct batch_run *run = arg;
    size_t i = (size_t)why->task;
    char text[FORAY_HOG_MESSAGE_SIZE];

    end_record(record_of(run, i), run);
    if (run->batch->places)
        foray__batch_blank(run->features, &run->batch->places[i]);
    if (run->index) {
        run->index[i].status = (uint32_t)foray_image_status_of(why->code);
        describe(text, sizeof text, run, why);
        free(run->index[i].message);
        run->index[i].message = strdup(text); /* without memory it is lost */
    }
    /* A full disk is no fault of the image: it ends the run, also with skip. */
    if (record_of(run, i)->outcome == FORAY__BATCH_NO_PICTURE &&
        !run->picture.code) {
        run->picture = *why;
        foray_pool_cancel(run->pool);
    }
}

static int check_plan(const struct foray_hog_batch *batch,
                      const struct foray_hog_plan *plan,
                      const struct foray_array *features,
                      struct foray_error *err)
{
    size_t n = batch->stack ? batch->stack->shape[0] : batch->n;

    FORAY_TRY(foray_array_require(features, plan->dtype, batch->places ? 1 : 2,
                                  FORAY_C_ORDER, err));
    if (batch->places && features->shape[0] == plan->length && plan->n == n)
        return 0;
    if (batch->places)
        return foray__fail(
            err, FORAY_ESHAPE,
            "the plan is for %zu images with %zu features, the output has (%zu)"
            ", the batch %zu images",
            plan->n, plan->length, features->shape[0], n);
    if (plan->n != n || features->shape[0] != n ||
        features->shape[1] != plan->length)
        return foray__fail(
            err, FORAY_ESHAPE,
            "the plan is for %zu images of %zu features, the output has (%zu, "
            "%zu), the batch %zu images",
            plan->n, plan->length, features->shape[0], features->shape[1], n);
    return 0;
}

/* Of a run of this process, or of another that left records. */
static uint64_t new_number(void)
{
    static atomic_uint_fast64_t runs;
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec +
           atomic_fetch_add(&runs, 1) + 1;
}

static int run_tasks(struct batch_run *run, const struct foray_hog_plan *plan,
                     const struct foray_array *features,
                     struct foray_report *report, struct foray_error *err)
{
    const struct foray_hog_batch *batch = run->batch;
    struct foray__batch_params params = {
        .run = run->number,
        .image = batch->image,
        .hog = batch->hog,
        .rows = plan->rows,
        .cols = plan->cols,
        .placed = batch->places != NULL,
        .stack = batch->stack != NULL,
        .kept = batch->journal != NULL,
    };
    struct foray_map map = {
        .fn = foray__batch_task,
        .inout = {&run->records},
        .out = {batch->places ? NULL : features},
        .chunk = 1,
        .params = &params,
        .params_size = sizeof params,
        .on_error = batch->on_error,
        .failed = on_failed,
        .failed_arg = run,
        .repeatable = true, /* what a try records, the next one overwrites */
        .journal = batch->journal,
        .keep_journal = true,
    };
    struct foray_array places = run->places, numbers = run->numbers;
    char *options = NULL;
    int code;

    if (batch->journal)
        FORAY_TRY(foray__batch_describe(&options, batch, err));
    map.journal_key = options;
    places.mode = numbers.mode = FORAY_READ;

    if (batch->visualize)
        snprintf(params.visualize, sizeof params.visualize, "%s",
                 batch->visualize);
    if (batch->stack) {
        map.in[0] = batch->stack;
    } else {
        map.whole[0] = &run->paths.bytes;
        map.whole[1] = &run->paths.starts;
    }
    if (batch->places) {
        map.whole[2] = &places;
        map.whole[3] = features;
    }
    if (numbers.data) {
        params.numbers = batch->places ? 4 : 2;
        map.whole[params.numbers] = &numbers;
    }
    code = foray_map(run->pool, &map, report, err);
    free(options);
    return code;
}

/* The numbers of pictures in an array that tasks can see; none: all is zero. */
static int share_numbers(struct foray_array *out,
                         const struct foray_hog_batch *batch,
                         struct foray_error *err)
{
    if (!batch->numbers || !batch->visualize || batch->stack)
        return 0;
    FORAY_TRY(foray_array_create(out, NULL, FORAY_U64, 1, &batch->n, err));
    for (size_t i = 0; i < batch->n; i++)
        FORAY_AT(out, uint64_t, i) = batch->numbers[i];
    return 0;
}

static void fill_row(struct foray_hog_row *row,
                     struct foray__batch_record *record,
                     const struct batch_run *run)
{
    bool begun = record->run == run->number;

    if (begun) {
        end_record(record, run);
        row->pid = record->pid;
        row->begin = record->began - run->began;
    }
    row->worker = begun ? record->worker : -1;
    row->rows = record->rows;
    row->cols = record->cols;
    row->bytes = record->file.size;
    row->mtime_ns = record->file.changed;
    row->seconds = record->seconds > 0 ? record->seconds : 0;
    row->read_seconds = record->read_seconds;
    if (record->outcome == FORAY__BATCH_DONE)
        row->status = FORAY_IMAGE_STATUS_OK;
}

/* What tasks recorded, into the caller's index; `any`: they ran. */
static void fill_index(const struct batch_run *run, size_t n, bool any)
{
    for (size_t i = 0; run->index && i < n; i++)
        if (any)
            fill_row(&run->index[i], record_of(run, i), run);
        else
            run->index[i].worker = -1;
}

static int finish(const struct batch_run *run, int code,
                  struct foray_error *err)
{
    char text[FORAY_ERROR_MSG_SIZE];

    if (run->picture.code && (!code || code == FORAY_ECANCELED)) {
        code = run->picture.code;
        if (err)
            *err = run->picture;
    }
    if (code && err && err->task >= 0) {
        describe(text, sizeof text, run, err);
        memcpy(err->msg, text, sizeof text);
    }
    return code;
}

int foray_hog_batch_run(struct foray_pool *pool,
                        const struct foray_hog_batch *batch,
                        const struct foray_hog_plan *plan,
                        const struct foray_array *features,
                        struct foray_hog_row *index,
                        struct foray_report *report, struct foray_error *err)
{
    struct foray_pool *own = NULL;
    struct batch_run run = {.batch = batch,
                            .index = index,
                            .features = features,
                            .number = new_number(),
                            .began = foray__now()};
    int code = check_plan(batch, plan, features, err);

    if (code)
        return code;
    if (index)
        memset(index, 0, plan->n * sizeof *index);
    if (!batch->stack)
        code = foray_texts_open(&run.paths, batch->paths, batch->n, err);
    if (!code && batch->places)
        code = foray__batch_share_places(&run.places, batch, err);
    if (!code)
        code = share_numbers(&run.numbers, batch, err);
    if (!code)
        code = foray__batch_open_records(&run.records, batch, plan->n, err);
    if (!code)
        code = foray__batch_check_files(batch, &run.records, err);
    if (!code && !pool)
        code = foray_pool_open(&own, NULL, err);
    run.pool = pool ? pool : own;
    if (!code) {
        code = run_tasks(&run, plan, features, report, err);
        fill_index(&run, plan->n, true);
        code = finish(&run, code, err);
    } else {
        fill_index(&run, plan->n, false);
    }
    foray_pool_close(own);
    foray__batch_release();
    foray_array_close(&run.records, NULL);
    foray_array_close(&run.places, NULL);
    foray_array_close(&run.numbers, NULL);
    foray_texts_close(&run.paths);
    return code;
}
