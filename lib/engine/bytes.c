#include "engine/bytes.h"

#include <stdlib.h>
#include <string.h>

enum { ALIGN = 64, FIRST_CAPACITY = 4096 };

bool foray__bytes_grow(struct foray__bytes *bytes, size_t more)
{
    size_t capacity = bytes->capacity ? bytes->capacity : FIRST_CAPACITY;
    void *data;

    if (bytes->capacity - bytes->size >= more)
        return true;
    while (capacity - bytes->size < more) {
        if (capacity > SIZE_MAX / 2)
            return false;
        capacity *= 2;
    }
    if (posix_memalign(&data, ALIGN, capacity))
        return false;
    if (bytes->size)
        memcpy(data, bytes->data, bytes->size);
    free(bytes->data);
    bytes->data = data;
    bytes->capacity = capacity;
    return true;
}

bool foray__bytes_extend(struct foray__bytes *bytes, uint64_t *at, size_t size,
                         size_t align)
{
    size_t padding = (align - bytes->size % align) % align;

    if (size > SIZE_MAX / 2 || !foray__bytes_grow(bytes, padding + size))
        return false;
    memset(bytes->data + bytes->size, 0, padding);
    *at = bytes->size + padding;
    bytes->size = *at + size;
    return true;
}

bool foray__bytes_put(struct foray__bytes *bytes, uint64_t *at,
                      const void *what, size_t size, size_t align)
{
    if (!foray__bytes_extend(bytes, at, size, align))
        return false;
    if (size)
        memcpy(bytes->data + *at, what, size);
    return true;
}

void foray__bytes_free(struct foray__bytes *bytes)
{
    free(bytes->data);
    memset(bytes, 0, sizeof *bytes);
}
