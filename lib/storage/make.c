#include "storage/make.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "array/npy.h"
#include "array/text.h"
#include "base/error.h"
#include "base/size.h"
#include "storage/file.h"
#include "storage/pages.h"
#include "storage/segment.h"
#include "storage/session.h"
#include "storage/stream.h"

enum { MAX_ALIGN = 4096, TMPFS = 0x01021994 };

/* A segment on its way. */
struct making {
    const struct foray__layout *layout;
    const struct foray_placement *placement;
    const char *name; /* for messages: the path, or "a temporary array" */
    char *header;
    size_t offset, length; /* of the data; of the whole file */
    bool memory;           /* the file lies in memory */
    int fd;
    void *base;
};

void foray__layout_of(struct foray__layout *layout,
                      const struct foray_array *array)
{
    layout->dtype = array->dtype;
    layout->swapped = array->swapped;
    layout->itemsize = array->itemsize;
    layout->ndim = array->ndim;
    memcpy(layout->shape, array->shape, sizeof layout->shape);
    layout->descr = foray_array_descr(array);
    layout->fortran_order = array->ndim > 1 &&
                            !foray_array_is_contiguous(array, FORAY_C_ORDER) &&
                            foray_array_is_contiguous(array, FORAY_F_ORDER);
}

void foray__layout_apply(struct foray_array *out,
                         const struct foray__layout *layout, void *data)
{
    memset(out, 0, sizeof *out);
    out->data = data;
    out->dtype = layout->dtype;
    out->swapped = layout->swapped;
    out->mode = FORAY_READ_WRITE;
    out->ndim = layout->ndim;
    out->itemsize = layout->itemsize;
    memcpy(out->shape, layout->shape, sizeof out->shape);
    foray__array_set_strides(out, layout->fortran_order ? FORAY_F_ORDER
                                                        : FORAY_C_ORDER);
}

static int measure(struct making *making, struct foray_error *err)
{
    const struct foray__layout *layout = making->layout;
    size_t align = making->placement->align, nbytes;

    if (!align)
        align = 64;
    if (align & (align - 1) || align < 64 || align > MAX_ALIGN)
        return foray__fail(err, FORAY_EINVAL,
                           "an alignment of %zu is no power of two from 64 to "
                           "%d",
                           align, MAX_ALIGN);
    if (!foray__shape_nbytes(&nbytes, layout->itemsize, layout->ndim,
                             layout->shape) ||
        nbytes > PTRDIFF_MAX - FORAY__NPY_MAX_HEADER - MAX_ALIGN)
        return foray__fail(err, FORAY_ERANGE,
                           "%s would have more bytes than memory has "
                           "addresses",
                           making->name);
    FORAY_TRY(foray__npy_format(&making->header, &making->offset, layout->descr,
                                layout->fortran_order, layout->ndim,
                                layout->shape, align, err));
    making->length = making->offset + nbytes;
    return 0;
}

static bool lies_in_memory(int fd)
{
    struct statfs kind;

    return !fstatfs(fd, &kind) && kind.f_type == TMPFS;
}

/* Write header and data with system calls, then map: quicker than page faults
 * where there are no large pages, and a full disk is an error code. */
static int fill_by_writing(struct making *making,
                           const struct foray_array *source,
                           struct foray_error *err)
{
    FORAY_TRY(foray__file_write(making->fd, making->header, making->offset, 0,
                                making->name, err));
    FORAY_TRY(foray__file_write(making->fd, source->data,
                                making->length - making->offset, making->offset,
                                making->name, err));
    making->base = foray__map(making->fd, making->length, FORAY_READ_WRITE);
    if (making->base)
        return 0;
    return foray__fail_errno(err, errno, "cannot map %zu bytes of %s",
                             making->length, making->name);
}

static int fill(struct making *making, const struct foray_array *source,
                struct foray_error *err)
{
    bool large = making->memory && !making->placement->small_pages;
    bool packed = source && foray_array_is_contiguous(source, FORAY_ANY_ORDER);
    struct foray_array whole;

