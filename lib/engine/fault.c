#include "engine/fault.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "array/extent.h"
#include "base/leave.h"
#include "engine/guard.h"
#include "engine/thrown.h"
#include "engine/trace.h"

enum { STACK_SIZE = 64 * 1024 };

/* Handlers get no argument of ours: the one worker of this process. */
static struct foray__slot *self;
static const struct foray_task *running;
static pid_t worker; /* children that a task forks have the handlers too */

/* How far `address` is from array k, unless another is nearer. */
static void consider(struct foray__cause *cause, uintptr_t *best,
                     uintptr_t address, const struct foray_array *array, int k)
{
    struct foray__extent extent = foray__extent_of(array, -1);
    uintptr_t distance = 0;

    if (address >= extent.high)
        distance = address - extent.high + 1;
    else if (address < extent.low)
        distance = extent.low - address;
    if (distance >= *best)
        return;
    *best = distance;
    cause->arg = k;
    cause->offset = (int64_t)(address - (uintptr_t)array->data);
}

/* Find the argument that `address` lies in, or at most a page behind. */
static void locate(struct foray__cause *cause, uintptr_t address)
{
    enum { NEAR = 4096 };
    const struct foray__order *order = running->order;
    uintptr_t best = NEAR;

    if (!order)
        return;
    address = foray__guard_origin(address);
    for (int k = 0; k < order->first[FORAY__ROLES]; k++)
        consider(cause, &best, address, &running->full[k], k);
    for (int k = 0; order->calls && k < FORAY_MAX_ARGUMENTS; k++)
        if (running->opened & 1u << k)
            consider(cause, &best, address, &running->views[k], k);
}

/* On a stack that is overwritten, or while another thread holds the loader's
 * lock, this may fault or hang: the process ends then, too. */
static void tell_more(struct foray__cause *cause, const void *context)
{
    enum { SECONDS = FORAY__COUNTS_LINES ? 60 : 2 };

    signal(SIGALRM, SIG_DFL);
    alarm(SECONDS);
    foray__trace_take(&cause->frames, context);
    if (cause->signal == SIGABRT)
        foray__thrown_take(cause->thrown, sizeof cause->thrown);
}

static void on_fault(int signo, siginfo_t *info, void *context)
{
    struct foray__cause *cause = &self->cause;
    bool real = info->si_code > 0 && signo != SIGABRT;

    /* A second fault is one of the handler's own. */
    if (getpid() != worker || atomic_load(&cause->kind) != FORAY__CAUSE_NONE) {
        raise(signo);
        return;
    }
    cause->signal = signo;
    cause->address = real ? (uint64_t)(uintptr_t)info->si_addr : 0;
    cause->arg = -1;
    if (real && (signo == SIGSEGV || signo == SIGBUS))
        locate(cause, (uintptr_t)info->si_addr);
    cause->frames.n = 0;
    cause->thrown[0] = '\0';
    atomic_store(&cause->kind, FORAY__CAUSE_SIGNAL);
    tell_more(cause, context);
    foray__leave_counts();
    /* SA_RESETHAND: the default action ends the process now, and the wait
     * status says the same as the slot. */
    raise(signo);
}

static void tell_exit(int status)
{
    if (getpid() != worker)
        return;
    self->cause.exit_status = status;
    atomic_store(&self->cause.kind, FORAY__CAUSE_EXIT);
}

static void on_exit_called(int status, void *arg)
{
    (void)arg;
    tell_exit(status);
    /* What the task printed; other streams are the host's, and closed here. */
    fflush(stdout);
    fflush(stderr);
    foray__leave(status);
}

static void on_quick_exit(void)
{
    tell_exit(0);
    foray__leave(0);
}

void foray__fault_watch(struct foray__slot *slot, const struct foray_task *task)
{
    static const int signals[] = {SIGSEGV, SIGBUS,  SIGFPE,
                                  SIGILL,  SIGABRT, SIGSYS};
    struct sigaction action;
    stack_t stack;

    self = slot;
    running = task;
    worker = getpid();
    memset(&stack, 0, sizeof stack);
    stack.ss_size = STACK_SIZE;
    stack.ss_sp = mmap(NULL, STACK_SIZE, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (stack.ss_sp != MAP_FAILED)
        sigaltstack(&stack, NULL);
    memset(&action, 0, sizeof action);
    action.sa_sigaction = on_fault;
    action.sa_flags =
        (int)(SA_SIGINFO | SA_ONSTACK | SA_RESETHAND | SA_NODEFER);
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++)
        sigaction(signals[i], &action, NULL);
    foray__trace_ready();
    /* Hooks run last registered first: before any of the host's. */
    on_exit(on_exit_called, NULL);
    (void)at_quick_exit(on_quick_exit); /* without memory, _exit's words do */
}
