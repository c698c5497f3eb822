/* Datasets into arrays: mapped, decoded by all workers, or read by the HDF5
 * library in each of them. */
#include <foray/hdf5.h>

#include <stdio.h>
#include <string.h>

#include <foray/storage.h>

#include "base/error.h"
#include "hdf5/crew.h"
#include "hdf5/dataset.h"
#include "hdf5/load_task.h"

/* Bytes that a task decodes, and that one has the library read: so many that
 * opening the file costs little. */
enum { TASK_BYTES = 1 << 20, READ_BYTES = 4 << 20 };

/* A load under way. */
struct loading {
    struct foray__h5_crew crew;
    struct foray__h5_load load;
    struct foray_array chunks; /* their table, if it is direct */
};

/* Ask a worker what the file has. */
static int look(struct loading *loading, const struct foray_hdf5_slab *slab,
                struct foray_error *err)
{
    struct foray__h5_load *load = &loading->load;
    struct foray_value bytes =
        slab ? foray_value_bytes(FORAY_BYTES(slab, sizeof *slab))
             : foray_value_none();
    struct foray_result result;
    int code = 0;

    FORAY_TRY(foray__h5_crew_call(
        &loading->crew,
        foray_delayed(foray__h5_look_task, load->path, load->name, bytes),
        &result, err));
    memcpy(&load->about, foray_result_bytes(&result, 0).data,
           sizeof load->about);
    memcpy(&load->region, foray_result_bytes(&result, 1).data,
           sizeof load->region);
    snprintf(load->place, sizeof load->place, "%s",
             foray_result_str(&result, 2));
    if (foray_result_kind(&result, 3) == FORAY_KIND_ARRAY)
        code = foray_result_take_array(&loading->chunks, &result, 3, err);
    foray_result_free(&result);
    return code;
}

static int check(const struct loading *loading, struct foray_error *err)
{
    const struct foray__h5_load *load = &loading->load;
    const char *name = foray__h5_name(load->path, load->name).text;

    if (*load->about.unfit)
        return foray__fail(err, FORAY_ENOTSUP, "%s holds %s: that is no array",
                           name, load->about.unfit);
    if (*load->about.filter)
        return foray__fail(err, FORAY_ENOTSUP,
                           "%s needs the filter %s, which the HDF5 library "
                           "does not find: install its plug-in, or set "
                           "HDF5_PLUGIN_PATH",
                           name, load->about.filter);
    return 0;
}

static int begin(struct loading *loading, struct foray_pool *pool,
                 const char *path, const char *name, struct foray_error *err)
{
    struct foray__h5_load *load = &loading->load;
    int n;

    memset(loading, 0, sizeof *loading);
    FORAY_TRY(foray__h5_crew_open(&loading->crew, pool, path, err));
    snprintf(load->name, sizeof load->name, "%s", foray__h5_given(name));
    n = snprintf(load->path, sizeof load->path, "%s", loading->crew.path);
    if (n >= (int)sizeof load->path ||
        strlen(foray__h5_given(name)) >= sizeof load->name)
        return foray__fail(err, FORAY_EINVAL,
                           "the path of %s or the name of its dataset is too "
                           "long",
                           loading->crew.tail);
    return 0;
}

static void end(struct loading *loading)
{
    foray_array_close(&loading->chunks, NULL);
    foray__h5_crew_close(&loading->crew);
}

/* What was never written: the fill value everywhere. */
static void fill(const struct foray_array *array,
                 const struct foray__h5_about *about)
{
    size_t nbytes = foray_array_nbytes(array), done = array->itemsize;
    char *data = array->data;

    if (!about->has_fill || !nbytes)
        return;
    memcpy(data, about->fill, done);
    for (; done < nbytes; done *= 2)
        memcpy(data + done, data, done < nbytes - done ? done : nbytes - done);
}

static int decode_all(struct loading *loading, const struct foray_array *array,
                      struct foray_error *err)
{
    struct foray__h5_load *load = &loading->load;
    struct foray_for tasks = {.fn = foray__h5_decode_task,
                              .whole = {NULL, array, &loading->chunks},
                              .params = load,
                              .params_size = sizeof *load};
    size_t n = loading->chunks.shape[0];

    fill(array, &load->about);
    load->group = TASK_BYTES / (load->about.chunk_nbytes + 1) + 1;
    tasks.n = (n + load->group - 1) / load->group;
    return foray__h5_crew_each(&loading->crew, &tasks, err);
}

