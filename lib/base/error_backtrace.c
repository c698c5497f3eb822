#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/lines.h"

/* A module of this process, by the end of its path. */
struct search {
    const char *name;
    uintptr_t base;
    char path[4096];
    bool is_program, found; /* the first module told of is */
};

static int look_at(struct dl_phdr_info *module, size_t size, void *arg)
{
    struct search *search = arg;
    bool is_program = search->is_program;
    const char *path = is_program ? program_invocation_name : module->dlpi_name;
    const char *name = strrchr(path, '/');

    (void)size;
    search->is_program = false;
    if (strncmp(name ? name + 1 : path, search->name,
                FORAY_ERROR_MODULE_SIZE - 1) != 0)
        return 0;
    search->base = module->dlpi_addr;
    snprintf(search->path, sizeof search->path, "%s",
             is_program ? "/proc/self/exe" : module->dlpi_name);
    search->found = true;
    return 1;
}

/* One of the modules that frames lie in, looked up when the first does. */
struct place {
    bool tried;
    struct search at;
    struct foray__lines *lines;
};

static void look_up(struct place *place, const char *name)
{
    if (place->tried)
        return;
    place->tried = true;
    place->at.name = name;
    place->at.is_program = true;
    dl_iterate_phdr(look_at, &place->at);
    if (place->at.found)
        place->lines = foray__lines_open(place->at.path);
}

/* "name+0x1c ", if it is exported or debug information tells; else "". */
static void tell_function(char *out, size_t size, const struct place *place,
                          const struct foray__line *line, uint64_t offset)
{
    uintptr_t address = place->at.base + (uintptr_t)offset;
    Dl_info info;

    *out = '\0';
    if (place->at.found && dladdr((void *)address, &info) && info.dli_sname)
        snprintf(out, size, "%s+%#lx ", info.dli_sname,
                 (unsigned long)(address - (uintptr_t)info.dli_saddr));
    else if (line->function[0])
        snprintf(out, size, "%s+%#llx ", line->function,
                 (unsigned long long)line->into);
}

/* " file.c:12", if debug information tells; else "". */
static void tell_line(char *out, size_t size, const struct foray__line *line)
{
    *out = '\0';
    if (line->number > 0)
        snprintf(out, size, " %s:%d", line->file, line->number);
}

static void tell_frame(char *out, size_t size,
                       const struct foray_frames *frames, int i,
                       struct place places[FORAY_ERROR_MODULES])
{
    char function[160], source[FORAY__TAIL_SIZE + 16];
    unsigned long long offset = frames->offsets[i];
    int8_t module = frames->modules[i];
    struct foray__line line;

    if (module < 0 || module >= FORAY_ERROR_MODULES) {
        snprintf(out, size, "#%-2d %#llx\n", i, offset);
        return;
    }
    look_up(&places[module], frames->names[module]);
    foray__lines_find(&line, places[module].lines, offset);
    tell_function(function, sizeof function, &places[module], &line, offset);
    tell_line(source, sizeof source, &line);
    snprintf(out, size, "#%-2d %s(%s+%#llx)%s\n", i, function,
             frames->names[module], offset, source);
}

char *foray_error_backtrace(char *out, size_t size,
                            const struct foray_error *err)
{
    const struct foray_frames *frames = &err->frames;
    struct place places[FORAY_ERROR_MODULES] = {0};
    size_t used = 0;
    char line[512];

    if (size)
        *out = '\0';
    for (int i = 0; i < frames->n && i < FORAY_ERROR_FRAMES; i++) {
        tell_frame(line, sizeof line, frames, i, places);
        if (used + strlen(line) >= size)
            break;
        memcpy(out + used, line, strlen(line) + 1);
        used += strlen(line);
    }
    for (int i = 0; i < FORAY_ERROR_MODULES; i++)
        foray__lines_close(places[i].lines);
    return out;
}
