#include "hdf5/text.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/size.h"
#include "hdf5/handle.h"
#include "hdf5/type.h"

int foray__h5_text_join(struct foray_bytes *out, const char *const *strings,
                        size_t n, struct foray_error *err)
{
    size_t size = 0;
    char *text, *end;

    for (size_t i = 0; i < n; i++)
        size += strlen(strings[i]) + 1;
    text = end = malloc(size ? size : 1);
    if (!text)
        return foray__fail(err, FORAY_ENOMEM, "no memory for %zu strings", n);
    for (size_t i = 0; i < n; i++) {
        size_t length = strlen(strings[i]) + 1;

        memcpy(end, strings[i], length);
        end += length;
    }
    out->data = text;
    out->size = size;
    return 0;
}

void foray__h5_text_point(char **items, char *text, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        items[i] = text;
        text += strlen(text) + 1;
    }
}

char **foray__h5_text_items(struct foray_bytes text, size_t n)
{
    char **items = malloc((n ? n : 1) * sizeof *items);

    if (items)
        foray__h5_text_point(items, (char *)(uintptr_t)text.data, n);
    return items;
}

static bool read_all(hid_t object, bool is_dataset, hid_t type, void *out)
{
    return (is_dataset
                ? H5Dread(object, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, out)
                : H5Aread(object, type, out)) >= 0;
}

/* Strings of any length: the library allocates each. A missing one is empty. */
static int read_any(struct foray_bytes *out, size_t n, hid_t object,
                    bool is_dataset, hid_t type, hid_t space, const char *name,
                    struct foray_error *err)
{
    char **items = calloc(n ? n : 1, sizeof *items);
    int code;

    if (!items)
        return foray__fail(err, FORAY_ENOMEM, "no memory for %zu strings", n);
    if (n && !read_all(object, is_dataset, type, items)) {
        code = foray__h5_fail(err, FORAY_EFORMAT, "cannot read %s", name);
    } else {
        static char none[1];

        for (size_t i = 0; i < n; i++)
            if (!items[i])
                items[i] = none;
        code = foray__h5_text_join(out, (const char *const *)items, n, err);
        for (size_t i = 0; i < n; i++)
            if (items[i] == none)
                items[i] = NULL;
        H5Dvlen_reclaim(type, space, H5P_DEFAULT, items);
    }
    free(items);
    return code;
}

/* Of a fixed length, padded by zeros or blanks. */
static int read_fixed(struct foray_bytes *out, size_t n, hid_t object,
                      bool is_dataset, hid_t type, const char *name,
                      struct foray_error *err)
{
    size_t size = H5Tget_size(type), room, total;
    bool blanks = H5Tget_strpad(type) == H5T_STR_SPACEPAD;
    char *bytes = NULL, *text = NULL, *end;
    int code = 0;

    if (foray__mul(&room, n, size) && foray__add(&total, room, n)) {
        bytes = malloc(room ? room : 1);
        text = malloc(total ? total : 1);
    }
    if (!bytes || !text)
        code = foray__fail(err, FORAY_ENOMEM, "no memory for %zu strings", n);
    else if (n && !read_all(object, is_dataset, type, bytes))
        code = foray__h5_fail(err, FORAY_EFORMAT, "cannot read %s", name);
    end = text;
    for (size_t i = 0; i < n && !code; i++) {
        size_t length = strnlen(bytes + i * size, size);

        while (blanks && length && bytes[i * size + length - 1] == ' ')
            length--;
        memcpy(end, bytes + i * size, length);
        end += length;
        *end++ = '\0';
    }
    free(bytes);
    if (code) {
        free(text);
        return code;
    }
    out->data = text;
    out->size = (size_t)(end - text);
    return 0;
}

int foray__h5_text_read(struct foray_bytes *out, size_t *n, hid_t object,
                        bool is_dataset, const char *name,
                        struct foray_error *err)
{
    hid_t type = is_dataset ? H5Dget_type(object) : H5Aget_type(object);
    hid_t space = is_dataset ? H5Dget_space(object) : H5Aget_space(object);
    hssize_t count = H5Sget_simple_extent_npoints(space);
    int code;

    if (H5Tget_class(type) != H5T_STRING || count < 0)
        code = foray__fail(err, FORAY_EDTYPE, "%s has no strings", name);
    else if (H5Tis_variable_str(type) > 0)
        code = read_any(out, (size_t)count, object, is_dataset, type, space,
                        name, err);
    else
        code =
            read_fixed(out, (size_t)count, object, is_dataset, type, name, err);
    *n = code ? 0 : (size_t)count;
    foray__h5_close(space);
    foray__h5_close(type);
    return code;
}
