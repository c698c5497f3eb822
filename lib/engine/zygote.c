#include "engine/zygote.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <foray/init.h>

#include "base/error.h"
#include "base/feature.h"
#include "base/process.h"
#include "engine/child.h"
#include "engine/lifeline.h"
#include "engine/nursery.h"
#include "engine/pair.h"
#include "engine/registry.h"
#include "engine/trace.h"

/* Seconds without an answer after which it is given up, and naps of 1 ms until
 * it is reaped. */
enum { PATIENCE = 60, MAX_NAPS = 1000 };

/* Guarded by the registry's lock. */
static struct {
    _Atomic pid_t maker; /* 0: none was made */
    pid_t pid;           /* 0: it has died */
    int socket, lifeline;
    struct foray__modules modules;
} zygote;

bool foray__zygote_is_mine(void)
{
    return zygote.maker == getpid();
}

const struct foray__modules *foray__zygote_modules(void)
{
    return &zygote.modules;
}

static int fail_dead(struct foray_error *err)
{
    return foray__fail(err, FORAY_ECRASH,
                       "the zygote that foray_init made has died, and no "
                       "worker can be forked: start the program again, or use "
                       "the backend \"fork\"");
}

int foray__zygote_check(struct foray_error *err)
{
    if (!zygote.maker)
        return foray__fail(err, FORAY_EINVAL,
                           "the backend \"forkserver\" needs a zygote: call "
                           "foray_init at the begin of main");
    FORAY_TRY(foray__check_process(zygote.maker, "the zygote", err));
    return zygote.pid ? 0 : fail_dead(err);
}

static pid_t fork_nursery(int socket, int lifeline)
{
    struct foray__runtimes runtimes;
    pid_t pid;

    foray__trace_ready();
    foray__runtimes_scan(&runtimes);
    foray__runtimes_quiesce(&runtimes);
    pid = foray__child_fork();
    if (pid == 0)
        foray__nursery_main(socket, lifeline, &runtimes);
    return pid;
}

static int make(void)
{
    int sockets[2], lifeline[2];

    if (foray__post_open(sockets, PATIENCE))
        return -1;
    if (foray__lifeline_open(lifeline)) {
        foray__pair_close(sockets);
        return -1;
    }
    zygote.maker = getpid(); /* before the fork: its children know, too */
    zygote.modules.n = 0;
    foray__modules_take(&zygote.modules);
    zygote.pid = fork_nursery(sockets[1], lifeline[0]);
    if (zygote.pid < 0) {
        zygote.pid = 0;
        zygote.maker = 0;
        foray__pair_close(sockets);
        foray__pair_close(lifeline);
        return -1;
    }
    close(sockets[1]);
    close(lifeline[0]);
    zygote.socket = sockets[0];
    zygote.lifeline = lifeline[1];
    return 0;
}

int foray_init(struct foray_error *err)
{
    int code = 0;

    foray__registry_start();
    foray__registry_lock();
    if (foray__zygote_is_mine())
        code = foray__zygote_check(err);
    else if (make())
        code = foray__fail_errno(err, errno, "cannot fork a zygote");
    foray__registry_unlock();
    return code;
}

void foray__zygote_release(void)
{
    if (!zygote.pid)
        return;
    close(zygote.socket);
    close(zygote.lifeline);
    zygote.pid = 0;
}

/* It does not answer: it is dead, or dies of its lifeline now. */
static void bury(void)
{
    const struct timespec nap = {0, 1000 * 1000};
    pid_t pid = zygote.pid;

    foray__zygote_release();
    for (int i = 0; i < MAX_NAPS && !waitpid(pid, NULL, WNOHANG); i++)
        nanosleep(&nap, NULL);
}

/* Bytes that follow a request. */
struct tail {
    const void *bytes;
    size_t nbytes;
};

static int send_all(const struct foray__request *request, const int *fds,
                    size_t n_fds, const struct tail *tails, size_t n_tails)
{
    if (foray__post_send(zygote.socket, request, sizeof *request, fds, n_fds))
        return -1;
    for (size_t i = 0; i < n_tails; i++)
        if (foray__post_send(zygote.socket, tails[i].bytes, tails[i].nbytes,
                             NULL, 0)) {
            errno = EPIPE; /* it would take the rest for another request */
            return -1;
        }
    return 0;
}

/* Have one request answered. 0, or -1 with errno; the zygote is dead then, or
 * the descriptors could not be sent. `pidfd` may be NULL. */
static int ask(struct foray__answer *answer, int *pidfd,
               const struct foray__request *request, const int *fds,
               size_t n_fds, const struct tail *tails, size_t n_tails)
{
    size_t n_received = pidfd ? 1 : 0;

    if (!zygote.pid)
        return -1;
    if (send_all(request, fds, n_fds, tails, n_tails)) {
        if (errno != ETOOMANYREFS && errno != ENOBUFS && errno != ENOMEM)
            bury();
        return -1;
    }
    if (foray__post_receive(zygote.socket, answer, sizeof *answer, pidfd,
                            &n_received)) {
        bury();
        return -1;
    }
    if (pidfd && !n_received)
        *pidfd = -1;
    return 0;
}

