/* Rows of a .npy file that are replaced, or added, where it is. */
#include <foray/storage.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/read.h"
#include "base/size.h"
#include "storage/draft.h"
#include "storage/existing.h"
#include "storage/file.h"
#include "storage/npy_file.h"
#include "storage/pages.h"

/* What is put where. */
struct putting {
    struct foray__npy_file file;
    uint64_t size; /* of the file, before */
    const struct foray_array *rows;
    const size_t *where;
    size_t n, row_nbytes;
    size_t old_length, new_length; /* rows of the file */
    char *header;                  /* with the new length */
};

static int check_shape(const struct putting *putting, const char *shown,
                       struct foray_error *err)
{
    const struct foray__npy_header *header = &putting->file.header;
    const struct foray_array *rows = putting->rows;
    bool same = header->ndim == rows->ndim && rows->ndim;

    if (header->fortran_order && header->ndim > 1)
        return foray__fail(err, FORAY_ENOTSUP,
                           "%s has its columns after one another: rows cannot "
                           "be put into it, save it in C order",
                           shown);
    if (header->dtype != rows->dtype || header->dtype == FORAY_OPAQUE ||
        header->swapped != rows->swapped)
        return foray__fail(err, FORAY_EDTYPE,
                           "%s holds %s: rows of %s cannot be put into it",
                           shown, header->descr, foray_array_descr(rows));
    for (int k = 1; same && k < rows->ndim; k++)
        same = header->shape[k] == rows->shape[k];
    if (!same)
        return foray__fail(err, FORAY_ESHAPE,
                           "the rows to be put into %s have another shape than "
                           "those it has",
                           shown);
    return foray_array_require(rows, rows->dtype, rows->ndim, FORAY_C_ORDER,
                               err);
}

/* Ascending, and without a gap behind the last row that is there. */
static int check_places(struct putting *putting, const char *shown,
                        struct foray_error *err)
{
    size_t length = putting->old_length, next = 0;

    for (size_t k = 0; k < putting->n; k++) {
        size_t at = putting->where[k];

        if (at == FORAY_NO_ROW)
            continue;
        if (at < next || at > length)
            return foray__fail(err, FORAY_EINVAL,
                               "row %zu of %s does not follow row %zu: places "
                               "ascend, and new rows leave no gap",
                               at, shown,
                               next     ? next - 1
                               : length ? length - 1
                                        : 0);
        length += at == length;
        next = at + 1;
    }
    putting->new_length = length;
    return 0;
}

/* All that can be refused is, before anything is changed. */
static int prepare(struct putting *putting, struct foray_error *err)
{
    struct foray__npy_header *header = &putting->file.header;
    char tail[FORAY__TAIL_SIZE];
    const char *shown = foray__tail(tail, putting->file.path);
    size_t shape[FORAY_MAX_NDIM];

    FORAY_TRY(check_shape(putting, shown, err));
    putting->old_length = header->shape[0];
    putting->n = putting->rows->shape[0];
    FORAY_TRY(check_places(putting, shown, err));
    memcpy(shape, header->shape, sizeof shape);
    shape[0] = 1;
    if (!foray__shape_nbytes(&putting->row_nbytes, header->itemsize,
                             header->ndim, shape))
        return foray__fail(err, FORAY_ERANGE, "rows of %s are too long", shown);
    header->shape[0] = putting->new_length;
    if (!foray__shape_nbytes(&header->nbytes, header->itemsize, header->ndim,
                             header->shape))
        return foray__fail(err, FORAY_ERANGE,
                           "%s with %zu rows is larger than the address space",
                           shown, putting->new_length);
    return foray__npy_refit(&putting->header, header, shown, err);
}

/* Room for the new rows, or the file as it was. */
static int make_room(const struct putting *putting, struct foray_error *err)
{
    const struct foray__npy_file *file = &putting->file;
    uint64_t wanted = file->header.offset + file->header.nbytes;
    char tail[FORAY__TAIL_SIZE];
    int code;

    if (wanted <= putting->size)
        return 0;
    code = foray__reserve(file->fd, (size_t)wanted,
                          foray__tail(tail, file->path), err);
    if (code && ftruncate(file->fd, (off_t)putting->size))
        errno = 0; /* longer than its header says: valid all the same */
    return code;
}

