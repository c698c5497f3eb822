#include "base/size.h"

#include <stdint.h>

bool foray__shape_nbytes(size_t *out, size_t itemsize, int ndim,
                         const size_t *shape)
{
    size_t nonzero = itemsize, nbytes = itemsize;

    for (int k = 0; k < ndim; k++) {
        if (shape[k] && !foray__mul(&nonzero, nonzero, shape[k]))
            return false;
        nbytes = shape[k] ? nbytes * shape[k] : 0;
    }
    if (nonzero > PTRDIFF_MAX)
        return false;
    *out = nbytes;
    return true;
}
