#include "hdf5/save_task.h"

#include <stdlib.h>
#include <string.h>

#include <foray/call.h>

#include "base/size.h"
#include "hdf5/crew.h"
#include "hdf5/dataset.h"
#include "hdf5/region.h"
#include "hdf5/type.h"

int foray__h5_open_edit(hid_t *file, const char *path, bool is_new,
                        size_t piece, struct foray_error *err)
{
    char tail[FORAY__TAIL_SIZE];
    hid_t access;

    if (!is_new)
        return foray__h5_open(file, path, true, piece, err);
    access = foray__h5_access(piece);
    *file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, access);
    if (*file >= 0) {
        foray__h5_close(access);
        return 0;
    }
    foray__h5_fail(err, FORAY_EIO, "cannot make %s", foray__tail(tail, path));
    foray__h5_close(access);
    return err->code;
}

hid_t foray__h5_links(void)
{
    hid_t links = H5Pcreate(H5P_LINK_CREATE);

    H5Pset_create_intermediate_group(links, 1);
    H5Pset_char_encoding(links, H5T_CSET_UTF8);
    return links;
}

hid_t foray__h5_properties(void)
{
    hid_t properties = H5Pcreate(H5P_DATASET_CREATE);

    H5Pset_obj_track_times(properties, false);
    return properties;
}

int foray__h5_clear(hid_t file, const char *path, const char *name,
                    bool overwrite, struct foray_error *err)
{
    struct foray__h5_name shown = foray__h5_name(path, name);
    int found = foray__h5_exists(file, name);
    hid_t object;
    bool is_dataset;

    if (found < 0)
        return foray__h5_fail(err, FORAY_EFORMAT, "%s cannot be looked for",
                              shown.text);
    if (!found)
        return 0;
    object = H5Oopen(file, name, H5P_DEFAULT);
    is_dataset = object >= 0 && H5Iget_type(object) == H5I_DATASET;
    foray__h5_close(object);
    if (!is_dataset)
        return foray__fail(err, FORAY_EEXIST,
                           "%s is a group: choose another name", shown.text);
    if (!overwrite)
        return foray__fail(err, FORAY_EEXIST,
                           "there is a dataset %s already: set overwrite "
                           "(--overwrite), or choose another name",
                           shown.text);
    if (H5Ldelete(file, name, H5P_DEFAULT) < 0)
        return foray__h5_fail(err, FORAY_EIO, "cannot replace %s", shown.text);
    return 0;
}

static hid_t make_properties(const struct foray__h5_plan *plan)
{
    hid_t properties = foray__h5_properties();
    hsize_t chunk[FORAY_MAX_NDIM];

    if (!plan->chunked) {
        H5Pset_alloc_time(properties, H5D_ALLOC_TIME_EARLY);
        H5Pset_fill_time(properties, H5D_FILL_TIME_NEVER);
        return properties;
    }
    for (int k = 0; k < plan->ndim; k++)
        chunk[k] = plan->chunk[k];
    H5Pset_chunk(properties, plan->ndim, chunk);
    for (int i = 0; i < plan->filters.n; i++)
        switch (plan->filters.stages[i].kind) {
        case FORAY__H5_SHUFFLE:
            H5Pset_shuffle(properties);
            break;
        case FORAY__H5_DEFLATE:
            H5Pset_deflate(properties, (unsigned)plan->filters.stages[i].size);
            break;
        case FORAY__H5_FLETCHER32:
            H5Pset_fletcher32(properties);
            break;
        case FORAY__H5_LZF: /* never planned */
            break;
        }
    return properties;
}

static hid_t make_space(const struct foray__h5_plan *plan)
{
    hsize_t shape[FORAY_MAX_NDIM], most[FORAY_MAX_NDIM];

    if (!plan->ndim)
        return H5Screate(H5S_SCALAR);
    for (int k = 0; k < plan->ndim; k++)
        shape[k] = most[k] = plan->shape[k];
    if (plan->extendable)
        most[0] = H5S_UNLIMITED;
    return H5Screate_simple(plan->ndim, shape, most);
}

static int create(uint64_t *offset, hid_t file, const char *path,
                  const char *name, const struct foray__h5_plan *plan,
                  struct foray_error *err)
{
    hid_t type, space, links, properties, dataset;
    haddr_t place;

    FORAY_TRY(foray__h5_clear(file, path, name, plan->overwrite, err));
    type = foray__h5_type_make(plan->dtype, plan->swapped);
    space = make_space(plan);
    links = foray__h5_links();
    properties = make_properties(plan);
    dataset =
        H5Dcreate2(file, name, type, space, links, properties, H5P_DEFAULT);
    if (dataset < 0)
        foray__h5_fail(err, FORAY_EINVAL, "cannot make %s",
                       foray__h5_name(path, name).text);
    place = dataset < 0 || plan->chunked ? HADDR_UNDEF : H5Dget_offset(dataset);
    *offset = place == HADDR_UNDEF ? 0 : place;
    foray__h5_close(properties);
    foray__h5_close(links);
    foray__h5_close(space);
    foray__h5_close(type);
    if (dataset < 0)
        return err->code;
    return foray__h5_close_written(dataset, foray__h5_name(path, name).text, 0,
                                   err);
}

/* Bytes of a dataset that will be mapped. */
static size_t piece_of(const struct foray__h5_plan *plan)
{
    size_t nbytes = 0;

    if (!plan->chunked)
        foray__shape_nbytes(&nbytes, plan->itemsize, plan->ndim, plan->shape);
    return nbytes;
}

