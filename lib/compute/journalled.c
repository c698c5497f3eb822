#include "compute/journalled.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <foray/storage.h>

#include "base/error.h"
#include "compute/journal_head.h"
#include "storage/file.h"
#include "storage/segment.h"

static int check_arrays(const struct foray__arguments *arguments,
                        struct foray_error *err)
{
    for (int k = 0; k < arguments->first[FORAY__ROLES]; k++) {
        const struct foray_segment *segment = arguments->arrays[k]->segment;

        if (foray__journal_lasts(arguments, k) && (!segment || !segment->path))
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
        return foray__fail(
            err, FORAY_EINVAL, "a run with %s has at most %d arrays",
            map->done ? ".done" : "a journal", FORAY__MAX_ARGS - 1);
    if (map->done && map->journal)
        return foray__fail(err, FORAY_EINVAL,
                           ".done and .journal both say which tasks are done: "
                           "leave one out");
    if (map->done)
        return 0;
    if (first[FORAY__INOUT] != first[FORAY__INOUT + 1] && !map->repeatable)
        return foray__fail(err, FORAY_EINVAL,
                           "a task that was interrupted would find its `inout` "
                           "slice half done when the run goes on: set "
                           ".repeatable if that does no harm, or no .journal");
    return check_arrays(arguments, err);
}

/* Whether no array that is written can hold results of an earlier run; from
 * now on all may. */
static bool any_blank(const struct foray__arguments *arguments)
{
    bool any = false;

    for (int k = 0; k < arguments->first[FORAY__ROLES]; k++)
        if (foray__journal_lasts(arguments, k)) {
            any |= arguments->arrays[k]->segment->blank;
            arguments->arrays[k]->segment->blank = false;
        }
    return any;
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
        goes_on = foray__journal_compare(file->head, head, file->path, err);
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

        if (foray__journal_lasts(arguments, k))
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
    return 0;
}

static void take_done(struct foray__journalled *journalled, const uint8_t *done)
{
    uint8_t *marks = journalled->marks.data;

    for (size_t i = 0; i < journalled->n_tasks; i++) {
        marks[i] = done[i] ? FORAY__MARK_KEPT : FORAY__MARK_OPEN;
        journalled->n_resumed += done[i] != 0;
    }
}

static int open_journal(struct foray__journalled *out,
                        const struct foray_map *map, struct foray__run *run,
                        const char *head, struct foray_error *err)
{
    int code = foray__journal_open(&out->file, map->journal, out->marks.data,
                                   run->n_tasks, err);

    run->tick = keep;
    run->tick_arg = out;
    return code ? code : resume(out, head, err);
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
    if (!map->journal && !map->done)
        return 0;
    FORAY_TRY(check(map, arguments, err));
    if (map->journal)
        FORAY_TRY(foray__journal_head(&head, map, arguments, run, err));
    code = open_marks(out, run, folder, err);
    if (!code && map->done)
        take_done(out, map->done);
    else if (!code)
        code = open_journal(out, map, run, head, err);
    run->n_before = code ? 0 : out->n_resumed;
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
    if (over && map->journal && !map->keep_journal)
        foray__journal_remove(&journalled->file, NULL);
    foray__journal_close(&journalled->file);
    foray_array_close(&journalled->marks, NULL);
}
