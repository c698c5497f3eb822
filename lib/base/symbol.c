#include "base/symbol.h"

#include <dlfcn.h>
#include <string.h>

bool foray__symbol_take(void *out, void *library, const char *name)
{
    void *symbol = dlsym(library, name);

    /* ISO C has no cast from an object's address to a function's. */
    memcpy(out, &symbol, sizeof symbol);
    return symbol;
}
