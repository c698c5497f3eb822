#include "kernels/map_run.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <foray/kernel.h>
#include <foray/storage.h>

#include "shell/message.h"
#include "shell/stop.h"

/* What lives from the first array to the end of the run. */
struct work {
    struct foray_array in[FORAY_MAX_ARRAYS], whole[FORAY_MAX_ARRAYS];
    struct foray_map map;
    void *params;
    struct foray_pool *pool;
    struct foray_report report;
};

static int open_all(struct foray_array *arrays, const struct foray_array **list,
                    const char *const *texts, int n, struct foray_pool *pool)
{
    for (int k = 0; k < n; k++) {
        struct dataset dataset = {0};
        struct foray_error err;
        int status = dataset_find(&dataset, texts[k]);

        if (!status && dataset_open(&arrays[k], &dataset, pool, "r", &err))
            status = stop_failure(&err);
        dataset_free(&dataset);
        if (status)
            return status;
        list[k] = &arrays[k];
    }
    return 0;
}

/* What the output leaves open is as the first input has it. */
static int complete(struct map_output *out, const struct foray_array *like,
                    const char *path)
{
    if (out->dtype == FORAY_OPAQUE)
        out->dtype = like->dtype;
    if (out->dtype == FORAY_OPAQUE) {
        message("-o %s needs a type, OUT.npy:f64: %s has none that foray knows",
                out->path, path);
        return STATUS_FAILED;
    }
    if (out->ndim < 0) {
        out->ndim = like->ndim;
        memcpy(out->shape, like->shape,
               (size_t)like->ndim * sizeof *like->shape);
    }
    for (int axis = 0; axis < out->ndim; axis++) {
        if (!out->rows[axis])
            continue;
        if (axis >= like->ndim) {
            message("-o %s: ROWS is axis %d of the first input, which has %d",
                    out->path, axis, like->ndim);
            return STATUS_FAILED;
        }
        out->shape[axis] = like->shape[axis];
    }
    return 0;
}

static const char *module_path(char path[FORAY_KERNEL_PATH_SIZE],
                               const char *kernel)
{
    snprintf(path, FORAY_KERNEL_PATH_SIZE, "%s%s",
             strchr(kernel, '/') ? "" : "./", kernel);
    return path;
}

static bool is_module(const char *kernel)
{
    const char *dot = strrchr(kernel, '.');

    return dot && !strcmp(dot, ".so");
}

/* The kernel's function; its module stays loaded. */
static int load(foray_task_fn *fn, const struct map_run *run)
{
    char path[FORAY_KERNEL_PATH_SIZE], *words = NULL;
    struct foray_error err;
    void *module, *symbol;
    int code = 0;

    if (is_module(run->kernel))
        module_path(path, run->kernel);
    else
        code = foray_kernel_compile(path, &words, run->kernel, &err);
    if (words && (code || !run->parallel.quiet))
        fputs(words, stderr); /* the compiler's own words */
    free(words);
    if (code)
        return stop_failure(&err);
    module = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    symbol = module ? dlsym(module, run->function) : NULL;
    if (!symbol) {
        const char *why = dlerror();

        if (module)
            message("%s has no function %s: name another behind a colon, "
                    "KERNEL:FUNCTION",
                    run->kernel, run->function);
        else
            message("cannot load %s: %s", run->kernel, why ? why : "?");
        return STATUS_FAILED;
    }
    memcpy(fn, &symbol, sizeof *fn);
    return 0;
}

/* All but the outputs. */
static int prepare(struct work *work, struct map_run *run)
{
    struct foray_error err;
    int status = load(&work->map.fn, run);

    if (!status && !run->parallel.dry_run) {
        stop_install();
        if (parallel_open(&work->pool, &run->parallel, 0, &err))
            return stop_failure(&err);
    }
    if (!status)
        status =
            open_all(work->in, work->map.in, run->in, run->n_in, work->pool);
    if (!status)
        status = open_all(work->whole, work->map.whole, run->whole,
                          run->n_whole, work->pool);
    if (!status &&
        foray_kernel_params(&work->params, &work->map.params_size, run->params,
                            (size_t)run->n_params, &err))
        return stop_failure(&err);
    work->map.params = work->params;
    work->map.axis = run->axis;
    work->map.chunk = (size_t)run->chunk;
    for (int k = 0; k < run->n_out && !status; k++)
        status = complete(&run->out[k], &work->in[0], run->in[0]);
    return status;
}

