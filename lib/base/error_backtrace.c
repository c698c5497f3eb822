#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <foray/error.h>

/* A module of this process, by the end of its path. */
struct search {
    const char *name;
    uintptr_t base;
    bool is_program, found; /* the first module told of is */
};

static int look_at(struct dl_phdr_info *module, size_t size, void *arg)
{
    struct search *search = arg;
    const char *path =
        search->is_program ? program_invocation_name : module->dlpi_name;
    const char *name = strrchr(path, '/');

    (void)size;
    search->is_program = false;
    if (strncmp(name ? name + 1 : path, search->name,
                FORAY_ERROR_MODULE_SIZE - 1) != 0)
        return 0;
    search->base = module->dlpi_addr;
    search->found = true;
    return 1;
}

/* "name+0x1c ", if it is exported; else "". */
static void tell_function(char *out, size_t size, const char *module,
                          uint64_t offset)
{
    struct search search = {.name = module, .is_program = true};
    uintptr_t address;
    Dl_info info;

    *out = '\0';
    dl_iterate_phdr(look_at, &search);
    address = search.base + (uintptr_t)offset;
    if (!search.found || !dladdr((void *)address, &info) || !info.dli_sname)
        return;
    snprintf(out, size, "%s+%#lx ", info.dli_sname,
             (unsigned long)(address - (uintptr_t)info.dli_saddr));
}

char *foray_error_backtrace(char *out, size_t size,
                            const struct foray_error *err)
{
    const struct foray_frames *frames = &err->frames;
    size_t used = 0;
    char name[160], line[256];

    if (size)
        *out = '\0';
    for (int i = 0; i < frames->n && i < FORAY_ERROR_FRAMES; i++) {
        int8_t module = frames->modules[i];
        unsigned long long offset = frames->offsets[i];

        if (module >= 0 && module < FORAY_ERROR_MODULES) {
            tell_function(name, sizeof name, frames->names[module], offset);
            snprintf(line, sizeof line, "#%-2d %s(%s+%#llx)\n", i, name,
                     frames->names[module], offset);
        } else {
            snprintf(line, sizeof line, "#%-2d %#llx\n", i, offset);
        }
        if (used + strlen(line) >= size)
            break;
        memcpy(out + used, line, strlen(line) + 1);
        used += strlen(line);
    }
    return out;
}
