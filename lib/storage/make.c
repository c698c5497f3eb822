#include "storage/make.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "array/npy.h"
#include "array/text.h"
#include "base/error.h"
#include "base/size.h"
#include "storage/draft.h"
#include "storage/file.h"
#include "storage/pages.h"
#include "storage/partial.h"
#include "storage/segment.h"
#include "storage/session.h"
#include "storage/size_text.h"

enum { MAX_ALIGN = 4096, TMPFS = 0x01021994 };

/* A segment on its way. */
struct making {
    const struct foray__layout *layout;
    const struct foray_placement *placement;
    foray__fill_fn fill; /* NULL: zeros */
    const void *arg;
    enum foray_mode mode;
    const char *name; /* for messages: the path, or "a temporary array" */
    char *header;
    size_t offset, length; /* of the data; of the whole file */
    int fd;
    void *base;
};

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

bool foray__lies_in_memory(int fd)
{
    struct statfs kind;

    return !fstatfs(fd, &kind) && kind.f_type == TMPFS;
}

int foray__explain_full(int code, int fd, size_t nbytes, const char *name,
                        struct foray_error *err)
{
    struct statvfs space;
    struct stat st;

    if (code != FORAY_ENOSPC || fstatvfs(fd, &space) || fstat(fd, &st))
        return code;
    return foray__fail(
        err, code,
        "%s needs %s, and the file system has %s free: free some space, or "
        "name another folder",
        name, foray__size_text(nbytes).text,
        foray__size_text((size_t)space.f_bavail * space.f_frsize +
                         (size_t)st.st_blocks * 512)
            .text);
}

/* What large pages may cost against clearing small ones. write() clears and
 * copies; an array that is only reserved pays a fault for every small page as
 * well, which together with its clearing takes about three times as long. */
static const double to_write = 1, to_fault = 2.5;

/* Try for large pages: map the empty file and collapse. sink->direct stays 0,
 * and the file empty, where there are none. */
static int prepare_large(struct making *making, struct foray__sink *sink,
                         struct foray_error *err)
{
    if (ftruncate(making->fd, (off_t)making->length))
        return foray__fail_errno(err, errno, "cannot lengthen %s",
                                 making->name);
    making->base = foray__map(making->fd, making->length, FORAY_READ_WRITE);
    if (making->base) {
        sink->base = making->base;
        sink->direct = foray__collapse(making->fd, making->base, making->length,
                                       making->fill ? to_write : to_fault);
    }
    if (!sink->direct && ftruncate(making->fd, 0))
        return foray__fail_errno(err, errno, "cannot empty %s", making->name);
    return 0;
}

/* Header and data into the file, every byte of it real, then mapped. Data for
 * a file in memory is written where there are no large pages: reserving first
 * would clear every page once more. */
static int fill(struct making *making, struct foray_error *err)
{
    struct foray__sink sink = {.fd = making->fd, .name = making->name};
    bool memory = foray__lies_in_memory(making->fd);

    if (memory && !making->placement->small_pages &&
        foray__wants_large_pages(making->length))
        FORAY_TRY(prepare_large(making, &sink, err));
    if (!memory || !making->fill)
        FORAY_TRY(
            foray__reserve(making->fd, making->length, making->name, err));
    FORAY_TRY(foray__sink_put(&sink, 0, making->header, making->offset, err));
    if (making->fill)
        FORAY_TRY(making->fill(&sink, making->offset, making->arg, err));
    if (!making->base)
        making->base = foray__map(making->fd, making->length, FORAY_READ_WRITE);
    if (making->base)
        return 0;
    return foray__fail_errno(err, errno, "cannot map %s of %s",
                             foray__size_text(making->length).text,
                             making->name);
}

/* The segment of a file that is filled and mapped, which owns both then. */
static int finish(const struct making *making, struct foray_array *out,
                  const char *path, struct foray_error *err)
{
    struct foray_segment *segment =
        foray__segment_new(making->fd, making->base, making->length,
                           making->mode, path, making->layout->descr);

    if (!segment)
        return foray__fail(err, FORAY_ENOMEM, "no memory for %s", making->name);
    foray__layout_apply(out, making->layout,
                        (char *)making->base + making->offset);
    out->mode = making->mode;
    out->segment = segment;
    return 0;
}

/* Fill the file and make the segment. On failure both are given back. */
static int build(struct making *making, struct foray_array *out,
                 const char *path, struct foray_error *err)
{
    int code = fill(making, err);

    if (!code)
        code = finish(making, out, path, err);
    if (!code)
        return 0;
    code = foray__explain_full(code, making->fd, making->length, making->name,
                               err);
    if (making->base)
        munmap(making->base, making->length);
    close(making->fd);
    return code;
}

