/* How the arrays of a run are cut into blocks, one a task. */
#ifndef FORAY_ENGINE_GRID_H
#define FORAY_ENGINE_GRID_H

#include <stdbool.h>

#include <foray/map.h>

/* Along one axis. */
struct foray__cut {
    int axis;
    size_t length, chunk, halo; /* rows */
    size_t n;                   /* blocks along it */
};

/* Blocks are numbered with the last cut fastest. Of foray_for: indices, cut
 * into rows of one, and no arrays. Of calls: no cut. */
struct foray__grid {
    int n_cuts;
    struct foray__cut cuts[FORAY_MAX_CUTS];
};

/* Rows along each cut. */
struct foray__area {
    struct foray_slice rows[FORAY_MAX_CUTS];
};

/* Add a cut. `chunk` is not 0. */
void foray__grid_add(struct foray__grid *grid, int axis, size_t length,
                     size_t chunk, size_t halo);

/* How many blocks there are; false when they are too many to be counted. */
bool foray__grid_count(size_t *out, const struct foray__grid *grid);

/* The rows of one block. */
void foray__grid_block(struct foray__area *out, const struct foray__grid *grid,
                       size_t index);

/* The least rows that have blocks first .. first+n-1 in them, n at least 1:
 * these alone where there is one cut. */
void foray__grid_area(struct foray__area *out, const struct foray__grid *grid,
                      size_t first, size_t n);

/* Rows before and behind `rows` of a cut that its halo adds. */
struct foray_halo foray__cut_halo(const struct foray__cut *cut,
                                  struct foray_slice rows);

/* The part of an array that lies in `block`, with its halo or without. What is
 * left of the array begins with that part of `area` instead of with its first
 * row, unless `area` is NULL. Only data and shape of `out` are set. */
void foray__grid_view(struct foray_array *out, const struct foray_array *array,
                      const struct foray__grid *grid,
                      const struct foray__area *block,
                      const struct foray__area *area, bool halo);

#endif
