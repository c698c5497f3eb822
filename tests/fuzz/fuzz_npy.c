/* Any bytes as a .npy file: no crash, no leak, and what is read as a header is
 * written again, read again, and says the same.
 * Run by libFuzzer (./configure --enable-fuzzing CC=clang) or standalone.c. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "array/npy.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t nbytes);

static int is_same(const struct foray__npy_header *a,
                   const struct foray__npy_header *b)
{
    if (a->dtype != b->dtype || a->swapped != b->swapped ||
        a->fortran_order != b->fortran_order || a->ndim != b->ndim ||
        a->itemsize != b->itemsize || a->nbytes != b->nbytes ||
        strcmp(a->descr, b->descr) != 0)
        return 0;
    for (int k = 0; k < a->ndim; k++)
        if (a->shape[k] != b->shape[k])
            return 0;
    return 1;
}

static void check_refusal(int code, const struct foray__npy_header *header,
                          const struct foray_error *err)
{
    if (code != err->code || !err->msg[0] || header->descr)
        abort();
}

/* Write `header` and read it back, as the beginning of a large enough file. */
static void check_round_trip(const struct foray__npy_header *header)
{
    struct foray__npy_header again;
    struct foray_error err;
    size_t nbytes;
    char *text;
    int code =
        foray__npy_format(&text, &nbytes, header->descr, header->fortran_order,
                          header->ndim, header->shape, 64, &err);

    if (code) { /* one as large as the limit may not have room for padding */
        if (code != FORAY_ETOOLARGE)
            abort();
        return;
    }
    if (nbytes % 64 != 0 || text[nbytes - 1] != '\n')
        abort();
    /* Behind a longer header than it had no file holds 2^63 bytes. */
    if (header->nbytes <= PTRDIFF_MAX - nbytes) {
        if (foray__npy_parse(&again, text, nbytes, nbytes + header->nbytes,
                             "again", &err) ||
            again.offset != nbytes || !is_same(header, &again))
            abort();
        foray__npy_free(&again);
    }
    free(text);
}

static void check(const uint8_t *bytes, size_t nbytes, uint64_t file_size)
{
    struct foray__npy_header header;
    struct foray_error err;
    int code =
        foray__npy_parse(&header, bytes, nbytes, file_size, "fuzz", &err);

    if (code) {
        check_refusal(code, &header, &err);
        return;
    }
    if (header.offset + header.nbytes > file_size ||
        header.ndim > FORAY_MAX_NDIM || !header.itemsize)
        abort();
    check_round_trip(&header);
    foray__npy_free(&header);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t nbytes)
{
    /* Inputs hold little data: once more as the beginning of a file that is
     * large enough for any header to be true. */
    static uint8_t beginning[FORAY__NPY_MAX_HEADER + 12];
    size_t length = nbytes < sizeof beginning ? nbytes : sizeof beginning;

    check(bytes, nbytes, nbytes);
    if (length)
        memcpy(beginning, bytes, length);
    check(beginning, sizeof beginning, INT64_MAX);
    memset(beginning, 0, length);
    return 0;
}
