#include "compute/arguments.h"

#include <stddef.h>
#include <stdio.h>
#include <unistd.h>

#include <foray/storage.h>

#include "base/error.h"
#include "base/process.h"
#include "compute/overlap.h"
#include "engine/inherited.h"
#include "storage/segment.h"

static const char *const role_names[FORAY__ROLES] = {"in", "inout", "out",
                                                     "whole"};

/* "out[1]" for messages. */
struct label {
    char text[24];
};

static enum foray__role role_of(const struct foray__arguments *arguments, int k)
{
    int role = 0;

    while (k >= arguments->first[role + 1])
        role++;
    return (enum foray__role)role;
}

static struct label label_of(const struct foray__arguments *arguments, int k)
{
    enum foray__role role = role_of(arguments, k);
    struct label label;

    snprintf(label.text, sizeof label.text, "%s[%d]", role_names[role],
             k - arguments->first[role]);
    return label;
}

void foray__arguments_add(struct foray__arguments *arguments,
                          enum foray__role role,
                          const struct foray_array *const *list)
{
    int n = arguments->first[role];

    for (int k = 0; k < FORAY_MAX_ARRAYS && list[k]; k++)
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
    struct label label = label_of(arguments, k);

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
        const struct foray_array *array = arguments->arrays[k];

        if (axis < 0 || axis >= array->ndim)
            return foray__fail(err, FORAY_ESHAPE,
                               "%s has %d axes and cannot be cut along axis "
                               "%d",
                               label_of(arguments, k).text, array->ndim, axis);
        if (array->shape[axis] != arguments->arrays[0]->shape[axis])
            return foray__fail(
                err, FORAY_ESHAPE,
                "%s is %zu long along axis %d, %s is %zu: arrays that are cut "
                "together must be equally long",
                label_of(arguments, k).text, array->shape[axis], axis,
                label_of(arguments, 0).text, arguments->arrays[0]->shape[axis]);
    }
    return 0;
}

static int check_overlap(const struct foray__arguments *arguments, int axis,
                         struct foray_error *err)
{
    for (int k = arguments->first[FORAY__INOUT];
         k < arguments->first[FORAY__WHOLE]; k++) {
        if (foray__rows_overlap(arguments->arrays[k], axis))
            return foray__fail(err, FORAY_EOVERLAP,
                               "slices of %s along axis %d share memory: two "
                               "tasks would write the same bytes",
                               label_of(arguments, k).text, axis);
        for (int other = arguments->first[FORAY__INOUT]; other < k; other++)
            if (foray__arrays_overlap(arguments->arrays[k],
                                      arguments->arrays[other], axis))
                return foray__fail(err, FORAY_EOVERLAP,
                                   "%s and %s share memory: two tasks could "
                                   "write the same bytes",
                                   label_of(arguments, other).text,
                                   label_of(arguments, k).text);
    }
    return 0;
}

int foray__arguments_check(const struct foray__arguments *arguments, int axis,
                           struct foray_error *err)
{
    for (int k = 0; k < arguments->first[FORAY__ROLES]; k++)
        FORAY_TRY(check_one(arguments, k, err));
    FORAY_TRY(check_cut(arguments, axis, err));
    return check_overlap(arguments, axis, err);
}

int foray__arguments_open(struct foray__arguments *arguments,
                          struct foray__run *run, bool private_arrays,
                          bool inherits, const char *folder,
                          struct foray_error *err)
{
    struct foray_placement placement = {.folder = folder};

    for (int r = 0; r <= FORAY__ROLES; r++)
        run->first[r] = arguments->first[r];
    for (int k = 0; k < arguments->first[FORAY__ROLES]; k++) {
        struct foray_array *snapshot = &arguments->snapshots[k];

        run->args[k] = arguments->arrays[k];
        if (private_arrays || arguments->arrays[k]->segment)
            continue;
        if (inherits && !is_written(arguments, k) &&
            foray__inherited_has(arguments->arrays[k]))
            *snapshot = *arguments->arrays[k];
        else
            FORAY_TRY(foray_array_dump(snapshot, arguments->arrays[k],
                                       &placement, err));
        if (!is_written(arguments, k))
            snapshot->mode = FORAY_READ;
        run->args[k] = snapshot;
    }
    return 0;
}

int foray__arguments_close(struct foray__arguments *arguments, bool copy_back,
                           struct foray_error *err)
{
    int code = 0;

    for (int k = 0; k < arguments->first[FORAY__ROLES]; k++) {
        struct foray_array *snapshot = &arguments->snapshots[k];

        if (!snapshot->segment)
            continue;
        if (copy_back && is_written(arguments, k) && !code)
            code = foray_array_copy(arguments->arrays[k], snapshot, err);
        foray_array_close(snapshot, NULL);
    }
    return code;
}
