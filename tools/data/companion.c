#include "data/companion.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "data/beside.h"
#include "shell/message.h"

int companion_open(struct companion *companion, const char *path)
{
    struct foray_error err;

    memset(companion, 0, sizeof *companion);
    companion->path = strdup(path);
    if (!companion->path) {
        message("out of memory");
        return -1;
    }
    companion->file = beside_open(&companion->partial, path, &err);
    if (companion->file)
        return 0;
    message("%s", err.msg);
    companion_leave(companion);
    return -1;
}

static int fail(struct companion *companion)
{
    message("%s: %s", companion->path, strerror(errno ? errno : EIO));
    companion_close(companion);
    return -1;
}

int companion_finish(struct companion *companion)
{
    FILE *file = companion->file;
    int failed;

    errno = 0;
    failed = fflush(file) || ferror(file) || fsync(fileno(file));
    failed |= fclose(file);
    companion->file = NULL;
    return failed ? fail(companion) : 0;
}

int companion_install(struct companion *companion)
{
    if (rename(companion->partial, companion->path))
        return fail(companion);
    companion_leave(companion);
    return 0;
}

int companion_commit(struct companion *companion)
{
    return companion_finish(companion) ? -1 : companion_install(companion);
}

void companion_leave(struct companion *companion)
{
    free(companion->partial);
    free(companion->path);
    memset(companion, 0, sizeof *companion);
}

void companion_close(struct companion *companion)
{
    if (companion->file)
        fclose(companion->file);
    if (companion->partial)
        unlink(companion->partial);
    companion_leave(companion);
}
