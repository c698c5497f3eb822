#include "jobs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <foray/hdf5.h>
#include <foray/hog_batch.h>

#include "config.h"
#include "helpers.h"

enum { ROWS = 600, COLS = 500, IMAGES = 4, CALLS = 20 };

static double numbers[ROWS * COLS];
static char image_paths[IMAGES][256];

/* Of modules of expressions; one a user. */
static const char *cache_path(uid_t user)
{
    char name[32];

    snprintf(name, sizeof name, "cache-%ld", (long)user);
    return test_path(name);
}

void jobs_let(uid_t user)
{
    if (chmod(test_folder(), 01777) || mkdir(cache_path(user), 0700) ||
        chown(cache_path(user), user, (gid_t)-1))
        exit(99);
}

void jobs_prepare(void)
{
    if (mkdir(cache_path(geteuid()), 0700))
        exit(99);
    for (int i = 0; i < ROWS * COLS; i++)
        numbers[i] = i % 1000;
    for (int k = 0; k < IMAGES; k++) {
        char name[16];
        FILE *file;

        snprintf(name, sizeof name, "%d.pgm", k);
        snprintf(image_paths[k], sizeof image_paths[k], "%s", test_path(name));
        file = fopen(image_paths[k], "wb");
        if (!file)
            exit(99);
        fprintf(file, "P5\n40 32\n255\n");
        for (int i = 0; i < 32 * 40; i++)
            fputc((i * i + 7 * k) % 251, file);
        fclose(file);
    }
}

static int wrong(struct foray_error *err, const char *what)
{
    snprintf(err->msg, sizeof err->msg, "%s", what);
    return JOB_WRONG;
}

/* A view of the numbers; cannot fail. */
static struct foray_array view(void)
{
    struct foray_array array = {0};

    if (foray_array_wrap(&array, numbers, FORAY_F64, 2, (size_t[]){ROWS, COLS},
                         NULL))
        abort();
    return array;
}

/* Whether it is `factor` times the numbers; closes it. */
static int check(struct foray_array *array, double factor, const char *what,
                 struct foray_error *err)
{
    bool right =
        array->ndim == 2 && array->shape[0] == ROWS && array->shape[1] == COLS;

    for (size_t i = 0; right && i < ROWS; i++)
        for (size_t k = 0; right && k < COLS; k++)
            right =
                FORAY_AT(array, double, i, k) == factor * numbers[i * COLS + k];
    if (foray_array_close(array, err))
        return err->code;
    return right ? 0 : wrong(err, what);
}

/* Pools */

static int twice(struct foray_task *task)
{
    const struct foray_array *in = foray_task_in(task, 0);
    const struct foray_array *out = foray_task_out(task, 0);

    for (size_t i = 0; i < in->shape[0]; i++)
        for (size_t k = 0; k < in->shape[1]; k++)
            FORAY_AT(out, double, i, k) = 2 * FORAY_AT(in, double, i, k);
    return 0;
}

/* (array, i) -> its number i */
static int pick(struct foray_task *task)
{
    const struct foray_array *array = foray_task_array(task, 0);

    if (!array)
        return -1;
    return foray_return(
        task, FORAY_AT(array, double, 0, (size_t)foray_task_i64(task, 1)));
}

static int map_twice(struct foray_pool *pool, struct foray_error *err)
{
    struct foray_array in = view(), out = {0};
    struct foray_map map = {
        .fn = twice, .in = {&in}, .out = {&out}, .chunk = 50};
    int code = foray_array_create(&out, NULL, FORAY_F64, 2, in.shape, err);

    if (code)
        return code;
    code = foray_map(pool, &map, NULL, err);
    if (!code)
        return check(&out, 2, "a map", err);
    foray_array_close(&out, NULL);
    return code;
}

static int call_picks(struct foray_pool *pool, struct foray_error *err)
{
    struct foray_result results[CALLS];
    struct foray_call calls[CALLS];
    struct foray_array in = view();
    int code;

    for (int i = 0; i < CALLS; i++)
        calls[i] = foray_delayed(pick, &in, (int64_t)i);
    code = foray_parallel(pool, calls, CALLS, results, err);
    if (code)
        return code;
    for (int i = 0; i < CALLS && !code; i++)
        if (foray_result_f64(&results[i], 0) != numbers[i])
            code = wrong(err, "a call");
    foray_results_free(results, CALLS);
    return code;
}

static int use_pool(const char *backend, struct foray_error *err)
{
    struct foray_config config = {.n_jobs = 2, .backend = backend};
    struct foray_pool *pool;
    int code = foray_pool_open(&pool, &config, err);

    if (code)
        return code;
    code = call_picks(pool, err);
    if (!code)
        code = map_twice(pool, err);
    /* What a task could not have may be had again. */
    if (foray_pool_close(pool) && !code)
        return wrong(err, "closing a pool");
    return code;
}

