#include "hog/update_match.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <foray/image.h>

#include "images/index.h"
#include "shell/message.h"

#define NONE SIZE_MAX

/* The rows of the index by their keys: open addressing, each of several equal
 * ones once, in their order. */
struct table {
    struct index_in *index;
    char **keys;
    size_t *slots; /* rows, or NONE */
    size_t mask;
    bool *taken; /* rows */
};

static size_t hash(const char *key)
{
    uint64_t code = 14695981039346656037u; /* FNV-1a */

    for (; *key; key++)
        code = (code ^ (unsigned char)*key) * 1099511628211u;
    return (size_t)(code ^ code >> 32);
}

static void free_key(char *key, const char *path)
{
    if (key != path)
        free(key);
}

static void close_table(struct table *table)
{
    for (size_t j = 0; table->keys && j < table->index->n; j++)
        free_key(table->keys[j], table->index->paths[j]);
    free(table->keys);
    free(table->slots);
    free(table->taken);
}

static int open_table(struct table *table, struct index_in *index)
{
    size_t size = 16;

    *table = (struct table){.index = index};
    while (size < 2 * index->n)
        size *= 2;
    table->mask = size - 1;
    table->keys = calloc(index->n + 1, sizeof *table->keys);
    table->taken = calloc(index->n + 1, sizeof *table->taken);
    table->slots = malloc(size * sizeof *table->slots);
    if (!table->keys || !table->taken || !table->slots)
        return -1;
    for (size_t k = 0; k < size; k++)
        table->slots[k] = NONE;
    for (size_t j = 0; j < index->n; j++) {
        size_t at;

        table->keys[j] = index_key(index->paths[j]);
        if (!table->keys[j])
            return -1;
        at = hash(table->keys[j]) & table->mask;
        while (table->slots[at] != NONE)
            at = (at + 1) & table->mask;
        table->slots[at] = j;
    }
    return 0;
}

/* The first row of that key that is not taken, which it is now. */
static size_t take(struct table *table, const char *key)
{
    size_t at = hash(key) & table->mask, j;

    for (; (j = table->slots[at]) != NONE; at = (at + 1) & table->mask)
        if (!table->taken[j] && !strcmp(table->keys[j], key)) {
            table->taken[j] = true;
            return j;
        }
    return NONE;
}

/* Its row of the index, or NONE. */
static int find(size_t *out, struct table *table, const char *path)
{
    char *key = index_key(path);

    if (!key)
        return -1;
    *out = take(table, key);
    free_key(key, path);
    return 0;
}

static void set_status(struct update_match *out, struct foray_hog_row *row,
                       enum foray_image_status status)
{
    out->changes |= row->status != (uint32_t)status;
    row->status = (uint32_t)status;
}

/* Whether the row stays as it is. */
static bool stays(struct update_match *out, struct foray_hog_row *row,
                  const char *path)
{
    uint64_t nbytes;
    int64_t mtime_ns;
    int code;

    if (!index_has_features(row))
        return false;
    code = foray_image_stat(&nbytes, &mtime_ns, path, NULL);
    if (code == FORAY_ENOENT) {
        set_status(out, row, FORAY_IMAGE_STATUS_GONE);
        out->n_gone++;
        return true;
    }
    if (code || nbytes != row->bytes || mtime_ns != row->mtime_ns)
        return false;
    set_status(out, row, FORAY_IMAGE_STATUS_OK);
    out->n_kept++;
    return true;
}

/* The index, where a path that is no UTF-8 is a text, gets the path. */
static int take_path(struct table *table, size_t j, const char *path)
{
    char *copy;

    if (!strcmp(table->index->paths[j], path))
        return 0;
    copy = strdup(path);
    if (!copy)
        return -1;
    if (table->keys[j] == table->index->paths[j]) /* it lives on as the key */
        table->index->paths[j] = NULL;
    free(table->index->paths[j]);
    table->index->paths[j] = copy;
    return 0;
}

/* Images that are not in the list. */
static void look_at_others(struct update_match *out, const struct table *table)
{
    for (size_t j = 0; j < table->index->n; j++) {
        struct foray_hog_row *row = &table->index->rows[j];

        if (table->taken[j])
            continue;
        if (index_has_features(row))
            set_status(out, row, FORAY_IMAGE_STATUS_GONE);
        out->n_gone++;
    }
}

/* `again`: which path of the list, counted from 1, row j is computed from
 * again; 0: none. */
static int sort_out(struct update_match *out, struct table *table,
                    size_t *again, char *const *paths, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        size_t j;

        if (find(&j, table, paths[i]))
            return -1;
        if (j == NONE) {
            out->paths[n - ++out->n_new] = paths[i]; /* backwards, for now */
            continue;
        }
        if (take_path(table, j, paths[i]))
            return -1;
        if (!stays(out, &table->index->rows[j], paths[i])) {
            again[j] = i + 1;
            out->n_again++;
        }
    }
    out->n = out->n_again + out->n_new;
    return 0;
}

/* Those that are computed again by their rows, then the new ones in order. */
static void arrange(struct update_match *out, size_t n_old, const size_t *again,
                    char *const *paths, size_t n)
{
    const char **new = out->paths + (n - out->n_new);
    size_t k = 0;

    for (size_t a = 0, b = out->n_new; a + 1 < b; a++) {
        const char *path = new[a];

        new[a] = new[--b];
        new[b] = path;
    }
    memmove(out->paths + out->n_again, new, out->n_new * sizeof *new);
    for (size_t j = 0; j < n_old; j++)
        if (again[j]) {
            out->paths[k] = paths[again[j] - 1];
            out->where[k++] = j;
        }
    for (size_t i = 0; i < out->n_new; i++)
        out->where[k++] = n_old + i;
    out->changes |= out->n > 0;
}

int update_match(struct update_match *out, struct index_in *index,
                 char *const *paths, size_t n)
{
    size_t *again = calloc(index->n + 1, sizeof *again);
    struct table table;
    int failed;

    memset(out, 0, sizeof *out);
    out->paths = malloc((n + 1) * sizeof *out->paths);
    out->where = malloc((n + 1) * sizeof *out->where);
    failed = open_table(&table, index) || !again || !out->paths || !out->where;
    if (!failed)
        failed = sort_out(out, &table, again, paths, n);
    if (!failed) {
        arrange(out, index->n, again, paths, n);
        look_at_others(out, &table);
    } else {
        message("no memory to compare %zu images with an index of %zu", n,
                index->n);
        update_match_free(out);
    }
    close_table(&table);
    free(again);
    return failed ? -1 : 0;
}

void update_match_free(struct update_match *match)
{
    free(match->paths);
    free(match->where);
    memset(match, 0, sizeof *match);
}
