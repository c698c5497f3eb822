#include "storage/session.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/process.h"
#include "storage/file.h"
#include "storage/folder.h"

struct foray_session {
    pid_t pid;
    char *path;
    int lock;    /* held as long as the session lives */
    DIR *folder; /* open, so that its end needs no descriptor more */
};

enum { ATTEMPTS = 100 };

/* A new 0700 folder under the name of one that is being made. */
static int make_hidden(char *path, size_t size, const char *folder)
{
    for (int i = 0; i < ATTEMPTS; i++) {
        snprintf(path, size, "%s/.%s%ld-%016llx", folder, FORAY__SESSION_PREFIX,
                 (long)geteuid(), (unsigned long long)foray__file_random());
        /* Whatever the umask: a sweep tells it by these permissions. */
        if (!mkdir(path, 0700)) {
            int why;

            if (!chmod(path, 0700))
                return 0;
            why = errno;
            rmdir(path);
            errno = why;
            return -1;
        }
        if (errno != EEXIST)
            return -1;
    }
    return -1;
}

/* A locked file in the folder: as long as somebody holds it the session
 * lives. Returns the descriptor, -1 with errno. */
static int make_lock(const char *path)
{
    char name[4400];
    int fd;

    snprintf(name, sizeof name, "%s/lock", path);
    fd = foray__above_streams(
        open(name, O_CREAT | O_EXCL | O_NOFOLLOW | O_RDWR | O_CLOEXEC, 0600));
    if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB)) {
        int why = errno;

        unlink(name);
        close(fd);
        errno = why;
        return -1;
    }
    return fd;
}

/* Take away the dot: from here on sweeps see it, and find it locked. */
static int reveal(char *path)
{
    char *shown = strdup(path), *dot = shown ? strrchr(shown, '/') + 1 : NULL;
    int failed = -1;

    if (shown) {
        memmove(dot, dot + 1, strlen(dot));
        failed = rename(path, shown);
    }
    if (!failed)
        strcpy(path, shown);
    free(shown);
    return failed;
}

/* The folder itself, as one to be read. */
static DIR *open_folder(const char *path)
{
    int fd = foray__above_streams(
        open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    DIR *folder = fd >= 0 ? foray__session_entries(fd) : NULL;

    if (fd >= 0)
        close(fd);
    return folder;
}

/* Of a session that does not come to be: `why` it does not stays errno. */
static void discard(struct foray_session *session, const char *path, int why)
{
    if (session->folder)
        foray__session_remove(AT_FDCWD, session->folder, path);
    else
        rmdir(path);
    errno = why;
}

static int build(struct foray_session *session, const char *folder,
                 struct foray_error *err)
{
    char path[4352], tail[FORAY__TAIL_SIZE];

    if (make_hidden(path, sizeof path, folder))
        return foray__fail_errno(err, errno, "cannot make a session in %s",
                                 foray__tail(tail, folder));
    session->folder = open_folder(path);
    session->lock = session->folder ? make_lock(path) : -1;
    if (session->lock < 0) {
        discard(session, path, errno);
        if (errno == ENOLCK || errno == EOPNOTSUPP || errno == ENOSYS)
            return foray__fail(err, FORAY_ENOTSUP,
                               "%s has no file locks: choose a local folder",
                               foray__tail(tail, folder));
        return foray__fail_errno(err, errno, "cannot lock a session in %s",
                                 foray__tail(tail, folder));
    }
    if (reveal(path) || !(session->path = strdup(path))) {
        discard(session, path, errno);
        return foray__fail_errno(err, errno, "cannot name a session in %s",
                                 foray__tail(tail, folder));
    }
    return 0;
}

static void free_session(struct foray_session *session)
{
    if (session->folder)
        closedir(session->folder);
    if (session->lock >= 0)
        close(session->lock);
    free(session->path);
    free(session);
}

int foray_session_open(struct foray_session **out, const char *folder,
                       struct foray_error *err)
{
    struct foray_session *session;
    struct foray_folder chosen;
    char real[PATH_MAX];
    int code;

    *out = NULL;
    FORAY_TRY(foray__folder_for_names(&chosen, folder, err));
    FORAY_TRY(foray_clean(chosen.path, false, NULL, NULL, NULL, err));
    if (!realpath(chosen.path, real))
        return foray__fail_errno(err, errno, "cannot use the folder %.200s",
                                 chosen.path);
    session = calloc(1, sizeof *session);
    if (!session)
        return foray__fail(err, FORAY_ENOMEM, "no memory for a session");
    session->pid = getpid();
    session->lock = -1;
    code = build(session, real, err);
    if (code) {
        free_session(session);
        return code;
    }
    *out = session;
    return 0;
}

const char *foray_session_path(const struct foray_session *session)
{
    return session->path;
}

int foray_session_close(struct foray_session *session, struct foray_error *err)
{
    int code = 0;

    if (!session)
        return 0;
    FORAY_TRY(foray__check_process(session->pid, "the session", err));
    if (foray__session_remove(AT_FDCWD, session->folder, session->path) &&
        errno != ENOENT) /* somebody else did it */
        code = foray__fail_errno(err, errno, "cannot remove %.200s",
                                 session->path);
    free_session(session);
    return code;
}

int foray__session_file(char **out, const struct foray_session *session,
                        const char *name, struct foray_error *err)
{
    *out = NULL;
    if (!session)
        return foray__fail(err, FORAY_EINVAL,
                           "the array's name \"%.64s\" needs a session: open "
                           "one, or give a path",
                           name);
    FORAY_TRY(foray__check_process(session->pid, "the session", err));
    if (!*name || *name == '.' || strchr(name, '/') || strlen(name) > 200)
        return foray__fail(err, FORAY_EINVAL,
                           "\"%.64s\" is no name for an array: up to 200 "
                           "letters, no slash, no leading dot",
                           name);
    if (asprintf(out, "%s/%s.npy", session->path, name) < 0) {
        *out = NULL;
        return foray__fail(err, FORAY_ENOMEM, "no memory for a file name");
    }
    return 0;
}
