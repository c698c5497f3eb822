#include "storage/memory.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { PATH_SIZE = 4352 };

static FILE *open_below(const char *root, const char *path)
{
    char full[PATH_SIZE];

    if (snprintf(full, sizeof full, "%s%s", root, path) >= (int)sizeof full)
        return NULL;
    return fopen(full, "re");
}

/* A file that holds one number; SIZE_MAX for "max" and for no file. */
static size_t read_number(const char *root, const char *folder,
                          const char *name)
{
    char path[PATH_SIZE + 64];
    unsigned long long value;
    size_t result = SIZE_MAX;
    FILE *file;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    file = open_below(root, path);
    if (file && fscanf(file, "%llu", &value) == 1)
        result = (size_t)value;
    if (file)
        fclose(file);
    return result;
}

/* The value behind `key` in a file of "key value" lines; 0 if absent. */
static size_t read_key(const char *root, const char *folder, const char *name,
                       const char *key)
{
    char path[PATH_SIZE + 64], word[64];
    unsigned long long value;
    size_t result = 0;
    FILE *file;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    file = open_below(root, path);
    while (file && fscanf(file, "%63s %llu%*[^\n]", word, &value) == 2)
        if (!strcmp(word, key)) {
            result = (size_t)value;
            break;
        }
    if (file)
        fclose(file);
    return result;
}

/* The kernel's names for the same things in the two versions. */
struct names {
    const char *limit, *usage, *inactive, *active;
};

static size_t free_in_group(const char *root, const char *folder,
                            const struct names *names)
{
    size_t limit = read_number(root, folder, names->limit), usage, cached;

    if (limit >= SIZE_MAX / 4) /* v1 says "no limit" with a huge number */
        return SIZE_MAX;
    usage = read_number(root, folder, names->usage);
    if (usage == SIZE_MAX)
        return SIZE_MAX;
    /* Cached files are given up before anybody is killed. */
    cached = read_key(root, folder, "memory.stat", names->inactive) +
             read_key(root, folder, "memory.stat", names->active);
    usage -= cached < usage ? cached : usage;
    return usage < limit ? limit - usage : 0;
}

/* The least of a group and all its ancestors. In a container the path may be
 * the host's, and only the mount's own top exists. */
static size_t free_in_ancestors(const char *root, const char *mount,
                                const char *group, const struct names *names)
{
    char folder[PATH_SIZE];
    size_t least, own, top = strlen(mount);

    if (snprintf(folder, sizeof folder, "%s%s", mount, group) >=
        (int)sizeof folder)
        return SIZE_MAX;
    least = SIZE_MAX;
    for (;;) {
        char *slash;

        own = free_in_group(root, folder, names);
        if (own < least)
            least = own;
        slash = strrchr(folder, '/');
        if (!slash || (size_t)(slash - folder) < top || strlen(folder) <= top)
            return least;
        *slash = '\0';
    }
}

/* Whether a list "cpu,memory" holds a word. */
static bool has_word(const char *list, const char *word)
{
    size_t length = strlen(word);

    for (; *list; list += strcspn(list, ","), list += *list == ',')
        if (!strncmp(list, word, length) &&
            (list[length] == ',' || !list[length]))
            return true;
    return false;
}

static size_t free_in_groups(const char *root)
{
    static const struct names v1 = {"memory.limit_in_bytes",
                                    "memory.usage_in_bytes",
                                    "total_inactive_file", "total_active_file"};
    static const struct names v2 = {"memory.max", "memory.current",
                                    "inactive_file", "active_file"};
    FILE *file = open_below(root, "/proc/self/cgroup");
    char line[PATH_SIZE];
    size_t least = SIZE_MAX;

    while (file && fgets(line, sizeof line, file)) {
        char *controllers = strchr(line, ':'), *colon;
        const char *group;
        size_t own = SIZE_MAX;

        line[strcspn(line, "\n")] = '\0';
        colon = controllers ? strchr(controllers + 1, ':') : NULL;
        if (!colon)
            continue;
        *colon = '\0';
        controllers++;
        group = strcmp(colon + 1, "/") ? colon + 1 : "";
        if (!*controllers)
            own = free_in_ancestors(root, "/sys/fs/cgroup", group, &v2);
        else if (has_word(controllers, "memory"))
            own = free_in_ancestors(root, "/sys/fs/cgroup/memory", group, &v1);
        if (own < least)
            least = own;
    }
    if (file)
        fclose(file);
    return least;
}

static size_t free_in_machine(const char *root)
{
    FILE *file = open_below(root, "/proc/meminfo");
    unsigned long long value, available = 0, swap = 0;
    char word[64];

    if (!file)
        return SIZE_MAX;
    while (fscanf(file, "%63s %llu%*[^\n]", word, &value) == 2) {
        if (!strcmp(word, "MemAvailable:"))
            available = value;
        else if (!strcmp(word, "SwapFree:"))
            swap = value;
    }
    fclose(file);
    return available ? (size_t)(available + swap) * 1024 : SIZE_MAX;
}

struct foray__memory foray__memory_free(const char *root)
{
    struct foray__memory memory = {free_in_machine(root), "the machine"};
    size_t groups = free_in_groups(root);

    if (groups < memory.free_bytes) {
        memory.free_bytes = groups;
        memory.limit = "the control group (cgroup)";
    }
    return memory;
}
