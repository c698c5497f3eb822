#include "hdf5/shuffle.h"

#include <string.h>

/* With `size` a constant these loops become vectors. */
static inline void scatter(unsigned char *restrict out,
                           const unsigned char *restrict in, size_t n,
                           size_t size)
{
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < size; k++)
            out[k * n + i] = in[i * size + k];
}

static inline void gather(unsigned char *restrict out,
                          const unsigned char *restrict in, size_t n,
                          size_t size)
{
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < size; k++)
            out[i * size + k] = in[k * n + i];
}

/* The odd sizes: one stream of bytes at a time. */
static void scatter_any(unsigned char *restrict out,
                        const unsigned char *restrict in, size_t n, size_t size)
{
    for (size_t k = 0; k < size; k++)
        for (size_t i = 0; i < n; i++)
            out[k * n + i] = in[i * size + k];
}

static void gather_any(unsigned char *restrict out,
                       const unsigned char *restrict in, size_t n, size_t size)
{
    for (size_t k = 0; k < size; k++)
        for (size_t i = 0; i < n; i++)
            out[i * size + k] = in[k * n + i];
}

static void scatter_2(unsigned char *out, const unsigned char *in, size_t n)
{
    scatter(out, in, n, 2);
}

static void scatter_4(unsigned char *out, const unsigned char *in, size_t n)
{
    scatter(out, in, n, 4);
}

static void scatter_8(unsigned char *out, const unsigned char *in, size_t n)
{
    scatter(out, in, n, 8);
}

static void gather_2(unsigned char *out, const unsigned char *in, size_t n)
{
    gather(out, in, n, 2);
}

static void gather_4(unsigned char *out, const unsigned char *in, size_t n)
{
    gather(out, in, n, 4);
}

static void gather_8(unsigned char *out, const unsigned char *in, size_t n)
{
    gather(out, in, n, 8);
}

void foray__h5_shuffle(void *out, const void *in, size_t nbytes, size_t size)
{
    size_t n = nbytes / size, whole = n * size;

    switch (size) {
    case 2:
        scatter_2(out, in, n);
        break;
    case 4:
        scatter_4(out, in, n);
        break;
    case 8:
        scatter_8(out, in, n);
        break;
    default:
        scatter_any(out, in, n, size);
    }
    memcpy((char *)out + whole, (const char *)in + whole, nbytes - whole);
}

void foray__h5_unshuffle(void *out, const void *in, size_t nbytes, size_t size)
{
    size_t n = nbytes / size, whole = n * size;

    switch (size) {
    case 2:
        gather_2(out, in, n);
        break;
    case 4:
        gather_4(out, in, n);
        break;
    case 8:
        gather_8(out, in, n);
        break;
    default:
        gather_any(out, in, n, size);
    }
    memcpy((char *)out + whole, (const char *)in + whole, nbytes - whole);
}
