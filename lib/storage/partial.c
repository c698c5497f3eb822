#include "storage/partial.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <foray/storage.h>

#include "base/error.h"
#include "base/process.h"

enum { ATTEMPTS = 100 };

static char *partial_name(const char *path, struct foray_error *err)
{
    char *name = NULL;

    if (asprintf(&name, "%s.partial", path) >= 0)
        return name;
    foray__fail(err, FORAY_ENOMEM, "no memory for a file name");
    return NULL;
}

/* Take the name away from a file that nobody holds the lock of. Whoever would
 * replace it must hold that lock, so the name cannot change hands between the
 * look and the unlink. Without locks on this file system it counts as dead. */
static int remove_dead(const char *name, struct foray_error *err)
{
    char tail[FORAY__TAIL_SIZE];
    const char *shown = foray__tail(tail, name);
    struct stat st;
    int fd, code = 0;

    if (lstat(name, &st))
        return 0;
    if (S_ISLNK(st.st_mode))
        return unlink(name) && errno != ENOENT
                   ? foray__fail_errno(err, errno, "cannot remove %s", shown)
                   : 0;
    if (!S_ISREG(st.st_mode))
        return foray__fail(err, FORAY_EEXIST,
                           "%s is in the way and no file: remove it", shown);
    fd = open(name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? 0
                               : foray__fail_errno(err, errno,
                                                   "cannot see whether %s is "
                                                   "in use",
                                                   shown);
    if (flock(fd, LOCK_EX | LOCK_NB) && errno == EWOULDBLOCK)
        code = foray__fail(err, FORAY_EBUSY,
                           "%s is being written by another process: wait for "
                           "it, or choose another output",
                           shown);
    else if (foray__file_is(fd, name) && unlink(name) && errno != ENOENT)
        code = foray__fail_errno(err, errno, "cannot remove %s", shown);
    close(fd);
    return code;
}

int foray__partial_check(const char *path, struct foray_error *err)
{
    char *name = partial_name(path, err);
    int code = name ? remove_dead(name, err) : FORAY_ENOMEM;

    free(name);
    return code;
}

int foray__partial_install(struct foray__draft *draft, const char *path,
                           struct foray_error *err)
{
    char tail[FORAY__TAIL_SIZE], *name = partial_name(path, err);
    int why = EEXIST, code = 0;

    if (!name)
        return FORAY_ENOMEM;
    /* Locked before anybody can see it. Nobody else has it open: this fails
     * only where there are no locks. */
    flock(draft->fd, LOCK_EX | LOCK_NB);
    for (int i = 0; i < ATTEMPTS && why == EEXIST && !code; i++) {
        why = foray__draft_link(draft, name);
        if (why == EEXIST)
            code = remove_dead(name, err);
    }
    if (why && !code)
        code = foray__fail_errno(err, why, "cannot name the file %s",
                                 foray__tail(tail, name));
    free(name);
    return code;
}

void foray__partial_remove(const struct foray_segment *segment)
{
    char *name = partial_name(segment->path, NULL);

    if (name && foray__file_is(segment->fd, name))
        unlink(name);
    free(name);
}

int foray_array_commit(struct foray_array *array, struct foray_error *err)
{
    struct foray_segment *segment = array->segment;
    char tail[FORAY__TAIL_SIZE], *partial;
    int code;

    FORAY_TRY(foray__segment_check(segment, err));
    if (!segment->partial)
        return foray__fail(err, FORAY_EINVAL,
                           "the array is not partial: only what "
                           "foray_array_create_at made so can be committed");
    partial = partial_name(segment->path, err);
    if (!partial)
        return FORAY_ENOMEM;
    code = foray__file_sync(segment->fd, partial, err);
    if (!code && !foray__file_is(segment->fd, partial))
        code = foray__fail(err, FORAY_EBUSY,
                           "%s was replaced or removed by somebody else",
                           foray__tail(tail, partial));
    if (!code && rename(partial, segment->path))
        code = foray__fail_errno(err, errno, "cannot rename %s",
                                 foray__tail(tail, partial));
    if (!code) {
        segment->partial = false;
        flock(segment->fd, LOCK_UN);
        foray__folder_sync(segment->path);
    }
    free(partial);
    return code;
}