int foray__h5_create_task(struct foray_task *task)
{
    const char *path = foray_task_str(task, 0), *name = foray_task_str(task, 2);
    struct foray_value values[2] = {foray_value_none(), foray_value_none()};
    struct foray__h5_plan plan;
    struct foray_error err;
    uint64_t offset = 0;
    hid_t file;
    int code;

    /* Bytes lie anywhere. */
    memcpy(&plan, foray_task_bytes(task, 3).data, sizeof plan);
    code = foray__h5_open_edit(&file, path, foray_task_bool(task, 1),
                               piece_of(&plan), &err);
    if (!code)
        code = create(&offset, file, path, name, &plan, &err);
    code = foray__h5_finish(file, path, code, &err);
    values[0] = foray_value_u64(offset);
    return foray__h5_answer(task, code, &err, 2, values);
}

size_t foray__h5_slot(const struct foray__h5_plan *plan)
{
    return foray__round_up(
        foray__h5_encoded_bound(&plan->filters, plan->chunk_nbytes), 64);
}

/* Kept from task to task of a worker. */
static _Thread_local struct {
    struct foray__h5_codec codec;
    unsigned char *chunk;
    size_t room;
} kept;

static int encode(const struct foray__h5_save *save, size_t i,
                  const struct foray_array *array,
                  const struct foray_array *encoded,
                  const struct foray_array *sizes, struct foray_error *err)
{
    const struct foray__h5_plan *plan = &save->plan;
    size_t at[FORAY_MAX_NDIM];
    struct foray__h5_block block = {at, plan->chunk, kept.chunk,
                                    plan->itemsize};
    struct foray__h5_region region = {.ndim = plan->ndim};
    uint32_t mask;
    size_t size;

    for (int k = 0; k < plan->ndim; k++) {
        region.count[k] = array->shape[k];
        region.step[k] = 1;
    }
    region.start[0] = save->first;
    foray__h5_plan_at(at, plan, save->first, save->begin + i);
    for (int k = 0; k < plan->ndim; k++)
        if (at[k] + plan->chunk[k] > plan->shape[k])
            memset(kept.chunk, 0, plan->chunk_nbytes);
    foray__h5_block_write(&block, &region, array);
    size = foray__h5_encode(&kept.codec, &plan->filters, kept.chunk,
                            plan->chunk_nbytes, foray_row(encoded, i), &mask);
    if (!size)
        return foray__fail(
            err, FORAY_ENOMEM, "%s: no memory to compress a chunk of %zu bytes",
            foray__h5_name(save->path, save->name).text, plan->chunk_nbytes);
    FORAY_AT(sizes, uint64_t, i, 0) = size;
    FORAY_AT(sizes, uint64_t, i, 1) = mask;
    return 0;
}

static int encode_group(struct foray_task *task,
                        const struct foray__h5_save *save,
                        struct foray_error *err)
{
    const struct foray_array *array = foray_task_whole(task, 1);
    const struct foray_array *encoded = foray_task_whole(task, 2);
    const struct foray_array *sizes = foray_task_whole(task, 3);
    size_t first = (foray_task_index(task) - 1) * save->group;
    size_t end = first + save->group;

    if (end > save->n)
        end = save->n;
    if (kept.room < save->plan.chunk_nbytes) {
        free(kept.chunk);
        kept.chunk = malloc(save->plan.chunk_nbytes);
        kept.room = kept.chunk ? save->plan.chunk_nbytes : 0;
    }
    if (!kept.chunk)
        return foray__fail(err, FORAY_ENOMEM, "no memory for a chunk");
    for (size_t i = first; i < end && !foray_task_cancelled(task); i++)
        FORAY_TRY(encode(save, i, array, encoded, sizes, err));
    return 0;
}

static int write_chunks(const struct foray__h5_save *save, hid_t dataset,
                        const struct foray_array *encoded,
                        const struct foray_array *sizes,
                        struct foray_error *err)
{
    size_t at[FORAY_MAX_NDIM];
    hsize_t offset[FORAY_MAX_NDIM];

    for (size_t i = 0; i < save->n_before; i++) {
        foray__h5_plan_at(at, &save->plan, save->first, save->before + i);
        for (int k = 0; k < save->plan.ndim; k++)
            offset[k] = at[k];
        if (H5Dwrite_chunk(dataset, H5P_DEFAULT,
                           (uint32_t)FORAY_AT(sizes, uint64_t, i, 1), offset,
                           FORAY_AT(sizes, uint64_t, i, 0),
                           foray_row(encoded, i)) < 0)
            return foray__h5_fail(err, FORAY_EIO, "cannot write %s",
                                  foray__h5_name(save->path, save->name).text);
    }
    return 0;
}

static int write_round(struct foray_task *task,
                       const struct foray__h5_save *save,
                       struct foray_error *err)
{
    hid_t file, dataset = -1;
    int code;

    if (!save->n_before)
        return 0;
    code = foray__h5_open_edit(&file, save->path, false, 0, err);
    if (!code)
        code = foray__h5_dataset(&dataset, file, save->path, save->name, err);
    if (!code)
        code = write_chunks(save, dataset, foray_task_whole(task, 4),
                            foray_task_whole(task, 5), err);
    code = foray__h5_close_written(
        dataset, foray__h5_name(save->path, save->name).text, code, err);
    return foray__h5_finish(file, save->path, code, err);
}

int foray__h5_save_task(struct foray_task *task)
{
    const struct foray__h5_save *save = foray_task_params(task);
    struct foray_error err;
    int code = foray_task_index(task) ? encode_group(task, save, &err)
                                      : write_round(task, save, &err);

    return code ? foray__h5_raise(task, &err) : 0;
}
