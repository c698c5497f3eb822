#include "array/text.h"

#include <stdio.h>

struct foray__text foray__shape_text(const struct foray_array *array)
{
    struct foray__text out;
    size_t used = 1;

    snprintf(out.text, sizeof out.text, "(");
    for (int k = 0; k < array->ndim; k++) {
        if (used > sizeof out.text - 32) {
            used += (size_t)snprintf(out.text + used, sizeof out.text - used,
                                     ", ...");
            break;
        }
        used += (size_t)snprintf(out.text + used, sizeof out.text - used,
                                 "%s%zu", k ? ", " : "", array->shape[k]);
    }
    snprintf(out.text + used, sizeof out.text - used, "%s)",
             array->ndim == 1 ? "," : "");
    return out;
}
