#include "hdf5/plan.h"

#include <string.h>

#include "base/error.h"
#include "base/size.h"

/* Bytes of chunks whose shape nobody gave; of one that is to grow and has few
 * rows yet. */
enum { CHUNK = 1 << 20, SMALL_CHUNK = 128 << 10 };

static bool wants_chunks(const struct foray__h5_plan *plan,
                         const struct foray_hdf5_options *options)
{
    for (int k = 0; k < plan->ndim; k++)
        if (options->chunk[k])
            return true;
    return options->deflate || options->shuffle || options->fletcher32 ||
           options->extendable;
}

static void add_filter(struct foray__h5_plan *plan, enum foray__h5_filter kind,
                       size_t size)
{
    int n = plan->filters.n++;

    plan->filters.stages[n].kind = kind;
    plan->filters.stages[n].size = size;
}

/* Axes without a wish are whole, but for the first ones if that is too much. */
static void choose_chunk(struct foray__h5_plan *plan,
                         const struct foray_hdf5_options *options)
{
    size_t nbytes = plan->itemsize;

    for (int k = plan->ndim - 1; k >= 0; k--) {
        size_t most = plan->shape[k] ? plan->shape[k] : 1;
        bool grows = k == 0 && plan->extendable;
        size_t room = CHUNK / nbytes ? CHUNK / nbytes : 1;
        size_t length = options->chunk[k];

        if (!length && grows) {
            length = SMALL_CHUNK / nbytes > most ? SMALL_CHUNK / nbytes : most;
            length = length < room ? length : room;
        } else if (!length) {
            length = most < room ? most : room;
        } else if (length > most && !grows) {
            length = most;
        }
        plan->chunk[k] = length;
        if (!foray__mul(&nbytes, nbytes, length))
            nbytes = SIZE_MAX;
    }
    plan->chunk_nbytes = nbytes;
}

int foray__h5_plan_make(struct foray__h5_plan *plan,
                        const struct foray_array *like,
                        const struct foray_hdf5_options *options,
                        const char *name, struct foray_error *err)
{
    static const struct foray_hdf5_options defaults;

    if (!options)
        options = &defaults;
    *plan = (struct foray__h5_plan){.dtype = like->dtype,
                                    .swapped = like->swapped,
                                    .itemsize = foray_dtype_size(like->dtype),
                                    .ndim = like->ndim,
                                    .overwrite = options->overwrite,
                                    .extendable = options->extendable};
    memcpy(plan->shape, like->shape, sizeof plan->shape);
    if (like->dtype == FORAY_OPAQUE)
        return foray__fail(err, FORAY_EDTYPE,
                           "%s: elements without a type cannot be saved in an "
                           "HDF5 file",
                           name);
    if (options->deflate < 0 || options->deflate > 9)
        return foray__fail(err, FORAY_EINVAL,
                           "%s: deflate goes from 1 to 9 (0: not), not %d",
                           name, options->deflate);
    if (!wants_chunks(plan, options))
        return 0;
    if (!plan->ndim)
        return foray__fail(err, FORAY_EINVAL,
                           "%s: a single element has no chunks, and nothing "
                           "that needs them",
                           name);
    /* Nothing, for ever: there is no chunk to be made. */
    if (!foray_array_nitems(like) && !plan->extendable)
        return 0;
    plan->chunked = true;
    choose_chunk(plan, options);
    if (plan->chunk_nbytes > UINT32_MAX)
        return foray__fail(err, FORAY_EINVAL,
                           "%s: its chunks would have more than 4 GiB", name);
    if (options->shuffle)
        add_filter(plan, FORAY__H5_SHUFFLE, plan->itemsize);
    if (options->deflate)
        add_filter(plan, FORAY__H5_DEFLATE, (size_t)options->deflate);
    if (options->fletcher32)
        add_filter(plan, FORAY__H5_FLETCHER32, 0);
    return 0;
}

static size_t along(const struct foray__h5_plan *plan, int k)
{
    return (plan->shape[k] + plan->chunk[k] - 1) / plan->chunk[k];
}

size_t foray__h5_plan_chunks(const struct foray__h5_plan *plan, size_t first)
{
    size_t n = along(plan, 0) - first / plan->chunk[0];

    for (int k = 1; k < plan->ndim; k++)
        n *= along(plan, k);
    return n;
}

void foray__h5_plan_at(size_t *at, const struct foray__h5_plan *plan,
                       size_t first, size_t i)
{
    for (int k = plan->ndim - 1; k > 0; k--) {
        at[k] = i % along(plan, k) * plan->chunk[k];
        i /= along(plan, k);
    }
    at[0] = (first / plan->chunk[0] + i) * plan->chunk[0];
}
