#include "engine/death.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "base/error.h"
#include "engine/deadline.h"
#include "engine/oom.h"
#include "storage/segment.h"

static const char *signal_name(int signo)
{
    switch (signo) {
    case SIGSEGV:
        return "SIGSEGV (bad memory access)";
    case SIGBUS:
        return "SIGBUS (memory that is not there: a file cut short, or memory "
               "exhausted)";
    case SIGFPE:
        return "SIGFPE (arithmetic fault)";
    case SIGILL:
        return "SIGILL (illegal instruction)";
    case SIGABRT:
        return "SIGABRT (abort or failed assertion)";
    case SIGKILL:
        return "SIGKILL (from outside, or the kernel for lack of memory)";
    case SIGTERM:
        return "SIGTERM";
    case SIGSYS:
        return "SIGSYS (forbidden system call)";
    default:
        return NULL;
    }
}

static void describe_signal(struct foray_error *out,
                            const struct foray__struck *struck,
                            const struct foray__cause *cause, int signo,
                            bool own_word, int slot, uint64_t task)
{
    char number[24], where[192] = "", element[320] = "", thrown[192] = "";
    char cut[96] = "";
    const char *name = signal_name(signo);

    snprintf(number, sizeof number, "signal %d", signo);
    if (own_word && cause->address) {
        snprintf(where, sizeof where, " at address %#llx",
                 (unsigned long long)cause->address);
        if (struck)
            foray__struck_tell(element, sizeof element, struck, cause->offset);
        if (struck && signo == SIGBUS)
            foray__struck_tell_cut(cut, sizeof cut, struck, cause->offset);
    }
    if (own_word && cause->thrown[0])
        snprintf(thrown, sizeof thrown, " with the C++ exception %.*s",
                 (int)sizeof cause->thrown, cause->thrown);
    foray__fail(out, FORAY_ECRASH, "task %llu crashed: %s%s%s%s%s",
                (unsigned long long)task, name ? name : number, where, element,
                cut, thrown);
    out->signal = signo;
    out->fault_address = own_word ? cause->address : 0;
    if (own_word)
        foray__frames_copy(&out->frames, &cause->frames);
    out->worker = slot;
}

void foray__death_by_timeout(struct foray__slot *slot, double timeout)
{
    slot->cause.seconds = timeout;
    atomic_store(&slot->cause.kind, FORAY__CAUSE_TIMEOUT);
}

void foray__death_own_word(struct foray__slot *slot, double timeout, int status)
{
    if (atomic_load(&slot->cause.kind) == FORAY__CAUSE_NONE &&
        foray__deadline_killed(&slot->deadline, status))
        foray__death_by_timeout(slot, timeout);
    else if (atomic_load(&slot->cause.kind) == FORAY__CAUSE_NONE &&
             (status == -1 ||
              (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)) &&
             foray__oom_take())
        atomic_store(&slot->cause.kind, FORAY__CAUSE_MEMORY);
}

void foray__death_describe(struct foray_error *out,
                           const struct foray__struck *struck,
                           const struct foray__cause *cause, int status,
                           int slot, uint64_t task)
{
    int kind = atomic_load(&cause->kind);
    unsigned long long number = task;

    if (kind == FORAY__CAUSE_TIMEOUT)
        foray__fail(out, FORAY_ETIMEDOUT,
                    "task %llu took longer than its timeout of %g s", number,
                    cause->seconds);
    else if (kind == FORAY__CAUSE_MEMORY)
        foray__fail(out, FORAY_ECRASH,
                    "task %llu crashed: the kernel killed it for lack of "
                    "memory (SIGKILL): give tasks less at once, or lower "
                    "n_jobs",
                    number);
    else if (kind == FORAY__CAUSE_SIGNAL)
        describe_signal(out, struck, cause, cause->signal, true, slot, task);
    else if (kind == FORAY__CAUSE_EXIT)
        foray__fail(out, FORAY_EEXIT,
                    "task %llu called exit(%d): return a code instead", number,
                    cause->exit_status);
    else if (status == -1)
        foray__fail(out, FORAY_ECRASH,
                    "task %llu crashed: its worker is gone, and so is the exit "
                    "status: this program ignores SIGCHLD or took it itself, "
                    "or its zygote has died",
                    number);
    else if (WIFSIGNALED(status))
        describe_signal(out, struck, cause, WTERMSIG(status), false, slot,
                        task);
    else
        foray__fail(out, FORAY_EEXIT,
                    "task %llu called _exit(%d): return a code instead", number,
                    WEXITSTATUS(status));
    if (kind == FORAY__CAUSE_MEMORY)
        out->signal = SIGKILL;
    out->task = (int64_t)task;
    out->worker = slot;
}

int foray__death_in_init(struct foray_error *out,
                         const struct foray__slot *shared, int status, int slot)
{
    const struct foray__cause *cause = &shared->cause;
    int kind = atomic_load(&cause->kind), code;
    struct foray_error error;
    const char *name;

    if (atomic_load(&shared->stage) != FORAY__STAGE_INIT)
        return 0;
    if (kind == FORAY__CAUSE_INIT) {
        foray__error_copy(&error, &shared->init_error);
        if (out)
            *out = error;
        return error.code;
    }
    if (kind == FORAY__CAUSE_SIGNAL) {
        name = signal_name(cause->signal);
        code = foray__fail(out, FORAY_ECRASH, "init of worker %d crashed: %s",
                           slot, name ? name : "by a signal");
    } else if (kind == FORAY__CAUSE_EXIT ||
               (status != -1 && WIFEXITED(status))) {
        code = foray__fail(
            out, FORAY_EEXIT,
            "init of worker %d called exit(%d): return a code instead", slot,
            kind == FORAY__CAUSE_EXIT ? cause->exit_status
                                      : WEXITSTATUS(status));
    } else {
        return 0;
    }
    if (out) {
        out->worker = slot;
        out->signal = kind == FORAY__CAUSE_SIGNAL ? cause->signal : 0;
        out->fault_address = kind == FORAY__CAUSE_SIGNAL ? cause->address : 0;
    }
    return code;
}
