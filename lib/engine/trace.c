#include "engine/trace.h"

#include <errno.h>
#include <execinfo.h>
#include <link.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <ucontext.h>

/* Frames of the handler itself come before those of the fault. */
enum { MAX_RAW = FORAY_ERROR_FRAMES + 8 };

struct taking {
    struct foray_frames *frames;
    uintptr_t addresses[FORAY_ERROR_FRAMES];
    int n, n_names;
    bool is_program; /* the first module told of is */
};

void foray__trace_ready(void)
{
    void *raw[2];

    backtrace(raw, 2);
}

/* Where the fault happened. */
static uintptr_t fault_of(const ucontext_t *context)
{
#if defined __x86_64__
    return (uintptr_t)context->uc_mcontext.gregs[REG_RIP];
#elif defined __aarch64__
    return (uintptr_t)context->uc_mcontext.pc;
#else
    (void)context;
    return 0;
#endif
}

/* Where a function that has set up nothing yet returns to. */
static uintptr_t caller_of(const ucontext_t *context)
{
#if defined __x86_64__
    const uintptr_t *top =
        (const void *)(uintptr_t)context->uc_mcontext.gregs[REG_RSP];

    return *top;
#elif defined __aarch64__
    return (uintptr_t)context->uc_mcontext.regs[30];
#else
    (void)context;
    return 0;
#endif
}

/* A frame but the first returns behind its call: the call is what to name. */
static void add(struct taking *taking, uintptr_t address)
{
    if (taking->n < FORAY_ERROR_FRAMES)
        taking->addresses[taking->n] = address - (taking->n != 0);
    taking->n += taking->n < FORAY_ERROR_FRAMES;
}

static void unwind(struct taking *taking, const ucontext_t *context)
{
    uintptr_t fault = fault_of(context);
    void *raw[MAX_RAW];
    int n = backtrace(raw, MAX_RAW), first = 0;

    while (first < n && (uintptr_t)raw[first] != fault)
        first++;
    add(taking, fault);
    for (int i = first + 1; i < n; i++)
        add(taking, (uintptr_t)raw[i]);
}

static bool holds(const struct dl_phdr_info *module, uintptr_t address)
{
    for (int i = 0; i < module->dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &module->dlpi_phdr[i];

        if (part->p_type == PT_LOAD &&
            address - module->dlpi_addr - part->p_vaddr < part->p_memsz)
            return true;
    }
    return false;
}

static void take_name(char out[FORAY_ERROR_MODULE_SIZE], const char *path)
{
    const char *name = strrchr(path, '/');

    name = name ? name + 1 : path;
    snprintf(out, FORAY_ERROR_MODULE_SIZE, "%s", name);
}

static int place(struct dl_phdr_info *module, size_t size, void *arg)
{
    struct taking *taking = arg;
    struct foray_frames *frames = taking->frames;
    int number = -1;

    (void)size;
    for (int i = 0; i < taking->n; i++) {
        if (frames->modules[i] >= 0 || !holds(module, taking->addresses[i]))
            continue;
        if (number < 0 && taking->n_names < FORAY_ERROR_MODULES) {
            number = taking->n_names++;
            take_name(frames->names[number], taking->is_program
                                                 ? program_invocation_name
                                                 : module->dlpi_name);
        }
        if (number < 0)
            continue; /* too many modules: the address has to do */
        frames->modules[i] = (int8_t)number;
        frames->offsets[i] = taking->addresses[i] - module->dlpi_addr;
    }
    taking->is_program = false;
    return 0;
}

static void place_all(struct taking *taking)
{
    for (int i = 0; i < taking->n; i++) {
        taking->frames->modules[i] = -1;
        taking->frames->offsets[i] = taking->addresses[i];
    }
    taking->is_program = true;
    taking->n_names = 0;
    dl_iterate_phdr(place, taking);
}

void foray__trace_take(struct foray_frames *out, const void *context)
{
    struct taking taking = {.frames = out};

    out->n = 0;
    unwind(&taking, context);
    place_all(&taking);
    if (taking.n == 1 && out->modules[0] < 0) { /* a jump to nowhere */
        add(&taking, caller_of(context));
        place_all(&taking);
    }
    out->n = taking.n;
}
