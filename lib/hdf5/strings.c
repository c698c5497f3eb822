/* Datasets of strings: paths, labels. */
#include <foray/hdf5.h>

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "hdf5/dataset.h"
#include "hdf5/save.h"
#include "hdf5/save_task.h"
#include "hdf5/text.h"
#include "hdf5/type.h"

static int write_strings(hid_t file, const char *path, const char *name,
                         bool overwrite, struct foray_bytes text, size_t n,
                         struct foray_error *err)
{
    struct foray__h5_name shown = foray__h5_name(path, name);
    hsize_t shape = n;
    char **items;
    hid_t type, space, links, properties, dataset;
    int code = 0;

    FORAY_TRY(foray__h5_clear(file, path, name, overwrite, err));
    items = foray__h5_text_items(text, n);
    if (!items)
        return foray__fail(err, FORAY_ENOMEM, "no memory for %zu strings", n);
    type = foray__h5_type_text();
    space = H5Screate_simple(1, &shape, NULL);
    links = foray__h5_links();
    properties = foray__h5_properties();
    dataset =
        H5Dcreate2(file, name, type, space, links, properties, H5P_DEFAULT);
    if (dataset < 0 || (n && H5Dwrite(dataset, type, H5S_ALL, H5S_ALL,
                                      H5P_DEFAULT, items) < 0))
        code = foray__h5_fail(err, FORAY_EIO, "cannot write %s", shown.text);
    code = foray__h5_close_written(dataset, shown.text, code, err);
    foray__h5_close(properties);
    foray__h5_close(links);
    foray__h5_close(space);
    foray__h5_close(type);
    free(items);
    return code;
}

static int save_task(struct foray_task *task)
{
    const char *path = foray_task_str(task, 0), *name = foray_task_str(task, 2);
    struct foray_error err;
    hid_t file;
    int code =
        foray__h5_open_edit(&file, path, foray_task_bool(task, 1), 0, &err);

    if (!code)
        code = write_strings(file, path, name, foray_task_bool(task, 3),
                             foray_task_bytes(task, 4),
                             (size_t)foray_task_u64(task, 5), &err);
    code = foray__h5_finish(file, path, code, &err);
    return foray__h5_answer(task, code, &err, 0, NULL);
}

/* Nothing but `overwrite` means anything for strings. */
static int check_options(const struct foray_hdf5_options *options,
                         const char *name, struct foray_error *err)
{
    bool plain = true;

    if (!options)
        return 0;
    for (int k = 0; k < FORAY_MAX_NDIM; k++)
        plain &= !options->chunk[k];
    if (plain && !options->deflate && !options->shuffle &&
        !options->fletcher32 && !options->extendable)
        return 0;
    return foray__fail(err, FORAY_EINVAL,
                       "%s: strings are stored without chunks and filters",
                       name);
}

static int save(struct foray__h5_crew *crew, const char *name, bool overwrite,
                struct foray_bytes text, size_t n, struct foray_error *err)
{
    struct foray__h5_edit edit;
    struct foray_result result;
    int code = foray__h5_edit_begin(&edit, crew->path, false, err);

    if (code)
        return code;
    /* The library keeps 24 bytes a string beside it. */
    code = foray__h5_edit_reserve(&edit, 2 * text.size + 32 * n, err);
    if (!code) {
        struct foray_value values[] = {
            foray_value_str(edit.working), foray_value_bool(edit.is_new),
            foray_value_str(name),         foray_value_bool(overwrite),
            foray_value_bytes(text),       foray_value_u64(n)};

        code = foray__h5_crew_call(
            crew, foray_call_of("save_strings", save_task, 6, values), &result,
            err);
        if (!code)
            foray_result_free(&result);
    }
    return foray__h5_edit_end(&edit, code, err);
}

int foray_hdf5_save_strings(struct foray_pool *pool, const char *path,
                            const char *dataset, const char *const *strings,
                            size_t n, const struct foray_hdf5_options *options,
                            struct foray_error *err)
{
    const char *name = foray__h5_given(dataset);
    struct foray__h5_crew crew;
    struct foray_bytes text = {NULL, 0};
    int code;

    FORAY_TRY(check_options(options, name, err));
    FORAY_TRY(foray__h5_text_join(&text, strings, n, err));
    code = foray__h5_crew_open(&crew, pool, path, err);
    if (!code) {
        code = save(&crew, name, options && options->overwrite, text, n, err);
        foray__h5_crew_close(&crew);
    }
    free((void *)(uintptr_t)text.data);
    return code;
}

static int load_task(struct foray_task *task)
{
    const char *path = foray_task_str(task, 0), *name = foray_task_str(task, 1);
    struct foray__h5_name shown = foray__h5_name(path, name);
    struct foray_bytes text = {NULL, 0};
    struct foray_value values[2];
    size_t n = 0;
    struct foray_error err;
    hid_t file, dataset = -1;
    int code = foray__h5_open(&file, path, false, 0, &err);

    if (!code)
        code = foray__h5_dataset(&dataset, file, path, name, &err);
    if (!code)
        code = foray__h5_text_read(&text, &n, dataset, true, shown.text, &err);
    foray__h5_close(dataset);
    foray__h5_leave(file);
    values[0] = foray_value_u64(n);
    values[1] = foray_value_bytes(text);
    code = foray__h5_answer(task, code, &err, 2, values);
    free((void *)(uintptr_t)text.data);
    return code;
}

int foray_hdf5_load_strings(struct foray_hdf5_strings *out,
                            struct foray_pool *pool, const char *path,
                            const char *dataset, struct foray_error *err)
{
    struct foray__h5_crew crew;
    struct foray_result result;
    struct foray_bytes text;
    char *memory;
    int code;

    memset(out, 0, sizeof *out);
    FORAY_TRY(foray__h5_crew_open(&crew, pool, path, err));
    code = foray__h5_crew_call(
        &crew, foray_delayed(load_task, crew.path, foray__h5_given(dataset)),
        &result, err);
    if (!code) {
        size_t n = (size_t)foray_result_u64(&result, 0);

        /* One piece: the pointers, and behind them what they point to. */
        text = foray_result_bytes(&result, 1);
        out->items = malloc((n + 1) * sizeof *out->items + text.size);
        if (out->items) {
            memory = (char *)(out->items + n + 1);
            if (text.size)
                memcpy(memory, text.data, text.size);
            foray__h5_text_point(out->items, memory, n);
            out->n = n;
        } else {
            code =
                foray__fail(err, FORAY_ENOMEM, "no memory for %zu strings", n);
        }
        foray_result_free(&result);
    }
    foray__h5_crew_close(&crew);
    return code;
}

void foray_hdf5_strings_free(struct foray_hdf5_strings *strings)
{
    free(strings->items);
    memset(strings, 0, sizeof *strings);
}
