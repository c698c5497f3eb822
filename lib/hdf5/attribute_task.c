#include "hdf5/attribute_task.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/size.h"
#include "hdf5/crew.h"
#include "hdf5/dataset.h"
#include "hdf5/text.h"
#include "hdf5/type.h"

enum { ALIGN = 16 };

size_t foray__h5_attribute_values(const struct foray__h5_attribute *attribute)
{
    return foray__round_up(sizeof *attribute + attribute->name, ALIGN);
}

size_t foray__h5_attribute_size(const struct foray__h5_attribute *attribute)
{
    return foray__round_up(
        foray__h5_attribute_values(attribute) + attribute->nbytes, ALIGN);
}

int foray__h5_attributes_add(struct foray__h5_attributes *attributes,
                             const struct foray__h5_attribute *head,
                             const char *name, const void *values,
                             struct foray_error *err)
{
    size_t size = foray__h5_attribute_size(head);
    char *place;

    if (attributes->size + size > attributes->room) {
        size_t room = 2 * (attributes->room + size);
        char *grown = realloc(attributes->bytes, room);

        if (!grown)
            return foray__fail(err, FORAY_ENOMEM, "no memory for attributes");
        attributes->bytes = grown;
        attributes->room = room;
    }
    place = attributes->bytes + attributes->size;
    memset(place, 0, size);
    memcpy(place, head, sizeof *head);
    memcpy(place + sizeof *head, name, head->name);
    if (head->nbytes)
        memcpy(place + foray__h5_attribute_values(head), values, head->nbytes);
    attributes->size += size;
    return 0;
}

/* Attributes on their way out of a file. */
struct reading {
    struct foray__h5_attributes attributes;
    size_t n, n_strings;
    const char *name; /* of the object */
    struct foray_error *err;
};

/* False: of a type that is left out. */
static bool describe(struct foray__h5_attribute *head, hid_t attribute,
                     hid_t type)
{
    hid_t space = H5Aget_space(attribute);
    hsize_t shape[FORAY_MAX_NDIM];
    struct foray_dataset dataset;
    bool is_text = H5Tget_class(type) == H5T_STRING;
    bool known = is_text || !foray__h5_type_read(&dataset, type);

    head->dtype = is_text || !known ? FORAY_OPAQUE : dataset.dtype;
    known = known && (is_text || head->dtype != FORAY_OPAQUE) &&
            H5Sget_simple_extent_type(space) != H5S_NULL &&
            H5Sget_simple_extent_ndims(space) <= FORAY_MAX_NDIM;
    if (known) {
        head->ndim = H5Sget_simple_extent_dims(space, shape, NULL);
        for (int k = 0; k < head->ndim; k++)
            head->shape[k] = shape[k];
        known = head->ndim >= 0 &&
                foray__shape_nbytes(&head->n, 1, head->ndim, head->shape);
    }
    foray__h5_close(space);
    return known;
}

static int read_numbers(struct reading *reading,
                        struct foray__h5_attribute *head, hid_t attribute,
                        const char *name)
{
    hid_t type = foray__h5_type_make(head->dtype, false);
    void *values;
    int code;

    head->nbytes = head->n * foray_dtype_size(head->dtype);
    values = malloc(head->nbytes ? head->nbytes : 1);
    if (!values)
        code =
            foray__fail(reading->err, FORAY_ENOMEM, "no memory for attributes");
    else if (H5Aread(attribute, type, values) < 0)
        code = foray__h5_fail(reading->err, FORAY_EFORMAT,
                              "cannot read the attribute %.60s of %s", name,
                              reading->name);
    else
        code = foray__h5_attributes_add(&reading->attributes, head, name,
                                        values, reading->err);
    free(values);
    foray__h5_close(type);
    return code;
}

static int read_text(struct reading *reading, struct foray__h5_attribute *head,
                     hid_t attribute, const char *name)
{
    struct foray_bytes text = {NULL, 0};
    int code;

    FORAY_TRY(foray__h5_text_read(&text, &head->n, attribute, false,
                                  reading->name, reading->err));
    head->nbytes = text.size;
    code = foray__h5_attributes_add(&reading->attributes, head, name, text.data,
                                    reading->err);
    reading->n_strings += head->n;
    free((void *)(uintptr_t)text.data);
    return code;
}

static int read_one(struct reading *reading, hid_t object, const char *name)
{
    struct foray__h5_attribute head = {.name = strlen(name) + 1};
    hid_t attribute = H5Aopen(object, name, H5P_DEFAULT), type;
    int code = 0;

    if (attribute < 0)
        return foray__h5_fail(reading->err, FORAY_EFORMAT,
                              "cannot open the attribute %.60s of %s", name,
                              reading->name);
    type = H5Aget_type(attribute);
    if (describe(&head, attribute, type)) {
        code = head.dtype == FORAY_OPAQUE
                   ? read_text(reading, &head, attribute, name)
                   : read_numbers(reading, &head, attribute, name);
        reading->n++;
    }
    foray__h5_close(type);
    foray__h5_close(attribute);
    return code;
}

static herr_t visit(hid_t object, const char *name, const H5A_info_t *info,
                    void *arg)
{
    (void)info;
    return -read_one(arg, object, name); /* above 0: an end, but no error */
}

