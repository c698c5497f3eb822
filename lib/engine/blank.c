#include "engine/blank.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* One blank element, as it is stored. */
static void blank_item(unsigned char item[16], const struct foray_array *array)
{
    static const uint16_t nan16 = 0x7e00;
    float nan32 = NAN;
    double nan64 = NAN;

    memset(item, 0, 16);
    switch (array->dtype) {
    case FORAY_F16:
        memcpy(item, &nan16, sizeof nan16);
        break;
    case FORAY_F32:
    case FORAY_C64: /* NaN + 0i */
        memcpy(item, &nan32, sizeof nan32);
        break;
    case FORAY_F64:
    case FORAY_C128:
        memcpy(item, &nan64, sizeof nan64);
        break;
    default:
        return;
    }
    if (array->swapped) {
        size_t part = array->dtype == FORAY_C64 || array->dtype == FORAY_C128
                          ? array->itemsize / 2
                          : array->itemsize;

        for (size_t i = 0; i < part / 2; i++) {
            unsigned char byte = item[i];

            item[i] = item[part - 1 - i];
            item[part - 1 - i] = byte;
        }
    }
}

/* Fill the axes from `axis` on, at `data`. */
static void fill(const struct foray_array *array, int axis, char *data,
                 const unsigned char item[16])
{
    if (axis == array->ndim) {
        if (array->dtype == FORAY_OPAQUE)
            memset(data, 0, array->itemsize);
        else
            memcpy(data, item, array->itemsize);
        return;
    }
    for (size_t i = 0; i < array->shape[axis]; i++)
        fill(array, axis + 1, data + (ptrdiff_t)i * array->strides[axis], item);
}

void foray__blank(const struct foray_array *array)
{
    unsigned char item[16];

    blank_item(item, array);
    fill(array, 0, array->data, item);
}
