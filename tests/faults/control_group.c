#include "control_group.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "helpers.h"

/* Groups are called foray-faults-CAMPAIGN-PROCESS. */
static const char prefix[] = "foray-faults-";
static pid_t campaign_pid;

/* The folder of this process's group of a controller. */
static bool find_group(char *out, size_t size, const char *controller)
{
    FILE *file = fopen("/proc/self/cgroup", "r");
    char line[512], name[64], path[400];
    bool found = false;

    while (file && !found && fgets(line, sizeof line, file))
        found = sscanf(line, "%*d:%63[^:]:%399[^\n]", name, path) == 2 &&
                !strcmp(name, controller);
    if (file)
        fclose(file);
    return found && snprintf(out, size, "/sys/fs/cgroup/%s%s", controller,
                             path) < (int)size;
}

static bool make_group(char *out, size_t size, const char *controller)
{
    char above[480];

    if (!find_group(above, sizeof above, controller))
        return false;
    snprintf(out, size, "%s/%s%ld-%ld", above, prefix, (long)campaign_pid,
             (long)getpid());
    return !mkdir(out, 0700);
}

bool control_group_can(const char *controller, char reason[128])
{
    char path[560];

    campaign_pid = getpid();
    if (geteuid() != 0) {
        snprintf(reason, 128, "needs root");
        return false;
    }
    if (!make_group(path, sizeof path, controller)) {
        snprintf(reason, 128,
                 "there is no control group (version 1) of %s to be had",
                 controller);
        return false;
    }
    rmdir(path);
    return true;
}

static bool put_number(const char *folder, const char *name, size_t value)
{
    char path[640];
    FILE *file;
    bool put;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    file = fopen(path, "w");
    if (!file)
        return false;
    put = fprintf(file, "%zu\n", value) > 0;
    return !fclose(file) && put;
}

bool control_group_enter(const char *controller, const char *limit,
                         size_t value)
{
    char path[560];

    return make_group(path, sizeof path, controller) &&
           put_number(path, limit, value) &&
           put_number(path, "cgroup.procs", (size_t)getpid());
}

/* One whose last process has just ended may still be busy. */
static void remove_group(const char *folder, const char *name)
{
    double start = seconds_now();
    char path[800];

    snprintf(path, sizeof path, "%s/%s", folder, name);
    while (rmdir(path) && seconds_now() - start < 5)
        nap(1e-3);
}

void control_groups_remove(const char *controller)
{
    struct dirent *entry;
    char path[480], mine[64];
    DIR *dir;

    snprintf(mine, sizeof mine, "%s%ld-", prefix, (long)campaign_pid);
    dir = find_group(path, sizeof path, controller) ? opendir(path) : NULL;
    while (dir && (entry = readdir(dir)))
        if (!strncmp(entry->d_name, mine, strlen(mine)))
            remove_group(path, entry->d_name);
    if (dir)
        closedir(dir);
}
