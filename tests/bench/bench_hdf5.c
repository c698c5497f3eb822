/* HDF5 datasets: loaded and saved by one and by two workers against H5Dread and
 * H5Dwrite, in one run; 210 MB of float32 in chunks of 1 MiB, shuffled and
 * deflated at level 4, in /dev/shm. Both sides make their output anew: ours an
 * unnamed shared array, the library's a file of /dev/shm that it reads into.
 * The contiguous dataset is opened by a pool that is there. The library runs
 * in forked children, since this process is to stay without it.
 * Exit status: 1 when a ratio is under its bar. */
#include "measure.h"

#include <fcntl.h>
#include <math.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <hdf5.h>

#include <foray/hdf5.h>
#include <foray/storage.h>

enum {
    ROWS = 800,
    COLS = 65536,
    CHUNK_ROWS = 8,
    CHUNK_COLS = 32768,
    TRIES = 3
};
static const size_t nbytes = (size_t)ROWS * COLS * 4;

static char ours[64], theirs[64], target[64];

static void fill(float *x)
{
    uint64_t s = 88172645463325252ull;

    for (size_t i = 0; i < nbytes / 4; i++) {
        s ^= s << 13;
        s ^= s >> 7;
        s ^= s << 17;
        x[i] = 100 * sinf((float)i * 1e-4f) + (float)(s % 64) * 0.01f;
    }
}

/* Run in a child, timed from within. */
static double timed(void (*fn)(void *arg), void *arg)
{
    double *seconds = mmap(NULL, sizeof *seconds, PROT_READ | PROT_WRITE,
                           MAP_SHARED | MAP_ANONYMOUS, -1, 0),
           result;
    pid_t pid = fork();
    int status;

    if (!pid) {
        double begin = now();

        fn(arg);
        *seconds = now() - begin;
        _exit(0);
    }
    if (pid < 0 || waitpid(pid, &status, 0) != pid || status)
        die("the HDF5 library failed");
    result = *seconds;
    munmap(seconds, sizeof *seconds);
    return result;
}

