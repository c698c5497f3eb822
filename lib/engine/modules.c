#include "engine/modules.h"

#include <link.h>

static int take_one(struct dl_phdr_info *info, size_t size, void *arg)
{
    struct foray__modules *out = arg;

    (void)size;
    out->changes = info->dlpi_adds + info->dlpi_subs;
    if (out->n < FORAY__MAX_MODULES)
        out->bases[out->n++] = (uintptr_t)info->dlpi_addr;
    return 0;
}

void foray__modules_take(struct foray__modules *out)
{
    out->n = 0;
    out->checked = 0;
    dl_iterate_phdr(take_one, out);
}

static int take_changes(struct dl_phdr_info *info, size_t size, void *arg)
{
    unsigned long long *changes = arg;

    (void)size;
    *changes = info->dlpi_adds + info->dlpi_subs;
    return 1; /* the first object knows as well as the last */
}

struct search {
    uintptr_t function, base;
    bool found;
};

static int find_module(struct dl_phdr_info *info, size_t size, void *arg)
{
    struct search *search = arg;

    (void)size;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
        uintptr_t start = (uintptr_t)(info->dlpi_addr + segment->p_vaddr);

        if (segment->p_type == PT_LOAD && search->function >= start &&
            search->function - start < segment->p_memsz) {
            search->base = (uintptr_t)info->dlpi_addr;
            search->found = true;
            return 1;
        }
    }
    return 0;
}

bool foray__modules_have(struct foray__modules *modules, uintptr_t function)
{
    struct search search = {.function = function};
    unsigned long long changes = 0;

    if (function == modules->checked)
        return true;
    dl_iterate_phdr(take_changes, &changes);
    if (changes != modules->changes) {
        dl_iterate_phdr(find_module, &search);
        if (!search.found) /* code made at run time: nobody can tell */
            return false;
        for (int i = 0; i < modules->n; i++)
            if (modules->bases[i] == search.base) {
                modules->checked = function;
                return true;
            }
        return false;
    }
    modules->checked = function;
    return true;
}
