#include "convert/parts_about.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <foray/hog_batch.h>

#include "shell/message.h"

/* What becomes of an attribute that parts have. */
enum fate {
    SAME_IN_ALL, /* else they are no parts of one */
    ADDED,
    MADE_ANEW,
    IF_SAME /* of the work, or of somebody else */
};

static bool begins_with(const char *name, const char *word)
{
    return !strncmp(name, word, strlen(word));
}

static enum fate fate_of(const struct foray_hdf5_attribute *attribute)
{
    static const struct {
        const char *name;
        enum fate fate;
    } known[] = {{"options.on-error", IF_SAME}, {"options.failed", IF_SAME},
                 {"options.timeout", IF_SAME},  {"options.retries", IF_SAME},
                 {"options.shard", MADE_ANEW},  {"shape", MADE_ANEW},
                 {"paths_sha256", MADE_ANEW},   {"command", SAME_IN_ALL},
                 {"image", SAME_IN_ALL}};
    const char *name = attribute->name;

    for (size_t k = 0; k < sizeof known / sizeof *known; k++)
        if (!strcmp(name, known[k].name))
            return known[k].fate;
    if ((begins_with(name, "status.") || !strcmp(name, "images")) &&
        attribute->dtype == FORAY_I64 && !attribute->ndim)
        return ADDED;
    return begins_with(name, "options.") || begins_with(name, "row.")
               ? SAME_IN_ALL
               : IF_SAME;
}

static const struct foray_hdf5_attribute *
find(const struct foray_hdf5_attribute *items, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (!strcmp(items[i].name, name))
            return &items[i];
    return NULL;
}

static const struct foray_hdf5_attribute *of_part(const struct part *part,
                                                  const char *name)
{
    return find(part->about.items, part->about.n, name);
}

static bool is_same(const struct foray_hdf5_attribute *a,
                    const struct foray_hdf5_attribute *b)
{
    size_t n = 1;

    if (!a || !b || a->dtype != b->dtype || a->ndim != b->ndim)
        return !a && !b;
    for (int k = 0; k < a->ndim; k++) {
        if (a->shape[k] != b->shape[k])
            return false;
        n *= a->shape[k];
    }
    if (a->dtype != FORAY_OPAQUE)
        return !memcmp(a->values, b->values, n * foray_dtype_size(a->dtype));
    for (size_t i = 0; i < n; i++)
        if (strcmp(((char *const *)a->values)[i],
                   ((char *const *)b->values)[i]) != 0)
            return false;
    return true;
}

void parts_about_shard(size_t out[2], const struct foray_hdf5_attributes *about)
{
    const struct foray_hdf5_attribute *shard =
        find(about->items, about->n, "options.shard");
    int end = 0;

    out[0] = out[1] = 0;
    if (!shard || shard->dtype != FORAY_OPAQUE || shard->ndim)
        return;
    if (sscanf(*(char *const *)shard->values, "%9zu/%9zu%n", &out[0], &out[1],
               &end) == 2 &&
        !(*(char *const *)shard->values)[end] && out[0] && out[0] <= out[1])
        return;
    out[0] = out[1] = 0;
}

/* What is to be the same in all is. */
static int check(const struct part *one, const struct part *other,
                 struct foray_error *err)
{
    for (size_t i = 0; i < one->about.n; i++) {
        const struct foray_hdf5_attribute *item = &one->about.items[i];
        bool is_option = begins_with(item->name, "options.");

        if (fate_of(item) == SAME_IN_ALL &&
            !is_same(item, of_part(other, item->name)))
            return message_error(
                err, FORAY_EINVAL,
                "%s and %s differ in %s%s: they are no parts of one", one->path,
                other->path, is_option ? "--" : "",
                item->name + (is_option ? strlen("options.") : 0));
    }
    return 0;
}

static bool is_in_all(const struct parts *parts,
                      const struct foray_hdf5_attribute *item)
{
    for (size_t k = 0; k < parts->n; k++)
        if (!is_same(item, of_part(&parts->items[k], item->name)))
            return false;
    return true;
}

