#include "array/move.h"

#include <stdint.h>
#include <string.h>

struct bytes16 {
    uint64_t half[2];
};

static inline uint8_t keep8(uint8_t x)
{
    return x;
}

static inline uint16_t keep16(uint16_t x)
{
    return x;
}

static inline uint32_t keep32(uint32_t x)
{
    return x;
}

static inline uint64_t keep64(uint64_t x)
{
    return x;
}

static inline struct bytes16 keep128(struct bytes16 x)
{
    return x;
}

static inline uint64_t swap_halves64(uint64_t x)
{
    x = __builtin_bswap64(x);
    return x >> 32 | x << 32;
}

static inline struct bytes16 swap_halves128(struct bytes16 x)
{
    return (struct bytes16){
        {__builtin_bswap64(x.half[0]), __builtin_bswap64(x.half[1])}};
}

/* One loop for each width, and again with constant strides where the items lie
 * one behind the other, which the compiler turns into vector instructions. */
#define MOVE(name, type, change)                                               \
    static inline void name##_strided(char *dst, ptrdiff_t dst_stride,         \
                                      const char *src, ptrdiff_t src_stride,   \
                                      size_t n)                                \
    {                                                                          \
        for (size_t i = 0; i < n; i++) {                                       \
            type item;                                                         \
                                                                               \
            memcpy(&item, src, sizeof item);                                   \
            item = change(item);                                               \
            memcpy(dst, &item, sizeof item);                                   \
            src += src_stride;                                                 \
            dst += dst_stride;                                                 \
        }                                                                      \
    }                                                                          \
                                                                               \
    static void name(char *dst, ptrdiff_t dst_stride, const char *src,         \
                     ptrdiff_t src_stride, size_t n)                           \
    {                                                                          \
        const ptrdiff_t size = sizeof(type);                                   \
                                                                               \
        if (dst_stride == size && src_stride == size)                          \
            name##_strided(dst, size, src, size, n);                           \
        else if (dst_stride == size)                                           \
            name##_strided(dst, size, src, src_stride, n);                     \
        else                                                                   \
            name##_strided(dst, dst_stride, src, src_stride, n);               \
    }

MOVE(move8, uint8_t, keep8)
MOVE(move16, uint16_t, keep16)
MOVE(move32, uint32_t, keep32)
MOVE(move64, uint64_t, keep64)
MOVE(move128, struct bytes16, keep128)
MOVE(swap16, uint16_t, __builtin_bswap16)
MOVE(swap32, uint32_t, __builtin_bswap32)
MOVE(swap64, uint64_t, __builtin_bswap64)
MOVE(swap_c64, uint64_t, swap_halves64)
MOVE(swap_c128, struct bytes16, swap_halves128)

typedef void (*move_fn)(char *dst, ptrdiff_t dst_stride, const char *src,
                        ptrdiff_t src_stride, size_t n);

static move_fn find(size_t itemsize, size_t swap)
{
    switch (itemsize) {
    case 1:
        return move8;
    case 2:
        return swap ? swap16 : move16;
    case 4:
        return swap ? swap32 : move32;
    case 8:
        return swap == 4 ? swap_c64 : swap ? swap64 : move64;
    case 16:
        return swap ? swap_c128 : move128;
    default:
        return NULL;
    }
}

void foray__move(void *dst, ptrdiff_t dst_stride, const void *src,
                 ptrdiff_t src_stride, size_t n, size_t itemsize, size_t swap)
{
    move_fn move = find(itemsize, swap);
    const char *from = src;
    char *to = dst;

    if (!swap && dst_stride == (ptrdiff_t)itemsize &&
        src_stride == (ptrdiff_t)itemsize) {
        memmove(dst, src, n * itemsize); /* src may be dst */
        return;
    }
    if (move) {
        move(to, dst_stride, from, src_stride, n);
        return;
    }
    for (size_t i = 0; i < n; i++) { /* opaque items */
        memmove(to, from, itemsize);
        to += dst_stride;
        from += src_stride;
    }
}
