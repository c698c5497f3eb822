#include "array/walk.h"

/* Items along each side of a tile. Where one array is read across its rows, a
 * tile keeps the lines of memory it touches in the nearest cache until all
 * their items are used. */
enum { TILE = 32 };

/* An inner axis shorter than SHORT_RUN (the colours of a pixel) changes places
 * with the one before it, and is visited LONG_RUN of those at a time. */
enum { SHORT_RUN = 16, LONG_RUN = 512 };

static size_t distance(ptrdiff_t stride)
{
    return stride < 0 ? -(size_t)stride : (size_t)stride;
}

static void add_axis(struct foray__walk *walk, size_t length, ptrdiff_t dst,
                     ptrdiff_t src)
{
    int k = walk->ndim++;

    /* Forwards in `dst`: memory is written upwards. */
    if (dst < 0) {
        walk->dst += dst * (ptrdiff_t)(length - 1);
        walk->src += src * (ptrdiff_t)(length - 1);
        dst = -dst;
        src = -src;
    }
    for (; k && (walk->dst_strides[k - 1] < dst ||
                 (walk->dst_strides[k - 1] == dst &&
                  distance(walk->src_strides[k - 1]) < distance(src)));
         k--) {
        walk->shape[k] = walk->shape[k - 1];
        walk->dst_strides[k] = walk->dst_strides[k - 1];
        walk->src_strides[k] = walk->src_strides[k - 1];
    }
    walk->shape[k] = length;
    walk->dst_strides[k] = dst;
    walk->src_strides[k] = src;
}

/* One axis instead of two where both arrays step evenly across them. */
static void merge_axes(struct foray__walk *walk)
{
    int last = 0;

    for (int k = 1; k < walk->ndim; k++) {
        ptrdiff_t length = (ptrdiff_t)walk->shape[k];

        if (walk->dst_strides[last] != walk->dst_strides[k] * length ||
            walk->src_strides[last] != walk->src_strides[k] * length) {
            last++;
            walk->shape[last] = walk->shape[k];
        } else {
            walk->shape[last] *= walk->shape[k];
        }
        walk->dst_strides[last] = walk->dst_strides[k];
        walk->src_strides[last] = walk->src_strides[k];
    }
    walk->ndim = last + 1;
}

static void swap_axes(struct foray__walk *walk, int i, int k)
{
    size_t length = walk->shape[i];
    ptrdiff_t dst = walk->dst_strides[i], src = walk->src_strides[i];

    walk->shape[i] = walk->shape[k];
    walk->dst_strides[i] = walk->dst_strides[k];
    walk->src_strides[i] = walk->src_strides[k];
    walk->shape[k] = length;
    walk->dst_strides[k] = dst;
    walk->src_strides[k] = src;
}

/* Decide how the last two axes are visited; of the others, the one of the
 * shortest steps in `src` comes next to the inner one if these are shorter. */
static void pair_axes(struct foray__walk *walk)
{
    int inner = walk->ndim - 1, near = inner;

    walk->tile_items = walk->shape[inner];
    walk->tile_rows = 1;
    if (!inner)
        return;
    walk->tile_rows = walk->shape[inner - 1];
    for (int k = inner - 1; k >= 0; k--)
        if (distance(walk->src_strides[k]) < distance(walk->src_strides[near]))
            near = k;
    if (near < inner) {
        swap_axes(walk, near, inner - 1);
        walk->tile_rows = walk->tile_items = TILE;
    } else if (walk->shape[inner] < SHORT_RUN &&
               walk->shape[inner] < walk->shape[inner - 1]) {
        swap_axes(walk, inner - 1, inner);
        walk->tile_rows = SHORT_RUN;
        walk->tile_items = LONG_RUN;
    }
}

void foray__walk_plan(struct foray__walk *out, const struct foray_array *dst,
                      const struct foray_array *src)
{
    out->dst = dst->data;
    out->src = src->data;
    out->ndim = 0;
    for (int k = 0; k < dst->ndim; k++)
        if (dst->shape[k] != 1)
            add_axis(out, dst->shape[k], dst->strides[k], src->strides[k]);
    if (!out->ndim)
        add_axis(out, 1, (ptrdiff_t)dst->itemsize, (ptrdiff_t)src->itemsize);
    merge_axes(out);
    pair_axes(out);
}

/* The two innermost axes. */
static void run_plane(const struct foray__walk *walk, char *dst,
                      const char *src, foray__run_fn run, void *arg)
{
    int inner = walk->ndim - 1, outer = inner - 1;
    size_t n = walk->shape[inner], rows = walk->shape[outer];
    size_t height = walk->tile_rows, width = walk->tile_items;

    for (size_t top = 0; top < rows; top += height)
        for (size_t left = 0; left < n; left += width) {
            size_t bottom = rows - top < height ? rows : top + height;
            size_t length = n - left < width ? n - left : width;

            for (size_t i = top; i < bottom; i++)
                run(arg,
                    dst + (ptrdiff_t)i * walk->dst_strides[outer] +
                        (ptrdiff_t)left * walk->dst_strides[inner],
                    walk->dst_strides[inner],
                    src + (ptrdiff_t)i * walk->src_strides[outer] +
                        (ptrdiff_t)left * walk->src_strides[inner],
                    walk->src_strides[inner], length);
        }
}

void foray__walk_runs(const struct foray__walk *walk, foray__run_fn run,
                      void *arg)
{
    size_t index[FORAY_MAX_NDIM] = {0};
    const char *src = walk->src;
    char *dst = walk->dst;
    int k;

    if (walk->ndim == 1) {
        run(arg, dst, walk->dst_strides[0], src, walk->src_strides[0],
            walk->shape[0]);
        return;
    }
    for (;;) {
        run_plane(walk, dst, src, run, arg);
        for (k = walk->ndim - 3; k >= 0; k--) {
            dst += walk->dst_strides[k];
            src += walk->src_strides[k];
            if (++index[k] < walk->shape[k])
                break;
            dst -= walk->dst_strides[k] * (ptrdiff_t)walk->shape[k];
            src -= walk->src_strides[k] * (ptrdiff_t)walk->shape[k];
            index[k] = 0;
        }
        if (k < 0)
            return;
    }
}
