#include "compute/elements.h"

#include <stdint.h>

#include "base/error.h"

/* Elements of a block: few enough for the nearest cache. */
enum { BLOCK = 2048, MAX_ITEMSIZE = 8 };

struct visit {
    enum foray_dtype dtype;
    foray__block_fn fn;
    void *arg;
};

static bool is_plain(const struct foray_array *array, enum foray_dtype dtype)
{
    return array->dtype == dtype && !array->swapped &&
           (uintptr_t)array->data % array->itemsize == 0 &&
           foray_array_is_contiguous(array, FORAY_C_ORDER);
}

/* Elements that need no copy are seen where they lie. */
static int visit_block(const struct visit *visit,
                       const struct foray_array *array, struct foray_error *err)
{
    _Alignas(64) char bytes[BLOCK * MAX_ITEMSIZE];
    struct foray_array block;

    if (is_plain(array, visit->dtype)) {
        visit->fn(visit->arg, array->data, foray_array_nitems(array));
        return 0;
    }
    FORAY_TRY(foray_array_wrap(&block, bytes, visit->dtype, array->ndim,
                               array->shape, err));
    FORAY_TRY(foray_array_copy(&block, array, err));
    visit->fn(visit->arg, bytes, foray_array_nitems(array));
    return 0;
}

/* As many rows of the first axis at a time as a block holds, or else one after
 * the other, each in parts. */
static int visit_all(const struct visit *visit, const struct foray_array *array,
                     struct foray_error *err)
{
    size_t n_rows = array->ndim ? array->shape[0] : 1;
    size_t per_row = foray_array_nitems(array) / n_rows;
    size_t at_once = per_row > BLOCK ? 1 : BLOCK / per_row;
    struct foray_array part;

    if (n_rows <= at_once && per_row <= BLOCK)
        return visit_block(visit, array, err);
    for (size_t i = 0; i < n_rows; i += at_once) {
        if (per_row > BLOCK) {
            FORAY_TRY(foray_array_index(&part, array, 0, i, err));
            FORAY_TRY(visit_all(visit, &part, err));
            continue;
        }
        part = *array;
        part.data = foray_row(array, i);
        part.shape[0] = n_rows - i < at_once ? n_rows - i : at_once;
        FORAY_TRY(visit_block(visit, &part, err));
    }
    return 0;
}

int foray__elements_each(const struct foray_array *array,
                         enum foray_dtype dtype, foray__block_fn fn, void *arg,
                         struct foray_error *err)
{
    struct visit visit = {dtype, fn, arg};

    return foray_array_nitems(array) ? visit_all(&visit, array, err) : 0;
}
