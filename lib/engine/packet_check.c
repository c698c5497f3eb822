#include "engine/packet_check.h"

#include "base/size.h"

enum { ELEMENTS_ALIGN = 64 }; /* as they are written */

/* What of an array needs no memory to be judged. */
static bool is_array(const struct foray__packet_array *from)
{
    size_t shape[FORAY_MAX_NDIM], nbytes;

    if (from->dtype > FORAY_C128 || from->swapped > 1 ||
        from->mode > FORAY_COPY || from->access > FORAY__ACCESS_HANDED)
        return false;
    if (from->dtype ? from->itemsize != foray_dtype_size(from->dtype)
                    : !from->itemsize)
        return false;
    for (int k = 0; k < from->ndim; k++) {
        if (from->dims[k] < 0)
            return false;
        shape[k] = (size_t)from->dims[k];
    }
    return foray__shape_nbytes(&nbytes, from->itemsize, from->ndim, shape);
}

/* Elements in the packet, where C can load them. */
static bool has_elements(const struct foray__packet *packet,
                         const struct foray__packet_array *from)
{
    for (int k = 0; k < from->ndim; k++)
        if (from->dims[from->ndim + k] % (int64_t)from->itemsize)
            return false;
    return from->offset % ELEMENTS_ALIGN == 0 &&
           foray__packet_array_lies_in(from, packet->size);
}

/* The description of an array at `at`; NULL: there is none. */
static const struct foray__packet_array *
array_at(const struct foray__packet *packet, uint64_t at)
{
    const struct foray__packet_array *from;
    size_t left;

    if (at > packet->size || at % sizeof(int64_t))
        return NULL;
    from = (const void *)((const char *)packet + at);
    left = (size_t)(packet->size - at);
    if (left < sizeof *from || from->ndim < 0 || from->ndim > FORAY_MAX_NDIM ||
        (left - sizeof *from) / (2 * sizeof(int64_t)) < (size_t)from->ndim ||
        !is_array(from))
        return NULL;
    return from->segment || has_elements(packet, from) ? from : NULL;
}

bool foray__packet_array_lies_in(const struct foray__packet_array *from,
                                 uint64_t length)
{
    int64_t low = from->offset, high = low;

    for (int k = 0; k < from->ndim; k++) {
        int64_t reach, *end;

        if (!from->dims[k])
            return low >= 0 && (uint64_t)low <= length;
        if (__builtin_mul_overflow(from->dims[k] - 1,
                                   from->dims[from->ndim + k], &reach))
            return false;
        end = reach < 0 ? &low : &high;
        if (__builtin_add_overflow(*end, reach, end))
            return false;
    }
    return low >= 0 && (uint64_t)high <= length &&
           from->itemsize <= length - (uint64_t)high;
}

/* Strings end in a zero that is not counted. */
static bool is_text(const struct foray__packet *packet,
                    const struct foray__packet_value *value)
{
    size_t zero = value->kind == FORAY_KIND_STR;
    const struct foray__packet_array *from;

    if (value->placed) {
        from = array_at(packet, value->a);
        return from && from->segment && from->dtype == FORAY_U8 &&
               from->ndim == 1 && value->b < UINT64_MAX &&
               (uint64_t)from->dims[0] == value->b + zero && from->dims[1] == 1;
    }
    if (value->a > packet->size || value->b > packet->size - value->a ||
        packet->size - value->a - value->b < zero)
        return false;
    return !zero || !((const char *)packet)[value->a + value->b];
}

bool foray__packet_makes_sense(const struct foray__packet *packet,
                               size_t nbytes)
{
    if (nbytes < sizeof *packet || packet->size > nbytes ||
        packet->size < sizeof *packet || packet->n > FORAY_MAX_ARGUMENTS ||
        (packet->size - sizeof *packet) / sizeof packet->values[0] < packet->n)
        return false;
    for (uint32_t k = 0; k < packet->n; k++) {
        const struct foray__packet_value *value = &packet->values[k];
        bool is_bytes =
            value->kind == FORAY_KIND_STR || value->kind == FORAY_KIND_BYTES;

        if (value->kind > FORAY_KIND_ARRAY || (value->placed && !is_bytes) ||
            (is_bytes && !is_text(packet, value)) ||
            (value->kind == FORAY_KIND_ARRAY && !array_at(packet, value->a)))
            return false;
    }
    return true;
}
