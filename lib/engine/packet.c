#include "engine/packet.h"

#include <string.h>

struct foray_value foray__packet_get(const struct foray__packet *packet,
                                     size_t k)
{
    const struct foray__packet_value *from = &packet->values[k];
    struct foray_value value = {.kind = FORAY_KIND_NONE};

    if (k >= packet->n)
        return value;
    value.kind = (enum foray_kind)from->kind;
    switch (value.kind) {
    case FORAY_KIND_BOOL:
        value.as.b = from->a != 0;
        break;
    case FORAY_KIND_I64:
    case FORAY_KIND_U64:
        value.as.u = from->a;
        break;
    case FORAY_KIND_F64:
        memcpy(&value.as.f, &from->a, sizeof value.as.f);
        break;
    case FORAY_KIND_C128:
        memcpy(&value.as.c[0], &from->a, sizeof value.as.c[0]);
        memcpy(&value.as.c[1], &from->b, sizeof value.as.c[1]);
        break;
    case FORAY_KIND_STR:
    case FORAY_KIND_BYTES:
        value.as.bytes.size = from->b;
        value.as.bytes.data =
            from->placed ? NULL : (const char *)packet + from->a;
        break;
    default:
        break;
    }
    return value;
}

const struct foray__packet_array *
foray__packet_array_of(const struct foray__packet *packet, size_t k)
{
    const struct foray__packet_value *from = &packet->values[k];

    if (k >= packet->n || (from->kind != FORAY_KIND_ARRAY && !from->placed))
        return NULL;
    return (const void *)((const char *)packet + from->a);
}

void foray__packet_array_open(struct foray_array *out,
                              const struct foray__packet_array *from,
                              const void *base)
{
    memset(out, 0, sizeof *out);
    out->data = (void *)((uintptr_t)base + (uintptr_t)from->offset);
    out->dtype = (enum foray_dtype)from->dtype;
    out->swapped = from->swapped;
    out->mode = (enum foray_mode)from->mode;
    out->ndim = from->ndim;
    out->itemsize = from->itemsize;
    for (int k = 0; k < from->ndim; k++) {
        out->shape[k] = (size_t)from->dims[k];
        out->strides[k] = (ptrdiff_t)from->dims[from->ndim + k];
    }
}
