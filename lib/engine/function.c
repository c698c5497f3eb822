#include "engine/function.h"

#include <dlfcn.h>
#include <link.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "storage/file.h"

/* A module, looked for by an address in its code. */
struct search {
    uintptr_t address;
    bool found;
    uintptr_t base;
    char path[4096];
    uint32_t build_id_size;
    unsigned char build_id[FORAY__MAX_BUILD_ID];
};

/* The note that the linker wrote: of this build, and of no other. */
static void read_build_id(struct search *search, const char *notes,
                          size_t nbytes, size_t align)
{
    ElfW(Nhdr) note;

    while (nbytes >= sizeof note) {
        size_t name_size, size;

        memcpy(&note, notes, sizeof note);
        name_size = (note.n_namesz + align - 1) / align * align;
        size = sizeof note + name_size +
               (note.n_descsz + align - 1) / align * align;
        if (size > nbytes)
            return;
        if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 &&
            !memcmp(notes + sizeof note, "GNU", 4) &&
            note.n_descsz <= FORAY__MAX_BUILD_ID) {
            search->build_id_size = note.n_descsz;
            memcpy(search->build_id, notes + sizeof note + name_size,
                   note.n_descsz);
            return;
        }
        notes += size;
        nbytes -= size;
    }
}

static bool holds_code(const struct dl_phdr_info *info, uintptr_t address)
{
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
        uintptr_t start = (uintptr_t)(info->dlpi_addr + segment->p_vaddr);

        if (segment->p_type == PT_LOAD && segment->p_flags & PF_X &&
            address >= start && address - start < segment->p_memsz)
            return true;
    }
    return false;
}

static int look_at_module(struct dl_phdr_info *info, size_t size, void *arg)
{
    struct search *search = arg;

    (void)size;
    if (!holds_code(info, search->address))
        return 0;
    search->found = true;
    search->base = (uintptr_t)info->dlpi_addr;
    snprintf(search->path, sizeof search->path, "%s", info->dlpi_name);
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &info->dlpi_phdr[i];

        if (segment->p_type == PT_NOTE)
            read_build_id(
                search,
                (const char *)(uintptr_t)(info->dlpi_addr + segment->p_vaddr),
                segment->p_memsz, segment->p_align == 8 ? 8 : 4);
    }
    return 1;
}

static bool find_module(struct search *search, uintptr_t address)
{
    memset(search, 0, sizeof *search);
    search->address = address;
    dl_iterate_phdr(look_at_module, search);
    return search->found;
}

int foray__function_locate(struct foray__function *out, foray_task_fn fn,
                           struct foray_error *err)
{
    uintptr_t address = (uintptr_t)(void (*)(void))fn;
    struct search search;
    char *path;

    if (!find_module(&search, address) ||
        (search.path[0] && !strchr(search.path, '/')))
        return foray__fail(err, FORAY_EINVAL,
                           "the function lies in no library that another "
                           "process could load: use the backend \"fork\"");
    out->path[0] = '\0';
    if (search.path[0]) {
        FORAY_TRY(foray__absolute(&path, search.path, err));
        snprintf(out->path, sizeof out->path, "%s", path);
        free(path);
    }
    out->by_file = true;
    out->offset = address - search.base;
    out->build_id_size = search.build_id_size;
    memcpy(out->build_id, search.build_id, sizeof out->build_id);
    return 0;
}

static bool is_same_build(const struct foray__function *function,
                          const unsigned char *build_id, uint32_t size)
{
    return function->build_id_size == size &&
           memcmp(function->build_id, build_id, size) == 0;
}

/* Where the file is loaded; loads it. */
static int load(uintptr_t *base, const char *path, bool *loaded,
                struct foray_error *err)
{
    const struct link_map *map;
    void *handle = dlopen(*path ? path : NULL, /* NULL: the program */
                          RTLD_NOW | RTLD_LOCAL | RTLD_NOLOAD);

    *loaded = !handle;
    if (!handle)
        handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!handle || dlinfo(handle, RTLD_DI_LINKMAP, (void *)&map))
        return foray__fail(err, FORAY_EINVAL,
                           "a worker cannot load the function's library: %s",
                           dlerror());
    *base = (uintptr_t)map->l_addr;
    return 0;
}

static int find(foray_task_fn *out, const struct foray__function *function,
                bool *loaded, struct foray_error *err)
{
    char tail[FORAY__TAIL_SIZE];
    struct search module;
    uintptr_t base, address;

    FORAY_TRY(load(&base, function->path, loaded, err));
    address = base + (uintptr_t)function->offset;
    if (!find_module(&module, address) || module.base != base ||
        !is_same_build(function, module.build_id, module.build_id_size))
        return foray__fail(err, FORAY_EINVAL,
                           "%s is not the library any more that this program "
                           "has loaded: start the program again",
                           foray__tail(tail, function->path));
    memcpy(out, &address, sizeof *out);
    return 0;
}

size_t foray__function_size(const struct foray__function *function)
{
    return offsetof(struct foray__function, path) + strlen(function->path) + 1;
}

int foray__function_find(foray_task_fn *out,
                         struct foray__function_cache *cache,
                         const struct foray__function *function, bool *loaded,
                         struct foray_error *err)
{
    const struct foray__function *last = &cache->function;

    *loaded = false;
    if (!cache->fn || last->offset != function->offset ||
        strcmp(last->path, function->path) != 0 ||
        !is_same_build(function, last->build_id, last->build_id_size)) {
        cache->fn = NULL;
        FORAY_TRY(find(&cache->fn, function, loaded, err));
        memcpy(&cache->function, function, foray__function_size(function));
    }
    *out = cache->fn;
    return 0;
}
