#include "compute/arguments.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <foray/storage.h>

#include "base/error.h"
#include "base/process.h"
#include "compute/broadcast.h"
#include "compute/overlap.h"
#include "engine/inherited.h"
#include "engine/received.h"
#include "storage/segment.h"

static const char *const role_names[FORAY__ROLES] = {"in", "inout", "out",
                                                     "whole"};

static enum foray__role role_of(const struct foray__arguments *arguments, int k)
{
    int role = 0;

    while (k >= arguments->first[role + 1])
        role++;
    return (enum foray__role)role;
}

struct foray__label foray__label_of(const struct foray__arguments *arguments,
                                    int k)
{
    enum foray__role role = role_of(arguments, k);
    struct foray__label label;

    snprintf(label.text, sizeof label.text, "%s[%d]", role_names[role],
             k - arguments->first[role]);
    return label;
}

void foray__arguments_add(struct foray__arguments *arguments,
                          enum foray__role role,
                          const struct foray_array *const *list, int most)
{
    int n = arguments->first[role];

    for (int k = 0; k < most && list[k]; k++)
        arguments->arrays[n++] = list[k];
    for (int r = (int)role + 1; r <= FORAY__ROLES; r++)
        arguments->first[r] = n;
}

static bool is_written(const struct foray__arguments *arguments, int k)
{
    return k >= arguments->first[FORAY__INOUT] &&
           k < arguments->first[FORAY__WHOLE];
}

static int check_one(const struct foray__arguments *arguments, int k,
                     struct foray_error *err)
{
    const struct foray_array *array = arguments->arrays[k];
    struct foray__label label = foray__label_of(arguments, k);

    if (array->ndim < 0 || array->ndim > FORAY_MAX_NDIM ||
        (!array->data && foray_array_nitems(array)))
        return foray__fail(err, FORAY_EINVAL,
                           "%s is not an array: open or create it first",
                           label.text);
    if (array->segment)
        FORAY_TRY(foray__segment_check(array->segment, err));
    if (is_written(arguments, k) &&
        (array->mode == FORAY_READ || array->mode == FORAY_COPY))
        return foray__fail(err, FORAY_EACCES,
                           "%s is mode %s, and tasks write it: open it with "
                           "mode r+",
                           label.text, array->mode == FORAY_READ ? "r" : "c");
    return 0;
}

static int check_cut(const struct foray__arguments *arguments, int axis,
                     struct foray_error *err)
{
    for (int k = 0; k < arguments->first[FORAY__WHOLE]; k++) {
        const struct foray_array *array = arguments->cut[k];

        if (axis < 0 || axis >= array->ndim)
            return foray__fail(err, FORAY_ESHAPE,
                               "%s has %d axes and cannot be cut along axis "
                               "%d",
                               foray__label_of(arguments, k).text, array->ndim,
                               axis);
        if (array->shape[axis] != arguments->cut[0]->shape[axis])
            return foray__fail(
                err, FORAY_ESHAPE,
                "%s is %zu long along axis %d, %s is %zu: arrays that are cut "
                "together must be equally long",
                foray__label_of(arguments, k).text, array->shape[axis], axis,
                foray__label_of(arguments, 0).text,
                arguments->cut[0]->shape[axis]);
    }
    return 0;
}

/* Whether two arrays that are written may share a byte. */
static bool overlap(const struct foray_array *a, const struct foray_array *b,
                    const struct foray_blocks *blocks)
{
    for (int c = 0; c < blocks->n_axes; c++)
        if (!foray__arrays_overlap(a, b, blocks->axes[c]))
            return false;
    return true;
}

/* A written array, with itself and with those before it. Blocks that differ lie
 * in different rows of some axis. */
static int check_written(const struct foray__arguments *arguments, int k,
                         const struct foray_blocks *blocks,
                         struct foray_error *err)
{
    const struct foray_array *const *arrays = arguments->arrays;

    for (int c = 0; c < blocks->n_axes; c++)
        if (foray__rows_overlap(arrays[k], blocks->axes[c]))
            return foray__fail(err, FORAY_EOVERLAP,
                               "slices of %s along axis %d share memory: two "
                               "tasks would write the same bytes",
                               foray__label_of(arguments, k).text,
                               blocks->axes[c]);
    for (int other = arguments->first[FORAY__INOUT]; other < k; other++)
        if (overlap(arrays[k], arrays[other], blocks))
            return foray__fail(err, FORAY_EOVERLAP,
                               "%s and %s share memory: two tasks could "
                               "write the same bytes",
                               foray__label_of(arguments, other).text,
                               foray__label_of(arguments, k).text);
    return 0;
}

