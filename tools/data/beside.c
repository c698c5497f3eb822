#include "data/beside.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "shell/message.h"

/* Whether a name is of a regular file, or of none yet. A link into /proc, as
 * /dev/stdout is, stands for what a process has open. */
static bool is_replaceable(const char *path)
{
    static const char proc[] = "/proc/";
    char target[sizeof proc] = "";
    struct stat st;

    if (readlink(path, target, sizeof proc - 1) > 0 && !strcmp(target, proc))
        return false;
    return stat(path, &st) || S_ISREG(st.st_mode);
}

int beside_check(const char *path, struct foray_error *err)
{
    if (is_replaceable(path))
        return 0;
    return message_error(
        err, FORAY_EINVAL,
        "%s is a folder, a device or a pipe: name a file instead", path);
}

char *beside_name(const char *path, struct foray_error *err)
{
    char *name;

    if (asprintf(&name, "%s.partial", path) >= 0)
        return name;
    message_error(err, FORAY_ENOMEM, "no memory for %s", path);
    return NULL;
}

/* Nor through a link that somebody else put there. */
static FILE *open_file(const char *partial)
{
    int fd =
        open(partial,
             O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK,
             0666);
    FILE *file = fd < 0 ? NULL : fdopen(fd, "w");

    if (fd >= 0 && !file)
        close(fd);
    return file;
}

FILE *beside_open(char **partial, const char *path, struct foray_error *err)
{
    FILE *file;

    if (beside_check(path, err))
        return NULL;
    *partial = beside_name(path, err);
    if (!*partial)
        return NULL;
    file = open_file(*partial);
    if (file)
        return file;
    message_error(err, FORAY_EIO, "cannot write %s: %s", path, strerror(errno));
    free(*partial);
    *partial = NULL;
    return NULL;
}
