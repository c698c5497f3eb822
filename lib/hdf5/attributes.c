/* Attributes of datasets and groups. They travel one after another: what they
 * are, their names, their values. */
#include <foray/hdf5.h>

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/size.h"
#include "hdf5/attribute_task.h"
#include "hdf5/dataset.h"
#include "hdf5/save.h"
#include "hdf5/text.h"

enum { MOST = 60 << 10 };

static int size_of(size_t *n, size_t *nbytes,
                   const struct foray_hdf5_attribute *attribute,
                   struct foray_error *err)
{
    const char *const *strings = attribute->values;
    size_t itemsize = foray_dtype_size(attribute->dtype);

    if (!attribute->name || !*attribute->name)
        return foray__fail(err, FORAY_EINVAL, "an attribute needs a name");
    if (attribute->ndim < 0 || attribute->ndim > FORAY_MAX_NDIM ||
        !foray__shape_nbytes(n, 1, attribute->ndim, attribute->shape) ||
        *n > MOST)
        return foray__fail(err, FORAY_ETOOLARGE,
                           "the attribute %.60s has too many values",
                           attribute->name);
    *nbytes = *n * itemsize;
    for (size_t i = 0; !itemsize && i < *n; i++)
        *nbytes += strlen(strings[i]) + 1;
    if (*nbytes > MOST)
        return foray__fail(err, FORAY_ETOOLARGE,
                           "the attribute %.60s has %zu bytes: more than an "
                           "HDF5 file takes",
                           attribute->name, *nbytes);
    return 0;
}

static int pack(struct foray__h5_attributes *out,
                const struct foray_hdf5_attribute *attributes, size_t n,
                struct foray_error *err)
{
    for (size_t i = 0; i < n; i++) {
        struct foray__h5_attribute head = {.dtype = attributes[i].dtype,
                                           .ndim = attributes[i].ndim};
        struct foray_bytes text = {attributes[i].values, 0};
        size_t count, nbytes;
        int code;

        FORAY_TRY(size_of(&count, &nbytes, &attributes[i], err));
        head.n = count;
        head.nbytes = nbytes;
        head.name = strlen(attributes[i].name) + 1;
        for (int k = 0; k < head.ndim; k++)
            head.shape[k] = attributes[i].shape[k];
        if (head.dtype == FORAY_OPAQUE)
            FORAY_TRY(
                foray__h5_text_join(&text, attributes[i].values, count, err));
        code = foray__h5_attributes_add(out, &head, attributes[i].name,
                                        text.data, err);
        if (head.dtype == FORAY_OPAQUE)
            free((void *)(uintptr_t)text.data);
        FORAY_TRY(code);
    }
    return 0;
}

int foray_hdf5_write_attributes(struct foray_pool *pool, const char *path,
                                const char *object,
                                const struct foray_hdf5_attribute *attributes,
                                size_t n, struct foray_error *err)
{
    struct foray__h5_attributes packed = {NULL, 0, 0};
    struct foray__h5_crew crew;
    struct foray__h5_edit edit;
    struct foray_result result;
    int code = pack(&packed, attributes, n, err);

    if (!code)
        code = foray__h5_crew_open(&crew, pool, path, err);
    if (!code) {
        code = foray__h5_edit_begin(&edit, crew.path, true, err);
        if (!code) {
            code = foray__h5_edit_reserve(&edit, 2 * packed.size, err);
            if (!code)
                code = foray__h5_crew_call(
                    &crew,
                    foray_delayed(foray__h5_write_attributes_task, edit.working,
                                  foray__h5_given(object),
                                  FORAY_BYTES(packed.bytes, packed.size)),
                    &result, err);
            if (!code)
                foray_result_free(&result);
            code = foray__h5_edit_end(&edit, code, err);
        }
        foray__h5_crew_close(&crew);
    }
    free(packed.bytes);
    return code;
}

/* One piece of memory: the packed bytes, behind them pointers to strings. */
static int unpack(struct foray_hdf5_attributes *out, struct foray_bytes bytes,
                  size_t n, size_t n_strings, struct foray_error *err)
{
    size_t place = foray__round_up(bytes.size, sizeof(void *)), at = 0;
    char *memory = calloc(1, place + (n_strings + 1) * sizeof(char *));
    char **strings;

    out->items = calloc(n ? n : 1, sizeof *out->items);
    out->memory = memory;
    if (!memory || !out->items)
        return foray__fail(err, FORAY_ENOMEM, "no memory for %zu attributes",
                           n);
    strings = (char **)(void *)(memory + place);
    if (bytes.size)
        memcpy(memory, bytes.data, bytes.size);
    for (out->n = 0; out->n < n; out->n++) {
        struct foray_hdf5_attribute *item = &out->items[out->n];
        struct foray__h5_attribute *head = (void *)(memory + at);
        char *values = memory + at + foray__h5_attribute_values(head);

        item->name = memory + at + sizeof *head;
        item->dtype = head->dtype;
        item->ndim = head->ndim;
        for (int k = 0; k < head->ndim; k++)
            item->shape[k] = head->shape[k];
        item->values = values;
        if (item->dtype == FORAY_OPAQUE) {
            foray__h5_text_point(strings, values, head->n);
            item->values = strings;
            strings += head->n;
        }
        at += foray__h5_attribute_size(head);
    }
    return 0;
}

int foray_hdf5_read_attributes(struct foray_hdf5_attributes *out,
                               struct foray_pool *pool, const char *path,
                               const char *object, struct foray_error *err)
{
    struct foray__h5_crew crew;
    struct foray_result result;
    int code;

    memset(out, 0, sizeof *out);
    FORAY_TRY(foray__h5_crew_open(&crew, pool, path, err));
    code =
        foray__h5_crew_call(&crew,
                            foray_delayed(foray__h5_read_attributes_task,
                                          crew.path, foray__h5_given(object)),
                            &result, err);
    if (!code) {
        code = unpack(out, foray_result_bytes(&result, 0),
                      (size_t)foray_result_u64(&result, 1),
                      (size_t)foray_result_u64(&result, 2), err);
        foray_result_free(&result);
    }
    if (code)
        foray_hdf5_attributes_free(out);
    foray__h5_crew_close(&crew);
    return code;
}

void foray_hdf5_attributes_free(struct foray_hdf5_attributes *attributes)
{
    free(attributes->items);
    free(attributes->memory);
    memset(attributes, 0, sizeof *attributes);
}
