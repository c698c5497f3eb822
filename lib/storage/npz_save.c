/* Saving .npz files. */
#include <foray/npz.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "array/npy.h"
#include "array/npy_text.h"
#include "base/error.h"
#include "base/size.h"
#include "storage/bytes.h"
#include "storage/file.h"
#include "storage/make.h"
#include "storage/output.h"
#include "storage/pages.h"
#include "storage/save.h"
#include "storage/zip.h"

enum { ALIGN = 64, LONGEST_NAME = 4096 };

/* What numbers of 32 bits are too small for goes into fields of 64. */
static const uint64_t most32 = UINT32_MAX - 1;

/* Version 4.5 of the format has those fields. */
enum { PLAIN_VERSION = 20, LARGE_VERSION = 45 };

/* Bytes of extra fields. */
enum { EXTRA_HEAD = 4, LARGE_LOCAL = EXTRA_HEAD + 16 };

enum { NAME_IS_UTF8 = 1 << 11, JANUARY_1980 = 0x21, UNIX = 3 };

/* Readers pass over fields they do not know; this one's is Android's, for the
 * same purpose. */
enum { PADDING_FIELD = 0xD935, LEAST_PADDING = EXTRA_HEAD + 2 };

/* A member that is written, or will be. */
struct member {
    char *name; /* with its ".npy" */
    const struct foray_array *array;
    char *header; /* of the .npy file */
    size_t header_size;
    uint64_t size, stored, local;
    uint32_t crc;
    bool is_large;
    size_t padding;
};

struct saving {
    struct member *members;
    size_t n;
    int deflate;
};

static void free_members(struct saving *saving)
{
    for (size_t i = 0; i < saving->n; i++) {
        free(saving->members[i].name);
        free(saving->members[i].header);
    }
    free(saving->members);
}

static int name_member(struct saving *saving, size_t i, const char *given,
                       struct foray_error *err)
{
    struct member *member = &saving->members[i];

    if (given && (!*given || strlen(given) > LONGEST_NAME ||
                  !foray__is_utf8(given, strlen(given))))
        return foray__fail(err, FORAY_EINVAL,
                           "\"%.64s\" is no name for an array in a .npz file",
                           given);
    if ((given ? asprintf(&member->name, "%s.npy", given)
               : asprintf(&member->name, "arr_%zu.npy", i)) < 0) {
        member->name = NULL;
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
        names[i] = saving->members[i].name;
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
                                layout.shape, ALIGN, err));
    member->size = member->header_size + foray_array_nbytes(given->array);
    /* Deflating adds less than a thousandth where it saves nothing. */
    member->is_large = member->size + member->size / 1000 + 1024 > most32;
    return 0;
}

static size_t local_size(const struct member *member)
{
    return FORAY__ZIP_LOCAL_SIZE + strlen(member->name) +
           (member->is_large ? LARGE_LOCAL : 0) + member->padding;
}

/* Data that is stored lies at a multiple of 64. */
static void place(struct member *member, uint64_t at, bool is_stored)
{
    member->local = at;
    member->padding = 0;
    if (!is_stored)
        return;
    member->padding =
        (size_t)(ALIGN - (at + local_size(member)) % ALIGN) % ALIGN;
    if (member->padding && member->padding < LEAST_PADDING)
        member->padding += ALIGN;
}

static size_t put_number(unsigned char *bytes, size_t at, size_t n,
                         uint64_t value)
{
    foray__set_little(bytes + at, n, value);
    return at + n;
}

/* What local header and directory have in common, from the version to the
 * checksum. */
static size_t put_common(unsigned char *bytes, size_t at,
                         const struct member *member, bool is_stored)
{
    bool is_ascii = true;

    for (const char *c = member->name; *c; c++)
        is_ascii &= (unsigned char)*c < 0x80;
    at = put_number(bytes, at, 2,
                    member->is_large ? LARGE_VERSION : PLAIN_VERSION);
    at = put_number(bytes, at, 2, is_ascii ? 0 : NAME_IS_UTF8);
    at = put_number(bytes, at, 2,
                    is_stored ? FORAY__ZIP_STORED : FORAY__ZIP_DEFLATED);
    at = put_number(bytes, at, 2, 0);
    at = put_number(bytes, at, 2, JANUARY_1980); /* as NumPy */
    at = put_number(bytes, at, 4, member->crc);
    at = put_number(bytes, at, 4,
                    member->is_large ? UINT32_MAX : member->stored);
    return put_number(bytes, at, 4,
                      member->is_large ? UINT32_MAX : member->size);
}

