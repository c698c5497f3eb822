#include <foray/array.h>

#include "base/error.h"

int foray_slice_split(struct foray_slice *out, size_t n, size_t parts, size_t i,
                      struct foray_error *err)
{
    size_t each, longer;

    if (parts == 0 || i >= parts)
        return foray__fail(err, FORAY_EINVAL,
                           "there is no part %zu of %zu: parts count from 0", i,
                           parts);
    each = n / parts;
    longer = n % parts; /* the first `longer` parts have one more */
    out->start = i * each + (i < longer ? i : longer);
    out->stop = out->start + each + (i < longer);
    return 0;
}
