#include "data/hdf5_door.h"

#include <config.h>

#include <string.h>

#include <foray/storage.h>

#include "data/door.h"

#if !defined(FORAY_WITH_HDF5)
const struct hdf5_door *hdf5_door(struct foray_error *err)
{
    door_missing("HDF5 files", err);
    return NULL;
}
#elif defined(FORAY_STATIC)
const struct hdf5_door *hdf5_door(struct foray_error *err)
{
    static const struct hdf5_door door = {
        foray_hdf5_list,
        foray_hdf5_open,
        foray_hdf5_save,
        foray_hdf5_create,
        foray_hdf5_append,
        foray_hdf5_complete,
        foray_hdf5_save_strings,
        foray_hdf5_load_strings,
        foray_hdf5_strings_free,
        foray_hdf5_read_attributes,
        foray_hdf5_attributes_free,
        foray_hdf5_write_attributes,
    };

    (void)err;
    return &door;
}
#else
const struct hdf5_door *hdf5_door(struct foray_error *err)
{
    enum { N = sizeof(struct hdf5_door) / sizeof(void *) };
    static const char *const names[N] = {"list",
                                         "open",
                                         "save",
                                         "create",
                                         "append",
                                         "complete",
                                         "save_strings",
                                         "load_strings",
                                         "strings_free",
                                         "read_attributes",
                                         "attributes_free",
                                         "write_attributes"};
    static union {
        struct hdf5_door door;
        void *functions[N];
    } found;

    if (!found.door.list &&
        door_open(found.functions, "libforay-hdf5.so.0", "foray_hdf5_", names,
                  N, "HDF5 files", err))
        return NULL;
    return &found.door;
}
#endif

/* A slab of one axis, and what is still to be done to it when it is there:
 * steps that go backwards, axes that go. */
static int plan_axis(struct foray_hdf5_slab *slab, int axis, size_t length,
                     struct slice_item *item, struct foray_error *err)
{
    static char base; /* for the difference of addresses only */
    struct foray_array line = {.data = &base,
                               .dtype = FORAY_U8,
                               .ndim = 1,
                               .itemsize = 1,
                               .shape = {length},
                               .strides = {1}};
    ptrdiff_t step;
    int code = 0;

    if (item->kind == SLICE_INDEX) { /* checked by slices_apply */
        ptrdiff_t index = item->start;

        if (index < 0)
            index += (ptrdiff_t)length;
        slab->start[axis] = (size_t)index;
        slab->count[axis] = 1;
        item->start = 0;
        return 0;
    }
    code = foray_array_slice(&line, &line, 0, item->start, item->stop,
                             item->step, err);
    if (code)
        return code;
    step = line.strides[0];
    slab->count[axis] = line.shape[0];
    slab->step[axis] = (size_t)(step < 0 ? -step : step);
    slab->start[axis] = (size_t)((char *)line.data - &base);
    if (step < 0 && line.shape[0])
        slab->start[axis] -= (line.shape[0] - 1) * slab->step[axis];
    if (!line.shape[0])
        slab->start[axis] = 0;
    *item = (struct slice_item){SLICE_RANGE, 0, FORAY_TO_END, 1};
    if (step < 0)
        *item =
            (struct slice_item){SLICE_RANGE, PTRDIFF_MAX - 1, FORAY_TO_END, -1};
    return 0;
}

/* The slab that brackets mean, and the brackets that it leaves to be applied to
 * it. */
static int plan(struct foray_hdf5_slab *slab, struct slices *rest,
                const struct foray_dataset *found,
                const struct dataset *dataset, struct foray_error *err)
{
    struct foray_array probe = {
        .data = slab, .dtype = FORAY_U8, .itemsize = 1, .ndim = found->ndim};
    int axis = 0, n_axes = 0, code;

    /* A dry run: refuses what cannot be applied. */
    memcpy(probe.shape, found->shape, sizeof probe.shape);
    code = slices_apply(&probe, &dataset->slices, dataset->text, err);
    if (code)
        return code;
    *rest = dataset->slices;
    memset(slab, 0, sizeof *slab);
    memcpy(slab->count, found->shape, sizeof slab->count);
    for (int k = 0; k < rest->n; k++)
        n_axes += rest->items[k].kind != SLICE_ELLIPSIS;
    for (int k = 0; k < rest->n && !code; k++) {
        if (rest->items[k].kind == SLICE_ELLIPSIS) {
            axis += found->ndim - n_axes;
            continue;
        }
        code = plan_axis(slab, axis, found->shape[axis], &rest->items[k], err);
        axis++;
    }
    return code;
}

static int open_slab(struct foray_array *out, const struct hdf5_door *door,
                     const struct foray_dataset *found,
                     const struct dataset *dataset, struct foray_pool *pool,
                     const char *mode, struct foray_error *err)
{
    struct foray_hdf5_slab slab;
    struct slices rest;
    int code = plan(&slab, &rest, found, dataset, err);

    if (code)
        return code;
    code = door->open(out, pool, dataset->path, found->name, mode, &slab, err);
    if (!code)
        code = slices_apply(out, &rest, dataset->text, err);
    return code;
}

int hdf5_open_part(struct foray_array *out, const struct dataset *dataset,
                   struct foray_pool *pool, const char *mode,
                   struct foray_error *err)
{
    const struct hdf5_door *door = hdf5_door(err);
    const char *name = dataset->member ? dataset->member : "/data";
    struct foray_dataset_list list = {0};
    const struct foray_dataset *found;
    int code;

    if (!door)
        return FORAY_ENOTSUP;
    if (!dataset->part)
        return door->open(out, pool, dataset->path, dataset->member, mode, NULL,
                          err);
    code = door->list(&list, pool, dataset->path, err);
    if (code)
        return code;
    found = foray_dataset_find(&list, name);
    if (found) /* else say what there is */
        code = open_slab(out, door, found, dataset, pool, mode, err);
    else
        code = door->open(out, pool, dataset->path, name, mode, NULL, err);
    foray_dataset_list_free(&list);
    if (code)
        foray_array_close(out, NULL);
    return code;
}
