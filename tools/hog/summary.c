/* What foray hog says at the end. */
#include "hog/outputs.h"

#include <stdio.h>

#include <foray/dtype.h>
#include <foray/hog.h>

#include "hog/ragged.h"
#include "shell/message.h"

/* What was made, and how fast. */
static void say_made(const struct hog_outputs *outputs,
                     const struct hog_run *run)
{
    const struct foray_hog_plan *plan = &outputs->plan;
    const struct foray_hog_place *places = run->batch.places;
    double seconds = outputs->report.seconds;
    size_t n = plan->n - outputs->report.resumed; /* of this run */
    double rate = seconds > 0 ? (double)n / seconds : 0;
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

void hog_summarize(const struct hog_outputs *outputs, const struct hog_run *run)
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
    if (report->failed && run->parallel.progress_mode != PROGRESS_JSON)
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