static bool has_halo(const struct foray_blocks *blocks)
{
    for (int c = 0; c < blocks->n_axes; c++)
        if (blocks->halo[c])
            return true;
    return false;
}

/* What tasks see of each other's rows must not change under them. */
static int check_shared(const struct foray__arguments *arguments, int k,
                        const struct foray_blocks *blocks,
                        struct foray_error *err)
{
    const struct foray_array *const *arrays = arguments->arrays;
    bool halo = has_halo(blocks);

    for (int in = 0; in < arguments->first[FORAY__INOUT]; in++)
        if ((halo || arguments->cut[in] != arrays[in]) &&
            overlap(arguments->cut[in], arrays[k], blocks))
            return foray__fail(err, FORAY_EOVERLAP,
                               "%s and %s share memory: a task could read%s "
                               "what another one writes",
                               foray__label_of(arguments, in).text,
                               foray__label_of(arguments, k).text,
                               halo ? " in its halo" : "");
    return 0;
}

int foray__arguments_check(struct foray__arguments *arguments,
                           const struct foray_blocks *blocks,
                           struct foray_error *err)
{
    for (int k = 0; k < arguments->first[FORAY__ROLES]; k++)
        FORAY_TRY(check_one(arguments, k, err));
    memcpy(arguments->cut, arguments->arrays, sizeof arguments->cut);
    if (blocks->broadcast)
        FORAY_TRY(foray__broadcast_in(arguments, blocks, err));
    for (int c = 0; c < blocks->n_axes; c++)
        FORAY_TRY(check_cut(arguments, blocks->axes[c], err));
    for (int k = arguments->first[FORAY__INOUT];
         k < arguments->first[FORAY__WHOLE]; k++) {
        FORAY_TRY(check_written(arguments, k, blocks, err));
        FORAY_TRY(check_shared(arguments, k, blocks, err));
    }
    return 0;
}

int foray__arguments_open(struct foray__arguments *arguments,
                          struct foray__run *run, bool private_arrays,
                          bool inherits, const char *folder,
                          struct foray_error *err)
{
    struct foray_placement placement = {.folder = folder};
    struct foray_segment *received;

    for (int r = 0; r <= FORAY__ROLES; r++)
        run->first[r] = arguments->first[r];
    for (int k = 0; k < arguments->first[FORAY__ROLES]; k++) {
        struct foray_array *snapshot = &arguments->snapshots[k];

        run->args[k] = arguments->cut[k];
        if (private_arrays || arguments->arrays[k]->segment)
            continue;
        received = foray__received_segment(arguments->arrays[k]);
        if (received) {
            *snapshot = *arguments->arrays[k];
            snapshot->segment = received;
            run->args[k] = snapshot;
            continue;
        }
        if (inherits && !is_written(arguments, k) &&
            foray__inherited_has(arguments->arrays[k]))
            *snapshot = *arguments->arrays[k];
        else
            FORAY_TRY(foray_array_dump(snapshot, arguments->arrays[k],
                                       &placement, err));
        if (!is_written(arguments, k))
            snapshot->mode = FORAY_READ;
        if (arguments->cut[k] == arguments->arrays[k])
            run->args[k] = snapshot;
        else
            foray__broadcast(&arguments->repeated[k], snapshot,
                             arguments->cut[k]->ndim, arguments->cut[k]->shape);
    }
    return 0;
}

/* What workers inherited or the task received is where it was. */
static bool is_copy(const struct foray__arguments *arguments, int k)
{
    const struct foray_array *snapshot = &arguments->snapshots[k];

    return snapshot->segment && snapshot->data != arguments->arrays[k]->data;
}

int foray__arguments_close(struct foray__arguments *arguments, bool copy_back,
                           struct foray_error *err)
{
    int code = 0;

    for (int k = 0; k < arguments->first[FORAY__ROLES]; k++) {
        struct foray_array *snapshot = &arguments->snapshots[k];

        if (!is_copy(arguments, k))
            continue;
        if (copy_back && is_written(arguments, k) && !code)
            code = foray_array_copy(arguments->arrays[k], snapshot, err);
        foray_array_close(snapshot, NULL);
    }
    return code;
}