static int64_t sum(const struct parts *parts, const char *name)
{
    int64_t sum = 0, value;

    for (size_t k = 0; k < parts->n; k++) {
        const struct foray_hdf5_attribute *item =
            of_part(&parts->items[k], name);

        if (!item || fate_of(item) != ADDED)
            continue;
        memcpy(&value, item->values, sizeof value);
        sum += value;
    }
    return sum;
}

static void add(struct parts_about *about, const struct parts *parts,
                const struct foray_hdf5_attribute *item)
{
    struct foray_hdf5_attribute *to = &about->items[about->n];
    enum fate fate = fate_of(item);

    if (find(about->items, about->n, item->name) || fate == MADE_ANEW ||
        (fate != ADDED && !is_in_all(parts, item)))
        return;
    *to = *item;
    if (fate == ADDED) {
        about->sums[about->n] = sum(parts, item->name);
        to->values = &about->sums[about->n];
    }
    about->n++;
}

/* The text of an attribute; NULL: it has none. */
static const char *text_of(const struct part *part, const char *name)
{
    const struct foray_hdf5_attribute *item = of_part(part, name);

    return item && item->dtype == FORAY_OPAQUE && !item->ndim
               ? *(char *const *)item->values
               : NULL;
}

/* The digest of the list of all images, if the parts name all of theirs; of
 * arrays of images it is that of the array. */
static bool find_digest(struct parts_about *about, const struct parts *parts,
                        const char *const *paths)
{
    static const char name[] = "paths_sha256";
    const char *first = text_of(&parts->items[0], name);
    bool is_all = true, is_one = first != NULL;
    size_t n = 0;

    for (size_t k = 0; k < parts->n; n += parts->items[k++].n) {
        const char *said = text_of(&parts->items[k], name);

        foray_hog_digest(about->digest, paths + n, parts->items[k].n);
        is_all &= said && !strcmp(said, about->digest);
        is_one &= said && first && !strcmp(said, first);
    }
    if (is_all)
        foray_hog_digest(about->digest, paths, n);
    else if (is_one)
        snprintf(about->digest, sizeof about->digest, "%s", first);
    return is_all || is_one;
}

static void add_anew(struct parts_about *about, const struct parts *parts,
                     const char *const *paths)
{
    size_t ndim = parts->is_ragged ? 1 : 2;

    if (!parts->items[0].about.n)
        return; /* they say nothing at all */
    for (size_t k = 0; k < ndim; k++)
        about->shape[k] = (int64_t)parts->shape[k];
    about->items[about->n++] =
        (struct foray_hdf5_attribute){.name = "shape",
                                      .dtype = FORAY_I64,
                                      .ndim = 1,
                                      .shape = {ndim},
                                      .values = about->shape};
    if (!find_digest(about, parts, paths))
        return;
    about->digest_text = about->digest;
    about->items[about->n++] =
        (struct foray_hdf5_attribute){.name = "paths_sha256",
                                      .dtype = FORAY_OPAQUE,
                                      .values = &about->digest_text};
}

int parts_about_join(struct parts_about *out, const struct parts *parts,
                     const char *const *paths, struct foray_error *err)
{
    const struct part *first = &parts->items[0];
    size_t room = 2; /* those that are made anew */

    memset(out, 0, sizeof *out);
    for (size_t k = 0; k < parts->n; k++) {
        const struct part *part = &parts->items[k];

        if (check(first, part, err) || check(part, first, err))
            return err->code;
        room += part->about.n;
    }
    out->items = calloc(room, sizeof *out->items);
    out->sums = calloc(room, sizeof *out->sums);
    if (!out->items || !out->sums) {
        parts_about_free(out);
        return message_error(err, FORAY_ENOMEM, "no memory for attributes");
    }
    for (size_t k = 0; k < parts->n; k++)
        for (size_t i = 0; i < parts->items[k].about.n; i++)
            add(out, parts, &parts->items[k].about.items[i]);
    add_anew(out, parts, paths);
    return 0;
}

void parts_about_free(struct parts_about *about)
{
    free(about->items);
    free(about->sums);
    memset(about, 0, sizeof *about);
}
