#include "kernels/eval_run.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <foray/storage.h>

#include "shell/message.h"
#include "shell/stop.h"

/* Elements that are worth a worker of their own. */
enum { WORTH = 16384 };

/* What lives from the first array to the end of the run. */
struct work {
    struct foray_array inputs[FORAY_EVAL_MAX_NAMES];
    char values[FORAY_MAX_ARRAYS][16]; /* of outputs that are only printed */
    struct foray_eval_plan plan;
    struct foray_eval_report report;
    struct foray_pool *pool;
};

static int open_inputs(struct work *work, struct eval_run *run,
                       struct foray_error *err)
{
    for (int k = 0; k < FORAY_EVAL_MAX_NAMES && run->eval.in[k].name; k++) {
        if (run->eval.in[k].number)
            continue;
        if (dataset_open(&work->inputs[k], &run->inputs[k], work->pool, "r",
                         err))
            return err->code;
        run->eval.in[k].array = &work->inputs[k];
    }
    return 0;
}

static int make_output(struct work *work, struct eval_run *run, int k,
                       struct foray_error *err)
{
    const struct foray_eval_output *out = &work->plan.out[k];
    struct output *output = &run->outputs[k];

    if (!output->path)
        return foray_array_wrap(&output->array, work->values[k], out->dtype, 0,
                                NULL, err);
    output->fortran_order = out->fortran_order;
    return output_make(output, out->dtype, out->ndim, out->shape, err);
}

/* The fewest digits that mean the same number, as a float if it is one. */
static void print_real(double value, bool single)
{
    char text[40];

    for (int digits = single ? 6 : 15; digits <= 17; digits++) {
        double same;

        snprintf(text, sizeof text, "%.*g", digits, value);
        same = strtod(text, NULL);
        if (same == value || (single && (float)same == (float)value))
            break;
    }
    fputs(isnan(value) ? "nan" : text, stdout);
}

static void print_complex(double real, double imaginary)
{
    print_real(real, false);
    if (!signbit(imaginary) || isnan(imaginary))
        putchar('+');
    print_real(imaginary, false);
    putchar('j');
}

/* The one element of an array. */
static int print_value(const struct foray_array *array, struct foray_error *err)
{
    union {
        int64_t i;
        uint64_t u;
        double f[2];
    } number;
    bool is_float = array->dtype >= FORAY_F16;
    enum foray_dtype type = array->dtype >= FORAY_C64   ? FORAY_C128
                            : is_float                  ? FORAY_F64
                            : array->dtype == FORAY_U64 ? FORAY_U64
                                                        : FORAY_I64;
    struct foray_array value;

    if (foray_array_wrap(&value, &number, type, 0, NULL, err) ||
        foray_array_copy(&value, array, err))
        return err->code;
    if (array->dtype == FORAY_BOOL)
        fputs(number.i ? "True" : "False", stdout);
    else if (type == FORAY_C128)
        print_complex(number.f[0], number.f[1]);
    else if (type == FORAY_F64)
        print_real(number.f[0], array->dtype != FORAY_F64);
    else if (type == FORAY_U64)
        printf("%" PRIu64, number.u);
    else
        printf("%" PRId64, number.i);
    putchar('\n');
    return 0;
}

/* Of reductions: a value a line, behind its name if there are several. */
static int print_values(const struct work *work, const struct eval_run *run,
                        struct foray_error *err)
{
    for (int k = 0; k < work->plan.n; k++) {
        if (work->plan.n > 1)
            printf("%s ", work->plan.out[k].name);
        if (print_value(&run->outputs[k].array, err))
            return err->code;
    }
    return 0;
}

static void print_output(FILE *file, const struct foray_eval_output *out,
                         const struct output *output)
{
    char bytes[MESSAGE_BYTES_SIZE];
    size_t nbytes = foray_dtype_size(out->dtype);

    for (int axis = 0; axis < out->ndim; axis++)
        nbytes *= out->shape[axis];
    fprintf(file, "%s: ", output->path ? output->text : "value");
    message_shape(file, out->shape, out->ndim, false);
    fprintf(file, " %s, %s", foray_dtype_name(out->dtype),
            message_bytes(bytes, nbytes));
}

static size_t workers_worth(const struct work *work)
{
    return work->plan.n_elements / WORTH + 1;
}

