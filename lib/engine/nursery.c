#include "engine/nursery.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/leave.h"
#include "engine/birth.h"
#include "engine/child.h"
#include "engine/hygiene.h"
#include "engine/lifeline.h"
#include "engine/pidfd.h"
#include "storage/segment.h"

/* A request for a worker, as it arrived. */
struct wanted {
    struct foray__request request;
    int fds[FORAY__MAX_POSTED];
    size_t n_fds;
    struct foray__numbered numbered[FORAY__MAX_NUMBERED];
    char *environment;
};

/* Give descriptor i of the list its number; whoever has that moves away. */
static int place(int *fds, size_t n, size_t i, int number, bool close_on_exec)
{
    if (fds[i] == number)
        return fcntl(number, F_SETFD, close_on_exec ? FD_CLOEXEC : 0);
    for (size_t j = 0; j < n; j++)
        if (fds[j] == number) {
            fds[j] = fcntl(number, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
            if (fds[j] < 0)
                return -1;
        }
    if (dup3(fds[i], number, close_on_exec ? O_CLOEXEC : 0) < 0)
        return -1;
    fds[i] = number;
    return 0;
}

/* All of them; the standard streams are closed where the program has none. */
static int place_all(struct wanted *wanted)
{
    close(STDOUT_FILENO);
    close(STDERR_FILENO);
    for (uint32_t i = 0; i < wanted->request.n_numbered; i++)
        if (place(wanted->fds, wanted->n_fds, FORAY__POSTED_OWN + i,
                  wanted->numbered[i].number,
                  wanted->numbered[i].close_on_exec))
            return -1;
    return 0;
}

/* As execve would have it; the strings stay where they are. NULL when out of
 * memory: the worker keeps what the zygote has. */
static char **make_environment(char *strings, size_t nbytes)
{
    char **list, *end = strings + nbytes;
    size_t n = 0;

    if (!nbytes)
        return NULL;
    for (const char *at = strings; at < end; at += strlen(at) + 1)
        n++;
    list = calloc(n + 1, sizeof *list);
    n = 0;
    for (char *at = strings; list && at < end; at += strlen(at) + 1)
        list[n++] = at;
    return list;
}

_Noreturn static void become_worker(struct wanted *wanted,
                                    const struct foray__runtimes *runtimes)
{
    const struct foray__request *request = &wanted->request;
    const struct foray__numbered *numbered = wanted->numbered;
    static int keep_fds[FORAY__MAX_NUMBERED];
    void *area = mmap(NULL, (size_t)request->area_size, PROT_READ | PROT_WRITE,
                      MAP_SHARED, wanted->fds[FORAY__POSTED_AREA], 0);
    struct foray__birth birth = {
        .worker = {.shared = area,
                   .owner = request->owner,
                   .channel = numbered[FORAY__NUMBER_CHANNEL].number,
                   .lifeline = numbered[FORAY__NUMBER_LIFELINE].number,
                   .alarm = numbered[FORAY__NUMBER_ALARM].number,
                   .spins = request->spins,
                   .inner_threads = request->inner_threads,
                   .nesting = request->nesting},
        .runtimes = runtimes,
        .fds = keep_fds,
        .n_keep_fds = request->n_numbered - FORAY__NUMBER_KEPT,
    };

    if (area == MAP_FAILED || fchdir(wanted->fds[FORAY__POSTED_FOLDER]) ||
        place_all(wanted))
        _exit(125);
    birth.environment = make_environment(wanted->environment,
                                         (size_t)request->environment_size);
    for (size_t i = 0; i < birth.n_keep_fds; i++)
        keep_fds[i] = numbered[FORAY__NUMBER_KEPT + i].number;
    foray__birth(&birth);
}

/* Take bytes that there is no memory for out of the way. */
static int skip(int socket, size_t nbytes)
{
    char bytes[512];

    while (nbytes) {
        size_t n = nbytes < sizeof bytes ? nbytes : sizeof bytes;

        if (foray__post_receive(socket, bytes, n, NULL, NULL))
            return -1;
        nbytes -= n;
    }
    return 0;
}

/* What comes behind a request. Without memory there is no environment then. */
static int receive_rest(int socket, struct wanted *wanted)
{
    const struct foray__request *request = &wanted->request;
    size_t size = (size_t)request->environment_size;

    if (request->n_numbered < FORAY__NUMBER_KEPT ||
        request->n_numbered > FORAY__MAX_NUMBERED)
        return -1;
    if (foray__post_receive(socket, wanted->numbered,
                            request->n_numbered * sizeof wanted->numbered[0],
                            NULL, NULL))
        return -1;
    wanted->environment = malloc(size + 1);
    return wanted->environment
               ? foray__post_receive(socket, wanted->environment, size, NULL,
                                     NULL)
               : skip(socket, size);
}

static int answer_fork(int socket, struct wanted *wanted,
                       const struct foray__runtimes *runtimes)
{
    struct foray__answer answer = {.status = -1};
    int pidfd = -1, code;

    if (wanted->n_fds < FORAY__POSTED_OWN + wanted->request.n_numbered) {
        answer.sys_errno = EMFILE;
    } else if (!wanted->environment) {
        answer.sys_errno = ENOMEM;
    } else {
        answer.pid = fork();
        if (answer.pid == 0)
            become_worker(wanted, runtimes);
        if (answer.pid < 0)
            answer.sys_errno = errno;
        else if (wanted->request.pidfd)
            pidfd = foray__pidfd_open(answer.pid);
    }
    for (size_t i = 0; i < wanted->n_fds; i++)
        close(wanted->fds[i]);
    code = foray__post_send(socket, &answer, sizeof answer, &pidfd, pidfd >= 0);
    if (pidfd >= 0)
        close(pidfd);
    return code;
}

static int serve(int socket, struct wanted *wanted,
                 const struct foray__runtimes *runtimes)
{
    const struct foray__request *request = &wanted->request;
    struct foray__answer answer = {.status = -1};
    int code;

    wanted->n_fds = FORAY__MAX_POSTED;
    if (foray__post_receive(socket, &wanted->request, sizeof wanted->request,
                            wanted->fds, &wanted->n_fds))
        return -1;
    if (request->kind == FORAY__REQUEST_FORK) {
        code = receive_rest(socket, wanted);
        if (!code)
            code = answer_fork(socket, wanted, runtimes);
        free(wanted->environment);
        wanted->environment = NULL;
        return code;
    }
    if (request->kind == FORAY__REQUEST_ENDED)
        answer.ended = foray__child_ended(request->pid);
    else
        answer.status = foray__child_reap(request->pid);
    return foray__post_send(socket, &answer, sizeof answer, NULL, 0);
}

/* Nothing of the program's stays open or busy because of this process: its
 * pipes see their end, its folder can be unmounted. */
static void let_go(int socket, int lifeline)
{
    int keep[2] = {socket < lifeline ? socket : lifeline,
                   socket < lifeline ? lifeline : socket};
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);

    for (int fd = 0; null >= 0 && fd <= STDERR_FILENO; fd++)
        dup2(null, fd);
    foray__segment_forget_all();
    foray__hygiene_apply(&(struct foray__hygiene){
        .name = "foray:zygote", .keep_fds = keep, .n_keep_fds = 2});
    if (chdir("/"))
        _exit(125);
}

_Noreturn void foray__nursery_main(int socket, int lifeline,
                                   const struct foray__runtimes *runtimes)
{
    static struct wanted wanted; /* large, and one per process */

    let_go(socket, lifeline);
    foray__lifeline_hold(lifeline);
    while (!serve(socket, &wanted, runtimes))
        ;
    foray__leave(0);
}
