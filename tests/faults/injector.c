/* A module for LD_PRELOAD: see injector.h. Which call fails, and why. */
#include "injector_strike.h"

#include <errno.h>
#include <link.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#pragma GCC visibility push(default)

static struct fault_control *control;
_Atomic long fault_held;

/* Where code lies whose calls count. */
struct range {
    uintptr_t base, start, end;
    int is_libc; /* what allocates for others */
    char name[32];
};
static struct range ranges[32];
static size_t n_ranges;

static int interests(const char *name, int *is_libc, int in_program)
{
    static const char *const ours[] = {"libforay", "libpng",  "libjpeg",
                                       "libtiff",  "libwebp", "libhdf5"};
    const char *base = strrchr(name, '/');

    base = base ? base + 1 : name;
    *is_libc = !strncmp(base, "libc.so", 7);
    for (size_t k = 0; k < sizeof ours / sizeof *ours; k++)
        if (!strncmp(base, ours[k], strlen(ours[k])))
            return 1;
    return *is_libc || (!*name && in_program);
}

static int note_module(struct dl_phdr_info *info, size_t size, void *arg)
{
    const struct fault_control *shared = arg;
    int is_libc;

    (void)size;
    if (!interests(info->dlpi_name, &is_libc, shared->in_program))
        return 0;
    for (int k = 0; k < info->dlpi_phnum; k++) {
        const ElfW(Phdr) *header = &info->dlpi_phdr[k];
        const char *base = strrchr(info->dlpi_name, '/');

        if (header->p_type != PT_LOAD || !(header->p_flags & PF_X) ||
            n_ranges == sizeof ranges / sizeof *ranges)
            continue;
        ranges[n_ranges] = (struct range){
            .base = info->dlpi_addr,
            .start = info->dlpi_addr + header->p_vaddr,
            .end = info->dlpi_addr + header->p_vaddr + header->p_memsz,
            .is_libc = is_libc};
        snprintf(ranges[n_ranges].name, sizeof ranges->name, "%s",
                 base ? base + 1 : info->dlpi_name);
        n_ranges++;
    }
    return 0;
}

void fault_attach(struct fault_control *shared)
{
    n_ranges = 0;
    dl_iterate_phdr(note_module, shared);
    control = shared;
}

long fault_blocks(void)
{
    return fault_held;
}

static const struct range *range_of(void *caller)
{
    for (size_t k = 0; k < n_ranges; k++)
        if ((uintptr_t)caller >= ranges[k].start &&
            (uintptr_t)caller < ranges[k].end)
            return &ranges[k];
    return NULL;
}

static int is_hdf5(const struct range *range)
{
    return range && !strncmp(range->name, "libhdf5", 7);
}

int fault_is_hdf5(void *caller)
{
    return is_hdf5(range_of(caller));
}

/* HDF5 does not survive a refused malloc; it runs in workers only. Of the C
 * library's own calls those count that allocate for others. */
static int is_counted(const struct range *range, enum fault_family family)
{
    if (!range)
        return 0;
    return family == FAULT_MEMORY ? !is_hdf5(range) : !range->is_libc;
}

static int usual(enum fault_family family)
{
    static const int reasons[FAULT_FAMILIES] = {
        [FAULT_MEMORY] = ENOMEM,     [FAULT_OPEN] = EMFILE,
        [FAULT_DESCRIPTOR] = EMFILE, [FAULT_MAP] = ENOMEM,
        [FAULT_PROTECT] = ENOMEM,    [FAULT_SPACE] = ENOSPC,
        [FAULT_FORK] = EAGAIN,       [FAULT_THREAD] = EAGAIN,
        [FAULT_WRITE] = ENOSPC,      [FAULT_READ] = EIO,
        [FAULT_MESSAGE] = ENOMEM,    [FAULT_NAME] = EACCES,
        [FAULT_REMOVE] = EACCES,     [FAULT_SYNC] = EIO,
        [FAULT_CLOSE] = EIO,         [FAULT_STATE] = EIO,
        [FAULT_SHORT] = 1,           [FAULT_INTERRUPT] = EINTR};

    return reasons[family];
}

/* Whether this call, counted here, is meant. */
static int is_meant(void)
{
    uint64_t n = atomic_fetch_add(&control->count, 1) + 1;

    return n == control->at ||
           (control->action == FAULT_LAST && control->at && n > control->at);
}

static void note_site(const char *name, const struct range *range, void *caller)
{
    snprintf(control->site, sizeof control->site, "%s from %s+%#lx", name,
             range->name, (unsigned long)((uintptr_t)caller - range->base));
}

/* What is called meanwhile does not count. */
static __thread int inside __attribute__((tls_model("initial-exec")));

#ifdef FORAY_COVERAGE
/* In a program: nor does what writes the counts of lines. */
void __real___gcov_dump(void);
void __wrap___gcov_dump(void);
void __wrap___gcov_dump(void)
{
    inside++;
    __real___gcov_dump();
    inside--;
}
#endif

void fault_die(void)
{
    syscall(SYS_kill, getpid(), SIGKILL);
}

int fault_strike(enum fault_family family, const char *name, void *caller)
{
    const struct range *range;
    int why = 0;

    if (!control || !control->armed || inside || control->spared == getpid())
        return 0;
    range = range_of(caller);
    if (!is_counted(range, family))
        return 0;
    inside = 1;
    control->counts[family]++;
    if (control->families & 1u << family && is_meant()) {
        if (!control->hits)
            note_site(name, range, caller);
        control->hits = 1;
        if (control->action == FAULT_KILL)
            fault_die();
        why = control->reason ? control->reason : usual(family);
    }
    inside = 0;
    return why;
}

int fault_strike_slow(enum fault_family family, const char *name, void *caller)
{
    int why = fault_strike(family, name, caller);

    return why ? why : fault_strike(FAULT_INTERRUPT, name, caller);
}

int fault_tears(void)
{
    return control->action == FAULT_TEAR;
}
