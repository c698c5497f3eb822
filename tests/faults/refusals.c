/* System calls that a container or an old kernel refuses: every job (jobs.h)
 * where each of them fails, one after another, with ENOSYS and with EPERM. What
 * is newer than Linux 4.18 has a fallback. */
#include "campaign.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "hardship.h"
#include "namespace.h"

#if defined __x86_64__
enum { ARCHITECTURE = (int)AUDIT_ARCH_X86_64 };
#elif defined __aarch64__
enum { ARCHITECTURE = (int)AUDIT_ARCH_AARCH64 };
#else
enum { ARCHITECTURE = 0 };
#endif

#ifndef SYS_faccessat2
#define SYS_faccessat2 439
#endif
#ifndef SYS_futex_waitv
#define SYS_futex_waitv 449
#endif
#ifndef F_ADD_SEALS
#define F_ADD_SEALS 1033
#endif

/* ALWAYS: jobs have their results without it, but for what is compiled. */
enum fallback { NONE, ENOSYS_ONLY, ALWAYS };

struct refusal {
    const char *name;
    int number;
    enum fallback fallback;
    int argument; /* refused only if this one, less what is not in `mask`, */
    unsigned mask, value; /* is this; mask 0: always */
};

#define ANY 0, 0, 0
static const struct refusal refusals[] = {
    {"memfd_create", SYS_memfd_create, ALWAYS, ANY},
    {"pidfd_open", SYS_pidfd_open, ALWAYS, ANY},
    {"pidfd_send_signal", SYS_pidfd_send_signal, ALWAYS, ANY},
    {"close_range", SYS_close_range, ALWAYS, ANY},
    /* The C library makes threads without it, if it is said not to exist. */
    {"clone3", SYS_clone3, ENOSYS_ONLY, ANY},
    {"statx", SYS_statx, ALWAYS, ANY},
    {"faccessat2", SYS_faccessat2, ALWAYS, ANY},
    {"copy_file_range", SYS_copy_file_range, ALWAYS, ANY},
    {"futex_waitv", SYS_futex_waitv, ALWAYS, ANY},
    {"userfaultfd", SYS_userfaultfd, ALWAYS, ANY},
    {"process_vm_readv", SYS_process_vm_readv, ALWAYS, ANY},
    {"process_vm_writev", SYS_process_vm_writev, ALWAYS, ANY},
    {"getrandom", SYS_getrandom, ALWAYS, ANY},
    {"eventfd2", SYS_eventfd2, ALWAYS, ANY},
    {"signalfd4", SYS_signalfd4, ALWAYS, ANY},
    {"timerfd_create", SYS_timerfd_create, ALWAYS, ANY},
    {"io_uring_setup", SYS_io_uring_setup, ALWAYS, ANY},
    {"membarrier", SYS_membarrier, ALWAYS, ANY},
    {"mbind", SYS_mbind, ALWAYS, ANY},
    {"mlock", SYS_mlock, ALWAYS, ANY},
    {"madvise", SYS_madvise, ALWAYS, ANY},
    {"fadvise64", SYS_fadvise64, ALWAYS, ANY},
    {"readahead", SYS_readahead, ALWAYS, ANY},
    {"sync_file_range", SYS_sync_file_range, ALWAYS, ANY},
    {"mincore", SYS_mincore, ALWAYS, ANY},
    {"fallocate", SYS_fallocate, ENOSYS_ONLY, ANY},
    {"sched_setaffinity", SYS_sched_setaffinity, ALWAYS, ANY},
    {"sched_getaffinity", SYS_sched_getaffinity, ALWAYS, ANY},
    {"prctl", SYS_prctl, ALWAYS, ANY},
    {"setpgid", SYS_setpgid, ALWAYS, ANY},
    {"setpriority", SYS_setpriority, ALWAYS, ANY},
    {"sigaltstack", SYS_sigaltstack, ALWAYS, ANY},
    {"getrusage", SYS_getrusage, ALWAYS, ANY},
    {"sysinfo", SYS_sysinfo, ALWAYS, ANY},
    {"prlimit64", SYS_prlimit64, ALWAYS, ANY},
    {"timer_create", SYS_timer_create, ALWAYS, ANY},
    {"timer_settime", SYS_timer_settime, ALWAYS, ANY},
    {"O_TMPFILE", SYS_openat, NONE, 2, O_TMPFILE & ~O_DIRECTORY,
     O_TMPFILE & ~O_DIRECTORY},
    {"linkat", SYS_linkat, NONE, ANY},
    {"renameat2", SYS_renameat2, NONE, ANY},
    {"ioctl", SYS_ioctl, NONE, ANY},
    {"flock", SYS_flock, NONE, ANY},
    {"fsync", SYS_fsync, NONE, ANY},
    {"msync", SYS_msync, NONE, ANY},
    {"statfs", SYS_statfs, NONE, ANY},
    {"fstatfs", SYS_fstatfs, NONE, ANY},
    {"ftruncate", SYS_ftruncate, NONE, ANY},
    {"pwrite64", SYS_pwrite64, NONE, ANY},
    {"pread64", SYS_pread64, NONE, ANY},
    {"pipe2", SYS_pipe2, NONE, ANY},
    {"socketpair", SYS_socketpair, NONE, ANY},
    {"sendmsg", SYS_sendmsg, NONE, ANY},
    {"recvmsg", SYS_recvmsg, NONE, ANY},
    {"sendto", SYS_sendto, NONE, ANY},
    {"recvfrom", SYS_recvfrom, NONE, ANY},
    {"dup3", SYS_dup3, NONE, ANY},
    {"mprotect", SYS_mprotect, NONE, ANY},
    {"waitid", SYS_waitid, NONE, ANY},
    {"F_SETSIG", SYS_fcntl, NONE, 1, ~0u, F_SETSIG},
    {"F_SETOWN", SYS_fcntl, NONE, 1, ~0u, F_SETOWN},
    {"F_ADD_SEALS", SYS_fcntl, ALWAYS, 1, ~0u, F_ADD_SEALS},
    {"F_DUPFD_CLOEXEC", SYS_fcntl, NONE, 1, ~0u, F_DUPFD_CLOEXEC},
};

