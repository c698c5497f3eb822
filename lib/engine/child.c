#include "engine/child.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

pid_t foray__child_fork(void)
{
    sigset_t all, before;
    pid_t pid;
    int why;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pid = fork();
    if (pid == 0)
        return 0;
    why = errno;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    errno = why;
    return pid;
}

bool foray__child_ended(pid_t pid)
{
    siginfo_t info = {.si_pid = 0};

    if (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT))
        return errno == ECHILD;
    return info.si_pid == pid;
}

/* What its tasks forked ends with a worker. As long as it is a zombie of ours,
 * its process group cannot be anybody else's. */
static void end_group(pid_t pid)
{
    siginfo_t info = {.si_pid = 0};

    if (!waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) &&
        info.si_pid == pid)
        kill(-pid, SIGKILL);
}

int foray__child_reap(pid_t pid)
{
    int status;
    pid_t got;

    end_group(pid);
    got = waitpid(pid, &status, WNOHANG);
    if (got == 0) {
        /* Its channel hung up, but the process is there: a task closed every
         * descriptor, or it is about to end. Nobody could talk to it. */
        kill(pid, SIGKILL);
        do
            got = waitpid(pid, &status, 0);
        while (got < 0 && errno == EINTR);
    }
    return got == pid ? status : -1;
}
