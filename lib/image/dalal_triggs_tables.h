/* What the pixels of a block give to its cells, by method dalal-triggs: tables
 * that depend on the options alone. Apart from what goes through them, which is
 * the same for every image. */
#ifndef FORAY_IMAGE_DALAL_TRIGGS_TABLES_H
#define FORAY_IMAGE_DALAL_TRIGGS_TABLES_H

#include <stddef.h>
#include <stdint.h>

#include <foray/hog.h>

/* One cell that a pixel votes for: where its histogram is from that of the
 * first block that begins at the pixel's own cell, and for how much. */
struct foray__dalal_triggs_share {
    ptrdiff_t offset;
    float weight;
};

/* The shares of the pixels of a cell along one axis. Gaussian and bilinear
 * weights are products of a weight down and one across, so that one axis is
 * done after the other. A cell lies in up to `n_blocks` blocks, the first
 * begins at the cell, the next one cell before it, ...: shares start[pixel *
 * (n_blocks + 1) + k] up to the next start are those in block k. */
struct foray__dalal_triggs_axis {
    size_t cell, n_blocks;
    uint32_t *start;
    struct foray__dalal_triggs_share *shares;
};

/* Tables of one set of options, made at the first image. */
struct foray__dalal_triggs_tables {
    float root[256];
    struct foray__dalal_triggs_axis across, down;
};

/* NULL: no memory. Owner: the caller, free(). */
struct foray__dalal_triggs_tables *
foray__dalal_triggs_tables_new(const struct foray_hog_options *options);

#endif