/* The strings of an environment one behind the other, malloc'ed; NULL with
 * *nbytes 0 if there are none or no memory is left. */
static char *join(char *const *environment, size_t *nbytes)
{
    size_t total = 0, used = 0;
    char *joined;

    *nbytes = 0;
    for (char *const *at = environment; at && *at; at++)
        total += strlen(*at) + 1;
    joined = total ? malloc(total) : NULL;
    if (!joined)
        return NULL;
    for (char *const *at = environment; *at; at++) {
        size_t size = strlen(*at) + 1;

        memcpy(joined + used, *at, size);
        used += size;
    }
    *nbytes = total;
    return joined;
}

/* A descriptor that is to have the number it has here, if it is open. */
static void add_numbered(struct foray__numbered *list, uint32_t *n, int *fds,
                         int fd)
{
    int flags = fcntl(fd, F_GETFD);

    if (flags < 0)
        return;
    fds[FORAY__POSTED_OWN + *n] = fd;
    list[*n].number = fd;
    list[(*n)++].close_on_exec = flags & FD_CLOEXEC;
}

size_t foray__zygote_max_keep_fds(void)
{
    return FORAY__MAX_NUMBERED - FORAY__NUMBER_KEPT - 2; /* 1 and 2 */
}

static int open_folder(void)
{
    int fd = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);

    return fd >= 0 ? fd : open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
}

static int ask_for_worker(struct foray__answer *answer, int *pidfd,
                          const struct foray__wanted *wanted, int folder)
{
    struct foray__numbered numbered[FORAY__MAX_NUMBERED];
    struct foray__request request = {
        .kind = FORAY__REQUEST_FORK,
        .owner = wanted->owner,
        .inner_threads = wanted->inner_threads,
        .nesting = wanted->nesting,
        .spins = wanted->spins,
        .pidfd = foray__feature("pidfd"),
        .area_size = wanted->area_size,
    };
    int fds[FORAY__MAX_POSTED], code;
    struct tail tails[2];
    char *joined;

    fds[FORAY__POSTED_AREA] = wanted->area;
    fds[FORAY__POSTED_FOLDER] = folder;
    add_numbered(numbered, &request.n_numbered, fds, wanted->channel);
    add_numbered(numbered, &request.n_numbered, fds, wanted->lifeline);
    add_numbered(numbered, &request.n_numbered, fds, wanted->alarm);
    add_numbered(numbered, &request.n_numbered, fds, STDOUT_FILENO);
    add_numbered(numbered, &request.n_numbered, fds, STDERR_FILENO);
    for (size_t i = 0; i < wanted->n_keep_fds; i++)
        add_numbered(numbered, &request.n_numbered, fds, wanted->keep_fds[i]);
    joined = join(wanted->environment, &tails[1].nbytes);
    request.environment_size = tails[1].nbytes;
    tails[0].bytes = numbered;
    tails[0].nbytes = request.n_numbered * sizeof numbered[0];
    tails[1].bytes = joined;
    code = ask(answer, pidfd, &request, fds,
               FORAY__POSTED_OWN + request.n_numbered, tails, 2);
    free(joined);
    return code;
}

int foray__zygote_fork(const struct foray__wanted *wanted, pid_t *pid,
                       int *pidfd, struct foray_error *err)
{
    struct foray__answer answer = {.sys_errno = EPIPE};
    int folder = open_folder(), why = errno, code;

    foray__registry_lock();
    if (folder >= 0) {
        code = ask_for_worker(&answer, pidfd, wanted, folder);
        why = code ? errno : answer.sys_errno;
    }
    code = foray__zygote_check(err);
    foray__registry_unlock();
    if (folder >= 0)
        close(folder);
    if (code)
        return code;
    if (why)
        return foray__fail_errno(
            err, why,
            "the zygote cannot start worker %u: lower n_jobs, or raise the "
            "limits of processes and open files (ulimit -u, ulimit -n)",
            wanted->owner.slot);
    *pid = answer.pid;
    return 0;
}

static int ask_about(struct foray__answer *answer,
                     enum foray__request_kind kind, pid_t pid)
{
    struct foray__request request = {.kind = kind, .pid = pid};
    int code;

    foray__registry_lock();
    code = ask(answer, NULL, &request, NULL, 0, NULL, 0);
    foray__registry_unlock();
    return code;
}

bool foray__zygote_saw_end(pid_t pid)
{
    struct foray__answer answer;

    if (!ask_about(&answer, FORAY__REQUEST_ENDED, pid))
        return answer.ended;
    return kill(pid, 0) && errno == ESRCH; /* somebody else reaps it */
}

int foray__zygote_reap(pid_t pid)
{
    struct foray__answer answer;

    if (!ask_about(&answer, FORAY__REQUEST_REAP, pid))
        return answer.status;
    return -1;
}
