#include "engine/checks.h"

#include "base/error.h"

int foray__check_on_error(enum foray_on_error on_error, struct foray_error *err)
{
    if (on_error >= FORAY_ON_ERROR_DEFAULT && on_error <= FORAY_SKIP)
        return 0;
    return foray__fail(err, FORAY_EINVAL,
                       "on_error is %d: use FORAY_STOP or FORAY_SKIP",
                       (int)on_error);
}

int foray__check_batch_size(int batch_size, struct foray_error *err)
{
    if (batch_size >= 0)
        return 0;
    return foray__fail(err, FORAY_EINVAL,
                       "batch_size is %d: give at least 1, or 0 for automatic "
                       "batches",
                       batch_size);
}
