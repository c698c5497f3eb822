#include "compute/journalled.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <foray/storage.h>

#include "array/text.h"
#include "base/error.h"
#include "base/sha256.h"
#include "storage/file.h"
#include "storage/segment.h"

enum { MAX_KEY_LINE = 3072 };

/* Whether tasks may write to an array, so that it has to last as the journal
 * does. */
static bool lasts(const struct foray__arguments *arguments, int k)
{
    return k >= arguments->first[FORAY__INOUT] &&
           (k < arguments->first[FORAY__WHOLE] ||
            arguments->arrays[k]->mode == FORAY_READ_WRITE ||
            arguments->arrays[k]->mode == FORAY_CREATE);
}

static int check_arrays(const struct foray__arguments *arguments,
                        struct foray_error *err)
{
    for (int k = 0; k < arguments->first[FORAY__ROLES]; k++) {
        const struct foray_segment *segment = arguments->arrays[k]->segment;

        if (lasts(arguments, k) && (!segment || !segment->path))
            return foray__fail(err, FORAY_EINVAL,
                               "a run with a journal writes to files: %s is "
                               "in memory%s",
                               foray__label_of(arguments, k).text,
                               k < arguments->first[FORAY__WHOLE]
                                   ? ""
                                   : ", and not of mode r");
    }
    return 0;
}

static int check(const struct foray_map *map,
                 const struct foray__arguments *arguments,
                 struct foray_error *err)
{
    const int *first = arguments->first;

