#include "base/root.h"

#include <limits.h>

FILE *foray__root_open(const char *root, const char *folder, const char *name)
{
    char path[PATH_MAX];

    if (snprintf(path, sizeof path, "%s%s/%s", root, folder, name) >=
        (int)sizeof path)
        return NULL;
    return fopen(path, "re");
}
