#include "compute/journal_head.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <foray/storage.h>

#include "array/text.h"
#include "base/error.h"
#include "base/sha256.h"
#include "storage/segment.h"

enum { MAX_KEY_LINE = 3072 };

bool foray__journal_lasts(const struct foray__arguments *arguments, int k)
{
    return k >= arguments->first[FORAY__INOUT] &&
           (k < arguments->first[FORAY__WHOLE] ||
            arguments->arrays[k]->mode == FORAY_READ_WRITE ||
            arguments->arrays[k]->mode == FORAY_CREATE);
}

/* What array k is, as far as one can see without reading it. */
static void put_array(FILE *out, const struct foray__arguments *arguments,
                      int k)
{
    const struct foray_array *array = arguments->arrays[k];
    const struct foray_segment *segment = array->segment;
    struct stat st;

    fprintf(out, "%s %s %s", foray__label_of(arguments, k).text,
            foray_array_descr(array), foray__shape_text(array).text);
    if (segment && segment->path)
        fprintf(out, " at %zu",
                (size_t)((const char *)array->data - (char *)segment->base));
    if (segment && segment->path && !foray__journal_lasts(arguments, k) &&
        !fstat(segment->fd, &st))
        fprintf(out, " size %lld changed %lld.%09ld", (long long)st.st_size,
                (long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
    fputc('\n', out);
}

/* Which file array k is: results of another are not here. Its number may be
 * another's later, so that, where it is known, its birth counts, too. */
static void put_file(FILE *out, const struct foray__arguments *arguments, int k)
{
    struct statx st;

    if (!foray__journal_lasts(arguments, k) ||
        statx(arguments->arrays[k]->segment->fd, "", AT_EMPTY_PATH,
              STATX_INO | STATX_BTIME, &st))
        return;
    fprintf(out, "file %s %llu", foray__label_of(arguments, k).text,
            (unsigned long long)st.stx_ino);
    if (st.stx_mask & STATX_BTIME)
        fprintf(out, " born %lld.%09u", (long long)st.stx_btime.tv_sec,
                st.stx_btime.tv_nsec);
    fputc('\n', out);
}

static void put_params(FILE *out, const struct foray_map *map)
{
    char digest[FORAY__SHA256_TEXT];
    struct foray__sha256 sha;

    foray__sha256_init(&sha);
    foray__sha256_add(&sha, map->params, map->params_size);
    foray__sha256_text(digest, &sha);
    fprintf(out, "params %zu %s\n", map->params_size, digest);
}

/* The caller's lines, none of them one of ours. */
static int put_key(FILE *out, const char *key, struct foray_error *err)
{
    while (*key) {
        size_t n = strcspn(key, "\n");

        if (n > MAX_KEY_LINE)
            return foray__fail(err, FORAY_EINVAL,
                               "a line of .journal_key has %zu bytes, more "
                               "than %d",
                               n, MAX_KEY_LINE);
        fprintf(out, "key %.*s\n", (int)n, key);
        key += n + (key[n] == '\n');
    }
    return 0;
}

static void put_cuts(FILE *out, const struct foray__run *run)
{
    for (int c = 0; c < run->grid.n_cuts; c++) {
        const struct foray__cut *cut = &run->grid.cuts[c];

        fprintf(out, "cut axis %d length %zu chunk %zu halo %zu\n", cut->axis,
                cut->length, cut->chunk, cut->halo);
    }
}

int foray__journal_head(char **head, const struct foray_map *map,
                        const struct foray__arguments *arguments,
                        const struct foray__run *run, struct foray_error *err)
{
    int n = arguments->first[FORAY__ROLES], code = 0;
    size_t size;
    FILE *out = open_memstream(head, &size);

    if (!out)
        return foray__fail(err, FORAY_ENOMEM, "no memory for a journal");
    for (int k = 0; k < n; k++)
        put_file(out, arguments, k);
    fprintf(out, "tasks %zu\n", run->n_tasks);
    put_cuts(out, run);
    for (int k = 0; k < n; k++)
        put_array(out, arguments, k);
    if (map->journal_key)
        code = put_key(out, map->journal_key, err);
    else
        put_params(out, map);
    if (fclose(out) && !code)
        code = foray__fail(err, FORAY_ENOMEM, "no memory for a journal");
    if (code) {
        free(*head);
        *head = NULL;
    }
    return code;
}

static size_t line_length(const char *text)
{
    return strcspn(text, "\n");
}

/* Length of "key NAME", 0 of another line. */
static size_t key_length(const char *line)
{
    static const char key[] = "key ";
    size_t n = strlen(key);

    return strncmp(line, key, n) ? 0 : n + strcspn(line + n, " \n");
}

static int least(size_t n)
{
    enum { SHOWN = 150 };

    return n < SHOWN ? (int)n : SHOWN;
}

/* Of a line "key NAME VALUE" the value, of another all of it. */
static int refuse(const char *then, const char *now, const char *path,
                  struct foray_error *err)
{
    size_t n = line_length(then), m = line_length(now), key = key_length(then);
    char tail[FORAY__TAIL_SIZE];

    if (key && key == key_length(now) && !memcmp(then, now, key) && key < n &&
        key < m)
        return foray__fail(err, FORAY_EINVAL,
                           "the journal %s is of another run: %.*s was %.*s, "
                           "now %.*s; remove it to begin anew",
                           foray__tail(tail, path), least(key - 4), then + 4,
                           least(n - key - 1), then + key + 1,
                           least(m - key - 1), now + key + 1);
    return foray__fail(err, FORAY_EINVAL,
                       "the journal %s is of another run: \"%.*s\" then, "
                       "\"%.*s\" now; remove it to begin anew",
                       foray__tail(tail, path), least(n), then, least(m), now);
}

int foray__journal_compare(const char *then, const char *now, const char *path,
                           struct foray_error *err)
{
    char tail[FORAY__TAIL_SIZE];

    while (*then && *now) {
        size_t n = line_length(then), m = line_length(now);

        if (n != m || memcmp(then, now, n) != 0) {
            if (!strncmp(then, "file ", 5) || !strncmp(now, "file ", 5))
                return 0;
            return refuse(then, now, path, err);
        }
        then += n + 1;
        now += m + 1;
    }
    if (!*then && !*now)
        return 1;
    return foray__fail(err, FORAY_EINVAL,
                       "the journal %s is of another run, with %s to tell of "
                       "it: remove it to begin anew",
                       foray__tail(tail, path), *then ? "more" : "less");
}
