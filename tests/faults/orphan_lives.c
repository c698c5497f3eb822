#include "orphan_lives.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <foray.h>

#include "config.h"
#include "deeds.h"
#include "helpers.h"

enum { SIDE = 64, NUMBERS = 1 << 20 /* to be converted */ };

static struct foray_pool *open_pool(const char *backend, int n_jobs)
{
    struct foray_pool *pool = NULL;
    struct foray_error err;
    const struct foray_config config = {.n_jobs = n_jobs, .backend = backend};

    if (!foray_pool_open(&pool, &config, &err))
        return pool;
    fprintf(stderr, "%s\n", err.msg);
    _exit(1);
}

static int do_deed_of_call(struct foray_task *task)
{
    return do_deed(task, foray_task_params(task), foray_task_index(task));
}

static void run_deeds(struct foray_pool *pool, const struct plan *plan,
                      size_t n)
{
    const struct foray_for loop = {.fn = do_deed_of_call,
                                   .n = n,
                                   .params = plan,
                                   .params_size = sizeof *plan,
                                   .on_error = FORAY_SKIP};

    if (foray_for(pool, &loop, NULL, NULL))
        _exit(2);
}

static void use_pools(struct host *host)
{
    static const char *const backends[] = {"fork", "forkserver", "threads"};
    const struct plan plan = {.seed = host->seed, .spins = 20000};

    for (size_t k = host->seed % 3;; k++) {
        struct foray_pool *pool;

        if (k % 3 == 1 && foray_init(NULL))
            _exit(1);
        pool = open_pool(backends[k % 3], 3);
        run_deeds(pool, &plan, 200);
        foray_pool_close(pool);
    }
}

static void nest_pools(struct host *host)
{
    const struct plan plan = {.seed = host->seed,
                              .per_mille = {[DEED_NEST] = 900},
                              .n_nested = 20,
                              .spins = 1000};

    if (host->seed % 2 && foray_init(NULL))
        _exit(1);
    for (;;) {
        struct foray_pool *pool =
            open_pool(host->seed % 2 ? "forkserver" : "fork", 2);

        run_deeds(pool, &plan, 20);
        foray_pool_close(pool);
    }
}

/* Tasks that die all the time: their workers are replaced. */
static void lose_workers(struct host *host)
{
    const struct plan plan = {.seed = host->seed,
                              .per_mille = {[DEED_DIE] = 300, [DEED_EXIT] = 50},
                              .spins = 1000};
    struct foray_pool *pool = open_pool("fork", 3);

    for (;;)
        run_deeds(pool, &plan, 50);
}

/* Tasks that stop their workers for ever. */
static void stop_workers(struct host *host)
{
    const struct plan plan = {
        .seed = host->seed, .per_mille = {[DEED_STOP] = 50}, .spins = 1000};
    struct foray_pool *pool;

    if (host->seed % 2 && foray_init(NULL))
        _exit(1);
    pool = open_pool(host->seed % 2 ? "forkserver" : "fork", 3);
    for (;;)
        run_deeds(pool, &plan, 50);
}

static int sum_rows(struct foray_task *task)
{
    const struct foray_array *x = foray_task_array(task, 0);

    return x ? foray_return(task, x) : FORAY_ETASK; /* in a new segment */
}

/* Private arrays dumped for a run, arrays that come back, a session. */
static void dump_arrays(struct host *host)
{
    static double data[LIFE_ROWS];
    struct foray_array x, y;
    struct foray_pool *pool = open_pool("fork", 2);
    const size_t shape[1] = {LIFE_ROWS};

    if (foray_array_wrap(&x, data, FORAY_F64, 1, shape, NULL))
        _exit(1);
    for (;;) {
        struct foray_call calls[4];
        struct foray_result results[4];
        struct foray_session *session;

        for (int k = 0; k < 4; k++)
            calls[k] = foray_delayed(sum_rows, &x);
        if (foray_parallel(pool, calls, 4, results, NULL))
            _exit(2);
        foray_results_free(results, 4);
        if (foray_session_open(&session,
                               host->seed % 2 || !host->owns_shm ? host->folder
                                                                 : "/dev/shm",
                               NULL) ||
            foray_array_dump(
                &y, &x,
                &(struct foray_placement){.session = session, .name = "y"},
                NULL))
            _exit(3);
        foray_array_close(&y, NULL);
        foray_session_close(session, NULL);
    }
}

static int fill_with_rows(struct foray_task *task)
{
    const struct foray_array *y = foray_task_out(task, 0);

    for (size_t i = 0; i < y->shape[0]; i++)
        FORAY_AT(y, double, i) = (double)(foray_task_slice(task).start + i) + 1;
    return 0;
}

void life_path(char path[512], const struct host *host, const char *name)
{
    snprintf(path, 512, "%s/%s", host->folder, name);
}

