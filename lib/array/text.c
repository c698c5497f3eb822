#include "array/text.h"

#include <stdio.h>

struct foray__text foray__shape_text(const struct foray_array *array)
{
    return foray__shape_text_of(array->ndim, array->shape);
}

struct foray__text foray__shape_text_of(int ndim, const size_t *shape)
{
    struct foray__text out;
    size_t used = 1;

    snprintf(out.text, sizeof out.text, "(");
    for (int k = 0; k < ndim; k++) {
        if (used > sizeof out.text - 32) {
            used += (size_t)snprintf(out.text + used, sizeof out.text - used,
                                     ", ...");
            break;
        }
        used += (size_t)snprintf(out.text + used, sizeof out.text - used,
                                 "%s%zu", k ? ", " : "", shape[k]);
    }
    snprintf(out.text + used, sizeof out.text - used, "%s)",
             ndim == 1 ? "," : "");
    return out;
}
