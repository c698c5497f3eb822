#include <dlfcn.h>
#include <elfutils/libdwfl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/feature.h"
#include "base/lines.h"
#include "base/symbol.h"

/* The calls that are needed. */
#define CALLS(XX)                                                              \
    XX(dwfl_begin)                                                             \
    XX(dwfl_end)                                                               \
    XX(dwfl_report_begin)                                                      \
    XX(dwfl_report_offline)                                                    \
    XX(dwfl_report_end)                                                        \
    XX(dwfl_offline_section_address)                                           \
    XX(dwfl_build_id_find_debuginfo)                                           \
    XX(dwfl_module_getelf)                                                     \
    XX(dwfl_module_addrinfo)                                                   \
    XX(dwfl_module_getsrc)                                                     \
    XX(dwfl_lineinfo)

static struct {
#define CALL(name) __typeof__(&(name)) name;
    CALLS(CALL)
#undef CALL
} dw;

/* Debug information in the file, or in one that is installed beside it by its
 * build id: never one that would be downloaded. */
static Dwfl_Callbacks callbacks;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static bool loaded;

struct foray__lines {
    Dwfl *dwfl;
    Dwfl_Module *module;
    GElf_Addr bias; /* of its addresses against offsets in the file */
};

static void load(void)
{
    void *library = dlopen("libdw.so.1", RTLD_NOW | RTLD_LOCAL);

    if (!library)
        return;
    loaded = true;
#define CALL(name) loaded &= foray__symbol_take(&dw.name, library, #name);
    CALLS(CALL)
#undef CALL
    callbacks.section_address = dw.dwfl_offline_section_address;
    callbacks.find_debuginfo = dw.dwfl_build_id_find_debuginfo;
}

struct foray__lines *foray__lines_open(const char *path)
{
    struct foray__lines *lines;

    if (!foray__feature("libdw"))
        return NULL;
    pthread_once(&once, load);
    lines = loaded ? calloc(1, sizeof *lines) : NULL;
    if (!lines)
        return NULL;
    lines->dwfl = dw.dwfl_begin(&callbacks);
    if (lines->dwfl) {
        dw.dwfl_report_begin(lines->dwfl);
        lines->module = dw.dwfl_report_offline(lines->dwfl, path, path, -1);
        dw.dwfl_report_end(lines->dwfl, NULL, NULL);
    }
    if (lines->module && dw.dwfl_module_getelf(lines->module, &lines->bias))
        return lines;
    foray__lines_close(lines);
    return NULL;
}

void foray__lines_close(struct foray__lines *lines)
{
    if (lines && lines->dwfl)
        dw.dwfl_end(lines->dwfl);
    free(lines);
}

void foray__lines_find(struct foray__line *out, struct foray__lines *lines,
                       uint64_t offset)
{
    char buffer[FORAY__TAIL_SIZE];
    const char *name = NULL, *file = NULL;
    Dwfl_Line *line = NULL;
    GElf_Sym symbol;

    *out = (struct foray__line){.number = 0};
    if (lines) {
        name = dw.dwfl_module_addrinfo(lines->module, offset + lines->bias,
                                       &out->into, &symbol, NULL, NULL, NULL);
        line = dw.dwfl_module_getsrc(lines->module, offset + lines->bias);
    }
    if (line)
        file = dw.dwfl_lineinfo(line, NULL, &out->number, NULL, NULL, NULL);
    if (name)
        snprintf(out->function, sizeof out->function, "%s", name);
    if (file)
        snprintf(out->file, sizeof out->file, "%s", foray__tail(buffer, file));
}
