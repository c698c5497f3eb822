#include "engine/thrown.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The Itanium C++ ABI, which g++ and clang++ share, fixes all that follows:
 * https://itanium-cxx-abi.github.io/cxx-abi/abi.html */
struct type {
    const void *vtable;
    const char *name;
    const struct type *base; /* of a type with one public base, at its begin */
};

/* Of std::exception: two destructors, then what(). */
enum { WHAT = 2 };
typedef const char *(*what_fn)(const void *object);

/* Longer names are left as they are: the handler's stack is small. */
enum { MAX_NAME = 200 };

/* Nothing of it is linked. A plug-in may have loaded it for itself only. */
static void *symbol_of(const char *name)
{
    static const char *const libraries[] = {"libstdc++.so.6", "libc++abi.so.1"};
    void *symbol = dlsym(RTLD_DEFAULT, name);

    for (int i = 0; i < 2 && !symbol; i++) {
        void *library = dlopen(libraries[i], RTLD_LAZY | RTLD_NOLOAD);

        if (library)
            symbol = dlsym(library, name);
    }
    return symbol;
}

static const struct type *current_type(void)
{
    void *symbol = symbol_of("__cxa_current_exception_type");
    const struct type *(*function)(void);

    if (!symbol)
        return NULL;
    memcpy(&function, &symbol, sizeof function);
    return function();
}

/* Whether it is std::exception or derives from it by single bases: the object
 * begins with one then. */
static int is_exception(const struct type *type)
{
    const void *const *single =
        symbol_of("_ZTVN10__cxxabiv120__si_class_type_infoE");

    while (single && type->vtable == single + 2)
        type = type->base;
    return !strcmp(type->name, "St9exception");
}

/* std::current_exception() returns one pointer, in memory of the caller's since
 * it is a class: as C returns a struct that is large. */
static const void *current_object(void)
{
    struct large {
        const void *object, *unused[7];
    };
    void *symbol = symbol_of("_ZSt17current_exceptionv");
    struct large (*function)(void);

    if (!symbol)
        return NULL;
    memcpy(&function, &symbol, sizeof function);
    return function().object;
}

static const char *what_of(const struct type *type)
{
    const void *object = current_object();
    const void *const *vtable;
    what_fn what;

    if (!object || !is_exception(type))
        return NULL;
    memcpy(&vtable, object, sizeof vtable);
    memcpy(&what, &vtable[WHAT], sizeof what);
    return what(object);
}

static char *demangled(const char *name)
{
    void *symbol = symbol_of("__cxa_demangle");
    char *(*demangle)(const char *name, char *out, size_t *size, int *status);

    if (!symbol || strlen(name) > MAX_NAME)
        return NULL;
    memcpy(&demangle, &symbol, sizeof demangle);
    return demangle(name, NULL, NULL, NULL);
}

void foray__thrown_take(char *out, size_t size)
{
    const struct type *type = current_type();
    const char *what, *name;
    char *readable;

    *out = '\0';
    if (!type)
        return;
    name = type->name + (*type->name == '*'); /* unique by its address */
    snprintf(out, size, "%s", name);          /* if what follows crashes */
    readable = demangled(name);
    what = what_of(type);
    snprintf(out, size, "%s%s%s", readable ? readable : name, what ? ": " : "",
             what ? what : "");
    free(readable);
    for (char *c = out; *c; c++) /* messages are one line */
        if (*c == '\n')
            *c = ' ';
}
