#include <foray/array.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "array/convert.h"
#include "array/text.h"
#include "base/error.h"

static bool same_type(const struct foray_array *a, const struct foray_array *b)
{
    return a->dtype == b->dtype && a->itemsize == b->itemsize &&
           a->swapped == b->swapped;
}

static int check(const struct foray_array *dst, const struct foray_array *src,
                 struct foray_error *err)
{
    bool equal = dst->ndim == src->ndim;

    for (int k = 0; equal && k < dst->ndim; k++)
        equal = dst->shape[k] == src->shape[k];
    if (!equal)
        return foray__fail(err, FORAY_ESHAPE,
                           "cannot copy an array %s into one %s: the shapes "
                           "must be equal",
                           foray__shape_text(src).text,
                           foray__shape_text(dst).text);
    if ((dst->dtype == FORAY_OPAQUE || src->dtype == FORAY_OPAQUE) &&
        !same_type(dst, src))
        return foray__fail(err, FORAY_EDTYPE,
                           "cannot convert items of %zu bytes (%s) to %zu "
                           "bytes (%s): opaque items can only be copied to "
                           "their like",
                           src->itemsize, foray_dtype_name(src->dtype),
                           dst->itemsize, foray_dtype_name(dst->dtype));
    if (dst->mode == FORAY_READ)
        return foray__fail(err, FORAY_EACCES,
                           "the array to copy to is mode r: open it with mode "
                           "r+ or c");
    return 0;
}

/* Two views of equal shape, walked together. */
struct pair {
    int ndim;
    size_t shape[FORAY_MAX_NDIM];
    ptrdiff_t dst[FORAY_MAX_NDIM], src[FORAY_MAX_NDIM];
};

static ptrdiff_t magnitude(ptrdiff_t x)
{
    return x < 0 ? -x : x;
}

/* Sort axes so that the destination is written in memory order, and merge
 * those that follow each other in both views: inner loops become long. */
static void simplify(struct pair *pair, const struct foray_array *dst,
                     const struct foray_array *src)
{
    int order[FORAY_MAX_NDIM], n = 0;

    for (int k = 0; k < dst->ndim; k++) {
        int at = n;

        if (dst->shape[k] == 1)
            continue;
        while (at > 0 && magnitude(dst->strides[order[at - 1]]) <
                             magnitude(dst->strides[k])) {
            order[at] = order[at - 1];
            at--;
        }
        order[at] = k;
        n++;
    }
    pair->ndim = 0;
    for (int i = 0; i < n; i++) {
        int k = order[i], last = pair->ndim - 1;
        ptrdiff_t length = (ptrdiff_t)dst->shape[k];

        if (last >= 0 && pair->dst[last] == length * dst->strides[k] &&
            pair->src[last] == length * src->strides[k])
            pair->shape[last] *= dst->shape[k];
        else
            pair->shape[++last] = dst->shape[k];
        pair->dst[last] = dst->strides[k];
        pair->src[last] = src->strides[k];
        pair->ndim = last + 1;
    }
}

/* One innermost row of equal types. */
static void copy_row(char *dst, ptrdiff_t dst_stride, const char *src,
                     ptrdiff_t src_stride, size_t n, size_t itemsize)
{
    if (dst_stride == (ptrdiff_t)itemsize && src_stride == dst_stride) {
        memcpy(dst, src, n * itemsize);
        return;
    }
#define COPY_ITEMS(type)                                                       \
    for (size_t k = 0; k < n; k++)                                             \
        memcpy(dst + (ptrdiff_t)k * dst_stride,                                \
               src + (ptrdiff_t)k * src_stride, sizeof(type));
    switch (itemsize) { /* known sizes become single moves */
    case 1:
        COPY_ITEMS(uint8_t)
        break;
    case 2:
        COPY_ITEMS(uint16_t)
        break;
    case 4:
        COPY_ITEMS(uint32_t)
        break;
    case 8:
        COPY_ITEMS(uint64_t)
        break;
    default:
        for (size_t k = 0; k < n; k++)
            memcpy(dst + (ptrdiff_t)k * dst_stride,
                   src + (ptrdiff_t)k * src_stride, itemsize);
    }
#undef COPY_ITEMS
}

/* All elements; the views do not overlap. */
static void copy_apart(const struct foray_array *dst,
                       const struct foray_array *src)
{
    size_t index[FORAY_MAX_NDIM] = {0};
    struct foray__row to = {dst->data, 0, dst->dtype, dst->swapped};
    struct foray__row from = {src->data, 0, src->dtype, src->swapped};
    bool same = same_type(dst, src);
    struct pair pair;
    int inner;

    simplify(&pair, dst, src);
    inner = pair.ndim - 1;
    if (inner < 0) { /* a single element */
        pair.shape[0] = 1;
        pair.dst[0] = pair.src[0] = 0;
        inner = 0;
    }
    to.stride = pair.dst[inner];
    from.stride = pair.src[inner];
    for (;;) {
        int k;

        if (same)
            copy_row(to.data, to.stride, from.data, from.stride,
                     pair.shape[inner], dst->itemsize);
        else
            foray__convert_row(&to, &from, pair.shape[inner]);
        for (k = inner - 1; k >= 0; k--) {
            to.data += pair.dst[k];
            from.data += pair.src[k];
            if (++index[k] < pair.shape[k])
                break;
            to.data -= (ptrdiff_t)pair.shape[k] * pair.dst[k];
            from.data -= (ptrdiff_t)pair.shape[k] * pair.src[k];
            index[k] = 0;
        }
        if (k < 0)
            return;
    }
}

/* First and one past the last byte of a view that is not empty. */
static void extent(const struct foray_array *array, uintptr_t *low,
                   uintptr_t *high)
{
    *low = *high = (uintptr_t)array->data;
    for (int k = 0; k < array->ndim; k++) {
        ptrdiff_t reach = (ptrdiff_t)(array->shape[k] - 1) * array->strides[k];

        if (reach < 0)
            *low -= (uintptr_t)-reach;
        else
            *high += (uintptr_t)reach;
    }
    *high += array->itemsize;
}

static bool overlap(const struct foray_array *a, const struct foray_array *b)
{
    uintptr_t a_low, a_high, b_low, b_high;

    extent(a, &a_low, &a_high);
    extent(b, &b_low, &b_high);
    return a_low < b_high && b_low < a_high;
}

/* Through a private copy of the source. */
static int copy_overlapping(const struct foray_array *dst,
                            const struct foray_array *src,
                            struct foray_error *err)
{
    struct foray_array copy = *src;

    copy.data = malloc(foray_array_nbytes(src));
    if (!copy.data)
        return foray__fail(err, FORAY_ENOMEM,
                           "no memory for a copy of the %zu bytes that "
                           "overlap: copy between arrays that do not",
                           foray_array_nbytes(src));
    foray__array_set_strides(&copy, FORAY_C_ORDER);
    copy_apart(&copy, src);
    copy_apart(dst, &copy);
    free(copy.data);
    return 0;
}

int foray_array_copy(const struct foray_array *dst,
                     const struct foray_array *src, struct foray_error *err)
{
    FORAY_TRY(check(dst, src, err));
    if (foray_array_nitems(src) == 0 || src->itemsize == 0)
        return 0;
    if (overlap(dst, src))
        return copy_overlapping(dst, src, err);
    copy_apart(dst, src);
    return 0;
}
