#include "data/door.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

#include "shell/message.h"

int door_missing(const char *what, struct foray_error *err)
{
    return message_error(err, FORAY_ENOTSUP,
                         "%s: this foray was built without its library", what);
}

int door_open(void **functions, const char *library, const char *prefix,
              const char *const *names, int n, const char *what,
              struct foray_error *err)
{
    void *handle = dlopen(library, RTLD_NOW);
    char name[64];

    for (int k = 0; handle && k < n; k++) {
        snprintf(name, sizeof name, "%s%s", prefix, names[k]);
        functions[k] = dlsym(handle, name);
        if (!functions[k])
            handle = NULL;
    }
    if (handle)
        return 0;
    memset(functions, 0, (size_t)n * sizeof *functions);
    return message_error(err, FORAY_ENOTSUP, "%s: %s", what, dlerror());
}
