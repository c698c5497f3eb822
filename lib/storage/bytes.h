/* Numbers in the bytes of files, the least significant byte first. */
#ifndef FORAY_STORAGE_BYTES_H
#define FORAY_STORAGE_BYTES_H

#include <stddef.h>
#include <stdint.h>

static inline uint64_t foray__get_little(const unsigned char *at, size_t nbytes)
{
    uint64_t value = 0;

    while (nbytes--)
        value = value << 8 | at[nbytes];
    return value;
}

static inline void foray__set_little(unsigned char *at, size_t nbytes,
                                     uint64_t value)
{
    for (size_t k = 0; k < nbytes; k++, value >>= 8)
        at[k] = (unsigned char)value;
}

#endif
