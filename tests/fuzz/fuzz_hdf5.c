/* Any bytes as a chunk of an HDF5 dataset, and any pipeline of filters: no
 * crash, no leak, no overrun; what is decoded can be encoded and decoded again.
 * The first bytes are the number of filters, three for each, the mask, and two
 * of the chunk's size; the rest is the chunk.
 * Run by libFuzzer (./configure --enable-fuzzing CC=clang) or standalone.c. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "hdf5/filter.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t nbytes);

/* The next byte, 0 behind the last. */
static unsigned next(const uint8_t **bytes, size_t *nbytes)
{
    if (!*nbytes)
        return 0;
    --*nbytes;
    return *(*bytes)++;
}

static struct foray__h5_filters read_filters(const uint8_t **bytes,
                                             size_t *nbytes)
{
    struct foray__h5_filters filters = {0};

    filters.n = (int)(next(bytes, nbytes) % (FORAY__H5_MAX_FILTERS + 1));
    for (int i = 0; i < filters.n; i++) {
        unsigned kind = next(bytes, nbytes) % 4;
        unsigned size = next(bytes, nbytes) << 8;

        size |= next(bytes, nbytes);
        filters.stages[i].kind = (enum foray__h5_filter)kind;
        filters.stages[i].size =
            kind == FORAY__H5_DEFLATE ? 1 + size % 9 : size;
    }
    return filters;
}

/* A copy that ends where it ends, for a sanitizer to see. */
static void *copy(const void *bytes, size_t nbytes)
{
    void *out = malloc(nbytes ? nbytes : 1);

    if (!out)
        abort();
    if (nbytes)
        memcpy(out, bytes, nbytes);
    return out;
}

static void check_again(struct foray__h5_codec *codec,
                        const struct foray__h5_filters *filters,
                        const unsigned char *chunk, size_t size)
{
    unsigned char *encoded = malloc(foray__h5_encoded_bound(filters, size) + 1);
    unsigned char *again = malloc(size + 1), *exact;
    uint32_t mask;
    size_t n;

    if (!encoded || !again)
        abort();
    n = foray__h5_encode(codec, filters, chunk, size, encoded, &mask);
    exact = copy(encoded, n);
    if (n && (foray__h5_decode(codec, filters, mask, exact, n, again, size) ||
              memcmp(again, chunk, size) != 0))
        abort();
    free(exact);
    free(again);
    free(encoded);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t nbytes)
{
    struct foray__h5_filters filters = read_filters(&bytes, &nbytes);
    uint32_t mask = next(&bytes, &nbytes);
    size_t size = next(&bytes, &nbytes) << 8;
    struct foray__h5_codec codec = {0};
    unsigned char *stored, *chunk;

    size |= next(&bytes, &nbytes);
    if (!foray__h5_filters_known(&filters) || !size)
        return 0;
    stored = copy(bytes, nbytes);
    chunk = malloc(size);
    if (!chunk)
        abort();
    if (!foray__h5_decode(&codec, &filters, mask, stored, nbytes, chunk, size))
        check_again(&codec, &filters, chunk, size);
    free(chunk);
    free(stored);
    foray__h5_codec_free(&codec);
    return 0;
}
