/* CPU quotas of control groups, version 1 and 2. */
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "machine/cpus.h"

enum { PATH_SIZE = 4352 };

/* Where a hierarchy is mounted, and which of its groups the mount shows as its
 * top: in a container often not the real top. */
struct mount {
    char point[PATH_SIZE], top[PATH_SIZE];
};

static FILE *open_below(const char *root, const char *path)
{
    char full[2 * PATH_SIZE];

    if (snprintf(full, sizeof full, "%s%s", root, path) >= (int)sizeof full)
        return NULL;
    return fopen(full, "re");
}

/* Whether `word` is an item of a list with commas. */
static bool has_word(const char *list, const char *word)
{
    size_t length = strlen(word);

    while (*list) {
        size_t item = strcspn(list, ",");

        if (item == length && !strncmp(list, word, length))
            return true;
        list += item + (list[item] == ',');
    }
    return false;
}

/* Find the mount of the version 2 hierarchy, or of version 1's cpu controller.
 * mountinfo: ID PARENT DEV TOP POINT OPTIONS [TAGS] - TYPE SOURCE SUPER */
static bool find_mount(struct mount *out, const char *root, int version)
{
    FILE *file = open_below(root, "/proc/self/mountinfo");
    char line[3 * PATH_SIZE], type[64], super[1024];
    bool found = false;

    while (file && !found && fgets(line, sizeof line, file)) {
        const char *rest = strstr(line, " - ");

        if (!rest || sscanf(rest, " - %63s %*s %1023s", type, super) < 2 ||
            sscanf(line, "%*s %*s %*s %4351s %4351s", out->top, out->point) !=
                2)
            continue;
        found = version == 2
                    ? !strcmp(type, "cgroup2")
                    : !strcmp(type, "cgroup") && has_word(super, "cpu");
    }
    if (file)
        fclose(file);
    return found;
}

/* This process's group in a hierarchy, from /proc/self/cgroup:
 * ID:CONTROLLERS:GROUP, no controllers in version 2. */
static bool find_group(char *out, size_t size, const char *root, int version)
{
    FILE *file = open_below(root, "/proc/self/cgroup");
    char line[PATH_SIZE];
    bool found = false;

    while (file && !found && fgets(line, sizeof line, file)) {
        char *controllers = strchr(line, ':'), *group;

        line[strcspn(line, "\n")] = '\0';
        group = controllers ? strchr(controllers + 1, ':') : NULL;
        if (!group)
            continue;
        *group++ = '\0';
        controllers++;
        found = version == 2 ? !*controllers : has_word(controllers, "cpu");
        if (found)
            snprintf(out, size, "%s", group);
    }
    if (file)
        fclose(file);
    return found;
}

static double read_first(const char *root, const char *folder, const char *name,
                         double *second)
{
    char path[PATH_SIZE + 64];
    double first = -1;
    FILE *file;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    file = open_below(root, path);
    if (file) {
        if (fscanf(file, "%lf %lf", &first, second) < 1)
            first = -1; /* "max" */
        fclose(file);
    }
    return first;
}

/* CPUs one group allows; 0: no quota. */
static double quota(const char *root, const char *folder, int version)
{
    double allowed, period = 100000, ignored;

    if (version == 2) {
        allowed = read_first(root, folder, "cpu.max", &period);
    } else {
        allowed = read_first(root, folder, "cpu.cfs_quota_us", &ignored);
        period = read_first(root, folder, "cpu.cfs_period_us", &ignored);
    }
    return allowed > 0 && period > 0 ? allowed / period : 0;
}

/* The least quota of a group and its ancestors up to the mount. */
static double least_quota(const char *root, const struct mount *mount,
                          const char *group, int version)
{
    char folder[2 * PATH_SIZE];
    size_t top = strlen(mount->point), shown = strlen(mount->top);
    double least = 0;

    /* The group's path counts from the real top, the mount's from its own. */
    if (shown > 1 && !strncmp(group, mount->top, shown))
        group += shown;
    if (!strcmp(group, "/"))
        group = "";
    snprintf(folder, sizeof folder, "%s%s", mount->point, group);
    for (;;) {
        double own = quota(root, folder, version);
        char *slash;

        if (own > 0 && (least == 0 || own < least))
            least = own;
        slash = strrchr(folder, '/');
        if (!slash || strlen(folder) <= top || (size_t)(slash - folder) < top)
            return least;
        *slash = '\0';
    }
}

int foray__cgroup_cpus(const char *root)
{
    double least = 0;
    int cpus;

    for (int version = 1; version <= 2; version++) {
        struct mount mount;
        char group[PATH_SIZE];
        double own;

        if (!find_mount(&mount, root, version) ||
            !find_group(group, sizeof group, root, version))
            continue;
        own = least_quota(root, &mount, group, version);
        if (own > 0 && (least == 0 || own < least))
            least = own;
    }
    if (least <= 0)
        return 0;
    if (least >= INT_MAX)
        return INT_MAX;
    cpus = (int)least;
    return cpus + (least > cpus); /* half a CPU is one */
}