    if (first[FORAY__ROLES] == FORAY__MAX_ARGS)
        return foray__fail(err, FORAY_EINVAL,
                           "a run with a journal has at most %d arrays",
                           FORAY__MAX_ARGS - 1);
    if (first[FORAY__INOUT] != first[FORAY__INOUT + 1] && !map->repeatable)
        return foray__fail(err, FORAY_EINVAL,
                           "a task that was interrupted would find its `inout` "
                           "slice half done when the run goes on: set "
                           ".repeatable if that does no harm, or no .journal");
    return check_arrays(arguments, err);
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
    if (segment && segment->path && !lasts(arguments, k) &&
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

    if (!lasts(arguments, k) ||
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

/* Whether no array that is written can hold results of an earlier run; from
 * now on all may. */
static bool any_blank(const struct foray__arguments *arguments)
{
    bool any = false;

    for (int k = 0; k < arguments->first[FORAY__ROLES]; k++)
        if (lasts(arguments, k)) {
            any |= arguments->arrays[k]->segment->blank;
            arguments->arrays[k]->segment->blank = false;
        }
    return any;
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

/* What the run is of. Owner: the caller, free(). */
static int describe(char **head, const struct foray_map *map,
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

/* Whether the run goes on where the one of the journal's head ended: 1; 0 when
 * it wrote to other files, and nothing of it is here. */
static int compare(const char *then, const char *now, const char *path,
                   struct foray_error *err)
{
    char tail[FORAY__TAIL_SIZE];

    while (*then && *now) {
        size_t n = line_length(then), m = line_length(now);

        if (n != m || memcmp(then, now, n) != 0) {
            if (!strncmp(then, "file ", 5) || !strncmp(now, "file ", 5))
                return 0;
            return foray__fail(err, FORAY_EINVAL,
                               "the journal %s is of another run: \"%.*s\" "
                               "then, \"%.*s\" now; remove it to begin anew",
                               foray__tail(tail, path), n < 150 ? (int)n : 150,
                               then, m < 150 ? (int)m : 150, now);
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

static size_t count_kept(const uint8_t *marks, size_t n)
{
    size_t kept = 0;

    for (size_t i = 0; i < n; i++)
        kept += marks[i] == FORAY__MARK_KEPT;
    return kept;
}

/* Go on, or begin anew. */
static int resume(struct foray__journalled *journalled, const char *head,
                  struct foray_error *err)
{
    struct foray__journal *file = &journalled->file;
    size_t n = journalled->n_tasks;
    bool blank = any_blank(journalled->arguments);
    int goes_on = 0;

    if (file->head && !blank)
        goes_on = compare(file->head, head, file->path, err);
    if (goes_on < 0)
        return goes_on;
    if (goes_on) {
        journalled->n_resumed = count_kept(journalled->marks.data, n);
        return 0;
    }
    memset(journalled->marks.data, FORAY__MARK_OPEN, n);
    return foray__journal_begin(file, head, err);
}

static int sync_arrays(const struct foray__arguments *arguments,
                       struct foray_error *err)
{
    for (int k = 0; k < arguments->first[FORAY__ROLES]; k++) {
        const struct foray_segment *segment = arguments->arrays[k]->segment;

        if (lasts(arguments, k))
            FORAY_TRY(foray__file_sync(segment->fd, segment->path, err));
    }
    return 0;
}

/* Tasks that were done before what they wrote is on the disk: what is done
 * from now on is for the next time. */
static bool mark_synced(uint8_t *marks, size_t n)
{
    bool any = false;

    for (size_t i = 0; i < n; i++) {
        uint8_t *found = memchr(marks + i, FORAY__MARK_DONE, n - i);

        if (!found)
            break;
        i = (size_t)(found - marks);
        any |= __atomic_load_n(found, __ATOMIC_ACQUIRE) == FORAY__MARK_DONE;
        *found = FORAY__MARK_SYNCED;
    }
    return any;
}

static int keep(void *arg, struct foray_error *err)
{
    struct foray__journalled *journalled = arg;
    uint8_t *marks = journalled->marks.data;

    if (!mark_synced(marks, journalled->n_tasks))
        return 0;
    FORAY_TRY(sync_arrays(journalled->arguments, err));
    return foray__journal_keep(&journalled->file, marks, journalled->n_tasks,
                               err);
}

static int open_marks(struct foray__journalled *out, struct foray__run *run,
                      const char *folder, struct foray_error *err)
{
    struct foray_placement placement = {.folder = folder};
    size_t n = run->n_tasks ? run->n_tasks : 1;

    FORAY_TRY(foray_array_create_at(&out->marks, NULL, FORAY_U8, 1, &n,
                                    &placement, err));
    run->args[run->first[FORAY__ROLES]++] = &out->marks;
    run->marked = true;
    run->tick = keep;
    run->tick_arg = out;
    return 0;
}

int foray__journalled_open(struct foray__journalled *out,
                           const struct foray_map *map,
                           const struct foray__arguments *arguments,
                           struct foray__run *run, const char *folder,
                           struct foray_error *err)
{
    char *head = NULL;
    int code;

    *out = (struct foray__journalled){
        .file.fd = -1, .arguments = arguments, .n_tasks = run->n_tasks};
    if (!map->journal)
        return 0;
    FORAY_TRY(check(map, arguments, err));
    FORAY_TRY(describe(&head, map, arguments, run, err));
    code = open_marks(out, run, folder, err);
    if (!code)
        code = foray__journal_open(&out->file, map->journal, out->marks.data,
                                   run->n_tasks, err);
    if (!code)
        code = resume(out, head, err);
    free(head);
    if (code)
        foray__journalled_close(out, map, false);
    return code;
}

int foray_journal_discard(const char *path, struct foray_error *err)
{
    struct foray__journal file;
    int code;

    if (!path || !*path || access(path, F_OK))
        return 0;
    FORAY_TRY(foray__journal_open(&file, path, NULL, 0, err));
    code = foray__journal_remove(&file, err);
    foray__journal_close(&file);
    return code;
}

void foray__journalled_close(struct foray__journalled *journalled,
                             const struct foray_map *map, bool over)
{
    if (over && !map->keep_journal)
        foray__journal_remove(&journalled->file, NULL);
    foray__journal_close(&journalled->file);
    foray_array_close(&journalled->marks, NULL);
}
