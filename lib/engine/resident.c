#include "engine/resident.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/feature.h"

size_t foray__resident_anonymous(void)
{
    int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    unsigned long pages[3] = {0}; /* size, resident, shared */
    char text[128], *at = text;
    ssize_t n;

    if (fd < 0)
        return 0;
    n = read(fd, text, sizeof text - 1);
    close(fd);
    text[n > 0 ? n : 0] = '\0';
    for (int i = 0; i < 3; i++)
        pages[i] = strtoul(at, &at, 10);
    if (pages[2] > pages[1])
        return 0;
    return (pages[1] - pages[2]) * (size_t)sysconf(_SC_PAGESIZE);
}

size_t foray__resident_private(void)
{
    FILE *file = fopen("/proc/self/smaps", "re");
    unsigned long kib;
    char line[512], permissions[8];
    bool is_private = false, is_begin = true;
    size_t total = 0;

    if (!file)
        return 0;
    while (fgets(line, sizeof line, file)) {
        if (is_begin && sscanf(line, "%*x-%*x %7s", permissions) == 1)
            is_private = strchr(permissions, 'p') != NULL;
        else if (is_private && sscanf(line, "Private_Dirty: %lu", &kib) == 1)
            total += kib;
        is_begin = strchr(line, '\n') != NULL; /* a path can be long */
    }
    fclose(file);
    return total * 1024;
}

/* Its lines are as long as it has groups; those we look for are short. */
bool foray__resident_read(struct foray__resident *out, pid_t pid)
{
    size_t files = 0, shmem = 0;
    const struct {
        const char *name;
        size_t *bytes;
    } wanted[] = {{"VmHWM:", &out->peak},
                  {"RssAnon:", &out->anonymous},
                  {"RssFile:", &files},
                  {"RssShmem:", &shmem}};
    enum { N = sizeof wanted / sizeof wanted[0] };
    char path[64], line[128];
    FILE *file = NULL;
    int n = 0;

    memset(out, 0, sizeof *out);
    snprintf(path, sizeof path, "/proc/%ld/status", (long)pid);
    if (foray__feature("status"))
        file = fopen(path, "re");
    while (file && n < N && fgets(line, sizeof line, file)) {
        size_t length = strcspn(line, " \t");

        for (int i = 0; i < N; i++)
            if (length == strlen(wanted[i].name) &&
                !memcmp(line, wanted[i].name, length)) {
                *wanted[i].bytes = strtoul(line + length, NULL, 10) << 10;
                n++;
            }
    }
    if (file)
        fclose(file);
    out->shared = files + shmem;
    return n == N;
}

void foray__resident_forget_peak(void)
{
    int fd = foray__feature("clear_refs")
                 ? open("/proc/self/clear_refs", O_WRONLY | O_CLOEXEC)
                 : -1;

    if (fd < 0)
        return;
    (void)!write(fd, "5", 1); /* before Linux 4.0, or not ours: as it was */
    close(fd);
}
