/* What npy.py asks of the library:
 *
 *     array_check header FILE...              one line of facts a file
 *     array_check format DESCR ORDER DIM...   the header's bytes on stdout
 *     array_check convert [FILE DESCR OUT]... raw elements of each conversion
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <foray/array.h>

#include "array/npy.h"

static int complain(const struct foray_error *err)
{
    fprintf(stderr, "%s\n", err->msg);
    return EXIT_FAILURE;
}

/* The whole file, malloc'ed. */
static unsigned char *read_file(const char *path, size_t *nbytes)
{
    FILE *in = fopen(path, "rb");
    unsigned char *bytes = NULL;
    long end;

    if (!in || fseek(in, 0, SEEK_END) || (end = ftell(in)) < 0)
        exit(99);
    rewind(in);
    *nbytes = (size_t)end;
    bytes = malloc(*nbytes + 1);
    if (!bytes || fread(bytes, 1, *nbytes, in) != *nbytes)
        exit(99);
    fclose(in);
    return bytes;
}

/* Whether we would write this header byte for byte. */
static int is_same(const struct foray__npy_header *header, const void *bytes)
{
    size_t nbytes;
    char *text;
    int same;

    if (foray__npy_format(&text, &nbytes, header->descr, header->fortran_order,
                          header->ndim, header->shape, 64, NULL))
        return 0;
    same = nbytes == header->offset && !memcmp(text, bytes, nbytes);
    free(text);
    return same;
}

static int header(char **paths)
{
    struct foray__npy_header header;
    struct foray_error err;

    for (; *paths; paths++) {
        size_t nbytes;
        unsigned char *bytes = read_file(*paths, &nbytes);

        if (foray__npy_parse(&header, bytes, nbytes, nbytes, *paths, &err))
            return complain(&err);
        printf("%d|%s|%s|%d|%d|%zu|%zu|%zu|", is_same(&header, bytes),
               header.descr, foray_dtype_name(header.dtype), header.swapped,
               header.fortran_order, header.itemsize, header.offset,
               header.nbytes);
        for (int k = 0; k < header.ndim; k++)
            printf("%zu ", header.shape[k]);
        putchar('\n');
        foray__npy_free(&header);
        free(bytes);
    }
    return EXIT_SUCCESS;
}

static int format(const char *descr, const char *order, char **dims)
{
    size_t shape[FORAY_MAX_NDIM], nbytes;
    struct foray_error err;
    char *bytes;
    int ndim = 0;

    for (; dims[ndim] && ndim < FORAY_MAX_NDIM; ndim++)
        shape[ndim] = strtoull(dims[ndim], NULL, 10);
    if (foray__npy_format(&bytes, &nbytes, descr, *order == 'F', ndim, shape,
                          64, &err))
        return complain(&err);
    fwrite(bytes, 1, nbytes, stdout);
    free(bytes);
    return EXIT_SUCCESS;
}

/* The array a file in C order holds. */
static int view_file(struct foray_array *out,
                     const struct foray__npy_header *header,
                     unsigned char *bytes, struct foray_error *err)
{
    if (foray_array_wrap(out, bytes + header->offset, header->dtype,
                         header->ndim, header->shape, err))
        return err->code;
    out->swapped = header->swapped;
    return 0;
}

static int convert_one(char **arguments)
{
    struct foray__npy_header header;
    struct foray_array src, dst;
    struct foray_error err;
    enum foray_dtype dtype;
    size_t nbytes;
    unsigned char *bytes = read_file(arguments[0], &nbytes);
    bool swapped;
    void *data;
    FILE *out = fopen(arguments[2], "wb");

    if (!out ||
        foray__npy_parse(&header, bytes, nbytes, nbytes, arguments[0], &err) ||
        view_file(&src, &header, bytes, &err) ||
        foray_dtype_parse(&dtype, &swapped, arguments[1], &err))
        return complain(&err);
    nbytes = foray_array_nitems(&src) * foray_dtype_size(dtype);
    data = calloc(1, nbytes + 1);
    if (!data || foray_array_wrap(&dst, data, dtype, src.ndim, src.shape, &err))
        return complain(&err);
    dst.swapped = swapped;
    if (foray_array_copy(&dst, &src, &err))
        return complain(&err);
    fwrite(data, 1, nbytes, out);
    foray__npy_free(&header);
    free(bytes);
    free(data);
    return fclose(out) ? EXIT_FAILURE : EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    if (argc > 2 && !strcmp(argv[1], "header"))
        return header(argv + 2);
    if (argc > 3 && !strcmp(argv[1], "format"))
        return format(argv[2], argv[3], argv + 4);
    if (argc > 1 && !strcmp(argv[1], "convert")) {
        for (int k = 2; k + 2 < argc; k += 3)
            if (convert_one(argv + k) != EXIT_SUCCESS)
                return EXIT_FAILURE;
        return EXIT_SUCCESS;
    }
    fprintf(stderr, "usage: array_check header|format|convert ...\n");
    return 2;
}
