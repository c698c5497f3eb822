#include "hog_run.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <foray/storage.h>

#include "companion.h"
#include "hog_account.h"
#include "hog_keep.h"
#include "hog_output.h"
#include "hog_provenance.h"
#include "hog_ragged.h"
#include "hog_size.h"
#include "hog_update.h"
#include "index.h"
#include "message.h"
#include "stop.h"
#include "update_apply.h"
#include "worth.h"

/* What of an output that is there is to be computed, if that is asked for: 0;
 * 1: nothing is; -1 after a message. */
static int look_at_update(struct hog_update *update, struct hog_run *run)
{
    run->update = run->update && !access(run->output, F_OK);
    return run->update ? hog_update_look(update, run) : 0;
}

int hog_run_dry(struct hog_run *run)
{
    struct hog_update update;
    int found = look_at_update(&update, run), status;

    if (found)
        return found > 0 ? STATUS_DONE : STATUS_FAILED;
    status = hog_size_print(run);
    if (run->update) {
        hog_update_print(&update);
        hog_update_end(&update, true);
    }
    return status;
}

/* What lives from the plan to the end of a run. */
struct outputs {
    struct foray_hog_plan plan;
    struct foray_pool *pool;
    struct hog_output features;
    struct foray_hog_row *rows;
    struct index images;  /* the rows, and what they are called */
    size_t *kept, n_kept; /* images that have a row of the output */
    struct companion index, provenance;
    struct hog_account account;
    struct foray_report report;
    struct hog_update update; /* if the run says so */
    bool had_journal, stays;
};

/* What an earlier run left, according to the options: 0, or -1 after a
 * message. */
static int look_back(struct outputs *outputs, const struct hog_run *run)
{
    struct foray_error err;

    if (!run->update && hog_update_discard(run->output))
        return -1;
    if (run->restart) {
        if (foray_hog_batch_discard(run->journal, &err)) {
            message("%s", err.msg);
            return -1;
        }
        hog_output_discard(run->output);
    }
    outputs->had_journal = !access(run->journal, F_OK);
    if (!outputs->had_journal)
        hog_output_discard(run->output); /* none of its rows is known */
    if (run->resume == HOG_GO_ON || outputs->had_journal)
        return 0;
    message("there is no %s: nothing to go on with; --resume begins nothing",
            run->journal);
    return -1;
}

/* Whether what was done so far is to be gone on with. What was there before
 * and is not touched, is. */
static bool should_stay(const struct outputs *outputs)
{
    const struct foray_report *report = &outputs->report;

    if (!report->tasks)
        return outputs->had_journal;
    return worth_keeping(report, report->resumed);
}

/* How the run ended before its time. Returns the exit status. */
static int say_stopped(struct outputs *outputs, const char *why)
{
    const struct foray_report *report = &outputs->report;
    char what[160] = "no output was made";

    outputs->stays = should_stay(outputs);
    if (outputs->stays && report->tasks)
        snprintf(what, sizeof what,
                 "%zu of %zu rows are done, the same command goes on",
                 report->ok, outputs->plan.n);
    if (stop_signal())
        return stop_say(what);
    message("%s", why);
    if (outputs->stays && report->tasks)
        message("%s", what);
    else if (outputs->stays)
        message("--restart begins anew");
    return STATUS_FAILED;
}

/* Rows of images, zeros; of many in large pages, if the kernel has some. NULL:
 * no memory. Owner: the caller. */
static struct foray_hog_row *new_rows(size_t n)
{
    enum { MANY = 2 << 20 }; /* bytes */
    struct foray_hog_row *rows = calloc(n ? n : 1, sizeof *rows);
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), end, first;

    if (!rows)
        return NULL;
    first = ((uintptr_t)rows + page - 1) / page * page;
    end = (uintptr_t)(rows + n);
    if (end > first && end - first >= MANY)
        madvise((void *)first, end - first, MADV_HUGEPAGE);
    return rows;
}

