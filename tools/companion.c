#include "companion.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "message.h"

int companion_open(struct companion *companion, const char *path)
{
    memset(companion, 0, sizeof *companion);
    companion->path = strdup(path);
    if (!companion->path ||
        asprintf(&companion->partial, "%s.partial", path) < 0) {
        message("out of memory");
        companion->partial = NULL;
        companion_close(companion);
        return -1;
    }
    companion->file = fopen(companion->partial, "we");
    if (!companion->file) {
        message("%s: %s", path, strerror(errno));
        companion_close(companion);
        return -1;
    }
    return 0;
}

int companion_commit(struct companion *companion)
{
    FILE *file = companion->file;
    int failed;

    errno = 0;
    failed = fflush(file) || ferror(file) || fsync(fileno(file));
    failed |= fclose(file);
    companion->file = NULL;
    if (!failed && rename(companion->partial, companion->path))
        failed = 1;
    if (failed) {
        message("%s: %s", companion->path, strerror(errno ? errno : EIO));
        unlink(companion->partial);
    }
    companion_close(companion);
    return failed ? -1 : 0;
}

void companion_close(struct companion *companion)
{
    if (companion->file)
        fclose(companion->file);
    if (companion->file && companion->partial)
        unlink(companion->partial);
    free(companion->partial);
    free(companion->path);
    memset(companion, 0, sizeof *companion);
}
