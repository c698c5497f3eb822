#include "image/dalal_triggs_tables.h"

#include <math.h>
#include <stdlib.h>

#include "base/size.h"

/* What a pixel of a block gives to one of the block's cells, along one axis;
 * 0 or less: nothing. */
static float weight_of(size_t at, size_t target, size_t cell, size_t n_cells,
                       double sigma)
{
    double far = (double)at - (double)(n_cells * cell) * 0.5;
    float place = ((float)at + 0.5F) / (float)cell - 0.5F;
    float gauss = (float)exp(-far * far / (2 * sigma * sigma));

    return gauss * (1 - fabsf(place - (float)target));
}

static size_t axis_bytes(size_t cell, size_t n_blocks)
{
    return cell * 2 * n_blocks * sizeof(struct foray__dalal_triggs_share) +
           cell * (n_blocks + 1) * sizeof(uint32_t);
}

/* `step`: from a cell's histogram to that of the next cell of the block;
 * `block_step`: to that of the next block. */
static void make_axis(struct foray__dalal_triggs_axis *axis, char *room,
                      size_t cell, size_t n_blocks, double sigma, size_t step,
                      size_t block_step)
{
    uint32_t n = 0;

    axis->cell = cell;
    axis->n_blocks = n_blocks;
    axis->shares = (struct foray__dalal_triggs_share *)room;
    axis->start = (uint32_t *)(axis->shares + cell * 2 * n_blocks);
    for (size_t pixel = 0; pixel < cell; pixel++) {
        uint32_t *start = axis->start + pixel * (n_blocks + 1);

        for (size_t k = 0; k < n_blocks; k++) {
            start[k] = n;
            for (size_t target = k ? k - 1 : 0;
                 target < n_blocks && target <= k + 1; target++) {
                float weight =
                    weight_of(k * cell + pixel, target, cell, n_blocks, sigma);

                if (weight <= 0)
                    continue;
                axis->shares[n].offset =
                    (ptrdiff_t)(target * step) - (ptrdiff_t)(k * block_step);
                axis->shares[n++].weight = weight;
            }
        }
        start[n_blocks] = n;
    }
}

struct foray__dalal_triggs_tables *
foray__dalal_triggs_tables_new(const struct foray_hog_options *options)
{
    size_t rows = options->block_rows, cols = options->block_cols;
    size_t stride = (size_t)options->orientations + 1;
    double sigma =
        (double)(rows * options->cell_rows + cols * options->cell_cols) / 8;
    size_t across = foray__round_up(axis_bytes(options->cell_cols, cols), 64);
    size_t down = axis_bytes(options->cell_rows, rows);
    struct foray__dalal_triggs_tables *tables =
        malloc(sizeof *tables + across + down);
    char *room;

    if (!tables)
        return NULL;
    room = (char *)(tables + 1);
    for (int i = 0; i < 256; i++)
        tables->root[i] = sqrtf((float)i);
    make_axis(&tables->across, room, options->cell_cols, cols, sigma, stride,
              cols * stride);
    /* Down the rows a share names the line of a cell; blocks are found by
     * their number. */
    make_axis(&tables->down, room + across, options->cell_rows, rows, sigma, 1,
              0);
    return tables;
}
