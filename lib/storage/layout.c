#include "storage/layout.h"

#include <string.h>

#include <foray/storage.h>

#include "array/text.h"

void foray__layout_of(struct foray__layout *layout,
                      const struct foray_array *array)
{
    layout->dtype = array->dtype;
    layout->swapped = array->swapped;
    layout->itemsize = array->itemsize;
    layout->ndim = array->ndim;
    memcpy(layout->shape, array->shape, sizeof layout->shape);
    layout->descr = foray_array_descr(array);
    layout->fortran_order = array->ndim > 1 &&
                            !foray_array_is_contiguous(array, FORAY_C_ORDER) &&
                            foray_array_is_contiguous(array, FORAY_F_ORDER);
}

void foray__layout_apply(struct foray_array *out,
                         const struct foray__layout *layout, void *data)
{
    memset(out, 0, sizeof *out);
    out->data = data;
    out->dtype = layout->dtype;
    out->swapped = layout->swapped;
    out->mode = FORAY_READ_WRITE;
    out->ndim = layout->ndim;
    out->itemsize = layout->itemsize;
    memcpy(out->shape, layout->shape, sizeof out->shape);
    foray__array_set_strides(out, layout->fortran_order ? FORAY_F_ORDER
                                                        : FORAY_C_ORDER);
}

void foray__layout_of_header(struct foray__layout *layout,
                             const struct foray__npy_header *header)
{
    layout->dtype = header->dtype;
    layout->swapped = header->swapped;
    layout->fortran_order = header->fortran_order;
    layout->itemsize = header->itemsize;
    layout->ndim = header->ndim;
    memcpy(layout->shape, header->shape, sizeof layout->shape);
    layout->descr = header->descr;
}
