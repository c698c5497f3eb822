/* Saving joblib files. */
#include <foray/joblib.h>

#include <stdlib.h>
#include <string.h>

#include "array/npy_text.h"
#include "base/error.h"
#include "storage/make.h"
#include "storage/pickle_write.h"
#include "storage/save.h"

enum { DEFAULT_LEVEL = 3, FASTEST = 1, DEEPEST = 32, LONGEST_NAME = 4096 };

struct saving {
    const struct foray_named_array *arrays;
    size_t n;
    enum foray__codec codec;
    int level;
};

/* Some of the arrays: those whose names begin with the same keys. */
struct part {
    const struct foray_named_array **arrays;
    size_t n;
    size_t skip; /* bytes of those keys */
};

static size_t key_length(const char *key)
{
    return strcspn(key, "/");
}

static bool is_key(const char *name, const char *key, size_t length)
{
    return key_length(name) == length && !memcmp(name, key, length);
}

static int refuse_name(const char *name, const char *why,
                       struct foray_error *err)
{
    return foray__fail(err, FORAY_EINVAL,
                       "an array cannot be called \"%.64s\" in a joblib file: "
                       "%s",
                       name, why);
}

/* A dictionary for each level of the names, its keys in the order in which they
 * are met first. */
static int put_dict(struct foray__output *output, const struct part *part,
                    int depth, struct foray_error *err);

/* All arrays that have the key of the first one that is left. */
static int put_key(struct foray__output *output, const struct part *part,
                   size_t first, int depth, struct foray_error *err)
{
    const char *name = part->arrays[first]->name;
    size_t length = key_length(name + part->skip);
    struct part inner = {part->arrays + first, 1, part->skip + length + 1};
    const struct foray_array *array = part->arrays[first]->array;

    /* They were brought together. */
    while (first + inner.n < part->n &&
           is_key(part->arrays[first + inner.n]->name + part->skip,
                  name + part->skip, length))
        inner.n++;
    FORAY_TRY(foray__pickle_put_key(output, name + part->skip, length, err));
    for (size_t i = 0; i < inner.n; i++)
        if (inner.n > 1 && !inner.arrays[i]->name[part->skip + length])
            return refuse_name(inner.arrays[i]->name, "it has that name twice",
                               err);
    FORAY_TRY(name[part->skip + length]
                  ? put_dict(output, &inner, depth + 1, err)
                  : foray__pickle_put_array(output, array, err));
    return foray__pickle_end_value(output, err);
}

/* Bring together what has the key of the array at `at`; how many they are. */
static size_t bring_together(const struct part *part, size_t at)
{
    const char *key = part->arrays[at]->name + part->skip;
    size_t end = at + 1;

    for (size_t i = end; i < part->n; i++) {
        const struct foray_named_array *array = part->arrays[i];

        if (!is_key(array->name + part->skip, key, key_length(key)))
            continue;
        memmove(part->arrays + end + 1, part->arrays + end,
                (i - end) * sizeof(void *));
        part->arrays[end++] = array;
    }
    return end - at;
}

static int put_dict(struct foray__output *output, const struct part *part,
                    int depth, struct foray_error *err)
{
    if (depth > DEEPEST)
        return refuse_name(part->arrays[0]->name, "it has too many parts", err);
    FORAY_TRY(foray__pickle_put_dict(output, err));
    for (size_t at = 0, n; at < part->n; at += n) {
        n = bring_together(part, at);
        FORAY_TRY(put_key(output, part, at, depth, err));
    }
    return 0;
}

static int put_named(struct foray__output *output, const struct saving *saving,
                     struct foray_error *err)
{
    struct part part = {calloc(saving->n + 1, sizeof(void *)), saving->n, 0};
    int code;

    if (!part.arrays)
        return foray__fail(err, FORAY_ENOMEM, "no memory for %zu arrays",
                           saving->n);
    for (size_t i = 0; i < saving->n; i++)
        part.arrays[i] = &saving->arrays[i];
    code = put_dict(output, &part, 0, err);
    free(part.arrays);
    return code;
}

static int put_unnamed(struct foray__output *output,
                       const struct saving *saving, struct foray_error *err)
{
    if (saving->n == 1)
        return foray__pickle_put_array(output, saving->arrays[0].array, err);
    FORAY_TRY(foray__pickle_put_list(output, err));
    for (size_t i = 0; i < saving->n; i++) {
        FORAY_TRY(
            foray__pickle_put_array(output, saving->arrays[i].array, err));
        FORAY_TRY(foray__pickle_end_item(output, err));
    }
    return 0;
}

/* A foray__save_fn. */
static int put_all(int fd, const char *name, const void *arg,
                   struct foray_error *err)
{
    const struct saving *saving = arg;
    struct foray__output output;
    size_t nbytes = 0;
    int code;

    for (size_t i = 0; i < saving->n; i++)
        nbytes += foray_array_nbytes(saving->arrays[i].array);
    FORAY_TRY(foray__output_open(&output, fd, 0, saving->codec, saving->level,
                                 name, err));
    code = foray__pickle_begin(&output, err);
    if (!code)
        code = saving->n && saving->arrays[0].name
                   ? put_named(&output, saving, err)
                   : put_unnamed(&output, saving, err);
    if (!code)
        code = foray__pickle_end(&output, err);
    if (!code)
        code = foray__output_finish(&output, err);
    foray__output_close(&output);
    return foray__explain_full(code, fd, nbytes, name, err);
}

/* Every key has letters, and the whole is UTF-8. */
static int check_name(const char *name, struct foray_error *err)
{
    size_t length = strlen(name);

    if (length > LONGEST_NAME || !foray__is_utf8(name, length))
        return refuse_name(name, "it is too long, or no UTF-8", err);
    if (!length || *name == '/' || name[length - 1] == '/' ||
        strstr(name, "//"))
        return refuse_name(name, "a part of it is empty", err);
    return 0;
}

static int check(struct saving *saving,
                 const struct foray_joblib_options *options,
                 struct foray_error *err)
{
    const char *compress = options ? options->compress : NULL;
    int level = options ? options->level : 0;

    if (level < 0 || level > 9 || (level && !compress))
        return foray__fail(err, FORAY_EINVAL,
                           "compressing has levels from 1 to 9, of a "
                           "compressor: not %d",
                           level);
    if (compress && !foray__codec_find(&saving->codec, compress))
        return foray__fail(err, FORAY_EINVAL,
                           "there is no compressor \"%.32s\": use zlib, gzip, "
                           "bz2, xz, lzma or lz4",
                           compress);
    if (compress)
        saving->level = level                         ? level
                        : saving->codec == FORAY__LZ4 ? FASTEST
                                                      : DEFAULT_LEVEL;
    for (size_t i = 0; i < saving->n; i++) {
        const char *name = saving->arrays[i].name;

        if (!name != !saving->arrays[0].name)
            return foray__fail(err, FORAY_EINVAL,
                               "either all arrays of a joblib file have names, "
                               "or none");
        if (name)
            FORAY_TRY(check_name(name, err));
    }
    return 0;
}

int foray_joblib_save(const char *path, const struct foray_named_array *arrays,
                      size_t n, const struct foray_joblib_options *options,
                      struct foray_error *err)
{
    struct saving saving = {.arrays = arrays, .n = n};

    FORAY_TRY(check(&saving, options, err));
    return foray__save(path, put_all, &saving, err);
}
