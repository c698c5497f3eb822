#include "engine/packet_write.h"

#include <string.h>

#include "array/text.h"
#include "base/error.h"
#include "base/size.h"

enum { ALIGN = 64, BYTES_ALIGN = 16 }; /* of elements; of bytes */

/* A packet being written: `start` is where it begins in the bytes. */
struct writer {
    struct foray__bytes *out;
    size_t start;
    const struct foray__placer *placer;
};

static int no_memory(struct foray_error *err)
{
    return foray__fail(err, FORAY_ENOMEM, "no memory for a call's values");
}

/* `size` more bytes of the packet, `align`ed from its begin; their offset from
 * there, or 0 when out of memory. */
static size_t append(struct writer *writer, size_t size, size_t align)
{
    struct foray__bytes *out = writer->out;
    size_t at = (out->size - writer->start + align - 1) / align * align;

    if (size > SIZE_MAX / 2 ||
        !foray__bytes_grow(out, at + size + writer->start - out->size))
        return 0;
    memset(out->data + out->size, 0, writer->start + at - out->size);
    out->size = writer->start + at + size;
    return at;
}

static void *address(const struct writer *writer, size_t offset)
{
    return writer->out->data + writer->start + offset;
}

static struct foray__packet_value *value_at(const struct writer *writer,
                                            size_t k)
{
    struct foray__packet *packet = address(writer, 0);

    return &packet->values[k];
}

/* The elements of a small array, in its own order if that is Fortran's, else
 * in C order. Sets the strides that they have then. */
static int write_elements(struct writer *writer, size_t at,
                          const struct foray_array *array,
                          struct foray_error *err)
{
    size_t nbytes = foray_array_nbytes(array);
    size_t offset = append(writer, nbytes ? nbytes : 1, ALIGN);
    struct foray__packet_array *description = address(writer, at);
    struct foray_array copy = *array;

    if (!offset)
        return no_memory(err);
    copy.data = address(writer, offset);
    copy.segment = NULL;
    copy.mode = FORAY_READ_WRITE;
    foray__array_set_strides(
        &copy, foray_array_is_contiguous(array, FORAY_C_ORDER) ||
                       !foray_array_is_contiguous(array, FORAY_F_ORDER)
                   ? FORAY_C_ORDER
                   : FORAY_F_ORDER);
    FORAY_TRY(foray_array_copy(&copy, array, err));
    description->offset = (int64_t)offset;
    for (int k = 0; k < array->ndim; k++)
        description->dims[array->ndim + k] = copy.strides[k];
    return 0;
}

static int write_array(struct writer *writer, size_t *offset,
                       const struct foray_array *array, struct foray_error *err)
{
    struct foray__place place = {0};
    struct foray__packet_array *description;
    size_t ndim = (size_t)array->ndim;

    FORAY_TRY(writer->placer->place(&place, array, writer->placer->arg, err));
    if (place.view)
        array = place.view;
    *offset = append(writer, sizeof *description + 2 * ndim * sizeof(int64_t),
                     sizeof(int64_t));
    if (!*offset)
        return no_memory(err);
    description = address(writer, *offset);
    description->segment = place.segment;
    description->offset = (int64_t)place.offset;
    description->itemsize = array->itemsize;
    description->dtype = (uint8_t)array->dtype;
    description->swapped = array->swapped;
    description->mode = (uint8_t)place.mode;
    description->access = (uint8_t)place.access;
    description->ndim = array->ndim;
    for (size_t k = 0; k < ndim; k++) {
        description->dims[k] = (int64_t)array->shape[k];
        description->dims[ndim + k] = array->strides[k];
    }
    return place.segment ? 0 : write_elements(writer, *offset, array, err);
}

static int write_bytes(struct writer *writer, size_t k,
                       const struct foray_value *value, struct foray_error *err)
{
    size_t zero = value->kind == FORAY_KIND_STR; /* its end */
    size_t size = value->as.bytes.size, total = size + zero, offset;

    if (total > writer->placer->max_inline) {
        struct foray_array whole;

        FORAY_TRY(foray_array_wrap(&whole,
                                   (void *)(uintptr_t)value->as.bytes.data,
                                   FORAY_U8, 1, &total, err));
        FORAY_TRY(write_array(writer, &offset, &whole, err));
        value_at(writer, k)->placed = 1;
    } else {
        offset = append(writer, total ? total : 1, zero ? 1 : BYTES_ALIGN);
        if (!offset)
            return no_memory(err);
        if (size)
            memcpy(address(writer, offset), value->as.bytes.data, size);
        if (zero)
            *((char *)address(writer, offset) + size) = '\0';
    }
    value_at(writer, k)->a = offset;
    value_at(writer, k)->b = size;
    return 0;
}