/* Rows that are neighbours there as here go in one piece. */
static int write_rows(const struct putting *putting, size_t first, size_t stop,
                      struct foray_error *err)
{
    const struct foray__npy_file *file = &putting->file;
    size_t k = first;

    while (k < stop) {
        size_t begin = k++;

        if (putting->where[begin] == FORAY_NO_ROW)
            continue;
        while (k < stop && putting->where[k] == putting->where[k - 1] + 1)
            k++;
        FORAY_TRY(foray__file_write(
            file->fd, foray_row(putting->rows, begin),
            (k - begin) * putting->row_nbytes,
            file->header.offset + putting->where[begin] * putting->row_nbytes,
            file->path, err));
    }
    return 0;
}

/* Only the bytes that differ, a few digits in one sector: whoever is killed
 * here leaves the old header or the new one. */
static int write_header(const struct putting *putting, struct foray_error *err)
{
    const struct foray__npy_file *file = &putting->file;
    size_t first = 0, stop = file->header.offset;
    const char *new = putting->header;
    char tail[FORAY__TAIL_SIZE], *old = malloc(stop);
    int code;

    if (!old)
        return foray__fail(err, FORAY_ENOMEM, "no memory for a .npy header");
    if (foray__read_at(file->fd, old, stop, 0) != (ssize_t)stop) {
        free(old);
        return foray__fail(err, FORAY_EIO, "cannot read %s",
                           foray__tail(tail, file->path));
    }
    while (first < stop && old[first] == new[first])
        first++;
    while (stop > first && old[stop - 1] == new[stop - 1])
        stop--;
    code = foray__file_write(file->fd, new + first, stop - first, first,
                             file->path, err);
    free(old);
    return code;
}

/* New rows, then the header that has them, then those in place of others: what
 * fails for want of room fails while nothing of the old is touched. */
static int put(const struct putting *putting, struct foray_error *err)
{
    const struct foray__npy_file *file = &putting->file;
    size_t old = putting->n;

    if (!putting->row_nbytes)
        old = 0;
    while (old && putting->where[old - 1] >= putting->old_length)
        old--;
    if (putting->new_length > putting->old_length) {
        FORAY_TRY(make_room(putting, err));
        if (putting->row_nbytes)
            FORAY_TRY(write_rows(putting, old, putting->n, err));
        FORAY_TRY(foray__file_sync(file->fd, file->path, err));
        FORAY_TRY(write_header(putting, err));
    }
    FORAY_TRY(write_rows(putting, 0, old, err));
    return foray__file_sync(file->fd, file->path, err);
}

/* With the file's lock, so that its header is nobody else's to change. */
static int put_locked(struct putting *putting, int lock, const char *path,
                      struct foray_error *err)
{
    char tail[FORAY__TAIL_SIZE];
    int code;

    FORAY_TRY(foray__draft_take(lock, path, err));
    FORAY_TRY(foray__npy_file_open(&putting->file, path, true, err));
    if (!foray__file_is(lock, path))
        code = foray__fail(err, FORAY_EBUSY,
                           "%s was replaced by another process meanwhile: try "
                           "again",
                           foray__tail(tail, path));
    else
        code = prepare(putting, err);
    if (!code)
        code = put(putting, err);
    free(putting->header);
    foray__npy_file_close(&putting->file);
    return code;
}

int foray_npy_put_rows(const char *path, const struct foray_array *rows,
                       const size_t *where, struct foray_error *err)
{
    struct putting putting = {.rows = rows, .where = where};
    int lock, code;

    FORAY_TRY(foray__existing_open(&lock, &putting.size, path, true,
                                   "a .npy file", err));
    code = put_locked(&putting, lock, path, err);
    close(lock);
    return code;
}
