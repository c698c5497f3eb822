#include "resize/run.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <foray/hog_batch.h>
#include <foray/map.h>
#include <foray/storage.h>
#include <foray/texts.h>

#include "data/companion.h"
#include "data/output.h"
#include "images/account.h"
#include "images/index.h"
#include "images/worth.h"
#include "report/trace.h"
#include "resize/names.h"
#include "resize/records.h"
#include "resize/task.h"
#include "resize/times.h"
#include "shell/command.h"
#include "shell/message.h"
#include "shell/stop.h"

/* What lives from the names to the end of a run. */
struct work {
    struct resize_names names;
    struct foray_texts inputs, outputs;
    struct resize_records records;
    struct foray_hog_row *rows; /* the index */
    struct index images;        /* the same, and what they are called */
    struct foray_error
        first; /* of those, the first that could not be written */
    struct companion index, trace;
    struct resize_times times; /* if there is a trace */
    struct deaths deaths;
    struct foray_pool *pool;
    struct foray_report report;
    bool stays; /* the records do, for the same command to go on */
};

/* What the engine says of a dead worker knows the task, not the image. */
static bool is_lost(const struct foray_error *why)
{
    return why->task >= 0 && !strncmp(why->msg, "task ", strlen("task "));
}

/* How much of a sentence is told: what is wrong with a file needs no debugger.
 */
static int length_told(const struct foray_error *why)
{
    const char *hint = strstr(why->msg, "; FORAY_ONLY_TASK=");

    return (int)(hint && !is_lost(why) ? (size_t)(hint - why->msg)
                                       : strlen(why->msg));
}

static void on_failed(const struct foray_error *why, void *arg)
{
    struct work *work = arg;
    struct foray_hog_row *row = &work->rows[why->task];

    resize_times_fail(&work->times, (size_t)why->task);
    row->status = (uint32_t)foray_image_status_of(why->code);
    free(row->message);
    row->message = strndup(why->msg, (size_t)length_told(why));
    /* A full disk ends the run, also with skip. */
    if (resize_record_of(&work->records, (size_t)why->task)->unwritten &&
        !work->first.code) {
        work->first = *why;
        foray_pool_cancel(work->pool);
    }
}

static int begin(struct work *work, struct resize_run *run)
{
    struct foray_error err;

    if (foray_texts_open(&work->inputs, (const char *const *)run->paths, run->n,
                         &err) ||
        foray_texts_open(&work->outputs, (const char *const *)work->names.paths,
                         run->n, &err))
        return stop_failure(&err);
    work->rows = calloc(run->n + 1, sizeof *work->rows);
    if (!work->rows) {
        message("out of memory for an index of %zu images", run->n);
        return STATUS_FAILED;
    }
    if (resize_tasks_begin(&err))
        return stop_failure(&err);
    stop_install();
    if (output_folder(run->folder))
        return STATUS_FAILED;
    if (resize_records_open(&work->records, run, work->names.paths, &err))
        return stop_failure(&err);
    if (run->index && companion_open(&work->index, run->index))
        return STATUS_FAILED;
    if (run->trace && companion_open(&work->trace, run->trace))
        return STATUS_FAILED;
    if (run->trace && resize_times_open(&work->times, run->n, &err))
        return stop_failure(&err);
    run->parallel.deaths = &work->deaths;
    if (parallel_open(&work->pool, &run->parallel, run->n, &err))
        return stop_failure(&err);
    work->images =
        (struct index){.rows = work->rows, .n = run->n, .paths = run->paths};
    progress_name(&run->parallel.progress, index_name, &work->images);
    return 0;
}

/* What tasks recorded, into the index. */
static void fill_rows(const struct work *work, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct resize_record *record =
            resize_record_of(&work->records, i);
        struct foray_hog_row *row = &work->rows[i];

        row->rows = record->rows;
        row->cols = record->cols;
        row->bytes = record->bytes;
        row->mtime_ns = record->mtime_ns;
        row->seconds = record->seconds;
        if (record->done)
            row->status = FORAY_IMAGE_STATUS_OK;
    }
}

static int say_stopped(struct work *work, const struct resize_run *run,
                       const struct foray_error *why)
{
    const char *lost = is_lost(why) ? run->paths[why->task] : NULL;
    char what[120];

    work->stays = worth_keeping(&work->report, work->records.n_before);
    snprintf(what, sizeof what, "%zu of %zu images are written%s",
             work->report.ok, run->n,
             work->stays ? ", the same command goes on" : "");
    if (stop_signal())
        return stop_say(what);
    message("%s%s%.*s", lost ? lost : "", lost ? ": " : "", length_told(why),
            why->msg);
    if (why->task >= 0 && run->parallel.on_error == FORAY_STOP &&
        why != &work->first)
        message("--on-error skip goes on without such images");
    message("%s", what);
    return STATUS_FAILED;
}

