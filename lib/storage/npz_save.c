/* Saving .npz files. */
#include <foray/npz.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "array/npy.h"
#include "array/npy_text.h"
#include "base/error.h"
#include "base/size.h"
#include "storage/make.h"
#include "storage/output.h"
#include "storage/pages.h"
#include "storage/save.h"
#include "storage/zip_write.h"

/* An array that is written, or will be. */
struct member {
    struct foray__zip_written zip; /* its name ends in ".npy" */
    const struct foray_array *array;
    char *header; /* of the .npy file */
    size_t header_size;
};

struct saving {
    struct member *members;
    size_t n;
    int deflate;
};

static void free_members(struct saving *saving)
{
    for (size_t i = 0; i < saving->n; i++) {
        free(saving->members[i].zip.name);
        free(saving->members[i].header);
    }
    free(saving->members);
}

static int name_member(struct saving *saving, size_t i, const char *given,
                       struct foray_error *err)
{
    struct member *member = &saving->members[i];

    if (given && (!*given || strlen(given) > FORAY__ZIP_LONGEST_NAME ||
                  !foray__is_utf8(given, strlen(given))))
        return foray__fail(err, FORAY_EINVAL,
                           "\"%.64s\" is no name for an array in a .npz file",
                           given);
    if ((given ? asprintf(&member->zip.name, "%s.npy", given)
               : asprintf(&member->zip.name, "arr_%zu.npy", i)) < 0) {
        member->zip.name = NULL;
        return foray__fail(err, FORAY_ENOMEM, "no memory for a name");
    }
    return 0;
}

static int compare_names(const void *left, const void *right)
{
    const char *const *a = left, *const *b = right;

    return strcmp(*a, *b);
}

static int check_names(const struct saving *saving, struct foray_error *err)
{
    const char **names = calloc(saving->n + 1, sizeof *names);
    int code = 0;

    if (!names)
        return foray__fail(err, FORAY_ENOMEM, "no memory for %zu names",
                           saving->n);
    for (size_t i = 0; i < saving->n; i++)
        names[i] = saving->members[i].zip.name;
    qsort(names, saving->n, sizeof *names, compare_names);
    for (size_t i = 1; i < saving->n && !code; i++)
        if (!strcmp(names[i - 1], names[i]))
            code = foray__fail(err, FORAY_EINVAL,
                               "two arrays would be called \"%.*s\" in one "
                               ".npz file",
                               (int)strlen(names[i]) - 4, names[i]);
    free(names);
    return code;
}

static int prepare(struct saving *saving, size_t i,
                   const struct foray_named_array *given,
                   struct foray_error *err)
{
    struct member *member = &saving->members[i];
    struct foray__layout layout;

    FORAY_TRY(name_member(saving, i, given->name, err));
    member->array = given->array;
    foray__layout_of(&layout, given->array);
    FORAY_TRY(foray__npy_format(&member->header, &member->header_size,
                                layout.descr, layout.fortran_order, layout.ndim,
                                layout.shape, FORAY__ZIP_ALIGN, err));
    member->zip.size = member->header_size + foray_array_nbytes(given->array);
    /* Deflating adds less than a thousandth where it saves nothing. */
    member->zip.is_large =
        member->zip.size + member->zip.size / 1000 + 1024 > FORAY__ZIP_MOST32;
    return 0;
}

/* Data first, then the header before it, which has its sum. */
static int put_member(int fd, struct member *member, uint64_t *at, int deflate,
                      const char *name, struct foray_error *err)
{
    struct foray__output output;
    uint64_t begin;
    int code;

    member->zip.is_deflated = deflate;
    begin = foray__zip_place(&member->zip, *at);
    FORAY_TRY(foray__output_open(&output, fd, begin,
                                 deflate ? FORAY__DEFLATE : FORAY__STORED,
                                 deflate, name, err));
    output.sums = true;
    code = foray__output_put(&output, member->header, member->header_size, err);
    if (!code)
        code = foray__output_put_array(&output, member->array, err);
    if (!code)
        code = foray__output_finish(&output, err);
    member->zip.crc = output.crc;
    member->zip.stored = output.at - begin;
    *at = output.at;
    foray__output_close(&output);
    return code ? code : foray__zip_put_local(fd, &member->zip, name, err);
}

static int put_directory(int fd, const struct saving *saving, uint64_t start,
                         const char *name, struct foray_error *err)
{
    struct foray__output output;
    int code =
        foray__output_open(&output, fd, start, FORAY__STORED, 0, name, err);

    if (code)
        return code;
    for (size_t i = 0; i < saving->n && !code; i++)
        code = foray__zip_put_entry(&output, &saving->members[i].zip, err);
    if (!code)
        code = foray__zip_put_end(&output, start, saving->n, err);
    if (!code)
        code = foray__output_finish(&output, err);
    foray__output_close(&output);
    return code;
}

/* What all will take if nothing is compressed, roughly. */
static uint64_t estimate(const struct saving *saving)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < saving->n; i++)
        sum += saving->members[i].zip.size + FORAY__ZIP_LOCAL_SIZE +
               FORAY__ZIP_ENTRY_SIZE + 2 * strlen(saving->members[i].zip.name) +
               FORAY__ZIP_ALIGN;
    return sum;
}

/* A foray__save_fn. */
static int put_all(int fd, const char *name, const void *arg,
                   struct foray_error *err)
{
    const struct saving *saving = arg;
    uint64_t at = 0;
    int code = 0;

    for (size_t i = 0; i < saving->n && !code; i++)
        code = put_member(fd, &saving->members[i], &at, saving->deflate, name,
                          err);
    if (!code)
        code = put_directory(fd, saving, at, name, err);
    return foray__explain_full(code, fd, (size_t)estimate(saving), name, err);
}

int foray_npz_save(const char *path, const struct foray_named_array *arrays,
                   size_t n, const struct foray_npz_options *options,
                   struct foray_error *err)
{
    struct saving saving = {.deflate = options ? options->deflate : 0};
    int code = 0;

    if (saving.deflate < 0 || saving.deflate > 9)
        return foray__fail(err, FORAY_EINVAL,
                           "deflate has levels from 1 to 9, and 0 to store: "
                           "not %d",
                           saving.deflate);
    saving.members = calloc(n + 1, sizeof *saving.members);
    if (!saving.members)
        return foray__fail(err, FORAY_ENOMEM, "no memory for %zu arrays", n);
    for (size_t i = 0; i < n && !code; i++) {
        saving.n = i + 1;
        code = prepare(&saving, i, &arrays[i], err);
    }
    if (!code)
        code = check_names(&saving, err);
    if (!code)
        code = foray__save(path, put_all, &saving, err);
    free_members(&saving);
    return code;
}
