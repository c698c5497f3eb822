#include "compute/chunk.h"

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
