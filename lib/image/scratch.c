#include "image/scratch.h"

#include <stdint.h>
#include <stdlib.h>

#include "base/size.h"

enum { ALIGN = 64 };

void *foray__scratch_get(struct foray__scratch *scratch, size_t nbytes)
{
    void *bytes = NULL;

    if (scratch->bytes && scratch->nbytes >= nbytes)
        return scratch->bytes;
    if (nbytes > PTRDIFF_MAX - ALIGN)
        return NULL;
    nbytes = foray__round_up(nbytes ? nbytes : 1, ALIGN);
    if (posix_memalign(&bytes, ALIGN, nbytes))
        return NULL;
    free(scratch->bytes);
    scratch->bytes = bytes;
    scratch->nbytes = nbytes;
    return bytes;
}

void *foray__scratch_carve(char *base, size_t *at, size_t nbytes)
{
    size_t start = *at;

    if (nbytes > PTRDIFF_MAX ||
        !foray__add(at, start, foray__round_up(nbytes, ALIGN)) ||
        *at > PTRDIFF_MAX)
        *at = SIZE_MAX;
    return base ? base + start : NULL;
}

void foray__scratch_free(struct foray__scratch *scratch)
{
    free(scratch->bytes);
    *scratch = (struct foray__scratch){0};
}
