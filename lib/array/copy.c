#include <foray/array.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "array/convert.h"
#include "array/extent.h"
#include "array/move.h"
#include "array/text.h"
#include "array/walk.h"
#include "base/error.h"

/* Elements converted at a time where they must be packed or turned around. */
enum { BLOCK = 256, MAX_ITEMSIZE = 16 };

/* How the elements of one side lie. */
struct side {
    size_t itemsize;
    size_t unit; /* bytes of what is turned around and aligned: half an item
                    of complex numbers */
    bool swapped;
};

struct job {
    struct side dst, src;
    foray__convert_fn convert; /* NULL: same type, items are moved */
    bool in_place;             /* dst and src are the same memory */
};

static struct side side_of(const struct foray_array *array)
{
    struct side side = {array->itemsize, array->itemsize, array->swapped};

    if (array->dtype == FORAY_C64 || array->dtype == FORAY_C128)
        side.unit /= 2;
    return side;
}

static void move_run(void *arg, char *dst, ptrdiff_t dst_stride,
                     const char *src, ptrdiff_t src_stride, size_t n)
{
    const struct job *job = arg;

    foray__move(dst, dst_stride, src, src_stride, n, job->dst.itemsize,
                job->dst.swapped != job->src.swapped ? job->dst.unit : 0);
}

/* Whether the conversion may work on this memory itself. */
static bool is_plain(const struct side *side, const void *data,
                     ptrdiff_t stride)
{
    return !side->swapped && stride == (ptrdiff_t)side->itemsize &&
           (uintptr_t)data % side->unit == 0;
}

static void convert_run(void *arg, char *dst, ptrdiff_t dst_stride,
                        const char *src, ptrdiff_t src_stride, size_t n)
{
    _Alignas(64) char from[BLOCK * MAX_ITEMSIZE], to[BLOCK * MAX_ITEMSIZE];
    const struct job *job = arg;
    const struct side *d = &job->dst, *s = &job->src;
    bool plain_dst = !job->in_place && is_plain(d, dst, dst_stride);
    bool plain_src = !job->in_place && is_plain(s, src, src_stride);
    size_t count;

    for (size_t done = 0; done < n; done += count) {
        char *into = dst + (ptrdiff_t)done * dst_stride;
        const char *out_of = src + (ptrdiff_t)done * src_stride;

        count = n - done;
        if (!(plain_dst && plain_src) && count > BLOCK)
            count = BLOCK;
        if (!plain_src)
            foray__move(from, (ptrdiff_t)s->itemsize, out_of, src_stride, count,
                        s->itemsize, s->swapped ? s->unit : 0);
        job->convert(plain_dst ? into : to, plain_src ? out_of : from, count);
        if (!plain_dst)
            foray__move(into, dst_stride, to, (ptrdiff_t)d->itemsize, count,
                        d->itemsize, d->swapped ? d->unit : 0);
    }
}

static bool may_overlap(const struct foray_array *a,
                        const struct foray_array *b)
{
    struct foray__extent x = foray__extent_of(a, -1);
    struct foray__extent y = foray__extent_of(b, -1);

    return x.low < y.high && y.low < x.high;
}

/* Whether each element lies exactly on its counterpart, and on no other. */
static bool is_in_place(const struct foray_array *a,
                        const struct foray_array *b)
{
    if (a->data != b->data || a->itemsize != b->itemsize)
        return false;
    for (int k = 0; k < a->ndim; k++)
        if (a->shape[k] > 1 && a->strides[k] != b->strides[k])
            return false;
    return foray_array_is_contiguous(a, FORAY_ANY_ORDER);
}

static int check_types(const struct foray_array *dst,
                       const struct foray_array *src, struct foray_error *err)
{
    bool opaque = dst->dtype == FORAY_OPAQUE || src->dtype == FORAY_OPAQUE;

    if (!opaque)
        return 0;
    if (dst->dtype != src->dtype)
        return foray__fail(
            err, FORAY_EDTYPE, "copy: %s cannot be converted to %s",
            foray_dtype_name(src->dtype), foray_dtype_name(dst->dtype));
    if (dst->itemsize != src->itemsize)
        return foray__fail(err, FORAY_EDTYPE,
                           "copy: opaque items of %zu bytes cannot become "
                           "items of %zu bytes",
                           src->itemsize, dst->itemsize);
    return 0;
}

static int check(const struct foray_array *dst, const struct foray_array *src,
                 struct foray_error *err)
{
    bool equal = dst->ndim == src->ndim;

    for (int k = 0; equal && k < dst->ndim; k++)
        equal = dst->shape[k] == src->shape[k];
    if (!equal)
        return foray__fail(err, FORAY_ESHAPE,
                           "copy: the source's shape %s is not the target's %s",
                           foray__shape_text(src).text,
                           foray__shape_text(dst).text);
    if (dst->mode == FORAY_READ)
        return foray__fail(err, FORAY_EACCES,
                           "copy: the target was opened with mode r: open it "
                           "with r+ to write to it");
    return check_types(dst, src, err);
}

static void copy_elements(const struct foray_array *dst,
                          const struct foray_array *src, bool in_place)
{
    struct job job = {side_of(dst), side_of(src), NULL, in_place};
    struct foray__walk walk;

    if (dst->dtype != src->dtype)
        job.convert = foray__convert_find(dst->dtype, src->dtype);
    foray__walk_plan(&walk, dst, src);
    foray__walk_runs(&walk, job.convert ? convert_run : move_run, &job);
}

/* Whether the whole copy is one block of bytes, which foray__move reads and
 * writes as memmove does. */
static bool is_one_block(const struct foray_array *dst,
                         const struct foray_array *src)
{
    struct foray__walk walk;

    if (dst->dtype != src->dtype || dst->swapped != src->swapped)
        return false;
    foray__walk_plan(&walk, dst, src);
    return walk.ndim == 1 && walk.dst_strides[0] == (ptrdiff_t)dst->itemsize &&
           walk.src_strides[0] == (ptrdiff_t)src->itemsize;
}

/* Read all of `src` first. */
static int copy_through_memory(const struct foray_array *dst,
                               const struct foray_array *src,
                               struct foray_error *err)
{
    size_t nbytes = foray_array_nbytes(src);
    struct foray_array copy = *src;

    copy.data = malloc(nbytes);
    if (!copy.data)
        return foray__fail(err, FORAY_ENOMEM,
                           "copy: the arrays overlap, and there is no memory "
                           "for %zu bytes between them",
                           nbytes);
    foray__array_set_strides(&copy, FORAY_C_ORDER);
    copy_elements(&copy, src, false);
    copy_elements(dst, &copy, false);
    free(copy.data);
    return 0;
}

int foray_array_copy(const struct foray_array *dst,
                     const struct foray_array *src, struct foray_error *err)
{
    bool in_place;

    FORAY_TRY(check(dst, src, err));
    if (!foray_array_nitems(src))
        return 0;
    in_place = is_in_place(dst, src);
    if (!in_place && may_overlap(dst, src) && !is_one_block(dst, src))
        return copy_through_memory(dst, src, err);
    copy_elements(dst, src, in_place);
    return 0;
}
