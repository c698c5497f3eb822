#include "namespace.h"

#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <unistd.h>

bool namespace_mount(const char *folder, const char *options)
{
    const char *comma = strstr(options, ",ro");
    char sizes[64];

    snprintf(sizes, sizeof sizes, "%.*s",
             (int)(comma ? comma - options : (long)strlen(options)), options);
    return !unshare(CLONE_NEWNS) &&
           !mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) &&
           !mount("foray-test", folder, "tmpfs", comma ? MS_RDONLY : 0, sizes);
}

bool namespace_fill(const char *folder)
{
    char path[256], bytes[4096] = {0};
    int fd;

    snprintf(path, sizeof path, "%s/filler", folder);
    fd = open(path, O_CREAT | O_WRONLY, 0600);
    if (fd < 0)
        return false;
    while (write(fd, bytes, sizeof bytes) > 0)
        continue;
    close(fd);
    return true;
}

bool namespace_become(uid_t user)
{
    return !setgroups(0, NULL) && !setgid(user) && !setuid(user) &&
           !prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
}
