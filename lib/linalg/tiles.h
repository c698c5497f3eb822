/* A matrix cut into tiles, one for each task. */
#ifndef FORAY_LINALG_TILES_H
#define FORAY_LINALG_TILES_H

#include <stddef.h>

struct foray__tiles {
    size_t height, width; /* of a tile; those at the end may be smaller */
    size_t down, across;  /* how many */
};

/* Tiles of a matrix of n rows and m columns: by its shape only. Large enough
 * for BLAS, and enough of them for many workers. */
struct foray__tiles foray__tiles(size_t n, size_t m);

#endif
