#include "images/index.h"

const char *index_name(char out[INDEX_NAME_SIZE], size_t i, const void *index)
{
    const struct index *of = index;

    if (!of->stack)
        return of->paths[i];
    snprintf(out, INDEX_NAME_SIZE, "%s[%zu]", of->stack, of->first + i);
    return out;
}