static int begin(struct outputs *outputs, struct hog_run *run)
{
    struct foray_hog_plan *plan = &outputs->plan;
    struct foray_error err;

    if (foray_hog_batch_plan(plan, &run->batch, &err))
        goto failed;
    if (look_back(outputs, run) ||
        (!outputs->had_journal && hog_size_check(run, plan)))
        return -1;
    hog_size_hint(run, plan);
    stop_install(); /* until here there is nothing to clean up */
    if (run->batch.visualize && mkdir(run->batch.visualize, 0777) &&
        errno != EEXIST) {
        message("%s: %s", run->batch.visualize, strerror(errno));
        return -1;
    }
    outputs->rows = new_rows(plan->n);
    if (!outputs->rows) {
        message("out of memory for an index of %zu images", plan->n);
        return -1;
    }
    outputs->images = (struct index){.rows = outputs->rows,
                                     .n = plan->n,
                                     .paths = run->paths,
                                     .stack = run->stack,
                                     .first = run->first,
                                     .drops = run->drops};
    run->parallel.deaths = &outputs->account.deaths;
    if (parallel_open(&outputs->pool, &run->parallel, plan->n, &err) ||
        hog_output_begin(&outputs->features, run->output, plan,
                         run->batch.places, outputs->pool, &err))
        goto failed;
    /* Now nobody else writes this output. */
    if ((run->update && hog_update_begin(&outputs->update)) ||
        (run->index && companion_open(&outputs->index, run->index)) ||
        (run->provenance &&
         companion_open(&outputs->provenance, run->provenance)) ||
        hog_account_open(&outputs->account, run))
        return -1;
    progress_name(&run->parallel.progress, index_name, &outputs->images);
    return 0;
failed:
    message("%s", err.msg);
    return -1;
}

/* Both on the disk, or none: one that is full leaves what was there before. */
static int write_texts(struct outputs *outputs, const struct hog_run *run,
                       const struct provenance *provenance)
{
    if (run->index) {
        outputs->images.json = index_is_json(run->index);
        index_write(outputs->index.file, &outputs->images);
    }
    if (run->provenance)
        provenance_write(outputs->provenance.file, provenance);
    if ((run->index && companion_finish(&outputs->index)) ||
        (run->provenance && companion_finish(&outputs->provenance)))
        return -1;
    return 0;
}

/* Those that have their name, without features. */
static void remove_texts(const struct hog_run *run)
{
    if (run->index)
        unlink(run->index);
    if (run->provenance)
        unlink(run->provenance);
}

static int install_texts(struct outputs *outputs, const struct hog_run *run)
{
    if ((run->index && companion_install(&outputs->index)) ||
        (run->provenance && companion_install(&outputs->provenance))) {
        remove_texts(run);
        return -1;
    }
    return 0;
}

/* Which images have a row: all, or those that did not fail. */
static int choose_rows(struct outputs *outputs, const struct hog_run *run,
                       struct foray_error *err)
{
    size_t n = outputs->plan.n;
    int code = 0;

    outputs->kept = hog_keep_find(&outputs->n_kept, outputs->rows, n);
    if (!outputs->kept)
        return message_error(err, FORAY_ENOMEM,
                             "out of memory for a list of %zu images", n);
    if (run->batch.places)
        code = hog_keep_features(&outputs->features, outputs->rows, n,
                                 outputs->pool, err);
    else if (run->drops && outputs->n_kept < n)
        code = hog_keep_rows(&outputs->features, outputs->kept, outputs->n_kept,
                             outputs->pool, err);
    if (code || run->drops)
        return code;
    for (size_t i = 0; i < n; i++)
        outputs->kept[i] = i;
    outputs->n_kept = n;
    return 0;
}

static int commit_update(struct outputs *outputs)
{
    return hog_update_commit(&outputs->update, &outputs->plan, outputs->rows,
                             &outputs->features, &outputs->index,
                             &outputs->provenance);
}

/* Features last: who finds them finds the index and the provenance too. Those
 * of an older output go before it is replaced: nobody shall find the one's
 * index beside the other. */
static int install(struct outputs *outputs, const struct hog_run *run)
{
    bool replaces = !access(run->output, F_OK);
    struct foray_error err;

    if (replaces)
        remove_texts(run);
    else if (install_texts(outputs, run))
        return -1;
    if (!hog_output_install(&outputs->features, &err))
        return replaces ? install_texts(outputs, run) : 0;
    message("%s", err.msg);
    if (!replaces)
        remove_texts(run);
    return -1;
}

static int commit(struct outputs *outputs, const struct hog_run *run)
{
    struct hog_provenance provenance;
    struct hog_output_about about = {.rows = outputs->rows,
                                     .paths = run->paths,
                                     .stack = run->stack,
                                     .first = run->first,
                                     .provenance = &provenance.items};
    struct foray_error err;

    if (choose_rows(outputs, run, &err) ||
        hog_provenance_fill(&provenance, run, &outputs->plan, outputs->rows,
                            outputs->n_kept, &err)) {
        message("%s", err.msg);
        return -1;
    }
    about.kept = outputs->kept;
    about.n = outputs->n_kept;
    if (write_texts(outputs, run, &provenance.items))
        return -1;
    if (!hog_output_finish(&outputs->features, &about, outputs->pool, &err))
        return install(outputs, run);
    message("%s", err.msg);
    return -1;
}