static int make_unnamed(struct making *making, struct foray_array *out,
                        struct foray_error *err)
{
    struct foray_folder folder;

    FORAY_TRY(foray_folder_choose(&folder, making->placement->folder,
                                  making->length, err));
    FORAY_TRY(foray__file_nameless(&making->fd, folder.path, err));
    FORAY_TRY(build(making, out, NULL, err));
    /* Nobody can cut a sealed file under a mapping. Only a memfd has seals. */
    fcntl(making->fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW);
    return 0;
}

/* What a run left that was interrupted; out->segment stays NULL if there is
 * nothing that fits. */
static int take_over(struct making *making, struct foray_array *out,
                     const char *path, struct foray_error *err)
{
    int code = 0;

    FORAY_TRY(foray__partial_take(&making->fd, path, making->header,
                                  making->offset, making->length, err));
    if (making->fd < 0)
        return 0;
    making->base = foray__map(making->fd, making->length, FORAY_READ_WRITE);
    if (!making->base)
        code = foray__fail_errno(err, errno, "cannot map %s of %s",
                                 foray__size_text(making->length).text,
                                 making->name);
    if (!code)
        code = finish(making, out, path, err);
    if (code) {
        if (making->base)
            munmap(making->base, making->length);
        close(making->fd);
        return code;
    }
    out->segment->partial = out->segment->resumable = true;
    return 0;
}

static int make_named(struct making *making, struct foray_array *out,
                      const char *path, struct foray_error *err)
{
    bool partial = making->placement->partial;
    struct foray__draft draft;
    int code;

    if (partial && making->placement->resumable) {
        FORAY_TRY(take_over(making, out, path, err));
        if (out->segment)
            return 0;
    }
    if (partial)
        FORAY_TRY(foray__partial_check(path, err));
    FORAY_TRY(foray__draft_open(&draft, path,
                                making->placement->session ? 0600 : 0666, err));
    making->fd = draft.fd;
    code = build(making, out, path, err);
    if (code) {
        draft.fd = -1; /* closed */
        foray__draft_drop(&draft);
        return code;
    }
    code = partial ? foray__partial_install(&draft, path, err)
                   : foray__draft_install(&draft, path, err);
    if (!code) {
        out->segment->partial = partial;
        out->segment->resumable = partial && making->placement->resumable;
        out->segment->blank = true;
        return 0;
    }
    draft.fd = -1; /* the segment's */
    foray__draft_drop(&draft);
    foray__segment_free(out->segment);
    memset(out, 0, sizeof *out);
    return code;
}

/* Where the placement says the array belongs; *path is malloc'ed, NULL for an
 * unnamed one. */
static int find_place(char **path, const char *given,
                      const struct foray_placement *placement,
                      struct foray_error *err)
{
    *path = NULL;
    if (given && placement->name)
        return foray__fail(err, FORAY_EINVAL,
                           "an array has a path or a name in a session, not "
                           "both: \"%.64s\" and \"%.64s\"",
                           given, placement->name);
    if (placement->session && !placement->name)
        return foray__fail(err, FORAY_EINVAL,
                           "an array in a session needs a name");
    if (placement->partial && !given)
        return foray__fail(err, FORAY_EINVAL,
                           "a partial array needs a path to be committed to");
    if (placement->resumable && !placement->partial)
        return foray__fail(err, FORAY_EINVAL,
                           "only a partial array can be resumable: set both");
    if (placement->name)
        return foray__session_file(path, placement->session, placement->name,
                                   err);
    if (!given)
        return 0;
    return foray__absolute(path, given, err);
}

int foray__make(struct foray_array *out, const struct foray__layout *layout,
                const char *path, const struct foray_placement *placement,
                foray__fill_fn fill_data, const void *arg, enum foray_mode mode,
                struct foray_error *err)
{
    static const struct foray_placement defaults;
    struct making making = {.layout = layout, .fd = -1};
    char tail[FORAY__TAIL_SIZE], *place;
    int code;

    memset(out, 0, sizeof *out);
    making.placement = placement ? placement : &defaults;
    making.fill = fill_data;
    making.arg = arg;
    making.mode = mode;
    FORAY_TRY(find_place(&place, path, making.placement, err));
    making.name = place ? foray__tail(tail, place) : "a temporary array";
    code = measure(&making, err);
    if (!code)
        code = place ? make_named(&making, out, place, err)
                     : make_unnamed(&making, out, err);
    free(making.header);
    free(place);
    return code;
}
