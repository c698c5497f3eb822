/* Rows behind those that a dataset has. */
#include <foray/hdf5.h>

#include <string.h>

#include <foray/storage.h>

#include "base/error.h"
#include "base/size.h"
#include "hdf5/about.h"
#include "hdf5/dataset.h"
#include "hdf5/guard.h"
#include "hdf5/save.h"
#include "hdf5/save_task.h"
#include "hdf5/type.h"

/* What the worker that made the dataset longer tells. */
struct extended {
    struct foray__h5_about about; /* with its new shape */
    size_t done; /* rows that it has written already, by the HDF5 library */
};

static int check(const struct foray__h5_about *about,
                 const struct foray_array *array, const char *name,
                 struct foray_error *err)
{
    const struct foray_dataset *dataset = &about->dataset;
    bool same = dataset->ndim == array->ndim;

    if (*about->unfit || dataset->dtype != array->dtype ||
        dataset->dtype == FORAY_OPAQUE)
        return foray__fail(err, FORAY_EDTYPE,
                           "%s holds %s: rows of %s cannot be appended", name,
                           *about->unfit ? about->unfit
                                         : foray_dtype_name(dataset->dtype),
                           foray_dtype_name(array->dtype));
    if (!about->chunked || !about->extendable)
        return foray__fail(err, FORAY_ENOTSUP,
                           "%s cannot grow (%s): save it anew, extendable",
                           name, dataset->layout);
    for (int k = 1; same && k < array->ndim; k++)
        same = dataset->shape[k] == array->shape[k];
    if (!same)
        return foray__fail(err, FORAY_ESHAPE,
                           "the rows to be appended have another shape than "
                           "those of %s",
                           name);
    return 0;
}

/* Rows that the library has to write: those that fill the chunks that were
 * begun, or all if it alone has the filters or converts the byte order. */
static size_t rows_by_library(const struct foray__h5_about *about, size_t old,
                              const struct foray_array *array)
{
    size_t begun = old % about->dataset.chunk[0];
    size_t rest = begun ? about->dataset.chunk[0] - begun : 0;

    if (!about->direct || about->raw_edges ||
        about->dataset.swapped != array->swapped || rest > array->shape[0])
        return array->shape[0];
    return rest;
}

static int write_rows(hid_t dataset, size_t old, size_t n,
                      const struct foray_array *array, const char *name,
                      struct foray_error *err)
{
    hsize_t start[FORAY_MAX_NDIM] = {old}, count[FORAY_MAX_NDIM];
    hid_t type, in_memory, in_file;
    int code = 0;

    if (!n || !foray_array_nitems(array))
        return 0;
    for (int k = 0; k < array->ndim; k++)
        count[k] = array->shape[k];
    count[0] = n;
    type = foray__h5_type_make(array->dtype, array->swapped);
    in_memory = H5Screate_simple(array->ndim, count, NULL);
    in_file = H5Dget_space(dataset);
    if (H5Sselect_hyperslab(in_file, H5S_SELECT_SET, start, NULL, count, NULL) <
            0 ||
        H5Dwrite(dataset, type, in_memory, in_file, H5P_DEFAULT, array->data) <
            0)
        code = foray__h5_fail(err, FORAY_EIO, "cannot write %s", name);
    foray__h5_close(in_file);
    foray__h5_close(in_memory);
    foray__h5_close(type);
    return code;
}

static int extend(struct extended *out, hid_t dataset,
                  const struct foray_array *array, const char *name,
                  struct foray_error *err)
{
    struct foray__h5_about *about = &out->about;
    hsize_t shape[FORAY_MAX_NDIM];
    size_t old;

