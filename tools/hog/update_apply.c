#include "hog/update_apply.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <foray/storage.h>

#include "data/beside.h"
#include "hog/output.h"
#include "hog/update_hdf5.h"
#include "shell/message.h"

/* How much of a path is its folder, the slash included. */
static size_t folder_length(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? (size_t)(slash + 1 - path) : 0;
}

static bool same_folder(const char *a, const char *b)
{
    size_t n = folder_length(a);

    return n == folder_length(b) && !strncmp(a, b, n);
}

char *update_index_name(const char *output, const char *index)
{
    char *here = NULL, *name = NULL;

    if (same_folder(output, index)) {
        name = strdup(index + folder_length(index));
    } else if (*index == '/') {
        name = strdup(index);
    } else {
        here = getcwd(NULL, 0);
        if (!here || asprintf(&name, "%s/%s", here, index) < 0)
            name = NULL;
        free(here);
    }
    if (!name)
        message("no memory for the name of %s", index);
    return name;
}

static int fail(struct foray_error *err, const char *path)
{
    return message_error(err, FORAY_EIO, "%s: %s", path, strerror(errno));
}

/* PATH.partial gets the name; one that is not there any more has it. */
static int install(const char *path, struct foray_error *err)
{
    char *partial = beside_name(path, err);
    int code = 0;

    if (!partial)
        return FORAY_ENOMEM;
    if (rename(partial, path) && (errno != ENOENT || access(path, F_OK)))
        code = fail(err, partial);
    free(partial);
    return code;
}

static int install_index(const struct update_record *record, const char *output,
                         struct foray_error *err)
{
    char *path;
    int code;

    if (asprintf(&path, "%.*s%s",
                 *record->index == '/' ? 0 : (int)folder_length(output), output,
                 record->index) < 0)
        return message_error(err, FORAY_ENOMEM, "no memory for %s",
                             record->index);
    code = install(path, err);
    free(path);
    return code;
}

/* The names are on the disk before the record goes. */
static void sync_folder(const char *output)
{
    size_t n = folder_length(output);
    char *folder = n ? strndup(output, n) : strdup(".");
    int fd = folder ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

    if (fd >= 0) {
        (void)fsync(fd);
        close(fd);
    }
    free(folder);
}

static int remove_record(const char *output, struct foray_error *err)
{
    char *path = update_record_path(output);
    int code = 0;

    if (!path)
        return message_error(err, FORAY_ENOMEM, "no memory for %s", output);
    if (unlink(path) && errno != ENOENT)
        code = fail(err, path);
    free(path);
    return code;
}

/* First the rows: each that the index has is there then. */
int update_apply(const struct update_record *record, const struct hog_run *run,
                 const struct foray_array *rows, struct foray_error *err)
{
    int code = 0;

    if (hog_output_is_hdf5(run->output))
        code = update_hdf5_install(run->output, err);
    else if (record->n)
        code = foray_npy_put_rows(run->output, rows, record->where, err);
    if (!code)
        code = install_index(record, run->output, err);
    if (!code)
        code = run->provenance ? install(run->provenance, err) : 0;
    if (code)
        return code;
    sync_folder(run->output);
    return remove_record(run->output, err);
}

/* The rows that the update computed, with the lock that says whose they are. Of
 * an HDF5 file they are not needed any more. */
static int take_rows(struct foray_array *out, const char *output,
                     struct foray_error *err)
{
    const struct foray_placement beside = {.partial = true, .resumable = true};
    struct foray_npy_info info = {.dtype = FORAY_U8, .ndim = 1};
    char *partial = beside_name(output, err);
    int code = 0;

    if (!partial)
        return FORAY_ENOMEM;
    if (!access(partial, F_OK))
        code = foray_npy_info(&info, partial, err);
    else if (!hog_output_is_hdf5(output))
        code = message_error(err, FORAY_ENOENT,
                             "%s.update says that an update is to be finished, "
                             "but %s is gone: remove the former, and compute "
                             "all anew, without --update",
                             output, partial);
    free(partial);
    return code ? code
                : foray_array_create_at(out, output, info.dtype, info.ndim,
                                        info.shape, &beside, err);
}

/* Whether an HDF5 file was changed since the new one was made of it: then that
 * lacks something, and is to be made again. */
static bool is_outdated(const struct update_record *record, const char *output)
{
    char now[64], *whole;
    bool there;

    if (!*record->output)
        return false;
    update_note_file(now, output);
    whole = update_hdf5_whole(output);
    there = !whole || !access(whole, F_OK); /* or else it has the name */
    free(whole);
    return there && strcmp(now, record->output) != 0;
}

/* It is planned again: the rows are there. */
static int take_back(struct update_record *record, const char *path,
                     const char *output)
{
    message("%s was changed since its update was interrupted, which is gone on "
            "with",
            output);
    record->decided = false;
    record->n = 0;
    return update_record_write(record, path);
}

/* With the lock: unless somebody else has done so meanwhile. Returns 0: it is;
 * 1: it will not be; -1 after a message. */
static int finish(const struct hog_run *run, const char *path,
                  const struct foray_array *rows)
{
    struct update_record record;
    struct foray_error err;
    int there = update_record_read(&record, path), code = 0;

    if (there > 0 && record.decided && is_outdated(&record, run->output)) {
        code = take_back(&record, path, run->output);
        update_record_free(&record);
        return code ? -1 : 1;
    }
    if (there > 0 && record.decided)
        code = update_apply(&record, run, rows, &err);
    if (code)
        message("%s", err.msg);
    else if (there > 0 && !run->parallel.quiet)
        message("%s: the update that was interrupted is finished", run->output);
    if (there > 0)
        update_record_free(&record);
    return there < 0 || code ? -1 : 0;
}

static int take_and_finish(const struct hog_run *run, const char *path)
{
    struct foray_array rows = {0};
    struct foray_error err;
    int failed, lock = 0;

    if (take_rows(&rows, run->output, &err)) {
        message("%s", err.msg);
        return -1;
    }
    if (hog_output_is_hdf5(run->output))
        lock = update_hdf5_lock(run->output);
    failed = lock < 0 ? -1 : finish(run, path, &rows);
    if (lock > 0)
        close(lock);
    if (!failed) /* what it computed is in the output all the same */
        (void)update_record_discard_journal(run->output);
    foray_array_close(&rows, NULL);
    if (!failed)
        hog_output_discard(run->output);
    return failed < 0 ? -1 : 0;
}

int update_finish(const struct hog_run *run)
{
    struct update_record record = {0};
    char *path = update_record_path(run->output);
    int there = path ? update_record_read(&record, path) : -1;

    if (there > 0 && record.decided)
        there = take_and_finish(run, path);
    update_record_free(&record);
    free(path);
    return there < 0 ? -1 : 0;
}
