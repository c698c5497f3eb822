/* The control groups that this process is in, version 1 and 2. */
#ifndef FORAY_BASE_CGROUP_H
#define FORAY_BASE_CGROUP_H

#include <stdbool.h>

struct foray__cgroup {
    const char *root, *folder; /* the group's files are in root + folder */
    int version;
};

typedef void foray__cgroup_visit(const struct foray__cgroup *group, void *arg);

/* Call `visit` for this process's group and each of its ancestors that a mount
 * shows, in version 1's hierarchy of `controller` ("cpu") and in that of
 * version 2; a group that several mounts show comes more than once. A group may
 * lack the controller's files. `root` is put before /proc and /sys: "" but in
 * tests. */
void foray__cgroup_each(const char *root, const char *controller,
                        foray__cgroup_visit *visit, void *arg);

/* The numbers at the start of a group's file, at most two; how many there are:
 * 0 for "max", and without the file. */
int foray__cgroup_numbers(long long out[2], const struct foray__cgroup *group,
                          const char *name);

/* The number behind `key` in a group's file, lines of "key number"; false when
 * there is none. */
bool foray__cgroup_value(unsigned long long *out,
                         const struct foray__cgroup *group, const char *name,
                         const char *key);

#endif
