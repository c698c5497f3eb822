#include <foray/array.h>

#include <string.h>

#include "array/text.h"
#include "base/error.h"
#include "base/size.h"

/* The axes of length 1 carry no stride that matters. */
static int drop_ones(struct foray_array *out, const struct foray_array *base)
{
    int n = 0;

    *out = *base;
    for (int k = 0; k < base->ndim; k++)
        if (base->shape[k] != 1) {
            out->shape[n] = base->shape[k];
            out->strides[n++] = base->strides[k];
        }
    out->ndim = n;
    return n;
}

/* Whether old axes [first, last) follow each other without gaps, so that they
 * act as one. */
static bool is_one_run(const struct foray_array *old, int first, int last)
{
    for (int k = first; k + 1 < last; k++)
        if (old->strides[k] !=
            (ptrdiff_t)old->shape[k + 1] * old->strides[k + 1])
            return false;
    return true;
}

/* Match groups of old axes to groups of new ones with the same product, and
 * give the new ones strides. false: needs a copy. */
static bool match_groups(struct foray_array *out, const struct foray_array *old)
{
    int i = 0, j = 0;

    while (i < old->ndim && j < out->ndim) {
        int old_last = i + 1, new_last = j + 1;
        size_t old_n = old->shape[i], new_n = out->shape[j];
        ptrdiff_t stride;

        while (old_n != new_n) {
            if (old_n < new_n)
                old_n *= old->shape[old_last++];
            else
                new_n *= out->shape[new_last++];
        }
        if (!is_one_run(old, i, old_last))
            return false;
        stride = old->strides[old_last - 1];
        for (int k = new_last - 1; k >= j; k--) {
            out->strides[k] = stride;
            stride *= (ptrdiff_t)out->shape[k];
        }
        i = old_last;
        j = new_last;
    }
    for (; j < out->ndim; j++) /* what is left has length 1 */
        out->strides[j] = (ptrdiff_t)out->itemsize;
    return true;
}

int foray_array_reshape(struct foray_array *out, const struct foray_array *base,
                        int ndim, const size_t *shape, struct foray_error *err)
{
    struct foray_array old, result = *base;
    size_t nbytes;

    FORAY_TRY(foray__check_ndim(ndim, err));
    result.ndim = ndim;
    if (ndim)
        memcpy(result.shape, shape, (size_t)ndim * sizeof *shape);
    if (!foray__shape_nbytes(&nbytes, base->itemsize, ndim, shape) ||
        nbytes != foray_array_nbytes(base))
        return foray__fail(err, FORAY_ESHAPE,
                           "an array %s cannot become %s: the number of "
                           "elements differs",
                           foray__shape_text(base).text,
                           foray__shape_text(&result).text);
    if (nbytes == 0) {
        foray__array_set_strides(&result, FORAY_C_ORDER);
    } else {
        drop_ones(&old, base);
        if (!match_groups(&result, &old))
            return foray__fail(err, FORAY_ESHAPE,
                               "an array %s with these strides cannot be seen "
                               "as %s: copy it first",
                               foray__shape_text(base).text,
                               foray__shape_text(&result).text);
    }
    *out = result;
    return 0;
}
