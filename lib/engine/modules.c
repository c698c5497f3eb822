#include "engine/modules.h"

#include <link.h>

static int take_one(struct dl_phdr_info *info, size_t size, void *arg)
{
    struct foray__modules *out = arg;

    (void)size;
    out->changes = info->dlpi_adds + info->dlpi_subs;
    out->unloads = info->dlpi_subs;
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

struct count {
    unsigned long long changes, unloads;
};

static int take_count(struct dl_phdr_info *info, size_t size, void *arg)
{
    struct count *count = arg;

    (void)size;
    count->changes = info->dlpi_adds + info->dlpi_subs;
    count->unloads = info->dlpi_subs;
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
    struct count count = {0, 0};
    int n = modules->n;

    dl_iterate_phdr(take_count, &count);
    if (function == modules->checked &&
        count.changes == modules->checked_changes)
        return true;
    dl_iterate_phdr(find_module, &search);
    if (!search.found) /* code made at run time: nobody can tell */
        return false;
    if (count.unloads != modules->unloads && n > 1)
        n = 1; /* the program itself comes first */
    for (int i = 0; i < n; i++)
        if (modules->bases[i] == search.base) {
            modules->checked = function;
            modules->checked_changes = count.changes;
            return true;
        }
    return false;
}

unsigned long long foray__modules_unloads(void)
{
    struct count count = {0, 0};

    dl_iterate_phdr(take_count, &count);
    return count.unloads;
}