enum { N_REFUSALS = sizeof refusals / sizeof *refusals };

/* Cases are numbered: a refusal with either error. */
static const struct refusal *refusal_of(size_t number)
{
    return &refusals[number / 2];
}

static int error_of(size_t number)
{
    return number % 2 ? EPERM : ENOSYS;
}

#define LOAD(field)                                                            \
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))

static bool refuse(size_t number)
{
    const struct refusal *what = refusal_of(number);
    struct sock_filter code[] = {
        LOAD(arch),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)ARCHITECTURE, 0, 6),
        LOAD(nr),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)what->number, 0, 4),
        LOAD(args[0]), /* the low half of one, see below */
        BPF_STMT(BPF_ALU | BPF_AND | BPF_K, what->mask),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, what->value, 0, 1),
        BPF_STMT(BPF_RET | BPF_K,
                 SECCOMP_RET_ERRNO | (unsigned)error_of(number)),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof code / sizeof *code, code};

    code[4].k += 8 * (unsigned)what->argument;
    return !prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) &&
           !prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0);
}

static bool has_fallback(const struct job *job, size_t number)
{
    enum fallback fallback = refusal_of(number)->fallback;

    if (job->compiler)
        return false; /* the compiler's affair */
    return fallback == ALWAYS ||
           (fallback == ENOSYS_ONLY && error_of(number) == ENOSYS);
}

static size_t try_refusal(struct campaign *campaign, size_t number,
                          const struct job *job)
{
    char name[64];
    struct hardship hardship = {name, refuse, NULL, NULL, has_fallback};

    snprintf(name, sizeof name, "%s, %s", refusal_of(number)->name,
             error_of(number) == EPERM ? "EPERM" : "ENOSYS");
    return hardship_try(campaign, &hardship, number, job, NULL);
}

static size_t count_jobs(void)
{
    size_t n = 0;

    FOR_EVERY_JOB(job)
    n++;
    return n;
}

int main(int argc, char **argv)
{
    static const char *const promises[] = {
        "system calls refused (seccomp): an error, or the result",
        "newer system calls refused (seccomp): the fallback's result"};
    size_t n_jobs = count_jobs(), cases[2] = {0}, failures[2] = {0};
    struct campaign campaign;

    campaign_begin(&campaign, argc, argv);
    if (!ARCHITECTURE) {
        campaign_skip(&campaign, promises[0], "of x86-64 and arm64 only");
        return 0;
    }
    /* What others keep there is not counted. */
    if (!namespace_mount("/dev/shm", "size=1G"))
        fputs("in the /dev/shm of all\n", stderr);
    jobs_prepare();
    for (size_t number = 0; number < 2 * N_REFUSALS; number++) {
        size_t n = campaign_cases(&campaign, 1, 5);
        size_t first = campaign_random(&campaign, n_jobs);

        for (size_t k = 0; k < n && k < n_jobs; k++) {
            const struct job *job = &jobs[(first + k) % n_jobs];
            bool must = has_fallback(job, number);

            cases[must]++;
            failures[must] += try_refusal(&campaign, number, job);
        }
    }
    for (int must = 0; must < 2; must++)
        campaign_row(&campaign, promises[must], cases[must], failures[must]);
    return campaign_end(&campaign);
}