static int put_local(int fd, const struct member *member, bool is_stored,
                     const char *name, struct foray_error *err)
{
    unsigned char bytes[FORAY__ZIP_LOCAL_SIZE + LONGEST_NAME + 8 + LARGE_LOCAL +
                        2 * ALIGN] = {0};
    size_t length = strlen(member->name), at;

    put_number(bytes, 0, 4, FORAY__ZIP_LOCAL);
    at = put_common(bytes, 4, member, is_stored);
    at = put_number(bytes, at, 2, length);
    at = put_number(bytes, at, 2,
                    (member->is_large ? LARGE_LOCAL : 0) + member->padding);
    memcpy(bytes + at, member->name, length);
    at += length;
    if (member->is_large) {
        at = put_number(bytes, at, 2, 1);
        at = put_number(bytes, at, 2, LARGE_LOCAL - EXTRA_HEAD);
        at = put_number(bytes, at, 8, member->size);
        at = put_number(bytes, at, 8, member->stored);
    }
    if (member->padding) {
        at = put_number(bytes, at, 2, PADDING_FIELD);
        at = put_number(bytes, at, 2, member->padding - EXTRA_HEAD);
        put_number(bytes, at, 2, ALIGN);
    }
    return foray__file_write(fd, bytes, local_size(member),
                             (size_t)member->local, name, err);
}

/* Data first, then the header before it, which has its sum. */
static int put_member(int fd, struct member *member, uint64_t *at, int deflate,
                      const char *name, struct foray_error *err)
{
    struct foray__output output;
    bool is_stored = !deflate;
    int code;

    place(member, *at, is_stored);
    FORAY_TRY(foray__output_open(&output, fd, *at + local_size(member),
                                 is_stored ? FORAY__STORED : FORAY__DEFLATE,
                                 deflate, name, err));
    output.sums = true;
    code = foray__output_put(&output, member->header, member->header_size, err);
    if (!code)
        code = foray__output_put_array(&output, member->array, err);
    if (!code)
        code = foray__output_finish(&output, err);
    member->crc = output.crc;
    member->stored = output.at - (*at + local_size(member));
    *at = output.at;
    foray__output_close(&output);
    return code ? code : put_local(fd, member, is_stored, name, err);
}

static int put_entry(struct foray__output *output, const struct member *member,
                     bool is_stored, struct foray_error *err)
{
    unsigned char bytes[FORAY__ZIP_ENTRY_SIZE] = {0}, extra[EXTRA_HEAD + 24];
    bool is_far = member->local > most32;
    size_t length = strlen(member->name), n = EXTRA_HEAD, at;

    if (member->is_large) {
        n = put_number(extra, n, 8, member->size);
        n = put_number(extra, n, 8, member->stored);
    }
    if (is_far)
        n = put_number(extra, n, 8, member->local);
    put_number(extra, 0, 2, 1);
    put_number(extra, 2, 2, n - EXTRA_HEAD);
    n = n > EXTRA_HEAD ? n : 0;

    put_number(bytes, 0, 4, FORAY__ZIP_ENTRY);
    put_number(bytes, 4, 2,
               UNIX << 8 | (is_far ? LARGE_VERSION : PLAIN_VERSION));
    at = put_common(bytes, 6, member, is_stored);
    at = put_number(bytes, at, 2, length);
    put_number(bytes, at, 2, n);
    put_number(bytes, 38, 4, (uint64_t)0600 << 16);
    put_number(bytes, 42, 4, is_far ? UINT32_MAX : member->local);
    FORAY_TRY(foray__output_put(output, bytes, sizeof bytes, err));
    FORAY_TRY(foray__output_put(output, member->name, length, err));
    return foray__output_put(output, extra, n, err);
}

/* The records at the end, the ZIP64 ones if a number needs them. */
static int put_end(struct foray__output *output, uint64_t start, size_t n,
                   struct foray_error *err)
{
    unsigned char bytes[FORAY__ZIP_END64_SIZE + FORAY__ZIP_LOCATOR64_SIZE +
                        FORAY__ZIP_END_SIZE] = {0};
    uint64_t end = start + output->position, size = output->position;
    unsigned char *at = bytes;

    if (n >= UINT16_MAX || start > most32 || size > most32) {
        put_number(at, 0, 4, FORAY__ZIP_END64);
        put_number(at, 4, 8, FORAY__ZIP_END64_SIZE - 12);
        put_number(at, 12, 2, LARGE_VERSION);
        put_number(at, 14, 2, LARGE_VERSION);
        put_number(at, 24, 8, n);
        put_number(at, 32, 8, n);
        put_number(at, 40, 8, size);
        put_number(at, 48, 8, start);
        at += FORAY__ZIP_END64_SIZE;
        put_number(at, 0, 4, FORAY__ZIP_LOCATOR64);
        put_number(at, 8, 8, end);
        put_number(at, 16, 4, 1);
        at += FORAY__ZIP_LOCATOR64_SIZE;
    }
    put_number(at, 0, 4, FORAY__ZIP_END);
    put_number(at, 8, 2, n < UINT16_MAX ? n : UINT16_MAX);
    put_number(at, 10, 2, n < UINT16_MAX ? n : UINT16_MAX);
    put_number(at, 12, 4, size > most32 ? UINT32_MAX : size);
    put_number(at, 16, 4, start > most32 ? UINT32_MAX : start);
    at += FORAY__ZIP_END_SIZE;
    return foray__output_put(output, bytes, (size_t)(at - bytes), err);
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
        code = put_entry(&output, &saving->members[i], !saving->deflate, err);
    if (!code)
        code = put_end(&output, start, saving->n, err);
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
        sum += saving->members[i].size + FORAY__ZIP_LOCAL_SIZE +
               FORAY__ZIP_ENTRY_SIZE + 2 * strlen(saving->members[i].name) +
               ALIGN;
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
