/* Dumping 1 GiB into shared memory, and a worker that fills 1 GiB: ratios to
 * what a program does without foray, alternating in one run on warm memory,
 * best of several.
 *
 *     bench_dump [MiB [ROUNDS]]
 *
 * Exit status 1 when a ratio misses its target.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <foray.h>

#include "measure.h"

static char *source;
static size_t nbytes;

static int unnamed_file(void)
{
    int fd = open("/dev/shm", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

    if (fd < 0)
        die("no file in /dev/shm");
    return fd;
}

static double by_write(void)
{
    int fd = unnamed_file();
    double start = now(), seconds;

    for (size_t done = 0; done < nbytes;) {
        ssize_t n = write(fd, source + done, nbytes - done);

        if (n <= 0)
            die("write failed");
        done += (size_t)n;
    }
    seconds = now() - start;
    close(fd);
    return seconds;
}

static double by_dump(void)
{
    struct foray_array array, copy;
    struct foray_error err;
    size_t shape[1] = {nbytes / 8};
    double start, seconds;

    if (foray_array_wrap(&array, source, FORAY_F64, 1, shape, &err))
        die(err.msg);
    start = now();
    if (foray_array_dump(&copy, &array,
                         &(struct foray_placement){.folder = "/dev/shm"}, &err))
        die(err.msg);
    seconds = now() - start;
    if (((char *)copy.data)[nbytes - 1] != source[nbytes - 1])
        die("the copy differs");
    if (foray_array_close(&copy, &err))
        die(err.msg);
    return seconds;
}

static double by_dump_in_small_pages(void)
{
    double seconds;

    setenv("FORAY_TEST_NO", "collapse", 1);
    seconds = by_dump();
    unsetenv("FORAY_TEST_NO");
    return seconds;
}

/* How long a forked worker takes to fill `data`. */
static double fill_in_child(char *data)
{
    double *took = mmap(NULL, sizeof *took, PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    double seconds;
    pid_t child;

    if (took == MAP_FAILED)
        die("no memory");
    child = fork();
    if (child == 0) {
        double start = now();

        memset(data, 1, nbytes);
        *took = now() - start;
        _exit(0);
    }
    if (child < 0 || waitpid(child, NULL, 0) != child)
        die("no child");
    seconds = *took;
    munmap(took, sizeof *took);
    return seconds;
}

static double fill_plain_file(void)
{
    int fd = unnamed_file();
    char *data;
    double seconds;

    if (ftruncate(fd, (off_t)nbytes))
        die("ftruncate failed");
    data = mmap(NULL, nbytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (data == MAP_FAILED)
        die("mmap failed");
    seconds = fill_in_child(data);
    munmap(data, nbytes);
    close(fd);
    return seconds;
}

static double fill_created(void)
{
    struct foray_array array;
    struct foray_error err;
    double seconds;

    if (foray_array_create_at(&array, NULL, FORAY_U8, 1, &nbytes,
                              &(struct foray_placement){.folder = "/dev/shm"},
                              &err))
        die(err.msg);
    seconds = fill_in_child(array.data);
    if (foray_array_close(&array, &err))
        die(err.msg);
    return seconds;
}

static void warm_up(void)
{
    warm_memory(2 * nbytes);
    by_write();
    by_dump();
}

/* Best of several, alternating so that both meet the same machine. */
static int compare(const char *what, double (*baseline)(void),
                   double (*ours)(void), double target, int rounds)
{
    double a = 1e9, b = 1e9;
    double gigabytes = (double)nbytes / 1e9;

    warm_up();
    for (int i = 0; i < rounds; i++) {
        a = least(a, baseline());
        b = least(b, ours());
    }
    printf("%-44s %6.3f s %5.1f GB/s, ours %6.3f s %5.1f GB/s: %5.2f x "
           "(target %.2f) %s\n",
           what, a, gigabytes / a, b, gigabytes / b, a / b, target,
           a / b >= target ? "ok" : "MISSED");
    return a / b < target;
}

int main(int argc, char **argv)
{
    size_t mib = argc > 1 ? strtoul(argv[1], NULL, 10) : 1024;
    int rounds = argc > 2 ? atoi(argv[2]) : 5, missed = 0;

    nbytes = mib << 20;
    source = mmap(NULL, nbytes, PROT_READ | PROT_WRITE,
                  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (!mib || rounds < 1 || source == MAP_FAILED)
        die("usage: bench_dump [MiB [ROUNDS]]");
    for (size_t i = 0; i < nbytes; i += 8)
        memcpy(source + i, &i, 8);
    missed +=
        compare("dump: write(), one thread", by_write, by_dump, 2.5, rounds);
    /* The same work: 1, but for the noise. */
    missed += compare("dump without large pages: write()", by_write,
                      by_dump_in_small_pages, 0.95, rounds);
    missed += compare("worker fills: ftruncate and mmap", fill_plain_file,
                      fill_created, 4, rounds);
    munmap(source, nbytes);
    return missed != 0;
}