    FORAY_TRY(foray__h5_about(about, dataset, name, err));
    FORAY_TRY(check(about, array, name, err));
    old = about->dataset.shape[0];
    if (!foray__add(&about->dataset.shape[0], old, array->shape[0]))
        return foray__fail(err, FORAY_ERANGE, "%s would be too long", name);
    for (int k = 0; k < array->ndim; k++)
        shape[k] = about->dataset.shape[k];
    if (H5Dset_extent(dataset, shape) < 0)
        return foray__h5_fail(err, FORAY_EIO, "cannot make %s longer", name);
    out->done = rows_by_library(about, old, array);
    foray__h5_guard_end(); /* compressing takes what it takes */
    return write_rows(dataset, old, out->done, array, name, err);
}

static int extend_task(struct foray_task *task)
{
    const char *path = foray_task_str(task, 0), *name = foray_task_str(task, 1);
    const struct foray_array *array = foray_task_array(task, 2);
    struct foray__h5_name shown = foray__h5_name(path, name);
    struct extended out;
    struct foray_value values[2] = {foray_value_none(), foray_value_none()};
    struct foray_error err;
    hid_t file, dataset = -1;
    int code = foray__h5_open(&file, path, true, 0, &err);

    if (!code)
        code = foray__h5_dataset(&dataset, file, path, name, &err);
    if (!code)
        code = extend(&out, dataset, array, shown.text, &err);
    code = foray__h5_close_written(dataset, shown.text, code, &err);
    code = foray__h5_finish(file, path, code, &err);
    values[0] = foray_value_bytes((struct foray_bytes){&out, sizeof out});
    return foray__h5_answer(task, code, &err, 2, values);
}

static struct foray__h5_plan plan_of(const struct foray__h5_about *about)
{
    struct foray__h5_plan plan = {.dtype = about->dataset.dtype,
                                  .swapped = about->dataset.swapped,
                                  .itemsize = about->dataset.itemsize,
                                  .ndim = about->dataset.ndim,
                                  .chunked = true,
                                  .chunk_nbytes = about->chunk_nbytes,
                                  .filters = about->filters};

    memcpy(plan.shape, about->dataset.shape, sizeof plan.shape);
    memcpy(plan.chunk, about->dataset.chunk, sizeof plan.chunk);
    return plan;
}

static int append(struct foray__h5_crew *crew, struct foray__h5_edit *edit,
                  const char *name, const struct foray_array *array,
                  struct foray_error *err)
{
    struct foray_result result;
    struct extended extended;
    struct foray__h5_plan plan;
    struct foray_array rest;

    FORAY_TRY(
        foray__h5_edit_reserve(edit, foray_array_nbytes(array) * 9 / 8, err));
    FORAY_TRY(foray__h5_crew_call(
        crew, foray_delayed(extend_task, edit->working, name, array), &result,
        err));
    memcpy(&extended, foray_result_bytes(&result, 0).data, sizeof extended);
    foray_result_free(&result);
    plan = plan_of(&extended.about);
    FORAY_TRY(foray_array_slice(&rest, array, 0, (ptrdiff_t)extended.done,
                                FORAY_TO_END, 1, err));
    return foray__h5_save_chunks(crew, edit, name, &plan,
                                 plan.shape[0] - rest.shape[0], &rest, err);
}

int foray_hdf5_append(struct foray_pool *pool, const char *path,
                      const char *dataset, const struct foray_array *array,
                      struct foray_error *err)
{
    const char *name = foray__h5_given(dataset);
    struct foray_array shared, copy;
    struct foray__h5_crew crew;
    struct foray__h5_edit edit;
    int code;

    if (!array->ndim)
        return foray__fail(err, FORAY_ESHAPE,
                           "a single element is no row that could be appended "
                           "to %s",
                           name);
    FORAY_TRY(foray__h5_crew_open(&crew, pool, path, err));
    code = foray__h5_share(&shared, &copy, array, true, err);
    if (!code)
        code = foray__h5_edit_begin(&edit, crew.path, true, err);
    if (!code) {
        code = append(&crew, &edit, name, &shared, err);
        code = foray__h5_edit_end(&edit, code, err);
    }
    foray_array_close(&copy, NULL);
    foray__h5_crew_close(&crew);
    return code;
}
