#include "hog/size.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "hog/ragged.h"
#include "shell/command.h"
#include "shell/message.h"

/* The .npy header and the file system's own records. */
enum { OVERHEAD = 4096 };

static int say_how_far(size_t done, size_t n, void *progress)
{
    progress_prepare(progress, "headers", done, n);
    return 0;
}

/* What is wrong with the images of an array is wrong with that file. */
static int name_stack(const char *stack, int code, struct foray_error *err)
{
    struct foray_error why = *err;

    return message_error(err, code, "%s: %s", stack, why.msg);
}

int hog_size_plan(struct foray_hog_plan *plan, struct hog_run *run,
                  struct foray_error *err)
{
    int n_jobs = parallel_n_jobs(&run->parallel, 0, err), code;

    if (n_jobs < 0)
        return n_jobs;
    run->batch.plan_threads = n_jobs;
    run->batch.planned = say_how_far;
    run->batch.planned_arg = &run->parallel.progress;
    code = foray_hog_batch_plan(plan, &run->batch, err);
    progress_end(&run->parallel.progress);
    return code && run->stack ? name_stack(run->stack, code, err) : code;
}

/* Free bytes where a file shall be made, in its folder's file system. */
static int free_space(uint64_t *out, char folder[4096], const char *output)
{
    const char *slash = strrchr(output, '/');
    struct statvfs fs;

    snprintf(folder, 4096, "%.*s",
             !slash            ? 1
             : slash == output ? 1
                               : (int)(slash - output),
             slash ? output : ".");
    if (statvfs(folder, &fs)) {
        message("-o %s: %s: %s", output, folder, strerror(errno));
        return -1;
    }
    *out = (uint64_t)fs.f_bavail * fs.f_frsize;
    return 0;
}

int hog_size_folder(const char *output, bool writes)
{
    char folder[4096];
    uint64_t space;

    if (free_space(&space, folder, output))
        return -1;
    if (!writes || !access(folder, W_OK | X_OK))
        return 0;
    message("-o %s: %s: %s", output, folder, strerror(errno));
    return -1;
}

int hog_size_check(const struct hog_run *run, const struct foray_hog_plan *plan)
{
    char folder[4096], need[MESSAGE_BYTES_SIZE], have[MESSAGE_BYTES_SIZE];
    uint64_t space, nbytes = plan->nbytes;

    if (run->drops || run->update ||
        (run->batch.places && run->batch.on_error == FORAY_SKIP))
        nbytes *= 2; /* all rows, and those that are kept, or added */
    nbytes += run->whole;
    if (free_space(&space, folder, run->output))
        return -1;
    if (space >= nbytes && space - nbytes >= OVERHEAD)
        return 0;
    message("%s needs %s, but %s has %s free%s", run->output,
            message_bytes(need, nbytes), folder, message_bytes(have, space),
            plan->dtype == FORAY_F64 ? "; --dtype f32 halves it" : "");
    return -1;
}

/* More than this is worth a thought. */
static const uint64_t many_bytes = (uint64_t)10 << 30;

void hog_size_hint(const struct hog_run *run, const struct foray_hog_plan *plan)
{
    char text[MESSAGE_BYTES_SIZE];

    if (plan->dtype == FORAY_F64 && plan->nbytes > many_bytes &&
        !run->parallel.quiet)
        message("%s will have %s; --dtype f32 halves it", run->output,
                message_bytes(text, plan->nbytes));
}

static void print_rows(const struct hog_run *run,
                       const struct foray_hog_plan *plan)
{
    size_t least, most;

    if (run->batch.places) {
        hog_ragged_lengths(&least, &most, run->batch.places, plan->n);
        printf("images  %zu, each of its size\nrow     %zu to %zu\n", plan->n,
               least, most);
        return;
    }
    printf("images  %zu of %zu x %zu\nrow     %zu ", plan->n, plan->rows,
           plan->cols, plan->length);
    message_shape(stdout, plan->feature_shape, plan->feature_ndim, false);
    putchar('\n');
}

int hog_size_print(struct hog_run *run)
{
    struct foray_hog_plan plan;
    struct foray_error err;
    char folder[4096], text[MESSAGE_BYTES_SIZE];
    uint64_t space;
    int n_jobs;

    if (hog_size_plan(&plan, run, &err)) {
        message("%s", err.msg);
        return STATUS_FAILED;
    }
    n_jobs = parallel_n_jobs(&run->parallel, plan.n, &err);
    if (n_jobs < 0) {
        message("%s", err.msg);
        return STATUS_FAILED;
    }
    if (free_space(&space, folder, run->output))
        return STATUS_FAILED;
    print_rows(run, &plan);
    printf("dtype   %s\nbytes   %zu (%s)\n", foray_dtype_name(plan.dtype),
           plan.nbytes, message_bytes(text, plan.nbytes));
    printf("free    %llu (%s) in %s\njobs    %d\n", (unsigned long long)space,
           message_bytes(text, space), folder, n_jobs);
    if (hog_size_check(run, &plan))
        return STATUS_FAILED;
    hog_size_hint(run, &plan);
    return STATUS_DONE;
}
