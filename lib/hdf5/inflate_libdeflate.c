#include "hdf5/inflate.h"

#include <libdeflate.h>

void *foray__inflate_new(void)
{
    return libdeflate_alloc_decompressor();
}

void foray__inflate_free(void *state)
{
    libdeflate_free_decompressor(state);
}

bool foray__inflate(void *state, const void *bytes, size_t size, void *out,
                    size_t nbytes)
{
    return libdeflate_zlib_decompress(state, bytes, size, out, nbytes, NULL) ==
           LIBDEFLATE_SUCCESS;
}

void *foray__deflate_new(int level)
{
    return libdeflate_alloc_compressor(level);
}

void foray__deflate_free(void *state)
{
    libdeflate_free_compressor(state);
}

size_t foray__deflate(void *state, const void *bytes, size_t size, void *out,
                      size_t room)
{
    return libdeflate_zlib_compress(state, bytes, size, out, room);
}