static void print_output(FILE *file, const struct map_output *out)
{
    fprintf(file, "%s: ", out->path);
    message_shape(file, out->shape, out->ndim, false);
    fprintf(file, " %s", foray_dtype_name(out->dtype));
}

static int dry_run(const struct work *work, struct map_run *run)
{
    struct foray_map inputs = work->map;
    struct foray_error err;
    size_t n_tasks;
    int n_jobs;

    memset(inputs.out, 0, sizeof inputs.out);
    if (foray_map_tasks(&n_tasks, &inputs, &err))
        return stop_failure(&err);
    n_jobs = parallel_n_jobs(&run->parallel, n_tasks, &err);
    if (n_jobs < 0)
        return stop_failure(&err);
    for (int k = 0; k < run->n_out; k++) {
        struct map_output *out = &run->out[k];

        if (output_name(&out->file, out->path, &err) ||
            output_plan(&out->file, out->dtype, out->ndim, out->shape, &err))
            return stop_failure(&err);
        print_output(stdout, out);
        putchar('\n');
    }
    printf("jobs: %d\n", n_jobs);
    return STATUS_DONE;
}

static int make_outputs(struct work *work, struct map_run *run,
                        struct foray_error *err)
{
    for (int k = 0; k < run->n_out; k++) {
        struct map_output *out = &run->out[k];

        if (output_name(&out->file, out->path, err) ||
            output_make(&out->file, out->dtype, out->ndim, out->shape, err))
            return err->code;
        work->map.out[k] = &out->file.array;
    }
    return 0;
}

static void summarize(const struct work *work, const struct map_run *run)
{
    const struct foray_report *report = &work->report;
    char bytes[MESSAGE_BYTES_SIZE];

    if (run->parallel.verbose)
        message("%zu tasks, %d workers, %d replaced, largest %s", report->tasks,
                report->workers, report->replaced,
                message_bytes(bytes, report->peak_bytes));
    if (report->failed && run->parallel.progress_mode != PROGRESS_JSON)
        message("%zu of %zu tasks failed: their rows are NaN or 0",
                report->failed, report->tasks);
    for (int k = 0; k < run->n_out && !run->parallel.quiet; k++) {
        char *text = NULL;
        size_t size;
        FILE *line = open_memstream(&text, &size);

        if (!line)
            return;
        print_output(line, &run->out[k]);
        fprintf(line, "; %.2f s", report->seconds);
        fclose(line);
        message("%s", text);
        free(text);
    }
}

static int compute(struct work *work, struct map_run *run)
{
    struct foray_error err;
    int code;

    if (make_outputs(work, run, &err))
        return stop_failure(&err);
    work->map.on_error = run->parallel.on_error;
    code = foray_map(work->pool, &work->map, &work->report, &err);
    progress_end(&run->parallel.progress);
    if (stop_signal())
        return stop_status();
    if (!code)
        code = parallel_whole(&err);
    for (int k = 0; k < run->n_out && !code; k++)
        code = output_commit(&run->out[k].file, work->pool, &err);
    if (code)
        return stop_failure(&err);
    summarize(work, run);
    return work->report.failed ? STATUS_SKIPPED : STATUS_DONE;
}

int map_run(struct map_run *run)
{
    struct work *work = calloc(1, sizeof *work);
    int status;

    if (!work) {
        message("out of memory");
        return STATUS_FAILED;
    }
    status = prepare(work, run);
    if (!status)
        status =
            run->parallel.dry_run ? dry_run(work, run) : compute(work, run);
    parallel_close(work->pool);
    for (int k = 0; k < FORAY_MAX_ARRAYS; k++) {
        output_end(&run->out[k].file);
        foray_array_close(&work->in[k], NULL);
        foray_array_close(&work->whole[k], NULL);
    }
    free(work->params);
    free(work);
    return status;
}
