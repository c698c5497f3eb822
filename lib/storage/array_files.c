/* Arrays into files and out of them: open, create, load, dump, close. */
#include <foray/storage.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "array/npy.h"
#include "array/text.h"
#include "base/error.h"
#include "storage/existing.h"
#include "storage/make.h"
#include "storage/npy_file.h"
#include "storage/pages.h"
#include "storage/partial.h"
#include "storage/segment.h"

int foray_array_open(struct foray_array *out, const char *path,
                     const char *mode, struct foray_error *err)
{
    struct foray__npy_file file;
    struct foray__layout layout;
    enum foray_mode parsed = FORAY_READ;
    int code;

    memset(out, 0, sizeof *out);
    FORAY_TRY(foray__existing_mode(&parsed, mode, err));
    FORAY_TRY(
        foray__npy_file_open(&file, path, parsed == FORAY_READ_WRITE, err));
    foray__layout_of_header(&layout, &file.header);
    code = foray__existing_map(out, file.fd, path, &layout, file.header.offset,
                               file.header.nbytes, parsed, err);
    if (!code)
        file.fd = -1; /* the segment's */
    foray__npy_file_close(&file);
    return code;
}

int foray_array_create_at(struct foray_array *out, const char *path,
                          enum foray_dtype dtype, int ndim, const size_t *shape,
                          const struct foray_placement *placement,
                          struct foray_error *err)
{
    struct foray__layout layout = {.dtype = dtype, .ndim = ndim};
    char descr[8];

    memset(out, 0, sizeof *out);
    layout.itemsize = foray_dtype_size(dtype);
    if (!layout.itemsize)
        return foray__fail(err, FORAY_EDTYPE,
                           "an opaque array cannot be created: its items have "
                           "no known size");
    FORAY_TRY(foray__check_ndim(ndim, err));
    if (ndim && !shape)
        return foray__fail(err, FORAY_EINVAL,
                           "an array of %d axes needs a shape", ndim);
    for (int k = 0; k < ndim; k++)
        layout.shape[k] = shape[k];
    layout.fortran_order = placement && placement->fortran_order && ndim > 1;
    foray__npy_descr(descr, dtype, false);
    layout.descr = descr;
    return foray__make(out, &layout, path, placement, NULL, NULL, FORAY_CREATE,
                       err);
}

int foray_array_create(struct foray_array *out, const char *path,
                       enum foray_dtype dtype, int ndim, const size_t *shape,
                       struct foray_error *err)
{
    return foray_array_create_at(out, path, dtype, ndim, shape, NULL, err);
}

static int put_array(const struct foray__sink *sink, size_t offset,
                     const void *arg, struct foray_error *err)
{
    return foray__sink_put_array(sink, offset, arg, err);
}

int foray_array_dump(struct foray_array *out, const struct foray_array *src,
                     const struct foray_placement *placement,
                     struct foray_error *err)
{
    struct foray__layout layout;

    foray__layout_of(&layout, src);
    return foray__make(out, &layout, NULL, placement, put_array, src,
                       FORAY_READ_WRITE, err);
}

int foray_array_load(struct foray_array *out, const char *path,
                     struct foray_error *err)
{
    struct foray__npy_file file;
    struct foray__layout layout;
    int code;

    memset(out, 0, sizeof *out);
    FORAY_TRY(foray__npy_file_open(&file, path, false, err));
    foray__layout_of_header(&layout, &file.header);
    code = foray__make(out, &layout, NULL, NULL, foray__npy_file_copy, &file,
                       FORAY_READ_WRITE, err);
    foray__npy_file_close(&file);
    return code;
}

/* Write back what a named file's mapping holds. In memory there is nothing to
 * do, and the kernel knows. */
static int write_back(const struct foray_segment *segment,
                      struct foray_error *err)
{
    char tail[FORAY__TAIL_SIZE];

    if (!segment->path || segment->partial || segment->mode == FORAY_READ ||
        segment->mode == FORAY_COPY)
        return 0;
    if (!msync(segment->base, segment->length, MS_SYNC))
        return 0;
    return foray__fail_errno(err, errno, "cannot write %s back",
                             foray__tail(tail, segment->path));
}

int foray_array_close(struct foray_array *array, struct foray_error *err)
{
    struct foray_segment *segment;
    char tail[FORAY__TAIL_SIZE];
    int code = 0;

    if (!array || !array->segment)
        return 0;
    segment = array->segment;
    FORAY_TRY(foray__segment_check(segment, err));
    if (atomic_load(&segment->users))
        return foray__fail(err, FORAY_EBUSY,
                           "%s is used by a run at the moment: close it "
                           "afterwards",
                           foray__segment_name(tail, segment));
    if (segment->before_close)
        code = segment->before_close(segment, segment->before_close_arg, err);
    if (!code)
        code = write_back(segment, err);
    if (segment->partial)
        foray__partial_leave(segment);
    foray__segment_tell_listener(segment->id);
    foray__segment_free(segment);
    memset(array, 0, sizeof *array);
    return code;
}

const char *foray_array_descr(const struct foray_array *array)
{
#define BOTH(name, bytes, text, numpy)                                         \
    case FORAY_##name:                                                         \
        return bytes == 1 ? "|" numpy                                          \
               : ((__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__) !=               \
                  array->swapped)                                              \
                   ? "<" numpy                                                 \
                   : ">" numpy;
    switch (array->dtype) {
        FORAY_DTYPE_MAP(BOTH)
    case FORAY_OPAQUE:
        break;
    }
#undef BOTH
    return array->segment ? array->segment->descr : "|V0";
}
