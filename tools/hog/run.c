#include "hog/run.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <foray/storage.h>

#include "data/output.h"
#include "hog/outputs.h"
#include "hog/size.h"
#include "hog/update_apply.h"
#include "images/worth.h"
#include "shell/message.h"
#include "shell/stop.h"

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

/* What an earlier run left, according to the options: 0, or -1 after a
 * message. */
static int look_back(struct hog_outputs *outputs, const struct hog_run *run)
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
static bool should_stay(const struct hog_outputs *outputs)
{
    const struct foray_report *report = &outputs->report;

    if (!report->tasks)
        return outputs->had_journal;
    return worth_keeping(report, report->resumed);
}

/* How the run ended before its time. Returns the exit status. */
static int say_stopped(struct hog_outputs *outputs, const struct hog_run *run,
                       const struct foray_error *why)
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
    message("%s", why->msg);
    if (why->task >= 0 && run->parallel.on_error == FORAY_STOP &&
        !run->batch.visualize)
        message("--on-error skip goes on without such images");
    if (outputs->stays && report->tasks)
        message("%s", what);
    else if (outputs->stays && why->code != FORAY_EBUSY)
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

static int begin_output(struct hog_outputs *outputs, const struct hog_run *run,
                        struct foray_error *err)
{
    if (run->update)
        return hog_output_begin_rows(&outputs->features, run->output,
                                     &outputs->plan, run->batch.places, err);
    return hog_output_begin(&outputs->features, run->output, &outputs->plan,
                            run->batch.places, outputs->pool, err);
}

static int begin(struct hog_outputs *outputs, struct hog_run *run)
{
    struct foray_hog_plan *plan = &outputs->plan;
    struct foray_error err;

    if (hog_size_plan(plan, run, &err))
        goto failed;
    if (look_back(outputs, run) ||
        (!outputs->had_journal && hog_size_check(run, plan)))
        return -1;
    hog_size_hint(run, plan);
    stop_install(); /* until here there is nothing to clean up */
    if (run->batch.visualize && output_folder(run->batch.visualize))
        return -1;
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
        begin_output(outputs, run, &err))
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

static bool is_accepted(const struct hog_accept *accept, size_t failed,
                        size_t n)
{
    double most =
        accept->is_share ? accept->most / 100 * (double)n : accept->most;

    return !failed || (double)failed <= most;
}

static int work(struct hog_outputs *outputs, struct hog_run *run)
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
    if (!code)
        code = parallel_whole(&err);
    if (code)
        return say_stopped(outputs, run, &err);
    if (hog_commit(outputs, run)) {
        outputs->stays = outputs->update.decided || should_stay(outputs);
        return STATUS_FAILED;
    }
    hog_summarize(outputs, run);
    n = run->update ? outputs->update.index.n : outputs->plan.n;
    return is_accepted(&run->accept, outputs->report.failed, n)
               ? STATUS_DONE
               : STATUS_SKIPPED;
}

int hog_run(struct hog_run *run)
{
    struct hog_outputs outputs = {0};
    struct foray_error err;
    int found, status;

    if (update_finish(run))
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
    if (outputs.rows)
        foray_hog_rows_clear(outputs.rows, outputs.plan.n);
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