/* What was made, and how fast. */
static void say_made(const struct outputs *outputs, const struct hog_run *run)
{
    const struct foray_hog_plan *plan = &outputs->plan;
    const struct foray_hog_place *places = run->batch.places;
    double seconds = outputs->report.seconds;
    double rate = seconds > 0 ? (double)plan->n / seconds : 0;
    size_t all = places ? hog_ragged_length(places, plan->n)
                        : outputs->n_kept * plan->length;
    char bytes[MESSAGE_BYTES_SIZE], shape[60];

    snprintf(shape, sizeof shape, places ? "%zu rows, %zu" : "(%zu, %zu)",
             outputs->n_kept, places ? all : plan->length);
    message("%s: %s %s, %s%s%s; %.2f s, %.0f images/s", run->output, shape,
            foray_dtype_name(plan->dtype),
            message_bytes(bytes, all * foray_dtype_size(plan->dtype)),
            run->index ? "; index " : "", run->index ? run->index : "", seconds,
            rate);
}

static void summarize(const struct outputs *outputs, const struct hog_run *run)
{
    const struct foray_hog_plan *plan = &outputs->plan;
    const struct foray_report *report = &outputs->report;
    char bytes[MESSAGE_BYTES_SIZE];

    if (report->resumed && !run->parallel.quiet)
        message("%zu of %zu rows were done before", report->resumed, plan->n);
    if (run->parallel.verbose)
        message("%d workers, %d replaced, largest %s; kernel %s",
                report->workers, report->replaced,
                message_bytes(bytes, report->peak_bytes), foray_hog_kernel());
    if (report->failed)
        message("%zu of %zu images failed: %s%s%s", report->failed, plan->n,
                run->drops          ? "they have no row"
                : run->batch.places ? "their rows are empty"
                                    : "their rows are NaN",
                run->index ? ", reasons in " : "",
                run->index ? run->index : "");
    if (run->update && !run->parallel.quiet)
        hog_update_say(&outputs->update);
    else if (!run->parallel.quiet)
        say_made(outputs, run);
}

static bool is_accepted(const struct hog_accept *accept, size_t failed,
                        size_t n)
{
    double most =
        accept->is_share ? accept->most / 100 * (double)n : accept->most;

    return !failed || (double)failed <= most;
}

static int work(struct outputs *outputs, struct hog_run *run)
{
    struct foray_error err;
    int code = 0;
    size_t n;

    if (begin(outputs, run)) {
        outputs->stays = outputs->had_journal;
        return stop_signal() ? stop_status() : STATUS_FAILED;
    }
    hog_account_begin(&outputs->account);
    if (outputs->plan.n)
        code = foray_hog_batch_run(outputs->pool, &run->batch, &outputs->plan,
                                   &outputs->features.features, outputs->rows,
                                   &outputs->report, &err);
    progress_end(&run->parallel.progress);
    if (code)
        return say_stopped(outputs, err.msg);
    if (run->update ? commit_update(outputs) : commit(outputs, run)) {
        outputs->stays = outputs->update.decided || should_stay(outputs);
        return STATUS_FAILED;
    }
    summarize(outputs, run);
    n = run->update ? outputs->update.n : outputs->plan.n;
    return is_accepted(&run->accept, outputs->report.failed, n)
               ? STATUS_DONE
               : STATUS_SKIPPED;
}

int hog_run(struct hog_run *run)
{
    struct outputs outputs = {0};
    struct foray_error err;
    int found, status;

    if (!hog_output_is_hdf5(run->output) && update_finish(run))
        return STATUS_FAILED;
    found = look_at_update(&outputs.update, run);
    if (found)
        return found > 0 ? STATUS_DONE : STATUS_FAILED;
    status = work(&outputs, run);
    parallel_close(outputs.pool);
    if (hog_account_end(&outputs.account, run, &outputs.plan, &outputs.images,
                        run->update ? outputs.update.match.where : NULL,
                        &outputs.report) &&
        (status == STATUS_DONE || status == STATUS_SKIPPED))
        status = STATUS_FAILED;
    companion_close(&outputs.index);
    companion_close(&outputs.provenance);
    free(outputs.rows);
    free(outputs.kept);
    if (!outputs.stays)
        foray_hog_batch_discard(run->journal, NULL);
    if (run->update)
        hog_update_end(&outputs.update, outputs.stays);
    if (hog_output_end(&outputs.features, outputs.stays, &err) &&
        (status == STATUS_DONE || status == STATUS_SKIPPED)) {
        message("%s", err.msg);
        status = STATUS_FAILED;
    }
    return status;
}
