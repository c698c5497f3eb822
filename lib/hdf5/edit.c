#include "hdf5/edit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "hdf5/clone.h"
#include "storage/file.h"

/* What HDF5 writes beside the data: groups, headers, the index of chunks. */
enum { OVERHEAD = 256 << 10 };

/* The lock that the HDF5 library takes when it writes, held for the whole of
 * the change. A file system without locks has nobody to wait for. */
static int lock(int fd, const char *tail, struct foray_error *err)
{
    if (!flock(fd, LOCK_EX | LOCK_NB) || errno != EWOULDBLOCK)
        return 0;
    return foray__fail(err, FORAY_EBUSY,
                       "%s is open in another program: wait for it, or choose "
                       "another file",
                       tail);
}

static int try_open(struct foray__h5_edit *edit, struct foray_error *err)
{
    char buffer[FORAY__TAIL_SIZE];
    const char *tail = foray__tail(buffer, edit->path);
    struct stat st;

    if (stat(edit->path, &st))
        return foray__fail_errno(err, errno, "cannot open %s", tail);
    if (!S_ISREG(st.st_mode))
        return foray__fail(err, FORAY_EFORMAT,
                           "%s is no file: an HDF5 file "
                           "is needed",
                           tail);
    edit->old =
        foray__above_streams(open(edit->path, O_RDWR | O_CLOEXEC | O_NONBLOCK));
    if (edit->old < 0)
        return foray__fail_errno(err, errno, "cannot open %s for writing",
                                 tail);
    return lock(edit->old, tail, err);
}

static bool is_named(int fd, const char *path)
{
    struct stat ours, named;

    return !fstat(fd, &ours) && !stat(path, &named) &&
           ours.st_ino == named.st_ino && ours.st_dev == named.st_dev;
}

/* Another program may have replaced the file before it was locked: the new one
 * is the one to change. */
static int open_old(struct foray__h5_edit *edit, struct foray_error *err)
{
    FORAY_TRY(try_open(edit, err));
    while (!is_named(edit->old, edit->path)) {
        close(edit->old);
        edit->old = -1;
        FORAY_TRY(try_open(edit, err));
    }
    return 0;
}

static void give_up(struct foray__h5_edit *edit)
{
    foray__draft_drop(&edit->draft);
    if (edit->old >= 0)
        close(edit->old);
    edit->old = -1;
}

int foray__h5_edit_begin(struct foray__h5_edit *edit, const char *path,
                         bool must_exist, struct foray_error *err)
{
    int code;

    *edit = (struct foray__h5_edit){
        .path = path, .working = path, .draft = {.fd = -1}, .old = -1};
    edit->is_new = !must_exist && access(path, F_OK) && errno == ENOENT;
    if (edit->is_new) {
        code = foray__draft_open(&edit->draft, path, 0666, err);
        if (!code)
            code = foray__draft_name(&edit->draft, path, err);
    } else {
        code = open_old(edit, err);
        if (!code)
            foray__clone(&edit->draft, path, edit->old);
    }
    if (code)
        give_up(edit);
    else if (edit->draft.temporary)
        edit->working = edit->draft.temporary;
    return code;
}

static int working_fd(const struct foray__h5_edit *edit)
{
    return edit->draft.fd >= 0 ? edit->draft.fd : edit->old;
}

static int allocate(struct foray__h5_edit *edit, int mode, uint64_t offset,
                    uint64_t nbytes, struct foray_error *err)
{
    char tail[FORAY__TAIL_SIZE];
    int result;

    do
        result =
            fallocate(working_fd(edit), mode, (off_t)offset, (off_t)nbytes);
    while (result && errno == EINTR);
    if (!result || errno == EOPNOTSUPP || errno == ENOSYS)
        return 0;
    return foray__fail_errno(err, errno, "cannot reserve %llu bytes for %s",
                             (unsigned long long)nbytes,
                             foray__tail(tail, edit->path));
}

int foray__h5_edit_reserve(struct foray__h5_edit *edit, uint64_t nbytes,
                           struct foray_error *err)
{
    struct stat st;

    /* A new file is made empty by the library first, and dropped if it does
     * not fit. */
    if (edit->is_new || fstat(working_fd(edit), &st))
        return 0;
    return allocate(edit, FALLOC_FL_KEEP_SIZE, (uint64_t)st.st_size,
                    nbytes + OVERHEAD, err);
}

int foray__h5_edit_fill(struct foray__h5_edit *edit, uint64_t offset,
                        uint64_t nbytes, struct foray_error *err)
{
    return nbytes ? allocate(edit, 0, offset, nbytes, err) : 0;
}

/* What was reserved and not needed. */
static void trim(const struct foray__h5_edit *edit)
{
    struct stat st;

    if (!edit->is_new && !fstat(working_fd(edit), &st) &&
        ftruncate(working_fd(edit), st.st_size))
        errno = 0; /* it stays reserved */
}

/* A new file must not take the name of one that was made meanwhile. */
static int install(struct foray__h5_edit *edit, struct foray_error *err)
{
    char tail[FORAY__TAIL_SIZE];
    int why;

    if (!edit->is_new)
        return foray__draft_install(&edit->draft, edit->path, err);
    why = foray__draft_link(&edit->draft, edit->path);
    if (why == EEXIST)
        return foray__fail(err, FORAY_EEXIST,
                           "%s was made by another program meanwhile: try "
                           "again",
                           foray__tail(tail, edit->path));
    return why ? foray__fail_errno(err, why, "cannot name the file %s",
                                   foray__tail(tail, edit->path))
               : 0;
}

/* Workers know a draft by its temporary name only. */
static void rename_in_words(const struct foray__h5_edit *edit,
                            struct foray_error *err)
{
    const char *draft = strrchr(edit->working, '/');
    const char *path = strrchr(edit->path, '/');
    char *found = edit->draft.temporary && err && draft && path
                      ? strstr(err->msg, draft + 1)
                      : NULL;
    char text[FORAY_ERROR_MSG_SIZE];

    if (!found)
        return;
    snprintf(text, sizeof text, "%.*s%s%s", (int)(found - err->msg), err->msg,
             path + 1, found + strlen(draft + 1));
    memcpy(err->msg, text, sizeof text);
}

int foray__h5_edit_end(struct foray__h5_edit *edit, int code,
                       struct foray_error *err)
{
    trim(edit);
    if (code)
        rename_in_words(edit, err);
    else
        code = foray__file_sync(working_fd(edit), edit->path, err);
    if (!code && edit->draft.fd >= 0) {
        code = install(edit, err);
        if (!code)
            foray__folder_sync(edit->path);
    }
    give_up(edit);
    return code;
}
