#include "compute/chunk.h"

#include <stdbool.h>

enum { MAX_CHUNK_BYTES = 1 << 20, MIN_TASKS = 64 };

size_t foray__chunk_rows(const struct foray_array *const *arrays, int n,
                         int axis)
{
    size_t n_rows = n ? arrays[0]->shape[axis] : 0;
    size_t rows = n_rows / MIN_TASKS + (n_rows % MIN_TASKS != 0);

    for (int k = 0; k < n && n_rows; k++) {
        size_t row_bytes = foray_array_nbytes(arrays[k]) / n_rows;

        if (row_bytes && rows > MAX_CHUNK_BYTES / row_bytes)
            rows = MAX_CHUNK_BYTES / row_bytes;
    }
    return rows ? rows : 1;
}

/* Bytes of the largest array in a block that is as `cuts` say. */
static double block_bytes(const struct foray__cut *cuts, int n_cuts,
                          const struct foray_array *const *arrays, int n)
{
    double largest = 0, share = 1;

    for (int c = 0; c < n_cuts; c++)
        share *= (double)cuts[c].chunk / (double)cuts[c].length;
    for (int k = 0; k < n; k++)
        if ((double)foray_array_nbytes(arrays[k]) > largest)
            largest = (double)foray_array_nbytes(arrays[k]);
    return largest * share;
}

static double count_blocks(const struct foray__cut *cuts, int n_cuts)
{
    double blocks = 1;

    for (int c = 0; c < n_cuts; c++) {
        size_t along = cuts[c].length / cuts[c].chunk +
                       (cuts[c].length % cuts[c].chunk != 0);

        blocks *= (double)along;
    }
    return blocks;
}

/* The one with the longest chunk that may still be halved, the first of equal
 * ones; NULL if there is none. */
static struct foray__cut *longest_of(struct foray__cut *cuts, int n_cuts,
                                     const bool *automatic)
{
    struct foray__cut *longest = NULL;

    for (int c = 0; c < n_cuts; c++)
        if (automatic[c] && cuts[c].chunk > 1 &&
            cuts[c].chunk / 2 >= cuts[c].halo &&
            (!longest || cuts[c].chunk > longest->chunk))
            longest = &cuts[c];
    return longest;
}

void foray__chunk_blocks(struct foray__cut *cuts, int n_cuts,
                         const struct foray_array *const *arrays, int n)
{
    bool automatic[FORAY_MAX_CUTS];
    struct foray__cut *longest;
    bool empty = false;

    for (int c = 0; c < n_cuts; c++) {
        automatic[c] = !cuts[c].chunk;
        if (automatic[c])
            cuts[c].chunk = cuts[c].length ? cuts[c].length : 1;
        empty |= !cuts[c].length;
    }
    while (!empty && (longest = longest_of(cuts, n_cuts, automatic)) &&
           (block_bytes(cuts, n_cuts, arrays, n) > MAX_CHUNK_BYTES ||
            count_blocks(cuts, n_cuts) < MIN_TASKS))
        longest->chunk = (longest->chunk + 1) / 2;
}
