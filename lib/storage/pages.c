#include "storage/pages.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/feature.h"
#include "storage/file.h"

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25 /* Linux 6.1 */
#endif

/* Below this length large pages are not worth their trouble. */
enum { MIN_LARGE = 4 << 20 };

/* Collapse at least this much at a time, and stop when a step is slower than
 * writing the same bytes would be. */
enum { STEP = 64 << 20 };
static const double write_bytes_per_second = 2.5e9;

/* Bytes of a large page; 0 when the kernel has none. */
static size_t large_page_size(void)
{
    FILE *file =
        fopen("/sys/kernel/mm/transparent_hugepage/hpage_pmd_size", "re");
    size_t size = 0;

    if (file) {
        if (fscanf(file, "%zu", &size) != 1 || (size & (size - 1)))
            size = 0;
        fclose(file);
    }
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

/* Reserve without space-checking system calls: zeros, block by block. */
static int write_zeros(int fd, size_t length, const char *name,
                       struct foray_error *err)
{
    enum { BLOCK = 1 << 20 };
    char *zeros = calloc(1, BLOCK);
    int code = 0;

    if (!zeros)
        return foray__fail(err, FORAY_ENOMEM, "no memory to make %s", name);
    for (size_t done = 0; done < length && !code; done += BLOCK)
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

/* Give the file its length and space, or leave it empty. */
static int reserve(int fd, size_t length, const char *name,
                   struct foray_error *err)
{
    char tail[FORAY__TAIL_SIZE];
    int code = 0;

    if (allocate(fd, 0, length)) {
        if (errno == EOPNOTSUPP || errno == ENOSYS)
            code = write_zeros(fd, length, name, err);
        else
            code =
                foray__fail_errno(err, errno, "cannot reserve %zu bytes for %s",
                                  length, foray__tail(tail, name));
    }
    if (code && ftruncate(fd, 0))
        errno = 0; /* the space comes back when the file is closed */
    return code;
}

/* Put large pages under [base, base + length) of an empty file: one small page
 * for each, then collapse. Returns the bytes that got them. */
static size_t collapse(int fd, char *base, size_t length, size_t page)
{
    size_t step = page > STEP ? page : STEP / page * page, done = 0;

    while (length - done >= page) {
        size_t now =
            (length - done < step ? length - done : step) / page * page;
        double start = foray__now();

        for (size_t k = 0; k < now; k += page)
            if (allocate(fd, done + k, 1))
                return done;
        if (madvise(base + done, now, MADV_COLLAPSE))
            return done;
        done += now;
        if ((double)now / (foray__now() - start) < write_bytes_per_second)
            return done;
    }
    return done;
}

static int map_new(void **out, int fd, size_t length, size_t align,
                   const char *name, struct foray_error *err)
{
    char tail[FORAY__TAIL_SIZE];

    *out = map_aligned(fd, length, FORAY_READ_WRITE, align);
    if (*out)
        return 0;
    return foray__fail_errno(err, errno, "cannot map %zu bytes of %s", length,
                             foray__tail(tail, name));
}

int foray__map_large(void **out, int fd, size_t length, const char *name,
                     struct foray_error *err)
{
    size_t page = length >= MIN_LARGE && foray__feature("collapse")
                      ? large_page_size()
                      : 0;
    int code;

    *out = NULL;
    if (!page || length < page || ftruncate(fd, (off_t)length))
        return 0;
    FORAY_TRY(map_new(out, fd, length, page, name, err));
    if (collapse(fd, *out, length, page) >= length / 2) {
        /* The tail in small pages; a full file system says so here, not with
         * SIGBUS. */
        code = reserve(fd, length, name, err);
        if (!code)
            return 0;
    } else {
        code = 0;
    }
    munmap(*out, length);
    *out = NULL;
    if (ftruncate(fd, 0))
        return foray__fail_errno(err, errno, "cannot empty a file in memory");
    return code;
}

int foray__map_new(void **out, int fd, size_t length, bool large,
                   const char *name, struct foray_error *err)
{
    *out = NULL;
    if (large)
        FORAY_TRY(foray__map_large(out, fd, length, name, err));
    if (*out)
        return 0;
    FORAY_TRY(reserve(fd, length, name, err));
    return map_new(out, fd, length, 0, name, err);
}
