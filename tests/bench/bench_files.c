/* npz and joblib files against NumPy and joblib, in one run: 134 MB of float32
 * in /dev/shm, which they wrote; 8 members of an npz file, or one array. What
 * is compressed is loaded into unnamed shared arrays, what is not is mapped by
 * us in both; joblib maps, too, where it is asked to. Python counts from when
 * its imports are done, each try in a new process.
 *
 *     bench_files [PYTHON_SCRIPT]
 *
 * Exit status: 1 when something is slower than there. */
#include "measure.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include <foray/joblib.h>
#include <foray/npz.h>
#include <foray/npz_load.h>
#include <foray/storage.h>

enum { MEMBERS = 8, TRIES = 3 };
enum { DEFLATED, STORED, ZLIB, PLAIN, MAPPED, N_THEIRS };
static const size_t nbytes = (size_t)MEMBERS << 24;

static char folder[] = "/dev/shm/foray-bench-XXXXXX";
static struct foray_array loaded[MEMBERS];
static int slower;

static const char *in_folder(const char *name)
{
    static char path[64];

    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static void close_all(void)
{
    for (int i = 0; i < MEMBERS; i++)
        foray_array_close(&loaded[i], NULL);
}

static double deflated(struct foray_pool *pool)
{
    const char *path = in_folder("deflated.npz");
    struct foray_array *arrays[MEMBERS];
    char names[MEMBERS][8];
    const char *given[MEMBERS];
    struct foray_error err;
    double begin;

    for (int i = 0; i < MEMBERS; i++) {
        snprintf(names[i], sizeof names[i], "m%d", i);
        given[i] = names[i];
        arrays[i] = &loaded[i];
    }
    begin = now();
    check(foray_npz_load_many(pool, arrays, path, given, MEMBERS, &err), &err);
    return now() - begin;
}

static double stored(struct foray_pool *pool)
{
    const char *path = in_folder("stored.npz");
    struct foray_error err;
    double begin = now();

    (void)pool;
    for (int i = 0; i < MEMBERS; i++) {
        char name[8];

        snprintf(name, sizeof name, "m%d", i);
        check(foray_npz_open(&loaded[i], path, name, "r", &err), &err);
    }
    return now() - begin;
}

static double zlib(struct foray_pool *pool)
{
    struct foray_error err;
    double begin = now();

    (void)pool;
    check(foray_joblib_load(loaded, in_folder("zlib.joblib"), NULL, &err),
          &err);
    return now() - begin;
}

static double plain(struct foray_pool *pool)
{
    struct foray_error err;
    double begin = now();

    (void)pool;
    check(foray_joblib_load(loaded, in_folder("plain.joblib"), NULL, &err),
          &err);
    return now() - begin;
}

static double mapped(struct foray_pool *pool)
{
    struct foray_error err;
    double begin = now();

    (void)pool;
    check(foray_joblib_open(loaded, in_folder("plain.joblib"), NULL, "r", &err),
          &err);
    return now() - begin;
}

static const struct {
    const char *name;
    double (*run)(struct foray_pool *pool);
    int jobs, theirs;
} rows[] = {
    {"npz, deflated, one worker", deflated, 1, DEFLATED},
    {"npz, deflated, two workers", deflated, 2, DEFLATED},
    {"npz, stored: mapped here", stored, 1, STORED},
    {"joblib, zlib", zlib, 1, ZLIB},
    {"joblib, not compressed, loaded", plain, 1, PLAIN},
    {"joblib, not compressed, mapped", mapped, 1, MAPPED},
};
enum { N_ROWS = sizeof rows / sizeof *rows };

/* False without Python or what it needs. */
static bool python(const char *script, double *seconds)
{
    char command[4200];
    bool done = true;
    FILE *answers;

    snprintf(command, sizeof command, "%s %s%s", script, seconds ? "" : "make ",
             folder);
    answers = popen(command, "r");
    for (int i = 0; seconds && answers && done && i < N_THEIRS; i++) {
        double taken;

        done = fscanf(answers, "%lf", &taken) == 1;
        if (done)
            seconds[i] = least(seconds[i], taken);
    }
    return answers && !pclose(answers) && done;
}

static void tell(const char *name, double theirs, double ours)
{
    printf("%-34s %9.3f ms %9.3f ms %8.2f times%s\n", name, 1e3 * theirs,
           1e3 * ours, theirs / ours, ours > theirs ? "  SLOWER" : "");
    slower += ours > theirs;
}

static void remove_files(void)
{
    static const char *const names[] = {"deflated.npz", "stored.npz",
                                        "zlib.joblib", "plain.joblib"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        unlink(in_folder(names[i]));
    rmdir(folder);
}

int main(int argc, char **argv)
{
    const char *script = argc > 1 ? argv[1] : BENCH_SCRIPT;
    double theirs[N_THEIRS], ours[N_ROWS];
    struct foray_pool *pools[2];
    struct foray_error err;

    if (!mkdtemp(folder))
        die("no folder in /dev/shm");
    atexit(remove_files);
    if (!python(script, NULL)) {
        printf("no python3-joblib: not measured\n");
        return 0;
    }
    for (int k = 0; k < 2; k++) {
        struct foray_config config = {.n_jobs = k + 1, .backend = "fork"};

        check(foray_pool_open(&pools[k], &config, &err), &err);
    }
    for (int i = 0; i < N_THEIRS; i++)
        theirs[i] = INFINITY;
    for (int i = 0; i < N_ROWS; i++)
        ours[i] = INFINITY;
    for (int round = 0; round < TRIES; round++) {
        warm_memory(2 * nbytes);
        if (!python(script, theirs))
            die("the script failed");
        for (int i = 0; i < N_ROWS; i++) {
            warm_memory(nbytes);
            ours[i] = least(ours[i], rows[i].run(pools[rows[i].jobs - 1]));
            close_all();
        }
    }
    printf("%-34s %12s %12s\n", "", "Python", "foray");
    for (int i = 0; i < N_ROWS; i++)
        tell(rows[i].name, theirs[rows[i].theirs], ours[i]);
    for (int k = 0; k < 2; k++)
        foray_pool_close(pools[k]);
    return slower != 0;
}
