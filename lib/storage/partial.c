#include "storage/partial.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <foray/storage.h>

#include "array/text.h"
#include "base/error.h"
#include "base/process.h"
#include "storage/file.h"
#include "storage/npy_file.h"

int foray__partial_check(const char *path, struct foray_error *err)
{
    char *name = foray__draft_beside(path, err);
    int code = name ? foray__draft_remove_dead(name, err) : FORAY_ENOMEM;

    free(name);
    return code;
}

/* Whether an open file begins like that and is as long. */
static bool is_like(int fd, const char *header, size_t header_length,
                    size_t length)
{
    struct stat st;
    char *begin = malloc(header_length);
    bool same = begin && !fstat(fd, &st) && S_ISREG(st.st_mode) &&
                st.st_uid == geteuid() && (uintmax_t)st.st_size == length &&
                pread(fd, begin, header_length, 0) == (ssize_t)header_length &&
                !memcmp(begin, header, header_length);

    free(begin);
    return same;
}

/* An array of another type or shape may be one that its maker means to go on
 * with; what is no array is nobody's. */
static int check_other(const char *name, struct foray_error *err)
{
    char tail[FORAY__TAIL_SIZE];
    struct foray__npy_file other;
    int code = 0;

    if (foray__npy_file_open(&other, name, false, NULL))
        return 0;
    code = foray__fail(
        err, FORAY_EEXIST,
        "%s is of another run, an array %s %s: remove it to "
        "begin anew, or choose another output",
        foray__tail(tail, name), other.header.descr,
        foray__shape_text_of(other.header.ndim, other.header.shape).text);
    foray__npy_file_close(&other);
    return code;
}

int foray__partial_take(int *fd, const char *path, const char *header,
                        size_t header_length, size_t length,
                        struct foray_error *err)
{
    char *name = foray__draft_beside(path, err);
    bool fits = false;
    int code = 0;

    *fd = -1;
    if (!name)
        return FORAY_ENOMEM;
    *fd = foray__above_streams(
        open(name, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    if (*fd >= 0)
        code = foray__draft_take(*fd, name, err);
    if (*fd >= 0 && !code) {
        fits = is_like(*fd, header, header_length, length);
        if (!fits)
            code = check_other(name, err);
    }
    if (*fd >= 0 && (!fits || !foray__file_is(*fd, name))) {
        close(*fd);
        *fd = -1;
    }
    free(name);
    return code;
}

int foray__partial_install(struct foray__draft *draft, const char *path,
                           struct foray_error *err)
{
    char *name = foray__draft_beside(path, err);
    int code = 0;

    if (!name)
        return FORAY_ENOMEM;
    /* Locked before anybody can see it. Nobody else has it open: this fails
     * only where there are no locks. */
    flock(draft->fd, LOCK_EX | LOCK_NB);
    if (draft->temporary && !strcmp(draft->temporary, name)) {
        free(draft->temporary); /* it has the name */
        draft->temporary = NULL;
    } else {
        code = foray__draft_link_beside(draft, name, err);
    }
    free(name);
    return code;
}

void foray__partial_leave(const struct foray_segment *segment)
{
    char name[PATH_MAX]; /* also when there is no memory */
    int n;

    if (segment->resumable) {
        flock(segment->fd, LOCK_UN);
        return;
    }
    n = snprintf(name, sizeof name, "%s.partial", segment->path);
    if (n > 0 && (size_t)n < sizeof name && foray__file_is(segment->fd, name))
        unlink(name);
}

int foray_array_discard(const char *path, struct foray_error *err)
{
    if (!path || !*path)
        return foray__fail(err, FORAY_EINVAL, "there is no path to discard");
    return foray__partial_check(path, err);
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
    partial = foray__draft_beside(segment->path, err);
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