static int dry_run(const struct work *work, struct eval_run *run)
{
    struct foray_error err;
    int n_jobs = parallel_n_jobs(&run->parallel, workers_worth(work), &err);

    if (n_jobs < 0)
        return stop_failure(&err);
    for (int k = 0; k < work->plan.n; k++) {
        const struct foray_eval_output *out = &work->plan.out[k];

        if (run->outputs[k].path && output_plan(&run->outputs[k], out->dtype,
                                                out->ndim, out->shape, &err))
            return stop_failure(&err);
        print_output(stdout, out, &run->outputs[k]);
        putchar('\n');
    }
    printf("jobs: %d\n", n_jobs);
    return STATUS_DONE;
}

static void summarize(const struct work *work, const struct eval_run *run)
{
    const struct foray_report *report = &work->report.run;
    char bytes[MESSAGE_BYTES_SIZE];

    if (run->parallel.verbose)
        message("%zu tasks, %d workers, %d replaced, largest %s", report->tasks,
                report->workers, report->replaced,
                message_bytes(bytes, report->peak_bytes));
    if (work->report.zero_divisions)
        message("%" PRIu64 " division%s of an integer by zero: the result is 0",
                work->report.zero_divisions,
                work->report.zero_divisions == 1 ? "" : "s");
    if (report->failed && run->parallel.progress_mode != PROGRESS_JSON)
        message("%zu of %zu tasks failed: their elements are NaN or 0",
                report->failed, report->tasks);
    for (int k = 0; k < work->plan.n && !run->parallel.quiet; k++)
        if (run->outputs[k].path) {
            char *text = NULL;
            size_t size;
            FILE *line = open_memstream(&text, &size);

            if (!line)
                return;
            print_output(line, &work->plan.out[k], &run->outputs[k]);
            fprintf(line, "; %.2f s", report->seconds);
            fclose(line);
            message("%s", text);
            free(text);
        }
}

static int commit(struct work *work, struct eval_run *run,
                  struct foray_error *err)
{
    for (int k = 0; k < work->plan.n; k++)
        if (run->outputs[k].path &&
            output_commit(&run->outputs[k], work->pool, err))
            return err->code;
    return 0;
}

/* What can go wrong before outputs are made goes wrong there. */
static int prepare(struct work *work, struct eval_run *run,
                   struct foray_error *err)
{
    if (foray_eval_compile(&run->eval, err))
        return err->code;
    for (int k = 0; k < work->plan.n; k++)
        if (make_output(work, run, k, err))
            return err->code;
    return 0;
}

static int compute(struct work *work, struct eval_run *run)
{
    const struct foray_array *outputs[FORAY_MAX_ARRAYS];
    struct foray_error err;
    int code;

    if (prepare(work, run, &err))
        return stop_failure(&err);
    for (int k = 0; k < work->plan.n; k++)
        outputs[k] = &run->outputs[k].array;
    code = foray_eval(work->pool, &run->eval, outputs, &work->report, &err);
    progress_end(&run->parallel.progress);
    if (stop_signal())
        return stop_status();
    if (code || parallel_whole(&err) || commit(work, run, &err) ||
        (run->eval.reduce && print_values(work, run, &err)))
        return stop_failure(&err);
    summarize(work, run);
    return work->report.run.failed ? STATUS_SKIPPED : STATUS_DONE;
}

static int begin(struct work *work, struct eval_run *run,
                 struct foray_error *err)
{
    if (!run->parallel.dry_run) {
        stop_install();
        if (parallel_open(&work->pool, &run->parallel, 0, err))
            return err->code;
    }
    return open_inputs(work, run, err);
}

static int do_work(struct work *work, struct eval_run *run)
{
    struct foray_error err;

    if (begin(work, run, &err))
        return stop_failure(&err);
    if (foray_eval_plan(&work->plan, &run->eval, &err)) {
        message("%s", err.msg);
        return err.code == FORAY_EDTYPE || err.code == FORAY_ESHAPE ||
                       err.code == FORAY_ENOMEM
                   ? STATUS_FAILED /* of these arrays */
                   : STATUS_USAGE; /* of any */
    }
    return run->parallel.dry_run ? dry_run(work, run) : compute(work, run);
}

int eval_run(struct eval_run *run)
{
    struct work *work = calloc(1, sizeof *work);
    int status;

    if (!work) {
        message("out of memory");
        return STATUS_FAILED;
    }
    status = do_work(work, run);
    parallel_close(work->pool);
    for (int k = 0; k < FORAY_EVAL_MAX_NAMES; k++)
        foray_array_close(&work->inputs[k], NULL);
    free(work);
    return status;
}
