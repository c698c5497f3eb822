#include "storage/joblib_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/read.h"
#include "storage/existing.h"
#include "storage/names.h"

enum { DEEPEST = 64, LONGEST = 4096, MOST_VISITS = 1 << 21 };

/* On the way through the values: where we are, and how much was seen. */
struct walk {
    struct foray__joblib_file *file;
    char way[LONGEST];
    size_t length;
    size_t visits;
    struct foray_error *err;
};

static int refuse_tree(const struct walk *walk)
{
    return foray__fail(walk->err, FORAY_ETOOLARGE,
                       "%s has its arrays deeper, or in more places, than "
                       "foray looks",
                       walk->file->label);
}

static int add_entry(struct walk *walk, const struct foray__pickle_array *array)
{
    struct foray__joblib_file *file = walk->file;
    struct foray__joblib_entry *entry;

    if (file->n == file->room) {
        size_t room = file->room ? 2 * file->room : 16;

        entry = realloc(file->entries, room * sizeof *entry);
        if (!entry)
            return refuse_tree(walk);
        file->entries = entry;
        file->room = room;
    }
    entry = &file->entries[file->n++];
    entry->array = array;
    entry->name = NULL;
    if (walk->length) {
        entry->name = strndup(walk->way, walk->length);
        if (!entry->name)
            return refuse_tree(walk);
    }
    return 0;
}

static int visit(struct walk *walk, const struct foray__pickle_value *value,
                 int depth);

/* The value that is called `step` in the one we are at. */
static int enter(struct walk *walk, const char *step, size_t length,
                 const struct foray__pickle_value *value, int depth)
{
    size_t before = walk->length;
    int code;

    if (before + 1 + length >= LONGEST)
        return refuse_tree(walk);
    if (before)
        walk->way[walk->length++] = '/';
    memcpy(walk->way + walk->length, step, length);
    walk->length += length;
    code = visit(walk, value, depth + 1);
    walk->length = before;
    return code;
}

static int enter_key(struct walk *walk, const struct foray__pickle_value *key,
                     size_t number, const struct foray__pickle_value *value,
                     int depth)
{
    char text[32];

    switch (key->kind) {
    case FORAY__PICKLE_TEXT:
        return enter(walk, key->text.bytes, strlen(key->text.bytes), value,
                     depth);
    case FORAY__PICKLE_INT:
        snprintf(text, sizeof text, "%lld", (long long)key->integer);
        break;
    case FORAY__PICKLE_BOOL:
        snprintf(text, sizeof text, "%s", key->integer ? "True" : "False");
        break;
    case FORAY__PICKLE_NONE:
        snprintf(text, sizeof text, "None");
        break;
    default: /* tuples, floats: by their place */
        snprintf(text, sizeof text, "#%zu", number);
    }
    return enter(walk, text, strlen(text), value, depth);
}

static int visit(struct walk *walk, const struct foray__pickle_value *value,
                 int depth)
{
    char text[24];

    if (walk->visits++ >= MOST_VISITS)
        return refuse_tree(walk);
    if (value->kind == FORAY__PICKLE_ARRAY)
        return add_entry(walk, value->array);
    if (value->kind != FORAY__PICKLE_TUPLE &&
        value->kind != FORAY__PICKLE_LIST && value->kind != FORAY__PICKLE_DICT)
        return 0;
    if (depth >= DEEPEST)
        return refuse_tree(walk);
    if (value->kind == FORAY__PICKLE_DICT) {
        for (size_t i = 0; i < value->n; i += 2)
            FORAY_TRY(enter_key(walk, value->items[i], i / 2,
                                value->items[i + 1], depth));
        return 0;
    }
    for (size_t i = 0; i < value->n; i++) {
        snprintf(text, sizeof text, "%zu", i);
        FORAY_TRY(enter(walk, text, strlen(text), value->items[i], depth));
    }
    return 0;
}

static int compare_places(const void *left, const void *right)
{
    const struct foray__joblib_entry *a = left, *b = right;

    if (a->array->offset != b->array->offset)
        return a->array->offset < b->array->offset ? -1 : 1;
    return a->name && b->name ? strcmp(a->name, b->name) : 0;
}

/* Behind the last instruction compressed data has its checksum. */
static int read_end(struct foray__joblib_file *file, struct foray__input *input,
                    struct foray_error *err)
{
    uint64_t position = input->position;
    bool ends;

    if (file->codec == FORAY__STORED)
        return 0;
    FORAY_TRY(foray__input_ends(input, &ends, err));
    if (ends || input->position > position)
        return 0;
    return foray__fail(err, FORAY_ETRUNCATED,
                       "%s was cut short: its %s data does not end",
                       file->label, foray__codec_name(file->codec));
}

