/* Files that somebody cuts short while they are mapped: in workers that is an
 * error of the tasks that touch what is gone, with the file and the byte; the
 * program lives, and its signal handlers are its own. */
#include "campaign.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <foray.h>
#include <foray/hdf5.h>
#include <foray/hog_batch.h>

#include "config.h"
#include "helpers.h"
#include "storage/segment.h"

/* A row is as long as a page: 64 tasks of one each. */
enum { ROWS = 64, COLS = 512, PAGE = COLS * 8, LIMIT = 120 };

static double numbers[ROWS * COLS];
static atomic_int *n_handled; /* by the program's own handler */

static void on_bus_error(int signo)
{
    (void)signo;
    atomic_fetch_add(n_handled, 1);
    _exit(77);
}

static bool handler_is_ours(void)
{
    struct sigaction action;

    return !sigaction(SIGBUS, NULL, &action) &&
           action.sa_handler == on_bus_error && !atomic_load(n_handled);
}

/* Formats whose arrays are mapped in place */

static int save(const char *path, const char *form, struct foray_error *err)
{
    struct foray_array in = {0};
    struct foray_named_array named[] = {{"x", &in}};

    if (foray_array_wrap(&in, numbers, FORAY_F64, 2, (size_t[]){ROWS, COLS},
                         err))
        return err->code;
    if (!strcmp(form, "npy"))
        return foray_array_save(&in, path, err);
    if (!strcmp(form, "npz"))
        return foray_npz_save(path, named, 1, NULL, err);
    if (!strcmp(form, "joblib"))
        return foray_joblib_save(path, named, 1, NULL, err);
#ifdef FORAY_WITH_HDF5
    return foray_hdf5_save(NULL, path, "x", &in, NULL, err);
#else
    return FORAY_ENOTSUP;
#endif
}

static int open_mapped(struct foray_array *out, const char *path,
                       const char *form, const char *mode,
                       struct foray_error *err)
{
    if (!strcmp(form, "npy"))
        return foray_array_open(out, path, mode, err);
    if (!strcmp(form, "npz"))
        return foray_npz_open(out, path, "x", mode, err);
    if (!strcmp(form, "joblib"))
        return foray_joblib_open(out, path, "x", mode, err);
#ifdef FORAY_WITH_HDF5
    return foray_hdf5_open(out, NULL, path, "x", mode, NULL, err);
#else
    return FORAY_ENOTSUP;
#endif
}

static const char *const forms[] = {"npy", "npz", "joblib",
#ifdef FORAY_WITH_HDF5
                                    "hdf5"
#endif
};
enum { N_FORMS = sizeof forms / sizeof *forms };

/* What tasks do with a row */

static int sum_row(struct foray_task *task)
{
    const struct foray_array *in = foray_task_in(task, 0);
    double sum = 0;

    for (size_t k = 0; k < COLS; k++)
        sum += FORAY_AT(in, double, 0, k);
    FORAY_AT(foray_task_out(task, 0), double, 0) = sum;
    return 0;
}

static int raise_row(struct foray_task *task)
{
    const struct foray_array *row = foray_task_inout(task, 0);

    for (size_t k = 0; k < COLS; k++)
        FORAY_AT(row, double, 0, k) += 1;
    return 0;
}

static int write_row(struct foray_task *task)
{
    const struct foray_array *row = foray_task_out(task, 0);

    for (size_t k = 0; k < COLS; k++)
        FORAY_AT(row, double, 0, k) = (double)foray_task_index(task);
    return 0;
}

/* (array, i) -> the sum of row i */
static int call_row(struct foray_task *task)
{
    const struct foray_array *in = foray_task_array(task, 0);
    size_t i = (size_t)foray_task_i64(task, 1);
    double sum = 0;

    for (size_t k = 0; in && k < COLS; k++)
        sum += FORAY_AT(in, double, i, k);
    return foray_return(task, sum);
}

enum use { IN, INOUT, OUT, CALLS, N_USES };

/* One case: an array of a form, used so by a backend, its file cut to `size`
 * bytes. */
struct trial {
    const char *form, *backend, *path;
    enum use use;
    size_t cut; /* rows from this one on are gone */
    bool stop;
};

static bool says_where(const struct trial *trial, const struct foray_error *err)
{
    return err->code == FORAY_ECRASH && err->signal == SIGBUS &&
           strstr(err->msg, "SIGBUS") && strstr(err->msg, trial->path) &&
           strstr(err->msg, ", byte ") && strstr(err->msg, "cut to ");
}