    if (packed) {
        if (large)
            FORAY_TRY(foray__map_large(&making->base, making->fd,
                                       making->length, making->name, err));
        if (!making->base)
            return fill_by_writing(making, source, err);
    } else {
        FORAY_TRY(foray__map_new(&making->base, making->fd, making->length,
                                 large, making->name, err));
    }
    memcpy(making->base, making->header, making->offset);
    foray__layout_apply(&whole, making->layout,
                        (char *)making->base + making->offset);
    if (packed)
        foray__stream_copy(whole.data, source->data,
                           making->length - making->offset);
    else if (source)
        return foray_array_copy(&whole, source, err);
    return 0;
}

static int finish(struct making *making, struct foray_array *out,
                  const char *path, enum foray_mode mode,
                  struct foray_error *err)
{
    struct foray_segment *segment =
        foray__segment_new(making->fd, making->base, making->length, mode, path,
                           making->layout->descr);

    if (!segment)
        return foray__fail(err, FORAY_ENOMEM, "no memory for %s", making->name);
    segment->partial = path && making->placement->partial;
    foray__layout_apply(out, making->layout,
                        (char *)making->base + making->offset);
    out->mode = mode;
    out->segment = segment;
    return 0;
}

static int make_unnamed(struct making *making, struct foray_array *out,
                        const struct foray_array *source, enum foray_mode mode,
                        struct foray_error *err)
{
    struct foray_folder folder;
    int code;

    FORAY_TRY(foray_folder_choose(&folder, making->placement->folder,
                                  making->length, err));
    making->fd = foray__file_nameless(folder.path, err);
    if (making->fd < 0)
        return err ? err->code : FORAY_ESYSTEM;
    making->memory = lies_in_memory(making->fd);
    code = fill(making, source, err);
    if (!code)
        code = finish(making, out, NULL, mode, err);
    if (code)
        close(making->fd);
    return code;
}

static int make_named(struct making *making, struct foray_array *out,
                      const char *path, const struct foray_array *source,
                      enum foray_mode mode, struct foray_error *err)
{
    struct foray__draft draft;
    int code;

    FORAY_TRY(foray__draft_open(&draft, path, err));
    making->fd = draft.fd;
    making->memory = lies_in_memory(making->fd);
    code = fill(making, source, err);
    if (!code && making->placement->partial) {
        char *partial = foray__partial_name(path);

        code = partial ? foray__partial_install(draft.fd, partial, err)
                       : foray__fail(err, FORAY_ENOMEM, "no memory");
        if (!code)
            code = foray__draft_install(&draft, partial, err);
        free(partial);
    } else if (!code) {
        code = foray__draft_install(&draft, path, err);
    }
    if (!code) {
        code = finish(making, out, path, mode, err);
        if (code)
            close(making->fd);
        return code;
    }
    foray__draft_drop(&draft);
    return code;
}

int foray__make(struct foray_array *out, const struct foray__layout *layout,
                const char *path, const struct foray_placement *placement,
                const struct foray_array *source, enum foray_mode mode,
                struct foray_error *err)
{
    static const struct foray_placement defaults;
    struct making making = {.layout = layout, .fd = -1};
    char tail[FORAY__TAIL_SIZE], *in_session = NULL;
    int code = 0;

    memset(out, 0, sizeof *out);
    making.placement = placement ? placement : &defaults;
    if (!path && making.placement->name) {
        code = foray__session_file(&in_session, making.placement->session,
                                   making.placement->name, err);
        path = in_session;
    }
    making.name = path ? foray__tail(tail, path) : "a temporary array";
    if (!code && making.placement->partial && !path)
        code = foray__fail(err, FORAY_EINVAL,
                           "a partial array needs a path to be committed to");
    if (!code)
        code = measure(&making, err);
    if (!code)
        code = path ? make_named(&making, out, path, source, mode, err)
                    : make_unnamed(&making, out, source, mode, err);
    if (code && making.base)
        munmap(making.base, making.length);
    free(making.header);
    free(in_session);
    return code;
}