static int job_serial(struct foray_error *err)
{
    return use_pool("serial", err);
}

static int job_threads(struct foray_error *err)
{
    return use_pool("threads", err);
}

static int job_fork(struct foray_error *err)
{
    return use_pool("fork", err);
}

static int job_forkserver(struct foray_error *err)
{
    return use_pool("forkserver", err);
}

static int job_once(struct foray_error *err)
{
    return map_twice(NULL, err);
}

static int job_stats(struct foray_error *err)
{
    struct foray_array in = view();
    struct foray_stats stats;
    int code = foray_array_stats(&stats, NULL, &in, err);

    if (code)
        return code;
    return stats.sum == 499.5 * ROWS * COLS ? 0 : wrong(err, "a sum");
}

/* Arrays in shared memory */

static int job_dump(struct foray_error *err)
{
    struct foray_array in = view(), copy;
    int code = foray_array_dump(&copy, &in, NULL, err);

    return code ? code : check(&copy, 1, "a dump", err);
}

/* More than a small /dev/shm has. */
static int job_large(struct foray_error *err)
{
    struct foray_array array;
    size_t nbytes = 100 << 20;
    int code = foray_array_create(&array, NULL, FORAY_U8, 1, &nbytes, err);

    if (code)
        return code;
    for (size_t i = 0; i < nbytes; i += 4096)
        FORAY_AT(&array, uint8_t, i) = 1;
    return foray_array_close(&array, err);
}

static int job_session(struct foray_error *err)
{
    struct foray_array in = view(), named;
    struct foray_session *session;
    int code = foray_session_open(&session, NULL, err);

    if (code)
        return code;
    code = foray_array_dump(
        &named, &in, &(struct foray_placement){.session = session, .name = "x"},
        err);
    if (!code)
        code = check(&named, 1, "a named array", err);
    if (foray_session_close(session, code ? NULL : err) && !code)
        code = err->code;
    return code;
}

/* Files: written, read, taken away. */

static int job_npy(struct foray_error *err)
{
    const char *path = test_path("x.npy");
    struct foray_array in = view(), out;
    int code = foray_array_save(&in, path, err);

    if (code)
        return code;
    code = foray_array_load(&out, path, err);
    if (!code)
        code = check(&out, 1, "what was loaded", err);
    if (!code)
        code = foray_array_open(&out, path, "r+", err);
    if (out.segment)
        code = check(&out, 1, "what was mapped", err);
    unlink(path);
    return code;
}

static int job_partial(struct foray_error *err)
{
    const char *path = test_path("p.npy");
    struct foray_array in = view(), out;
    int code =
        foray_array_create_at(&out, path, FORAY_F64, 2, in.shape,
                              &(struct foray_placement){.partial = true}, err);

    if (code)
        return code;
    code = foray_array_copy(&out, &in, err);
    if (!code)
        code = foray_array_commit(&out, err);
    if (code)
        foray_array_close(&out, NULL);
    else
        code = check(&out, 1, "an output", err);
    unlink(path);
    return code;
}

static int read_npz(const char *path, struct foray_error *err)
{
    struct foray_array x, y;
    struct foray_array *arrays[] = {&x, &y};
    const char *names[] = {"x", "y"};
    int code = foray_npz_load_many(NULL, arrays, path, names, 2, err), other;

    if (code)
        return code;
    code = check(&x, 1, "x of npz", err);
    other = check(&y, 1, "y of npz", err);
    code = code ? code : other;
    if (!code)
        code = foray_npz_open(&x, path, "x", "r", err);
    return code ? code : check(&x, 1, "x of npz, mapped", err);
}

static int job_npz(struct foray_error *err)
{
    const char *path = test_path("x.npz");
    struct foray_array in = view();
    struct foray_named_array named[] = {{"x", &in}, {"y", &in}};
    int code = 0;

    for (int deflate = 0; deflate < 2 && !code; deflate++) {
        code = foray_npz_save(path, named, 2,
                              &(struct foray_npz_options){.deflate = deflate},
                              err);
        if (!code)
            code = read_npz(path, err);
        unlink(path);
    }
    return code;
}

