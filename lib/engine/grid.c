#include "engine/grid.h"

#include "base/size.h"

void foray__grid_add(struct foray__grid *grid, int axis, size_t length,
                     size_t chunk, size_t halo)
{
    grid->cuts[grid->n_cuts++] =
        (struct foray__cut){.axis = axis,
                            .length = length,
                            .chunk = chunk,
                            .halo = halo,
                            .n = length / chunk + (length % chunk != 0)};
}

bool foray__grid_count(size_t *out, const struct foray__grid *grid)
{
    *out = 1;
    for (int c = 0; c < grid->n_cuts; c++)
        if (!grid->cuts[c].n) {
            *out = 0;
            return true;
        }
    for (int c = 0; c < grid->n_cuts; c++)
        if (!foray__mul(out, *out, grid->cuts[c].n))
            return false;
    return true;
}

/* Rows of the blocks first .. last along one cut. */
static struct foray_slice rows_of(const struct foray__cut *cut, size_t first,
                                  size_t last)
{
    struct foray_slice rows = {first * cut->chunk, cut->length};

    if (last < cut->n - 1)
        rows.stop = (last + 1) * cut->chunk;
    return rows;
}

void foray__grid_block(struct foray__area *out, const struct foray__grid *grid,
                       size_t index)
{
    for (int c = grid->n_cuts - 1; c > 0; c--) {
        const struct foray__cut *cut = &grid->cuts[c];

        out->rows[c] = rows_of(cut, index % cut->n, index % cut->n);
        index /= cut->n;
    }
    if (grid->n_cuts)
        out->rows[0] = rows_of(&grid->cuts[0], index, index);
}

void foray__grid_area(struct foray__area *out, const struct foray__grid *grid,
                      size_t first, size_t n)
{
    struct foray__area last;
    bool same = true;

    foray__grid_block(out, grid, first);
    foray__grid_block(&last, grid, first + n - 1);
    for (int c = 0; c < grid->n_cuts; c++) {
        if (same)
            out->rows[c].stop = last.rows[c].stop;
        else
            out->rows[c] = (struct foray_slice){0, grid->cuts[c].length};
        same = same && out->rows[c].start == last.rows[c].start;
    }
}

struct foray_halo foray__cut_halo(const struct foray__cut *cut,
                                  struct foray_slice rows)
{
    struct foray_halo halo = {cut->halo, cut->halo};

    if (halo.before > rows.start)
        halo.before = rows.start;
    if (halo.after > cut->length - rows.stop)
        halo.after = cut->length - rows.stop;
    return halo;
}

void foray__grid_view(struct foray_array *out, const struct foray_array *array,
                      const struct foray__grid *grid,
                      const struct foray__area *block,
                      const struct foray__area *area, bool halo)
{
    char *data = array->data;

    for (int c = 0; c < grid->n_cuts; c++) {
        const struct foray__cut *cut = &grid->cuts[c];
        struct foray_slice rows = block->rows[c];
        size_t begin = area ? area->rows[c].start : 0;

        if (halo && cut->halo) {
            struct foray_halo more = foray__cut_halo(cut, rows);

            rows.start -= more.before;
            rows.stop += more.after;
            begin -= begin < cut->halo ? begin : cut->halo;
        }
        data += (ptrdiff_t)(rows.start - begin) * array->strides[cut->axis];
        out->shape[cut->axis] = rows.stop - rows.start;
    }
    out->data = data;
}
