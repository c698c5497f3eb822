#include "storage/dataset.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "array/text.h"
#include "base/error.h"
#include "storage/existing.h"

void foray_dataset_list_free(struct foray_dataset_list *list)
{
    for (size_t i = 0; i < list->n; i++)
        free(list->items[i].name);
    free(list->items);
    memset(list, 0, sizeof *list);
}

void foray__dataset_of_header(struct foray_dataset *out,
                              const struct foray__npy_header *header)
{
    size_t room = sizeof out->descr - 4;

    out->dtype = header->dtype;
    out->swapped = header->swapped;
    out->fortran_order = header->fortran_order;
    out->ndim = header->ndim;
    out->itemsize = header->itemsize;
    memcpy(out->shape, header->shape, sizeof out->shape);
    out->nbytes = header->nbytes;
    snprintf(out->descr, sizeof out->descr, "%.*s%s", (int)room, header->descr,
             strlen(header->descr) > room ? "..." : "");
}

static const char *without_slash(const char *name)
{
    return name && *name == '/' ? name + 1 : name ? name : "";
}

const struct foray_dataset *
foray_dataset_find(const struct foray_dataset_list *list, const char *name)
{
    for (size_t i = 0; i < list->n; i++)
        if (!strcmp(without_slash(list->items[i].name), without_slash(name)))
            return &list->items[i];
    return NULL;
}

/* `descr` holds what a dataset that says none is called. */
static int layout_of_dataset(struct foray__layout *layout,
                             const struct foray_dataset *dataset,
                             char descr[24], struct foray_error *err)
{
    size_t size = foray_dtype_size(dataset->dtype);

    FORAY_TRY(foray__check_ndim(dataset->ndim, err));
    memset(layout, 0, sizeof *layout);
    layout->dtype = dataset->dtype;
    layout->swapped = dataset->swapped;
    layout->fortran_order = dataset->fortran_order;
    layout->itemsize = size ? size : dataset->itemsize;
    layout->ndim = dataset->ndim;
    memcpy(layout->shape, dataset->shape, sizeof layout->shape);
    if (!layout->itemsize)
        return foray__fail(err, FORAY_EINVAL,
                           "elements without a type need an itemsize");
    if (size)
        foray__npy_descr(descr, dataset->dtype, dataset->swapped);
    else
        snprintf(descr, 24, "|V%zu", dataset->itemsize);
    layout->descr = *dataset->descr ? dataset->descr : descr;
    return 0;
}

/* Zeros among the lengths do not hide others whose product is too large. */
static int count_bytes(uint64_t *nbytes, const struct foray__layout *layout,
                       uint64_t offset, const char *name,
                       struct foray_error *err)
{
    uint64_t n = layout->itemsize, end;
    bool is_empty = false;

    for (int k = 0; k < layout->ndim; k++) {
        is_empty |= !layout->shape[k];
        if (layout->shape[k] > PTRDIFF_MAX ||
            __builtin_mul_overflow(n, layout->shape[k] ? layout->shape[k] : 1,
                                   &n))
            n = UINT64_MAX;
    }
    if (n > PTRDIFF_MAX || __builtin_add_overflow(n, offset, &end) ||
        end > PTRDIFF_MAX)
        return foray__fail(err, FORAY_ERANGE,
                           "the shape given for %s is larger than memory can "
                           "be",
                           name);
    *nbytes = is_empty ? 0 : n;
    return 0;
}

int foray_array_map(struct foray_array *out, const char *path, const char *mode,
                    const struct foray_dataset *dataset,
                    struct foray_error *err)
{
    enum foray_mode parsed = FORAY_READ;
    struct foray__layout layout;
    char tail[FORAY__TAIL_SIZE], descr[24];
    uint64_t size, nbytes;
    int fd, code = 0;

    memset(out, 0, sizeof *out);
    FORAY_TRY(foray__existing_mode(&parsed, mode, err));
    FORAY_TRY(layout_of_dataset(&layout, dataset, descr, err));
    FORAY_TRY(foray__existing_open(&fd, &size, path, parsed == FORAY_READ_WRITE,
                                   "a file of arrays", err));
    code = count_bytes(&nbytes, &layout, dataset->offset,
                       foray__tail(tail, path), err);
    if (!code && dataset->offset + nbytes > size)
        code = foray__fail(err, FORAY_ETRUNCATED,
                           "%s has %llu bytes: the array would need %llu of "
                           "them from byte %llu on",
                           foray__tail(tail, path), (unsigned long long)size,
                           (unsigned long long)nbytes,
                           (unsigned long long)dataset->offset);
    if (!code)
        code = foray__existing_map(out, fd, path, &layout, dataset->offset,
                                   nbytes, parsed, err);
    if (code)
        close(fd);
    return code;
}

int foray_array_create_like(struct foray_array *out, const char *path,
                            const struct foray_dataset *dataset,
                            const struct foray_placement *placement,
                            struct foray_error *err)
{
    struct foray__layout layout;
    char descr[24];

    memset(out, 0, sizeof *out);
    FORAY_TRY(layout_of_dataset(&layout, dataset, descr, err));
    return foray__make(out, &layout, path, placement, NULL, NULL, FORAY_CREATE,
                       err);
}