static int job_joblib(struct foray_error *err)
{
    static const char *const compress[] = {NULL, "zlib", "xz", "lz4"};
    const char *path = test_path("x.joblib");
    struct foray_array in = view(), out;
    struct foray_named_array named = {NULL, &in};
    int code = 0;

    for (size_t k = 0; k < sizeof compress / sizeof *compress && !code; k++) {
        struct foray_joblib_options options = {.compress = compress[k],
                                               .level = compress[k] != NULL};

        code = foray_joblib_save(path, &named, 1, &options, err);
        if (!code)
            code = foray_joblib_load(&out, path, NULL, err);
        if (!code)
            code = check(&out, 1, "joblib's, loaded", err);
        if (!code)
            code = foray_joblib_open(&out, path, NULL, "r", err);
        if (!code)
            code = check(&out, 1, "joblib's, opened", err);
        unlink(path);
    }
    return code;
}

#ifdef FORAY_WITH_HDF5
static int job_hdf5(struct foray_error *err)
{
    const char *path = test_path("x.h5");
    struct foray_array in = view(), out;
    struct foray_hdf5_options options = {.deflate = 1, .chunk = {100, 100}};
    int code = 0;

    for (int chunked = 0; chunked < 2 && !code; chunked++) {
        code = foray_hdf5_save(NULL, path, "x", &in, chunked ? &options : NULL,
                               err);
        if (!code)
            code = foray_hdf5_load(&out, NULL, path, "x", NULL, err);
        if (!code)
            code = check(&out, 1, "HDF5's, loaded", err);
        if (!code)
            code = foray_hdf5_open(&out, NULL, path, "x", "r", NULL, err);
        if (!code)
            code = check(&out, 1, "HDF5's, opened", err);
        unlink(path);
    }
    return code;
}
#endif

/* What is compiled, what is decoded */

static int evaluate(const char *text, double factor, struct foray_error *err)
{
    struct foray_array in = view(), out = {0};
    const struct foray_array *outputs[] = {&out};
    struct foray_eval eval = {.text = text, .in = {{"x", &in, NULL}}};
    int code;

    setenv("XDG_CACHE_HOME", cache_path(geteuid()), 1);
    code = foray_array_create(&out, NULL, FORAY_F64, 2, in.shape, err);
    if (code)
        return code;
    code = foray_eval(NULL, &eval, outputs, NULL, err);
    if (!code)
        return check(&out, factor, "an expression", err);
    foray_array_close(&out, NULL);
    return code;
}

static int job_eval(struct foray_error *err)
{
    return evaluate("3*x", 3, err);
}

/* An expression that nobody had before. */
static int job_compile(struct foray_error *err)
{
    char text[32];
    int factor = 4 + getpid();

    snprintf(text, sizeof text, "%d*x", factor);
    return evaluate(text, factor, err);
}

static bool has_no_nan(const struct foray_array *features)
{
    for (size_t i = 0; i < features->shape[0]; i++)
        for (size_t k = 0; k < features->shape[1]; k++)
            if (!(FORAY_AT(features, double, i, k) >= 0))
                return false;
    return true;
}

static int run_hog(const struct foray_hog_batch *batch, struct foray_error *err)
{
    struct foray_array features;
    struct foray_hog_plan plan;
    struct foray_pool *pool;
    int code = foray_hog_batch_plan(&plan, batch, err);

    if (!code)
        code = foray_array_create(&features, NULL, plan.dtype, 2,
                                  (size_t[]){plan.n, plan.length}, err);
    if (code)
        return code;
    code = foray_pool_open(&pool, &(struct foray_config){.n_jobs = 2}, err);
    if (!code) {
        code =
            foray_hog_batch_run(pool, batch, &plan, &features, NULL, NULL, err);
        if (!code && !has_no_nan(&features))
            code = wrong(err, "features");
        foray_pool_close(pool);
    }
    foray_array_close(&features, NULL);
    return code;
}

static int job_hog(struct foray_error *err)
{
    const char *paths[IMAGES];
    struct foray_hog_batch batch = {.paths = paths, .n = IMAGES};

    for (int k = 0; k < IMAGES; k++)
        paths[k] = image_paths[k];
    return run_hog(&batch, err);
}

const struct job jobs[] = {{"serial", job_serial, false, false},
                           {"threads", job_threads, false, false},
                           {"fork", job_fork, false, false},
                           {"forkserver", job_forkserver, true, false},
                           {"map without a pool", job_once, false, false},
                           {"stats", job_stats, false, false},
                           {"dump", job_dump, false, false},
                           {"large array", job_large, false, false},
                           {"session", job_session, false, false},
                           {"npy", job_npy, false, false},
                           {"output", job_partial, false, false},
                           {"npz", job_npz, false, false},
                           {"joblib", job_joblib, false, false},
#ifdef FORAY_WITH_HDF5
                           {"hdf5", job_hdf5, false, false},
#endif
                           {"hog", job_hog, false, false},
                           {"eval", job_eval, false, false},
                           {"eval anew", job_compile, false, true},
                           {NULL, NULL, false, false}};