static int write_value(struct writer *writer, size_t k,
                       const struct foray_value *value, struct foray_error *err)
{
    struct foray__packet_value *out = value_at(writer, k);
    size_t offset;

    *out = (struct foray__packet_value){.kind = (uint32_t)value->kind};
    switch (value->kind) {
    case FORAY_KIND_NONE:
        return 0;
    case FORAY_KIND_BOOL:
        out->a = value->as.b;
        return 0;
    case FORAY_KIND_I64:
    case FORAY_KIND_U64:
        out->a = value->as.u;
        return 0;
    case FORAY_KIND_F64:
        memcpy(&out->a, &value->as.f, sizeof out->a);
        return 0;
    case FORAY_KIND_C128:
        memcpy(&out->a, &value->as.c[0], sizeof out->a);
        memcpy(&out->b, &value->as.c[1], sizeof out->b);
        return 0;
    case FORAY_KIND_STR:
    case FORAY_KIND_BYTES:
        if (!value->as.bytes.data && value->as.bytes.size)
            break;
        return write_bytes(writer, k, value, err);
    case FORAY_KIND_ARRAY:
        FORAY_TRY(write_array(writer, &offset, value->as.array, err));
        value_at(writer, k)->a = offset;
        return 0;
    case FORAY_KIND_POINTER:
        return foray__fail(err, FORAY_EINVAL,
                           "value %zu is a void pointer, which means nothing "
                           "in another process: pass FORAY_BYTES(data, size), "
                           "a string or an array",
                           k);
    }
    return foray__fail(err, FORAY_EINVAL, "value %zu is none that can travel",
                       k);
}

/* What a packet of these values wants to begin at a multiple of. */
static size_t alignment(size_t n, const struct foray_value *values)
{
    size_t most = sizeof(uint64_t);

    for (size_t k = 0; k < n; k++)
        if (values[k].kind == FORAY_KIND_ARRAY)
            return ALIGN;
        else if (values[k].kind == FORAY_KIND_BYTES)
            most = BYTES_ALIGN;
    return most;
}

int foray__packet_write(struct foray__bytes *out, size_t *at, size_t n,
                        const struct foray_value *values,
                        const struct foray__placer *placer,
                        struct foray_error *err)
{
    struct writer writer = {.out = out, .placer = placer};
    size_t head =
        sizeof(struct foray__packet) + n * sizeof(struct foray__packet_value);
    struct foray__packet *packet;
    int code = 0;

    if (n > FORAY_MAX_ARGUMENTS)
        return foray__fail(err, FORAY_EINVAL,
                           "%zu values are too many: at most %d, pass more as "
                           "an array",
                           n, FORAY_MAX_ARGUMENTS);
    if (!foray__bytes_grow(out, head + ALIGN))
        return no_memory(err);
    writer.start = foray__round_up(out->size, alignment(n, values));
    memset(out->data + out->size, 0, writer.start - out->size);
    out->size = writer.start + head;
    packet = address(&writer, 0);
    memset(packet, 0, sizeof *packet);
    packet->n = (uint32_t)n;
    for (size_t k = 0; k < n && !code; k++)
        code = write_value(&writer, k, &values[k], err);
    if (!code && !append(&writer, 0, sizeof(uint64_t)))
        code = no_memory(err);
    if (code) {
        out->size = writer.start;
        return code;
    }
    packet = address(&writer, 0);
    packet->size = out->size - writer.start;
    *at = writer.start;
    return 0;
}

int foray__packet_append(struct foray__bytes *out, size_t at,
                         const void *description, size_t size,
                         struct foray_error *err)
{
    struct writer writer = {.out = out, .start = at};
    size_t offset = append(&writer, size, sizeof(uint64_t));
    struct foray__packet *packet;

    if (!offset)
        return no_memory(err);
    memcpy(address(&writer, offset), description, size);
    if (!append(&writer, 0, sizeof(uint64_t)))
        return no_memory(err);
    packet = address(&writer, 0);
    packet->fn_file = offset;
    packet->size = out->size - at;
    return 0;
}
