#include "storage/npy_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <foray/storage.h>

#include "base/error.h"
#include "base/read.h"
#include "storage/existing.h"

/* Almost every header fits into the first page; the rest is read when the
 * length in the header says so. */
static int read_header(struct foray__npy_file *out, uint64_t file_size,
                       const char *path, struct foray_error *err)
{
    enum { FIRST = 4096, ALL = FORAY__NPY_MAX_HEADER + 12 };
    unsigned char *bytes = malloc(ALL);
    char tail[FORAY__TAIL_SIZE];
    ssize_t n;
    int code;

    if (!bytes)
        return foray__fail(err, FORAY_ENOMEM, "no memory to read %s",
                           foray__tail(tail, path));
    n = foray__read_at(out->fd, bytes, FIRST, 0);
    if (n == FIRST && (bytes[6] > 1 || 10 + bytes[8] + (bytes[9] << 8) > FIRST))
        n = foray__read_at(out->fd, bytes, ALL, 0);
    if (n < 0)
        code = foray__fail_errno(err, errno, "cannot read %s",
                                 foray__tail(tail, path));
    else
        code = foray__npy_parse(&out->header, bytes, (size_t)n, file_size, path,
                                err);
    free(bytes);
    return code;
}

int foray__npy_file_open(struct foray__npy_file *out, const char *path,
                         bool writable, struct foray_error *err)
{
    uint64_t size;
    int code;

    memset(out, 0, sizeof *out);
    out->path = path;
    FORAY_TRY(foray__existing_open(&out->fd, &size, path, writable,
                                   "a .npy file", err));
    code = read_header(out, size, path, err);
    if (code)
        foray__npy_file_close(out);
    return code;
}

/* The file's data, as it is read piece by piece. */
struct reading {
    const struct foray__npy_file *file;
    size_t done;
};

static int read_next(void *from, void *bytes, size_t nbytes,
                     struct foray_error *err)
{
    struct reading *reading = from;
    const struct foray__npy_file *file = reading->file;
    char tail[FORAY__TAIL_SIZE];
    ssize_t n = foray__read_at(file->fd, bytes, nbytes,
                               file->header.offset + reading->done);

    if (n < 0)
        return foray__fail_errno(err, errno, "cannot read %s",
                                 foray__tail(tail, file->path));
    if ((size_t)n < nbytes)
        return foray__fail(err, FORAY_ETRUNCATED,
                           "%s became shorter while it was read",
                           foray__tail(tail, file->path));
    reading->done += nbytes;
    return 0;
}

int foray__npy_file_copy(const struct foray__sink *sink, size_t offset,
                         const void *arg, struct foray_error *err)
{
    struct reading reading = {.file = arg};

    return foray__sink_pull(sink, offset, reading.file->header.nbytes,
                            read_next, &reading, err);
}

void foray__npy_file_close(struct foray__npy_file *file)
{
    if (file->fd >= 0)
        close(file->fd);
    file->fd = -1;
    foray__npy_free(&file->header);
}

int foray_npy_info(struct foray_npy_info *out, const char *path,
                   struct foray_error *err)
{
    struct foray__npy_file file;
    size_t room = sizeof out->descr - 4;

    memset(out, 0, sizeof *out);
    FORAY_TRY(foray__npy_file_open(&file, path, false, err));
    out->dtype = file.header.dtype;
    out->swapped = file.header.swapped;
    out->fortran_order = file.header.fortran_order;
    out->version = file.header.version;
    out->ndim = file.header.ndim;
    out->itemsize = file.header.itemsize;
    memcpy(out->shape, file.header.shape, sizeof out->shape);
    out->offset = file.header.offset;
    out->nbytes = file.header.nbytes;
    /* A header that was read has its type. */
    snprintf(out->descr, sizeof out->descr, "%.*s%s", (int)room,
             file.header.descr, // NOLINTNEXTLINE(clang-analyzer-core.*)
             strlen(file.header.descr) > room ? "..." : "");
    foray__npy_file_close(&file);
    return 0;
}
