#include "base/cgroup.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/root.h"

/* Where a hierarchy is mounted, and which of its groups the mount shows as its
 * top: in a container often not the real top. Both inside a line read. */
struct mount {
    char *point, *top;
};

/* Whether `word` is an item of a list with commas. */
static bool has_word(const char *list, const char *word)
{
    size_t length = strlen(word);

    while (*list) {
        size_t item = strcspn(list, ",\n");

        if (item == length && !strncmp(list, word, length))
            return true;
        list += item + (list[item] != '\0');
    }
    return false;
}

/* The kernel writes a blank in a path as \040. */
static void unescape(char *path)
{
    char *to = path;

    while (*path) {
        if (path[0] == '\\' && strspn(path + 1, "01234567") >= 3) {
            *to++ = (char)((path[1] - '0') * 64 + (path[2] - '0') * 8 +
                           (path[3] - '0'));
            path += 4;
        } else {
            *to++ = *path++;
        }
    }
    *to = '\0';
}

/* Take a line of mountinfo apart if it mounts the version 2 hierarchy, or
 * version 1's `controller`:
 * ID PARENT DEV TOP POINT OPTIONS [TAGS]... - TYPE SOURCE SUPER */
static bool parse_mount(struct mount *out, char *line, int version,
                        const char *controller)
{
    char *fields[5], *type, *super, *more, *rest;

    for (int i = 0; i < 5; i++) {
        fields[i] = strtok_r(i ? NULL : line, " ", &more);
        if (!fields[i])
            return false;
    }
    rest = strstr(more, " - ");
    if (!rest || !(type = strtok_r(rest + 3, " ", &more)) ||
        !strtok_r(NULL, " ", &more) || !(super = strtok_r(NULL, " ", &more)))
        return false;
    if (version == 2
            ? strcmp(type, "cgroup2") != 0
            : strcmp(type, "cgroup") != 0 || !has_word(super, controller))
        return false;
    out->top = fields[3];
    out->point = fields[4];
    unescape(out->top);
    unescape(out->point);
    return true;
}

/* This process's group in a hierarchy, from /proc/self/cgroup:
 * ID:CONTROLLERS:GROUP, no controllers in version 2. NULL: in none; free(). */
static char *find_group(const char *root, int version, const char *controller)
{
    FILE *file = foray__root_open(root, "/proc/self", "cgroup");
    char *line = NULL, *found = NULL;
    size_t size = 0;

    while (file && !found && getline(&line, &size, file) > 0) {
        char *controllers = strchr(line, ':'), *group;

        line[strcspn(line, "\n")] = '\0';
        group = controllers ? strchr(controllers + 1, ':') : NULL;
        if (!group)
            continue;
        *group++ = '\0';
        controllers++;
        if (version == 2 ? !*controllers : has_word(controllers, controller))
            found = strdup(group);
    }
    free(line);
    if (file)
        fclose(file);
    return found;
}

static bool is_outside(const char *group)
{
    return !strncmp(group, "/..", 3) && (!group[3] || group[3] == '/');
}

/* The path of the group, or of its closest ancestor that is known, below a
 * mount's point; NULL: the mount shows none of them. Both paths count from the
 * top of this process's namespace, and begin with /.. outside of it. */
static const char *path_in_mount(const struct mount *mount, const char *group)
{
    size_t shown = strcmp(mount->top, "/") ? strlen(mount->top) : 0;

    if (!strncmp(group, mount->top, shown) &&
        (!group[shown] || group[shown] == '/')) {
        group += shown;
        if (is_outside(group))
            return NULL;
        return strcmp(group, "/") ? group : "";
    }
    /* Some levels up lies an ancestor, whatever the groups in between. */
    return strspn(mount->top, "/.") == strlen(mount->top) ? "" : NULL;
}

/* A group and its ancestors up to the mount's top. */
static void visit_mount(const char *root, const struct mount *mount,
                        const char *group, int version,
                        foray__cgroup_visit *visit, void *arg)
{
    const char *path = path_in_mount(mount, group);
    size_t top = strlen(mount->point);
    char folder[PATH_MAX];
    struct foray__cgroup each = {root, folder, version};

    if (!path || snprintf(folder, sizeof folder, "%s%s", mount->point, path) >=
                     (int)sizeof folder)
        return;
    for (;;) {
        visit(&each, arg);
        if (strlen(folder) <= top)
            return;
        *strrchr(folder, '/') = '\0';
    }
}

/* Through any mount that shows the hierarchy. */
static void visit_hierarchy(const char *root, const char *controller,
                            int version, foray__cgroup_visit *visit, void *arg)
{
    char *group = find_group(root, version, controller), *line = NULL;
    FILE *file = NULL;
    size_t size = 0;

    if (group)
        file = foray__root_open(root, "/proc/self", "mountinfo");
    while (file && getline(&line, &size, file) > 0) {
        struct mount mount;

        if (parse_mount(&mount, line, version, controller))
            visit_mount(root, &mount, group, version, visit, arg);
    }
    if (file)
        fclose(file);
    free(line);
    free(group);
}

void foray__cgroup_each(const char *root, const char *controller,
                        foray__cgroup_visit *visit, void *arg)
{
    for (int version = 1; version <= 2; version++)
        visit_hierarchy(root, controller, version, visit, arg);
}

int foray__cgroup_numbers(long long out[2], const struct foray__cgroup *group,
                          const char *name)
{
    FILE *file = foray__root_open(group->root, group->folder, name);
    char line[128], *at = line;
    int n = 0;

    if (!file)
        return 0;
    if (!fgets(line, sizeof line, file))
        *line = '\0';
    fclose(file);
    for (; n < 2; n++) {
        char *end;

        out[n] = strtoll(at, &end, 10);
        if (end == at) /* "max", or nothing more */
            break;
        at = end;
    }
    return n;
}

bool foray__cgroup_value(unsigned long long *out,
                         const struct foray__cgroup *group, const char *name,
                         const char *key)
{
    FILE *file = foray__root_open(group->root, group->folder, name);
    char word[64];
    bool found = false;

    while (file && !found && fscanf(file, "%63s %llu%*[^\n]", word, out) == 2)
        found = !strcmp(word, key);
    if (file)
        fclose(file);
    return found;
}
