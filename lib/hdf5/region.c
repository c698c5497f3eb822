#include "hdf5/region.h"

#include <string.h>

#include "base/error.h"

static bool fits(size_t length, size_t start, size_t count, size_t step)
{
    size_t last;

    if (!count)
        return start <= length;
    return !__builtin_mul_overflow(count - 1, step, &last) &&
           !__builtin_add_overflow(last, start, &last) && last < length;
}

int foray__h5_region_make(struct foray__h5_region *out, int ndim,
                          const size_t *shape,
                          const struct foray_hdf5_slab *slab, const char *name,
                          struct foray_error *err)
{
    memset(out, 0, sizeof *out);
    out->ndim = ndim;
    for (int k = 0; k < ndim; k++) {
        out->start[k] = slab ? slab->start[k] : 0;
        out->count[k] = slab ? slab->count[k] : shape[k];
        out->step[k] = slab && slab->step[k] ? slab->step[k] : 1;
        if (!fits(shape[k], out->start[k], out->count[k], out->step[k]))
            return foray__fail(err, FORAY_ERANGE,
                               "%s has %zu elements along axis %d: %zu of them "
                               "from %zu on by steps of %zu are too many",
                               name, shape[k], k, out->count[k], out->start[k],
                               out->step[k]);
        if (out->count[k] < 2)
            out->step[k] = 1;
    }
    return 0;
}

/* The indices of the region, [first, first + n), that lie within a range of the
 * dataset's elements. */
static size_t overlap(size_t *first, size_t start, size_t count, size_t step,
                      size_t at, size_t length)
{
    size_t low = at > start ? (at - start + step - 1) / step : 0;
    size_t high =
        at + length > start ? (at + length - start + step - 1) / step : 0;

    if (high > count)
        high = count;
    *first = low;
    return high > low ? high - low : 0;
}

bool foray__h5_region_touches(const struct foray__h5_region *region,
                              const size_t *at, const size_t *length)
{
    size_t first;

    for (int k = 0; k < region->ndim; k++)
        if (!overlap(&first, region->start[k], region->count[k],
                     region->step[k], at[k], length[k]))
            return false;
    return true;
}

/* Two walks side by side: n elements of each axis, by strides in bytes. */
struct walk {
    int ndim;
    size_t n[FORAY_MAX_NDIM];
    ptrdiff_t in_block[FORAY_MAX_NDIM], in_array[FORAY_MAX_NDIM];
    char *block, *array;
    size_t run; /* bytes in one piece on both sides */
};

/* False when they have nothing in common. */
static bool begin(struct walk *walk, const struct foray__h5_block *block,
                  const struct foray__h5_region *region,
                  const struct foray_array *array)
{
    ptrdiff_t stride = (ptrdiff_t)block->itemsize;

    *walk = (struct walk){.ndim = region->ndim,
                          .block = block->bytes,
                          .array = array->data,
                          .run = block->itemsize};
    for (int k = region->ndim - 1; k >= 0; k--) {
        size_t first, step = region->step[k];

        walk->n[k] = overlap(&first, region->start[k], region->count[k], step,
                             block->at[k], block->shape[k]);
        if (!walk->n[k])
            return false;
        walk->block +=
            (ptrdiff_t)(region->start[k] + first * step - block->at[k]) *
            stride;
        walk->array += (ptrdiff_t)first * array->strides[k];
        walk->in_block[k] = stride * (ptrdiff_t)step;
        walk->in_array[k] = array->strides[k];
        stride *= (ptrdiff_t)block->shape[k];
    }
    /* Trailing axes that are one piece on both sides. */
    while (walk->ndim &&
           walk->in_block[walk->ndim - 1] == (ptrdiff_t)walk->run &&
           walk->in_array[walk->ndim - 1] == (ptrdiff_t)walk->run)
        walk->run *= walk->n[--walk->ndim];
    return true;
}

void *foray__h5_block_place(const struct foray__h5_block *block,
                            const struct foray__h5_region *region,
                            const struct foray_array *array)
{
    struct walk walk;
    size_t nbytes = block->itemsize;

    for (int k = 0; k < region->ndim; k++)
        nbytes *= block->shape[k];
    if (!begin(&walk, block, region, array) || walk.run != nbytes)
        return NULL;
    return walk.array;
}

/* Elements of a constant size are moved by one instruction each. */
static void move_line(char *to, const char *from, ptrdiff_t to_stride,
                      ptrdiff_t from_stride, size_t n, size_t run)
{
#define EACH(size)                                                             \
    for (size_t i = 0; i < n; i++, to += to_stride, from += from_stride)       \
    memcpy(to, from, size)
    switch (run) {
    case 1:
        EACH(1);
        break;
    case 2:
        EACH(2);
        break;
    case 4:
        EACH(4);
        break;
    case 8:
        EACH(8);
        break;
    default:
        EACH(run);
    }
#undef EACH
}

static void move(struct walk *walk, bool to_array)
{
    int last = walk->ndim - 1;
    size_t i[FORAY_MAX_NDIM] = {0};
    int k;

    if (last < 0) {
        memcpy(to_array ? walk->array : walk->block,
               to_array ? walk->block : walk->array, walk->run);
        return;
    }
    do {
        if (to_array)
            move_line(walk->array, walk->block, walk->in_array[last],
                      walk->in_block[last], walk->n[last], walk->run);
        else
            move_line(walk->block, walk->array, walk->in_block[last],
                      walk->in_array[last], walk->n[last], walk->run);
        for (k = last - 1; k >= 0; k--) {
            walk->block += walk->in_block[k];
            walk->array += walk->in_array[k];
            if (++i[k] < walk->n[k])
                break;
            walk->block -= walk->in_block[k] * (ptrdiff_t)walk->n[k];
            walk->array -= walk->in_array[k] * (ptrdiff_t)walk->n[k];
            i[k] = 0;
        }
    } while (k >= 0);
}

void foray__h5_block_read(const struct foray__h5_block *block,
                          const struct foray__h5_region *region,
                          const struct foray_array *array)
{
    struct walk walk;

    if (begin(&walk, block, region, array))
        move(&walk, true);
}

void foray__h5_block_write(const struct foray__h5_block *block,
                           const struct foray__h5_region *region,
                           const struct foray_array *array)
{
    struct walk walk;

    if (begin(&walk, block, region, array))
        move(&walk, false);
}
