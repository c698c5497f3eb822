#include "storage/pages.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/feature.h"
#include "storage/file.h"

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25 /* Linux 6.1 */
#endif

enum {
    MIN_LARGE = 4 << 20,
    FIRST_STEP = 8 << 20,
    LAST_STEP = 32 << 20,
    MIN_SAMPLE = 64 << 10,
    PIECE = 256 << 10,
    MAX_SAMPLE = 2 << 20
};

/* What collapsing may lose against write() before it is given up: a share of
 * what writing the whole would take, and a moment that another process may have
 * the CPU for. Large pages come from memory that lay idle longer, which costs a
 * virtual machine more on the first touch, and repay it at every later one. */
static const double grace_share = 0.5, grace_seconds = 0.02;

/* Bytes of a large page: 2 MiB on x86-64, up to 512 MiB on arm64; 0 when the
 * kernel has none. */
static size_t large_page_size(void)
{
    static atomic_size_t known = 1; /* 1: not read yet */
    size_t size = atomic_load_explicit(&known, memory_order_relaxed);
    FILE *file;

    if (size != 1)
        return size;
    file = fopen("/sys/kernel/mm/transparent_hugepage/hpage_pmd_size", "re");
    if (!file || fscanf(file, "%zu", &size) != 1 || (size & (size - 1)))
        size = 0;
    if (file)
        fclose(file);
    atomic_store_explicit(&known, size, memory_order_relaxed);
    return size;
}

/* An address range aligned to `align`, reserved without memory. */
static void *reserve_addresses(size_t length, size_t align)
{
    size_t span = length + align;
    char *base =
        mmap(NULL, span, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    char *aligned;

    if (base == MAP_FAILED)
        return NULL;
    aligned = (char *)(((uintptr_t)base + align - 1) & ~(uintptr_t)(align - 1));
    if (aligned > base)
        munmap(base, (size_t)(aligned - base));
    munmap(aligned + length, span - (size_t)(aligned - base) - length);
    return aligned;
}

static void *map_aligned(int fd, size_t length, enum foray_mode mode,
                         size_t align)
{
    int protection = mode == FORAY_READ ? PROT_READ : PROT_READ | PROT_WRITE;
    int flags = mode == FORAY_COPY ? MAP_PRIVATE | MAP_NORESERVE : MAP_SHARED;
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t whole = (length + page - 1) / page * page;
    void *at = NULL, *base;

    if (align > page && (at = reserve_addresses(whole, align)))
        flags |= MAP_FIXED;
    base = mmap(at, length, protection, flags, fd, 0);
    if (base == MAP_FAILED) {
        int why = errno;

        if (at)
            munmap(at, whole);
        errno = why;
        return NULL;
    }
    return base;
}

void *foray__map(int fd, size_t length, enum foray_mode mode)
{
    return map_aligned(fd, length, mode,
                       length >= MIN_LARGE ? large_page_size() : 0);
}

/* Real bytes without fallocate: zeros behind what the file has, block by block.
 * posix_fallocate would write one byte a page. */
static int write_zeros(int fd, size_t length, const char *name,
                       struct foray_error *err)
{
    enum { BLOCK = 1 << 20 };
    char *zeros;
    struct stat st;
    int code = 0;

    if (fstat(fd, &st))
        return foray__fail_errno(err, errno, "cannot reserve %s", name);
    zeros = calloc(1, BLOCK);
    if (!zeros)
        return foray__fail(err, FORAY_ENOMEM, "no memory to make %s", name);
    for (size_t done = (size_t)st.st_size; done < length && !code;
         done += BLOCK)
        code = foray__file_write(fd, zeros,
                                 length - done < BLOCK ? length - done : BLOCK,
                                 done, name, err);
    free(zeros);
    return code;
}

/* fallocate, restarted when a signal interrupts it. */
static int allocate(int fd, size_t offset, size_t length)
{
    int failed;

    do
        failed = fallocate(fd, 0, (off_t)offset, (off_t)length);
    while (failed && errno == EINTR);
    return failed;
}

/* What cannot fit is not begun: it would take the space from everybody else
 * until that is found. Root may have more than others, and what is counted is
 * at least what there is. */
static bool may_fit(int fd, size_t length)
{
    struct statvfs space;
    struct stat st;

    if (fstatvfs(fd, &space) || fstat(fd, &st) || !space.f_blocks)
        return true; /* nobody knows */
    return length <= (uint64_t)space.f_bfree * space.f_frsize +
                         (uint64_t)st.st_blocks * 512;
}

int foray__reserve(int fd, size_t length, const char *name,
                   struct foray_error *err)
{
    if (!may_fit(fd, length))
        return foray__fail_errno(err, ENOSPC, "cannot reserve %zu bytes for %s",
                                 length, name);
    if (foray__feature("fallocate")) {
        if (!allocate(fd, 0, length))
            return 0;
        if (errno != EOPNOTSUPP && errno != ENOSYS)
            return foray__fail_errno(
                err, errno, "cannot reserve %zu bytes for %s", length, name);
    }
    return write_zeros(fd, length, name, err);
}

bool foray__wants_large_pages(size_t length)
{
    size_t page = large_page_size();

    return page && length >= MIN_LARGE && length >= 2 * page &&
           foray__feature("collapse");
}

/* A range collapses only if each large page has one small page to start with.
 */
static bool collapse_range(int fd, char *base, size_t start, size_t stop,
                           size_t page)
{
    for (size_t at = start; at < stop; at += page)
        if (allocate(fd, at, 1))
            return false;
    return !madvise(base + start, stop - start, MADV_COLLAPSE);
}

/* Seconds a byte of small pages takes to allocate and clear, measured on some
 * of the file; 0 when it cannot. The quickest piece counts: another process had
 * the CPU during the others. */
static double small_page_cost(int fd, size_t offset, size_t length)
{
    double least = 0;

    for (size_t done = 0; done < length; done += PIECE) {
        size_t piece = length - done < PIECE ? length - done : PIECE;
        double start = foray__now(), cost;

        if (allocate(fd, offset + done, piece))
            return 0;
        cost = (foray__now() - start) / (double)piece;
        if (piece >= MIN_SAMPLE && (least <= 0 || cost < least))
            least = cost;
    }
    return least;
}

size_t foray__collapse(int fd, void *base, size_t length, double worth)
{
    size_t page = large_page_size(), whole, sample, done = 0;
    size_t step = FIRST_STEP;
    double cost, grace, spent = 0;

    if (!page || (uintptr_t)base % page)
        return 0;
    whole = length / page * page;
    /* The sample is of the tail that no large page covers, or else of the last
     * large page's bytes. */
    if (length - whole < MIN_SAMPLE)
        whole -= page;
    sample = length - whole < MAX_SAMPLE ? length - whole : MAX_SAMPLE;
    cost = small_page_cost(fd, whole, sample);
    if (cost <= 0)
        return 0;
    grace = grace_share * cost * (double)length + grace_seconds;
    while (done < whole && spent <= worth * cost * (double)done + grace) {
        size_t span = step > page ? step / page * page : page;
        size_t stop = whole - done < span ? whole : done + span;
        double start = foray__now();

        if (!collapse_range(fd, base, done, stop, page))
            break;
        spent += foray__now() - start;
        done = stop;
        if (step < LAST_STEP) /* each call waits for every CPU once */
            step *= 2;
    }
    return done;
}