static int expect_map(const struct trial *trial, struct foray_pool *pool,
                      const struct foray_array *array)
{
    static const foray_task_fn fns[] = {sum_row, raise_row, write_row};
    struct foray_map map = {.fn = fns[trial->use],
                            .chunk = 1,
                            .on_error = trial->stop ? FORAY_STOP : FORAY_SKIP};
    uint8_t status[ROWS];
    struct foray_report report;
    struct foray_array sums;
    struct foray_error err = {0};
    int code;

    map.status = status;
    if (trial->use == IN) {
        if (foray_array_create(&sums, NULL, FORAY_F64, 1, (size_t[]){ROWS},
                               NULL))
            return 10;
        map.in[0] = array;
        map.out[0] = &sums;
    } else if (trial->use == INOUT) {
        map.inout[0] = array;
    } else {
        map.out[0] = array;
    }
    code = foray_map(pool, &map, &report, &err);
    if (trial->use == IN && foray_array_close(&sums, NULL))
        return 11;
    if (trial->stop)
        return code == FORAY_ECRASH && says_where(trial, &err) ? 0 : 12;
    if (code || report.failed != ROWS - trial->cut)
        return 13;
    for (size_t i = 0; i < ROWS; i++)
        if (status[i] != (i < trial->cut ? FORAY_TASK_OK : FORAY_TASK_CRASHED))
            return 14;
    return 0;
}

static int expect_calls(const struct trial *trial, struct foray_pool *pool,
                        const struct foray_array *array)
{
    struct foray_result results[ROWS];
    struct foray_call calls[ROWS];
    struct foray_error err;
    int failed = 0;

    for (int i = 0; i < ROWS; i++)
        calls[i] = foray_delayed(call_row, array, (int64_t)i);
    if (foray_parallel(pool, calls, ROWS, results, &err) !=
        (trial->stop ? FORAY_ECRASH : 0))
        return 20;
    if (trial->stop)
        return says_where(trial, &err) ? 0 : 21;
    for (size_t i = 0; i < ROWS && !failed; i++)
        if (i < trial->cut
                ? results[i].code != 0
                : !says_where(trial, foray_result_error(&results[i])))
            failed = 22;
    foray_results_free(results, ROWS);
    return failed;
}

/* Cut the file so that rows from `cut` on are gone, at least in part, and those
 * before are whole. */
static int cut(const struct trial *trial, const struct foray_array *array)
{
    size_t begin = (size_t)((char *)array->data - (char *)array->segment->base);
    size_t end = begin + trial->cut * PAGE;

    return truncate(trial->path, (off_t)((end + PAGE - 1) / PAGE * PAGE));
}

static int run_trial(const struct trial *trial)
{
    const char *mode = trial->use == IN || trial->use == CALLS ? "r" : "r+";
    struct foray_config config = {.n_jobs = 2,
                                  .backend = trial->backend,
                                  .on_error =
                                      trial->stop ? FORAY_STOP : FORAY_SKIP};
    struct foray_pool *pool;
    struct foray_array array;
    struct foray_error err;
    int failed;

    if (save(trial->path, trial->form, &err) ||
        open_mapped(&array, trial->path, trial->form, mode, &err) ||
        foray_pool_open(&pool, &config, &err))
        return 1;
    if (cut(trial, &array))
        return 2;
    failed = trial->use == CALLS ? expect_calls(trial, pool, &array)
                                 : expect_map(trial, pool, &array);
    if (foray_pool_close(pool) && !failed)
        failed = 3;
    if (!handler_is_ours() && !failed)
        failed = 4;
    foray_array_close(&array, NULL); /* the file is damaged: it may say so */
    unlink(trial->path);
    return failed;
}

/* What the library runs over a mapped array, without a pool */

static int over_stats(const struct foray_array *array, struct foray_error *err)
{
    struct foray_stats stats;

    return foray_array_stats(&stats, NULL, array, err);
}

static int over_eval(const struct foray_array *array, struct foray_error *err)
{
    struct foray_array out = {0};
    const struct foray_array *outputs[] = {&out};
    struct foray_eval eval = {.text = "3*x", .in = {{"x", array, NULL}}};
    int code = foray_array_create(&out, NULL, FORAY_F64, 2, array->shape, err);

    if (code)
        return code;
    code = foray_eval(NULL, &eval, outputs, NULL, err);
    foray_array_close(&out, NULL);
    return code;
}

/* Rows are images of 16 by 32. */
static int over_hog(const struct foray_array *array, struct foray_error *err)
{
    struct foray_array stack, features;
    struct foray_hog_batch batch = {.stack = &stack};
    struct foray_hog_plan plan;
    struct foray_pool *pool;
    int code =
        foray_array_reshape(&stack, array, 3, (size_t[]){ROWS, 16, 32}, err);

    batch.hog.cell_rows = batch.hog.cell_cols = 4;
    if (code || foray_hog_batch_plan(&plan, &batch, err) ||
        foray_array_create(&features, NULL, plan.dtype, 2,
                           (size_t[]){plan.n, plan.length}, err))
        return err->code;
    code = foray_pool_open(&pool, NULL, err);
    if (!code)
        code = foray_hog_batch_run(pool, &batch, &plan, &features, NULL, NULL,
                                   err);
    foray_pool_close(pool);
    foray_array_close(&features, NULL);
    return code;
}

