#include "engine/portion.h"

#include <stddef.h>
#include <string.h>

#include "array/text.h"
#include "base/error.h"
#include "base/size.h"

bool foray__portion_returns(const int first[FORAY__ROLES + 1], bool partials,
                            int k)
{
    return (k >= first[FORAY__INOUT] && k < first[FORAY__WHOLE]) ||
           (partials && k == first[FORAY__ROLES] - 1);
}

static bool is_partials(const struct foray__run *run, int k)
{
    return run->partials && k == run->first[FORAY__ROLES] - 1;
}

static bool is_in(const struct foray__run *run, int k)
{
    return k < run->first[FORAY__INOUT];
}

/* What `n` tasks have of array k, where it is. */
static void rows_of(struct foray_array *out, const struct foray__run *run,
                    int k, size_t first, size_t n)
{
    const struct foray_array *array = run->args[k];
    struct foray__area area;

    *out = *array;
    if (k < run->first[FORAY__WHOLE]) {
        foray__grid_area(&area, &run->grid, first, n);
        foray__grid_view(out, array, &run->grid, &area, NULL, is_in(run, k));
    } else if (is_partials(run, k)) {
        out->data = foray_row(array, first);
        out->shape[0] = n;
    }
}

/* Axes along which an array only repeats itself, cut down to one row. */
static void once(struct foray_array *out, const struct foray_array *array)
{
    *out = *array;
    for (int axis = 0; axis < array->ndim; axis++)
        if (!array->strides[axis] && array->shape[axis])
            out->shape[axis] = 1;
}

size_t foray__portion_nbytes(const struct foray_array *packed)
{
    struct foray_array elements;

    once(&elements, packed);
    return foray_array_nbytes(&elements);
}

/* How they lie in a parcel: without gaps, in the array's own order if that is
 * Fortran's. Partial results have what they begin with behind them. */
static void packed_of(struct foray_array *out, const struct foray__run *run,
                      int k, size_t first, size_t n)
{
    const struct foray_array *array = run->args[k];
    struct foray_array rows;

    rows_of(&rows, run, k, first, n);
    once(out, &rows);
    out->data = NULL;
    out->segment = NULL;
    out->mode = FORAY_READ_WRITE;
    foray__array_set_strides(
        out, foray_array_is_contiguous(array, FORAY_C_ORDER) ||
                     !foray_array_is_contiguous(array, FORAY_F_ORDER)
                 ? FORAY_C_ORDER
                 : FORAY_F_ORDER);
    for (int axis = 0; axis < array->ndim; axis++)
        if (out->shape[axis] != rows.shape[axis]) {
            out->shape[axis] = rows.shape[axis];
            out->strides[axis] = 0;
        }
    out->shape[0] += is_partials(run, k);
}

/* What tasks may do with it. A store into an array that they all have would be
 * lost: it is refused. */
static enum foray_mode mode_of(const struct foray__run *run, int k)
{
    if (k >= run->first[FORAY__INOUT] && k < run->first[FORAY__WHOLE])
        return FORAY_READ_WRITE;
    return k >= run->first[FORAY__WHOLE] && run->args[k]->segment &&
                   run->args[k]->mode == FORAY_COPY
               ? FORAY_COPY
               : FORAY_READ;
}

static int no_memory(struct foray_error *err)
{
    return foray__fail(err, FORAY_ENOMEM, "no memory for a batch of tasks");
}

static int write_elements(struct foray__bytes *out, uint64_t *offset,
                          const struct foray__run *run, int k, size_t first,
                          size_t n, struct foray_error *err)
{
    struct foray_array rows, packed, from, to;
    size_t nbytes;

    packed_of(&packed, run, k, first, n);
    once(&to, &packed);
    nbytes = foray_array_nbytes(&to);
    if (!foray__bytes_extend(out, offset, nbytes, FORAY__PORTION_ALIGN))
        return no_memory(err);
    to.data = out->data + *offset;
    if (is_partials(run, k)) {
        const struct foray_array *partials = run->args[k];

        memcpy(foray_row(&to, n), foray_row(partials, partials->shape[0] - 1),
               to.shape[1]);
        to.shape[0]--;
    }
    rows_of(&rows, run, k, first, n);
    once(&from, &rows);
    return foray_array_copy(&to, &from, err);
}

static void describe(struct foray__descriptor *out,
                     const struct foray__run *run, int k, size_t first,
                     size_t n)
{
    memset(out, 0, sizeof *out);
    packed_of(&out->view, run, k, first, n);
    out->view.mode = mode_of(run, k);
}

static struct foray__portion *portion_at(struct foray__bytes *out,
                                         uint64_t offset)
{
    return (void *)(out->data + offset);
}

int foray__portion_write(struct foray__bytes *out, uint64_t *offset,
                         const struct foray__run *run,
                         const struct foray__function *at, size_t first,
                         size_t n, struct foray_error *err)
{
    int n_args = run->first[FORAY__ROLES];
    struct foray__order *order;
    size_t size = offsetof(struct foray__portion, order.args) +
                  (size_t)n_args * sizeof order->args[0];
    uint64_t where;

    if (!foray__bytes_extend(out, offset, size, FORAY__PORTION_ALIGN))
        return no_memory(err);
    memset(out->data + *offset, 0, size);
    order = &portion_at(out, *offset)->order;
    foray__run_order(order, run);
    order->filed = 0;
    order->function = *at;
    for (int k = 0; k < n_args; k++)
        describe(&order->args[k], run, k, first, n);
    for (int k = 0; k < n_args; k++) {
        if (k >= run->first[FORAY__OUT] && k < run->first[FORAY__WHOLE])
            continue;
        FORAY_TRY(write_elements(out, &where, run, k, first, n, err));
        portion_at(out, *offset)->order.args[k].offset = where;
    }
    if (!foray__bytes_put(out, &where, run->params, run->params_size,
                          FORAY__PORTION_ALIGN))
        return no_memory(err);
    portion_at(out, *offset)->params = where;
    return 0;
}

/* Take the rows of the tasks that ran, of array k. */
static int read_array(const struct foray__run *run, int k, const char *bytes,
                      size_t first, size_t n, const bool *ran)
{
    struct foray_array packed, from, to;
    struct foray__area area, block;

    packed_of(&packed, run, k, first, n);
    packed.data = (char *)(uintptr_t)bytes;
    foray__grid_area(&area, &run->grid, first, n);
    for (size_t i = 0; i < n; i++) {
        if (!ran[i])
            continue;
        rows_of(&to, run, k, first + i, 1);
        from = packed;
        if (is_partials(run, k)) {
            from.data = foray_row(&packed, i);
            from.shape[0] = 1;
        } else {
            foray__grid_block(&block, &run->grid, first + i);
            foray__grid_view(&from, &packed, &run->grid, &block, &area, false);
        }
        FORAY_TRY(foray_array_copy(&to, &from, NULL));
    }
    return 0;
}

bool foray__portion_read(const struct foray__run *run, const void *bytes,
                         size_t size, size_t first, size_t n, const bool *ran)
{
    size_t at = 0;

    for (int k = 0; k < run->first[FORAY__ROLES]; k++) {
        struct foray_array packed;
        size_t nbytes;

        if (!foray__portion_returns(run->first, run->partials, k))
            continue;
        packed_of(&packed, run, k, first, n);
        nbytes = foray__portion_nbytes(&packed);
        at = foray__round_up(at, FORAY__PORTION_ALIGN);
        if (at > size || nbytes > size - at ||
            read_array(run, k, (const char *)bytes + at, first, n, ran))
            return false;
        at += nbytes;
    }
    return true;
}
