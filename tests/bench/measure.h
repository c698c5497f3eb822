/* What every benchmark needs. */
#ifndef FORAY_BENCH_MEASURE_H
#define FORAY_BENCH_MEASURE_H

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

#include <foray/error.h>

/* Seconds. */
static inline double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static inline double least(double a, double b)
{
    return a < b ? a : b;
}

/* Nothing was measured: exit status 99. */
_Noreturn static inline void die(const char *what)
{
    fprintf(stderr, "%s: %s\n", program_invocation_short_name, what);
    exit(99);
}

static inline void check(int code, const struct foray_error *err)
{
    if (code)
        die(err->msg);
}

/* Zeros. Owner: the caller, free(). */
static inline void *memory(size_t nbytes)
{
    void *bytes = calloc(1, nbytes);

    if (!bytes)
        die("no memory");
    return bytes;
}

/* The first touch of memory that a virtual machine has never used is several
 * times slower than all that follow, and would fall to whoever comes first.
 * Large pages that are free for some two seconds may be given back to the host
 * (free page reporting): to be called before each measurement that makes files
 * anew, not once. */
static inline void warm_memory(size_t nbytes)
{
    char *bytes = mmap(NULL, nbytes, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (bytes == MAP_FAILED)
        die("no memory");
    madvise(bytes, nbytes, MADV_HUGEPAGE);
    for (size_t i = 0; i < nbytes; i += 4096)
        ((volatile char *)bytes)[i] = 1;
    munmap(bytes, nbytes);
}

#endif
