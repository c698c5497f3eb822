/* Outputs that get their name when they are whole: PATH.partial until then. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/process.h"
#include "storage/file.h"
#include "storage/make.h"
#include "storage/segment.h"

char *foray__partial_name(const char *path)
{
    char *name = NULL;

    return asprintf(&name, "%s.partial", path) < 0 ? NULL : name;
}

/* Lock the new file, and see that the name is free or what has it is dead: a
 * living maker holds the lock of its own. */
int foray__partial_install(int fd, const char *path, struct foray_error *err)
{
    char tail[FORAY__TAIL_SIZE];
    int old, busy;

    if (flock(fd, LOCK_EX | LOCK_NB) && errno != ENOLCK && errno != ENOSYS)
        return foray__fail_errno(err, errno, "cannot lock %s",
                                 foray__tail(tail, path));
    old = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (old < 0)
        return 0; /* nothing there, or nothing that could be in use */
    busy = flock(old, LOCK_EX | LOCK_NB) && errno == EWOULDBLOCK;
    close(old);
    if (busy)
        return foray__fail(err, FORAY_EBUSY,
                           "%s is being written by another process: wait for "
                           "it, or choose another output",
                           foray__tail(tail, path));
    return 0;
}

/* Whether the name still belongs to the file: another process could have
 * started at the same moment. */
static bool is_ours(int fd, const char *path)
{
    struct stat ours, named;

    return !fstat(fd, &ours) && !lstat(path, &named) &&
           ours.st_ino == named.st_ino && ours.st_dev == named.st_dev;
}

int foray_array_commit(struct foray_array *array, struct foray_error *err)
{
    struct foray_segment *segment = array->segment;
    char tail[FORAY__TAIL_SIZE], *partial;
    int code;

    if (!segment || !segment->partial)
        return foray__fail(err, FORAY_EINVAL,
                           "the array is not partial: only what "
                           "foray_array_create_at made so can be committed");
    FORAY_TRY(foray__check_process(segment->pid, segment->path, err));
    partial = foray__partial_name(segment->path);
    if (!partial)
        return foray__fail(err, FORAY_ENOMEM, "no memory for a file name");
    code = foray__file_sync(segment->fd, partial, err);
    if (!code && !is_ours(segment->fd, partial))
        code = foray__fail(err, FORAY_EBUSY,
                           "%s was replaced or removed by somebody else",
                           foray__tail(tail, partial));
    if (!code && rename(partial, segment->path))
        code = foray__fail_errno(err, errno, "cannot rename %s",
                                 foray__tail(tail, partial));
    if (!code) {
        segment->partial = false;
        flock(segment->fd, LOCK_UN);
        code = foray__file_sync(segment->fd, segment->path, err);
    }
    free(partial);
    return code;
}

void foray__partial_remove(const struct foray_segment *segment)
{
    char *partial = foray__partial_name(segment->path);

    if (partial && is_ours(segment->fd, partial))
        unlink(partial);
    free(partial);
}