/* The library's tasks end where chunks do, along the axis that has most. */
static void cut(struct foray__h5_load *load, size_t nbytes)
{
    const struct foray__h5_about *about = &load->about;
    size_t most = 0, length = 1, row;

    for (int k = 0; k < load->region.ndim && (about->chunked || !k); k++) {
        size_t along = about->chunked ? about->dataset.chunk[k] : 1;

        if (load->region.count[k] / along >= most) {
            most = load->region.count[k] / along;
            load->axis = k;
            length = along;
        }
    }
    row = load->region.ndim ? nbytes / load->region.count[load->axis] : nbytes;
    load->group = (READ_BYTES / row / length + 1) * length;
}

static int read_all(struct loading *loading, const struct foray_array *array,
                    struct foray_error *err)
{
    struct foray__h5_load *load = &loading->load;
    struct foray_for tasks = {.fn = foray__h5_read_task,
                              .n = 1,
                              .whole = {NULL, array},
                              .params = load,
                              .params_size = sizeof *load};

    cut(load, foray_array_nbytes(array));
    if (array->ndim)
        tasks.n = (array->shape[load->axis] + load->group - 1) / load->group;
    return foray__h5_crew_each(&loading->crew, &tasks, err);
}

/* The region's elements into a new array. */
static int load_region(struct foray_array *out, struct loading *loading,
                       struct foray_error *err)
{
    struct foray__h5_load *load = &loading->load;
    struct foray_dataset wanted = load->about.dataset;
    int code = 0;

    memcpy(wanted.shape, load->region.count, sizeof wanted.shape);
    FORAY_TRY(foray_array_create_like(out, NULL, &wanted, NULL, err));
    if (foray_array_nbytes(out))
        code = loading->chunks.segment ? decode_all(loading, out, err)
                                       : read_all(loading, out, err);
    if (code)
        foray_array_close(out, NULL);
    return code;
}

/* Know what is to be loaded, and that it can be. `loading` is to be ended in
 * any case. */
static int prepare(struct loading *loading, struct foray_pool *pool,
                   const char *path, const char *dataset,
                   const struct foray_hdf5_slab *slab, struct foray_error *err)
{
    FORAY_TRY(begin(loading, pool, path, dataset, err));
    FORAY_TRY(look(loading, slab, err));
    return check(loading, err);
}

int foray_hdf5_load(struct foray_array *out, struct foray_pool *pool,
                    const char *path, const char *dataset,
                    const struct foray_hdf5_slab *slab, struct foray_error *err)
{
    struct loading loading;
    int code;

    memset(out, 0, sizeof *out);
    code = prepare(&loading, pool, path, dataset, slab, err);
    if (!code)
        code = load_region(out, &loading, err);
    end(&loading);
    return code;
}

/* Map the dataset and view the region of it. The view has the segment. */
static int map_region(struct foray_array *out, const struct loading *loading,
                      const char *mode, struct foray_error *err)
{
    const struct foray__h5_region *region = &loading->load.region;
    struct foray_array whole;

    FORAY_TRY(foray_array_map(&whole, loading->load.place, mode,
                              &loading->load.about.dataset, err));
    *out = whole;
    for (int k = 0; k < region->ndim; k++) {
        out->shape[k] = region->count[k];
        out->strides[k] *= (ptrdiff_t)region->step[k];
        if (foray_array_nitems(&whole))
            out->data = (char *)out->data +
                        (ptrdiff_t)region->start[k] * whole.strides[k];
    }
    return 0;
}

static int open_region(struct foray_array *out, struct loading *loading,
                       const char *mode, struct foray_error *err)
{
    const struct foray_dataset *dataset = &loading->load.about.dataset;

    if (dataset->mappable)
        return map_region(out, loading, mode, err);
    if (!strcmp(mode, "r+") && dataset->nbytes)
        return foray__fail(
            err, FORAY_ENOTSUP,
            "%s cannot be changed in place (%s): open it in "
            "mode r or c, or save it anew",
            foray__h5_name(loading->load.path, loading->load.name).text,
            dataset->layout);
    FORAY_TRY(load_region(out, loading, err));
    out->mode = *mode == 'c' ? FORAY_COPY
                : mode[1]    ? FORAY_READ_WRITE
                             : FORAY_READ;
    return 0;
}

int foray_hdf5_open(struct foray_array *out, struct foray_pool *pool,
                    const char *path, const char *dataset, const char *mode,
                    const struct foray_hdf5_slab *slab, struct foray_error *err)
{
    struct loading loading;
    int code;

    memset(out, 0, sizeof *out);
    if (!mode || (strcmp(mode, "r") != 0 && strcmp(mode, "r+") != 0 &&
                  strcmp(mode, "c") != 0))
        return foray__fail(err, FORAY_EINVAL,
                           "there is no mode \"%.16s\" for opening: use r, r+ "
                           "or c",
                           mode ? mode : "NULL");
    code = prepare(&loading, pool, path, dataset, slab, err);
    if (!code)
        code = open_region(out, &loading, mode, err);
    end(&loading);
    return code;
}