static void summarize(const struct work *work, const struct resize_run *run)
{
    const struct foray_report *report = &work->report;
    size_t n = run->n - work->records.n_before; /* of this run */

    if (work->records.n_before && !run->parallel.quiet)
        message("%zu of %zu images were written before", work->records.n_before,
                run->n);
    if (report->failed && run->parallel.progress_mode != PROGRESS_JSON)
        message("%zu of %zu images failed%s%s", report->failed, run->n,
                run->index ? ": reasons in " : "; --index FILE says which",
                run->index ? run->index : "");
    if (!run->parallel.quiet)
        message("%s: %zu images of %zu x %zu; %.2f s, %.0f images/s",
                run->folder, report->ok, run->image.rows, run->image.cols,
                report->seconds,
                report->seconds > 0 ? (double)n / report->seconds : 0);
}

static int commit_index(struct work *work, const struct resize_run *run)
{
    if (!run->index)
        return 0;
    work->images.json = index_is_json(run->index);
    index_write(work->index.file, &work->images);
    return companion_commit(&work->index);
}

/* Also of a run that was stopped. */
static int commit_trace(struct work *work, const struct resize_run *run)
{
    const struct account account = {.command = "foray resize",
                                    .output = run->folder,
                                    .images = &work->images,
                                    .report = &work->report,
                                    .deaths = &work->deaths};

    if (!run->trace || !work->report.tasks)
        return 0;
    resize_times_fill(work->rows, &work->times, run->n);
    return trace_commit(&work->trace, &account);
}

static int compute(struct work *work, struct resize_run *run)
{
    const struct resize_params params = {run->image, run->format, run->quality,
                                         run->trace != NULL};
    struct foray_map map = {.fn = resize_task,
                            .inout = {&work->records.array},
                            .whole = {&work->inputs.bytes, &work->inputs.starts,
                                      &work->outputs.bytes,
                                      &work->outputs.starts},
                            .chunk = 1,
                            .params = &params,
                            .params_size = sizeof params,
                            .on_error = run->parallel.on_error,
                            .failed = on_failed,
                            .failed_arg = work,
                            .repeatable = true};
    struct foray_error err;
    int status = begin(work, run), code;

    if (status)
        return status;
    map.done = work->records.done;
    if (run->trace)
        map.inout[1] = &work->times.array;
    deaths_begin(&work->deaths);
    resize_times_begin(&work->times);
    code = foray_map(work->pool, &map, &work->report, &err);
    resize_tasks_end();
    progress_end(&run->parallel.progress);
    fill_rows(work, run->n);
    if (!code)
        code = parallel_whole(&err);
    if (code)
        return say_stopped(work, run, work->first.code ? &work->first : &err);
    if (commit_index(work, run)) {
        work->stays = worth_keeping(&work->report, work->records.n_before);
        return STATUS_FAILED;
    }
    summarize(work, run);
    return work->report.failed ? STATUS_SKIPPED : STATUS_DONE;
}

static int dry_run(const struct resize_run *run)
{
    struct foray_error err;
    int n_jobs = parallel_n_jobs(&run->parallel, run->n, &err);

    if (n_jobs < 0)
        return stop_failure(&err);
    printf("images  %zu to %zu x %zu\njobs    %d\n", run->n, run->image.rows,
           run->image.cols, n_jobs);
    return STATUS_DONE;
}

int resize_run(struct resize_run *run)
{
    struct work work = {0};
    int status = STATUS_FAILED;

    if (!resize_names_make(&work.names, run->folder, run->suffix, run->paths,
                           run->n))
        status = run->parallel.dry_run ? dry_run(run) : compute(&work, run);
    parallel_close(work.pool);
    if (commit_trace(&work, run) &&
        (status == STATUS_DONE || status == STATUS_SKIPPED))
        status = STATUS_FAILED;
    companion_close(&work.trace);
    companion_close(&work.index);
    resize_times_close(&work.times);
    resize_records_close(&work.records, work.stays);
    if (work.rows)
        foray_hog_rows_clear(work.rows, run->n);
    free(work.rows);
    foray_texts_close(&work.outputs);
    foray_texts_close(&work.inputs);
    resize_names_free(&work.names);
    return status;
}