static void library_write(void *arg)
{
    hsize_t shape[2] = {ROWS, COLS}, chunk[2] = {CHUNK_ROWS, CHUNK_COLS};
    hid_t file, space, properties, dataset;

    unlink(theirs);
    file = H5Fcreate(theirs, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    space = H5Screate_simple(2, shape, NULL);
    properties = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_chunk(properties, 2, chunk);
    H5Pset_shuffle(properties);
    H5Pset_deflate(properties, 4);
    dataset = H5Dcreate2(file, "x", H5T_IEEE_F32LE, space, H5P_DEFAULT,
                         properties, H5P_DEFAULT);
    if (H5Dwrite(dataset, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT,
                 arg) < 0)
        _exit(1);
    H5Dclose(dataset);
    H5Fclose(file);
}

static void library_read(void *arg)
{
    int fd = open(target, O_RDWR | O_CREAT | O_TRUNC, 0600);
    hid_t file = H5Fopen(theirs, H5F_ACC_RDONLY, H5P_DEFAULT);
    hid_t dataset = H5Dopen2(file, "x", H5P_DEFAULT);
    void *out;

    if (fd < 0 || ftruncate(fd, (off_t)nbytes))
        _exit(1);
    out = mmap(NULL, nbytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (out == MAP_FAILED || H5Dread(dataset, H5T_NATIVE_FLOAT, H5S_ALL,
                                     H5S_ALL, H5P_DEFAULT, out) < 0)
        _exit(1);
    if (arg && memcmp(out, arg, nbytes))
        _exit(2);
}

static double our_load(struct foray_pool *pool, const float *x)
{
    struct foray_array loaded;
    struct foray_error err;
    double begin = now(), seconds;

    check(foray_hdf5_load(&loaded, pool, theirs, "x", NULL, &err), &err);
    seconds = now() - begin;
    if (memcmp(loaded.data, x, nbytes))
        die("other numbers");
    foray_array_close(&loaded, NULL);
    return seconds;
}

static double our_save(struct foray_pool *pool, const struct foray_array *x)
{
    struct foray_hdf5_options options = {
        .deflate = 4, .shuffle = true, .chunk = {CHUNK_ROWS, CHUNK_COLS}};
    struct foray_error err;
    double begin;

    unlink(ours);
    begin = now();
    check(foray_hdf5_save(pool, ours, "x", x, &options, &err), &err);
    return now() - begin;
}

static double our_open(struct foray_pool *pool, const struct foray_array *x)
{
    struct foray_array opened;
    struct foray_error err;
    double best = INFINITY;

    unlink(ours);
    check(foray_hdf5_save(pool, ours, "x", x, NULL, &err), &err);
    for (int i = 0; i < 20; i++) {
        double begin = now();

        check(foray_hdf5_open(&opened, pool, ours, "x", "r", NULL, &err), &err);
        best = least(best, now() - begin);
        foray_array_close(&opened, NULL);
    }
    return best;
}

static int judge(const char *what, double library, double seconds, double bar)
{
    double ratio = library / seconds;

    printf("%-34s %7.3f s %8.0f MB/s  %5.2f times the library (bar %.1f)%s\n",
           what, seconds, (double)nbytes / seconds / 1e6, ratio, bar,
           ratio < bar ? "  UNDER" : "");
    return ratio < bar;
}

int main(void)
{
    static const double read_bar[] = {2.5, 3.8}, write_bar[] = {1.8, 2.8};
    double read = INFINITY, written = INFINITY, opened;
    struct foray_pool *pools[2] = {NULL, NULL};
    size_t shape[2] = {ROWS, COLS};
    struct foray_array x;
    struct foray_error err;
    double load[2] = {INFINITY, INFINITY}, save[2] = {INFINITY, INFINITY};
    int under = 0;

    snprintf(ours, sizeof ours, "/dev/shm/foray-bench-%d-a.h5", getpid());
    snprintf(theirs, sizeof theirs, "/dev/shm/foray-bench-%d-b.h5", getpid());
    snprintf(target, sizeof target, "/dev/shm/foray-bench-%d-c", getpid());
    warm_memory(3 * nbytes);
    check(foray_array_create(&x, NULL, FORAY_F32, 2, shape, &err), &err);
    fill(x.data);
    for (int k = 0; k < 2; k++) {
        struct foray_config config = {.n_jobs = k + 1, .backend = "fork"};

        check(foray_pool_open(&pools[k], &config, &err), &err);
    }
    for (int i = 0; i < TRIES; i++) {
        written = least(written, timed(library_write, x.data));
        warm_memory(2 * nbytes);
        read = least(read, timed(library_read, NULL));
        unlink(target);
        for (int k = 0; k < 2; k++) {
            warm_memory(2 * nbytes);
            load[k] = least(load[k], our_load(pools[k], x.data));
            save[k] = least(save[k], our_save(pools[k], &x));
        }
    }
    rename(ours, theirs);
    timed(library_read, x.data); /* what we saved is what the library reads */
    unlink(target);
    printf("%-34s %7.3f s %8.0f MB/s\n", "H5Dread", read,
           (double)nbytes / read / 1e6);
    for (int k = 0; k < 2; k++)
        under += judge(k ? "load, two workers" : "load, one worker", read,
                       load[k], read_bar[k]);
    printf("%-34s %7.3f s %8.0f MB/s\n", "H5Dwrite", written,
           (double)nbytes / written / 1e6);
    for (int k = 0; k < 2; k++)
        under += judge(k ? "save, two workers" : "save, one worker", written,
                       save[k], write_bar[k]);
    opened = our_open(pools[0], &x);
    printf("open in one piece: %.3f ms (bar 1 ms)%s\n", 1e3 * opened,
           opened > 1e-3 ? "  OVER" : "");
    under += opened > 1e-3;
    for (int k = 0; k < 2; k++)
        foray_pool_close(pools[k]);
    foray_array_close(&x, NULL);
    unlink(ours);
    unlink(theirs);
    return under != 0;
}