/* A group or a dataset. */
static int open_object(hid_t *object, hid_t file, const char *path,
                       const char *name, struct foray_error *err)
{
    int found = foray__h5_exists(file, name);

    *object = found > 0 ? H5Oopen(file, name, H5P_DEFAULT) : -1;
    if (*object >= 0)
        return 0;
    if (!found)
        return foray__fail(err, FORAY_ENOENT, "there is no %s",
                           foray__h5_name(path, name).text);
    return foray__h5_fail(err, FORAY_EFORMAT, "cannot open %s",
                          foray__h5_name(path, name).text);
}

int foray__h5_read_attributes_task(struct foray_task *task)
{
    const char *path = foray_task_str(task, 0), *name = foray_task_str(task, 1);
    struct foray__h5_name shown = foray__h5_name(path, name);
    struct foray_error err;
    struct reading reading = {.name = shown.text, .err = &err};
    struct foray_value values[3];
    hid_t file, object = -1;
    int code = foray__h5_open(&file, path, false, 0, &err);

    if (!code)
        code = open_object(&object, file, path, name, &err);
    if (!code) {
        herr_t status = H5Aiterate2(object, H5_INDEX_NAME, H5_ITER_INC, NULL,
                                    visit, &reading);

        code = status < 0 ? foray__h5_fail(&err, FORAY_EFORMAT,
                                           "the attributes of %s are damaged",
                                           shown.text)
                          : -status;
    }
    foray__h5_close(object);
    foray__h5_leave(file);
    values[0] = foray_value_bytes((struct foray_bytes){
        reading.attributes.bytes, reading.attributes.size});
    values[1] = foray_value_u64(reading.n);
    values[2] = foray_value_u64(reading.n_strings);
    code = foray__h5_answer(task, code, &err, 3, values);
    free(reading.attributes.bytes);
    return code;
}

static bool write_values(hid_t attribute,
                         const struct foray__h5_attribute *head, hid_t type,
                         const char *values)
{
    char **items;
    bool done;

    if (!head->n)
        return true;
    if (head->dtype != FORAY_OPAQUE)
        return H5Awrite(attribute, type, values) >= 0;
    items = foray__h5_text_items((struct foray_bytes){values, head->nbytes},
                                 head->n);
    done = items && H5Awrite(attribute, type, items) >= 0;
    free(items);
    return done;
}

static int write_one(hid_t object, const struct foray__h5_attribute *head,
                     const char *shown, struct foray_error *err)
{
    const char *name = (const char *)head + sizeof *head;
    const char *values = (const char *)head + foray__h5_attribute_values(head);
    hsize_t shape[FORAY_MAX_NDIM];
    hid_t type, space, attribute;
    int code = 0;

    for (int k = 0; k < head->ndim; k++)
        shape[k] = head->shape[k];
    if (H5Aexists(object, name) > 0 && H5Adelete(object, name) < 0)
        return foray__h5_fail(err, FORAY_EIO,
                              "cannot replace the attribute %.60s of %s", name,
                              shown);
    type = head->dtype == FORAY_OPAQUE
               ? foray__h5_type_text()
               : foray__h5_type_make(head->dtype, false);
    space = head->ndim ? H5Screate_simple(head->ndim, shape, NULL)
                       : H5Screate(H5S_SCALAR);
    attribute = H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
    if (attribute < 0 || !write_values(attribute, head, type, values))
        code = foray__h5_fail(err, FORAY_EIO,
                              "cannot write the attribute %.60s of %s", name,
                              shown);
    code = foray__h5_close_written(attribute, shown, code, err);
    foray__h5_close(space);
    foray__h5_close(type);
    return code;
}

static int write_all(hid_t object, const char *packed, size_t size,
                     const char *shown, struct foray_error *err)
{
    for (size_t at = 0; at < size;) {
        const struct foray__h5_attribute *head = (const void *)(packed + at);

        FORAY_TRY(write_one(object, head, shown, err));
        at += foray__h5_attribute_size(head);
    }
    return 0;
}

int foray__h5_write_attributes_task(struct foray_task *task)
{
    const char *path = foray_task_str(task, 0), *name = foray_task_str(task, 1);
    struct foray_bytes bytes = foray_task_bytes(task, 2);
    struct foray__h5_name shown = foray__h5_name(path, name);
    char *packed = malloc(bytes.size ? bytes.size : 1);
    hid_t file = -1, object = -1;
    struct foray_error err;
    int code = 0;

    if (!packed)
        code = foray__fail(&err, FORAY_ENOMEM, "no memory for attributes");
    else if (bytes.size) /* which lie anywhere */
        memcpy(packed, bytes.data, bytes.size);
    if (!code)
        code = foray__h5_open(&file, path, true, 0, &err);
    if (!code)
        code = open_object(&object, file, path, name, &err);
    if (!code)
        code = write_all(object, packed, bytes.size, shown.text, &err);
    code = foray__h5_close_written(object, shown.text, code, &err);
    code = foray__h5_finish(file, path, code, &err);
    free(packed);
    return foray__h5_answer(task, code, &err, 0, NULL);
}