/* Outputs: saved, created, and made beside their name by a run. */
static void save_arrays(struct host *host)
{
    struct foray_array x, y;
    struct foray_pool *pool = open_pool("fork", 2);
    const size_t shape[1] = {LIFE_ROWS};
    char saved[512], made[512];

    life_path(saved, host, "saved.npy");
    life_path(made, host, "made.npy");
    if (foray_array_create(&x, NULL, FORAY_F64, 1, shape, NULL))
        _exit(1);
    for (size_t i = 0; i < LIFE_ROWS; i++)
        FORAY_AT(&x, double, i) = (double)i + 1;
    for (;;) {
        const struct foray_map map = {.fn = fill_with_rows, .out = {&y}};

        if (foray_array_save(&x, saved, NULL) ||
            foray_array_create_at(&y, made, FORAY_F64, 1, shape,
                                  &(struct foray_placement){.partial = true},
                                  NULL) ||
            foray_map(pool, &map, NULL, NULL) || foray_array_commit(&y, NULL) ||
            foray_array_close(&y, NULL))
            _exit(2);
    }
}

static int next_square(struct foray_slot *slot, void *arg)
{
    const struct foray_array *x = arg;

    return foray_produce(slot, foray_delayed(sum_rows, x));
}

/* Calls made ahead and results that nobody has read. */
static void iterate(struct host *host)
{
    struct foray_array x;
    const size_t shape[1] = {3000};
    struct foray_pool *pool = open_pool(host->seed % 2 ? "fork" : "threads", 2);
    struct foray_run *run;

    if (foray_array_create(&x, NULL, FORAY_F64, 1, shape, NULL))
        _exit(1);
    for (;;) {
        struct foray_result result;

        if (foray_run_start(
                &run, pool,
                &(struct foray_iterator){.next = next_square, .next_arg = &x},
                NULL))
            _exit(2);
        for (int k = 0; k < 20; k++) {
            if (foray_run_next(run, &result, NULL) != 1)
                _exit(3);
            foray_result_free(&result);
        }
        foray_run_drop(run, NULL);
    }
}

/* The command. It may be done before it is killed. */
_Noreturn static void run_command(const char *const *argv)
{
    const char *program =
        access("./.libs/foray", X_OK) ? "./foray" : "./.libs/foray";

    setenv("LD_LIBRARY_PATH", "./.libs", 1);
    execv(program, (char *const *)argv);
    _exit(127);
}

static void extract_features(struct host *host)
{
    const char *images = test_path("images");
    const char *argv[LIFE_TIMES + 7] = {"foray", "hog", "-q", "-j2", "-o"};
    char output[512];

    life_path(output, host, "hog.npy");
    argv[5] = output;
    for (int k = 0; k < LIFE_TIMES; k++)
        argv[6 + k] = images;
    run_command(argv);
}

#ifdef FORAY_WITH_HDF5
/* The command that makes an HDF5 file. */
static void convert(struct host *host)
{
    char output[512];

    life_path(output, host, "numbers.h5");
    run_command((const char *[]){"foray", "convert", "-q", "-j2", "--deflate",
                                 "6", test_path("numbers.npy"), output, NULL});
}
#endif

const struct life lives[] = {
    {"pools", use_pools, 12e-3},
    {"nested pools", nest_pools, 20e-3},
    {"dying workers", lose_workers, 20e-3},
    {"stopped workers", stop_workers, 20e-3},
    {"dumped arrays", dump_arrays, 10e-3},
    {"saved arrays", save_arrays, 20e-3},
    {"an iterator", iterate, 10e-3},
    {"the command hog", extract_features, 80e-3},
#ifdef FORAY_WITH_HDF5
    {"the command convert", convert, 80e-3},
#endif
};
const size_t n_lives = sizeof lives / sizeof *lives;

static void write_images(void)
{
    static unsigned char pixels[SIDE * SIDE];

    mkdir(test_path("images"), 0700);
    for (int k = 0; k < LIFE_IMAGES; k++) {
        char name[32];
        FILE *file;

        for (int i = 0; i < SIDE * SIDE; i++)
            pixels[i] = (unsigned char)(i * (k + 3));
        snprintf(name, sizeof name, "images/%d.pgm", k);
        file = fopen(test_path(name), "w");
        if (!file || fprintf(file, "P5 %d %d 255\n", SIDE, SIDE) < 0 ||
            fwrite(pixels, sizeof pixels, 1, file) != 1 || fclose(file)) {
            perror(test_path(name));
            exit(99);
        }
    }
}

static void save_numbers(void)
{
    const size_t shape[1] = {NUMBERS};
    struct foray_array x;
    struct foray_error err;

    if (foray_array_create(&x, NULL, FORAY_F64, 1, shape, &err)) {
        fprintf(stderr, "%s\n", err.msg);
        exit(99);
    }
    for (size_t i = 0; i < NUMBERS; i++)
        FORAY_AT(&x, double, i) = (double)(i * i % 1000);
    if (foray_array_save(&x, test_path("numbers.npy"), &err)) {
        fprintf(stderr, "%s\n", err.msg);
        exit(99);
    }
    foray_array_close(&x, NULL);
}

void lives_prepare(void)
{
    write_images();
    save_numbers();
}