static int read_pickle(struct foray__joblib_file *file, struct foray_error *err)
{
    struct foray__input input;
    struct walk walk = {.file = file, .err = err};
    int code;

    FORAY_TRY(foray__input_open(&input, file->fd, 0, file->size, file->codec,
                                file->label, err));
    file->pickle.input = &input;
    code = foray__pickle_read(&file->pickle, err);
    if (!code)
        code = read_end(file, &input, err);
    if (!code)
        code = visit(&walk, file->pickle.root, 0);
    if (!code && file->n)
        qsort(file->entries, file->n, sizeof *file->entries, compare_places);
    file->pickle.input = NULL;
    foray__input_close(&input);
    return code;
}

static int refuse_old(const struct foray__joblib_file *file,
                      struct foray_error *err)
{
    return foray__fail(err, FORAY_ENOTSUP,
                       "%s was written and compressed by joblib before 0.10: "
                       "load it with joblib, and dump it again",
                       file->label);
}

int foray__joblib_read(struct foray__joblib_file *file, const char *path,
                       bool writable, foray__pickle_array_fn found, void *arg,
                       struct foray_error *err)
{
    char tail[FORAY__TAIL_SIZE];
    unsigned char magic[8];
    ssize_t n;

    file->path = path;
    FORAY_TRY(foray__existing_open(&file->fd, &file->size, path, writable,
                                   "a joblib file", err));
    snprintf(file->label, sizeof file->label, "%s", foray__tail(tail, path));
    file->pickle.name = file->label;
    file->pickle.found = found;
    file->pickle.found_arg = arg;
    n = foray__read_at(file->fd, magic, sizeof magic, 0);
    if (n < 0)
        return foray__fail_errno(err, errno, "cannot read %s", file->label);
    if (n >= 2 && magic[0] == 'Z' && magic[1] == 'F')
        return refuse_old(file, err);
    file->codec = foray__codec_of_magic(magic, (size_t)n);
    return read_pickle(file, err);
}

void foray__joblib_close(struct foray__joblib_file *file)
{
    for (size_t i = 0; i < file->n; i++)
        free(file->entries[i].name);
    free(file->entries);
    foray__pickle_close(&file->pickle);
    if (file->fd >= 0)
        close(file->fd);
    memset(file, 0, sizeof *file);
    file->fd = -1;
}

/* A "/" before either name does not matter. */
static const char *bare(const char *name)
{
    return !name ? "" : *name == '/' ? name + 1 : name;
}

int foray__joblib_check(const struct foray__joblib_file *file,
                        struct foray_error *err)
{
    if (file->n || !*file->pickle.unknown)
        return 0;
    return foray__fail(err, FORAY_ENOTSUP,
                       "%s holds a %s, which only Python can make: foray reads "
                       "arrays in lists, tuples and dictionaries",
                       file->label, file->pickle.unknown);
}

static int check_found(const struct foray__joblib_entry *entry,
                       const struct foray__joblib_file *file,
                       struct foray_error *err)
{
    if (!entry->array->of_objects)
        return 0;
    if (!entry->name)
        return foray__fail(err, FORAY_ENOTSUP,
                           "%s is an array of Python objects, which only "
                           "Python can read",
                           file->label);
    return foray__fail(err, FORAY_ENOTSUP,
                       "%s: the array \"%.64s\" is of Python objects, which "
                       "only Python can read",
                       file->label, bare(entry->name));
}

int foray__joblib_find(const struct foray__joblib_entry **out,
                       const struct foray__joblib_file *file, const char *name,
                       struct foray_error *err)
{
    struct foray__names names = {"", false};

    *out = NULL;
    for (size_t i = 0; i < file->n && !*out; i++)
        if (!strcmp(bare(file->entries[i].name), bare(name)))
            *out = &file->entries[i];
    if (!*out && !*bare(name) && file->n == 1)
        *out = file->entries;
    if (*out)
        return check_found(*out, file, err);
    FORAY_TRY(foray__joblib_check(file, err));
    for (size_t i = 0; i < file->n; i++)
        foray__names_add(&names, bare(file->entries[i].name));
    if (!file->n)
        return foray__fail(err, FORAY_ENOENT, "%s holds no arrays",
                           file->label);
    if (!*bare(name))
        return foray__fail(err, FORAY_ENOENT,
                           "%s holds several arrays: say which of %s",
                           file->label, names.text);
    if (file->n == 1 && !file->entries[0].name)
        return foray__fail(err, FORAY_ENOENT,
                           "%s has no array \"%.64s\": it is one array",
                           file->label, name);
    return foray__fail(err, FORAY_ENOENT,
                       "%s has no array \"%.64s\"; it has %s", file->label,
                       name, names.text);
}
