#include "storage/sink.h"

#include <stdlib.h>
#include <string.h>

#include "array/text.h"
#include "base/error.h"
#include "storage/file.h"
#include "storage/stream.h"

/* Rows are gathered in a buffer that the cache holds. */
enum { BLOCK = 1 << 20 };

int foray__sink_put(const struct foray__sink *sink, size_t offset,
                    const void *bytes, size_t nbytes, struct foray_error *err)
{
    size_t direct = 0;

    if (sink->pass)
        return sink->pass(sink->arg, bytes, nbytes, err);
    if (offset < sink->direct) {
        direct = sink->direct - offset;
        if (direct > nbytes)
            direct = nbytes;
        foray__stream_copy(sink->base + offset, bytes, direct);
    }
    return foray__file_write(sink->fd, (const char *)bytes + direct,
                             nbytes - direct, offset + direct, sink->name, err);
}

static int put_gathered(const struct foray__sink *sink, size_t offset,
                        const struct foray_array *part, char *buffer,
                        struct foray_error *err)
{
    struct foray_array packed = *part;

    packed.data = buffer;
    packed.mode = FORAY_READ_WRITE;
    packed.segment = NULL;
    foray__array_set_strides(&packed, FORAY_C_ORDER);
    FORAY_TRY(foray_array_copy(&packed, part, err));
    return foray__sink_put(sink, offset, buffer, foray_array_nbytes(part), err);
}

/* Drop the first axis, at index 0 of it. */
static void enter_first_axis(struct foray_array *array)
{
    array->ndim--;
    memmove(array->shape, array->shape + 1,
            (size_t)array->ndim * sizeof *array->shape);
    memmove(array->strides, array->strides + 1,
            (size_t)array->ndim * sizeof *array->strides);
}

/* Cut along the first axis until a part fits the buffer; recursion is as deep
 * as the array has axes. No axis is 0. */
static int put_parts(const struct foray__sink *sink, size_t offset,
                     const struct foray_array *array, char *buffer, size_t room,
                     struct foray_error *err)
{
    size_t nbytes = foray_array_nbytes(array), row, rows;

    if (nbytes <= room)
        return put_gathered(sink, offset, array, buffer, err);
    row = nbytes / array->shape[0];
    rows = row <= room ? room / row : 1;
    for (size_t i = 0; i < array->shape[0]; i += rows) {
        struct foray_array part = *array;

        part.data = foray_at1(array, i);
        part.shape[0] = array->shape[0] - i < rows ? array->shape[0] - i : rows;
        if (row > room)
            enter_first_axis(&part);
        FORAY_TRY(put_parts(sink, offset + i * row, &part, buffer, room, err));
    }
    return 0;
}

int foray__sink_put_array(const struct foray__sink *sink, size_t offset,
                          const struct foray_array *array,
                          struct foray_error *err)
{
    size_t nbytes = foray_array_nbytes(array), room = BLOCK;
    char *buffer;
    int code;

    if (!nbytes)
        return 0;
    if (foray_array_is_contiguous(array, FORAY_ANY_ORDER))
        return foray__sink_put(sink, offset, array->data, nbytes, err);
    if (room < array->itemsize)
        room = array->itemsize;
    if (room > nbytes)
        room = nbytes;
    buffer = malloc(room);
    if (!buffer)
        return foray__fail(err, FORAY_ENOMEM, "no memory to gather %s",
                           sink->name);
    code = put_parts(sink, offset, array, buffer, room, err);
    free(buffer);
    return code;
}

int foray__sink_pull(const struct foray__sink *sink, size_t offset,
                     size_t nbytes, foray__read_fn read, void *from,
                     struct foray_error *err)
{
    size_t done = 0;
    char *buffer;
    int code = 0;

    if (offset < sink->direct) {
        done = sink->direct - offset < nbytes ? sink->direct - offset : nbytes;
        FORAY_TRY(read(from, sink->base + offset, done, err));
    }
    if (done == nbytes)
        return 0;
    buffer = malloc(BLOCK);
    if (!buffer)
        return foray__fail(err, FORAY_ENOMEM, "no memory to read %s",
                           sink->name);
    for (size_t part; done < nbytes && !code; done += part) {
        part = nbytes - done < BLOCK ? nbytes - done : BLOCK;
        code = read(from, buffer, part, err);
        if (!code)
            code = foray__sink_put(sink, offset + done, buffer, part, err);
    }
    free(buffer);
    return code;
}