static int (*const overs[])(const struct foray_array *,
                            struct foray_error *) = {over_stats, over_eval,
                                                     over_hog};
enum { N_OVERS = sizeof overs / sizeof *overs };

static int run_over(const struct trial *trial, size_t over)
{
    struct foray_array array;
    struct foray_error err;
    int code, failed;

    if (save(trial->path, trial->form, &err) ||
        open_mapped(&array, trial->path, trial->form, "r", &err) ||
        cut(trial, &array))
        return 1;
    code = overs[over](&array, &err);
    failed = code == FORAY_ECRASH && says_where(trial, &err) ? 0 : 2;
    if (failed)
        fprintf(stderr, "%d: %s\n", code, err.msg);
    if (!handler_is_ours() && !failed)
        failed = 3;
    foray_array_close(&array, NULL);
    unlink(trial->path);
    return failed;
}

/* In the caller's process the program's own handler gets the signal, as it
 * would without the library. */
static int run_here(const struct trial *trial)
{
    run_trial(trial);
    return 1; /* it came back */
}

/* In a process of its own: 0, what failed, or 128 and a signal. */

struct part {
    const char *promise;
    const char *backends[3];
    int (*run)(const struct trial *trial, size_t number);
    size_t n; /* numbers */
    int wanted;
};

static int part_uses(const struct trial *given, size_t number)
{
    struct trial trial = *given;

    trial.use = (enum use)(number % N_USES);
    trial.stop = number / N_USES;
    return run_trial(&trial);
}

static int part_here(const struct trial *given, size_t number)
{
    struct trial trial = *given;

    trial.use = (enum use)(number % CALLS); /* a call does the same */
    return run_here(&trial);
}

static const struct part parts[] = {
    {"a mapped file cut short is that task's error, with file and byte",
     {"fork", "forkserver", NULL},
     part_uses,
     2 * N_USES,
     0},
    {"a mapped file cut short is an error of stats, eval and hog",
     {"fork", "forkserver", NULL},
     run_over,
     N_OVERS,
     0},
    {"in the caller's process a file cut short is the program's own SIGBUS",
     {"serial", "threads", NULL},
     part_here,
     CALLS,
     77},
};

static int in_process(struct campaign *campaign, const struct part *part,
                      const struct trial *trial, size_t number)
{
    struct foray_error err;
    int status, hung = 0;
    pid_t child;

    atomic_store(n_handled, 0);
    fflush(NULL);
    child = fork();
    if (child == 0) {
        setpgid(0, 0);
        signal(SIGBUS, on_bus_error);
        setenv("FORAY_BACKEND", trial->backend, 1);
        if (!strcmp(trial->backend, "forkserver") && foray_init(&err))
            _exit(99);
        _exit(part->run(trial, number));
    }
    status = child < 0 ? -1 : campaign_wait(child, LIMIT, &hung);
    if (!hung && WIFEXITED(status) && WEXITSTATUS(status) == part->wanted)
        return 0;
    campaign_fault(campaign, "%s, %s, %s %zu, cut to %zu rows: %s %d",
                   part->promise, trial->backend, trial->form, number,
                   trial->cut, WIFEXITED(status) ? "ended with" : "signal",
                   WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
    return 1;
}

static size_t try_backend(struct campaign *campaign, const struct part *part,
                          const char *backend, size_t *cases)
{
    size_t failures = 0;
    struct traces before;

    traces_look(&before);
    for (size_t number = 0; number < part->n; number++) {
        size_t n = campaign_cases(campaign, 1, 3 * N_FORMS);
        size_t first = campaign_random(campaign, N_FORMS);

        for (size_t k = 0; k < n; k++, ++*cases) {
            struct trial trial = {.form = forms[(first + k) % N_FORMS],
                                  .backend = backend,
                                  .path = test_path("shrink"),
                                  .cut = campaign_random(campaign, ROWS - 1)};

            failures += (size_t)in_process(campaign, part, &trial, number);
            unlink(trial.path);
        }
    }
    return failures + traces_left(campaign, &before, part->promise);
}

int main(int argc, char **argv)
{
    struct campaign campaign;

    campaign_begin(&campaign, argc, argv);
    n_handled = mmap(NULL, sizeof *n_handled, PROT_READ | PROT_WRITE,
                     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (n_handled == MAP_FAILED)
        return 99;
    setenv("XDG_CACHE_HOME", test_path("cache"), 1);
    if (mkdir(test_path("cache"), 0700))
        return 99;
    for (size_t i = 0; i < ROWS * COLS; i++)
        numbers[i] = (double)(i % 255);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        size_t cases = 0, failures = 0;

        for (int b = 0; parts[i].backends[b]; b++)
            failures +=
                try_backend(&campaign, &parts[i], parts[i].backends[b], &cases);
        campaign_row(&campaign, parts[i].promise, cases, failures);
    }
    return campaign_end(&campaign);
}
