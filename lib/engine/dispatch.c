#include "engine/dispatch.h"

#include <stdint.h>
#include <string.h>

#include "base/error.h"
#include "base/expression.h"

int foray__dispatch_window(size_t *out, const char *text, int n_jobs,
                           struct foray_error *err)
{
    double value;

    *out = 2 * (size_t)n_jobs;
    if (!text)
        return 0;
    if (!strcmp(text, "all")) {
        *out = SIZE_MAX;
        return 0;
    }
    FORAY_TRY(foray__expression(&value, text, n_jobs, err));
    *out = value > 1 ? (size_t)value : 1; /* int(), as joblib */
    return 0;
}
