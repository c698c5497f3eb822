/* Functions of libraries that are loaded when they are needed. */
#ifndef FORAY_BASE_SYMBOL_H
#define FORAY_BASE_SYMBOL_H

#include <stdbool.h>

/* Set the function pointer at `out` to what `library`, of dlopen, calls so; to
 * NULL, and false, when there is nothing of that name. */
bool foray__symbol_take(void *out, void *library, const char *name);

#endif
