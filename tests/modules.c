#include "modules.h"

#include <dlfcn.h>
#include <string.h>

#include "helpers.h"

void *load_module(const char *path, foray_task_fn *fn)
{
    void *module = dlopen(path, RTLD_NOW | RTLD_LOCAL), *symbol;

    assert_non_null(module);
    symbol = dlsym(module, "answer");
    assert_non_null(symbol);
    memcpy(fn, &symbol, sizeof *fn);
    return module;
}
