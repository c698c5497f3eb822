/* A module for LD_PRELOAD: the command, not its workers, is struck at one of
 * the calls that it changes files by.
 *
 *     FORAY_STRIKE=N        which one, from 1
 *     FORAY_STRIKE_HOW=     kill: it dies before the call; tear: after half of
 * a write; full: the disk is full from then on
 *     FORAY_STRIKE_SAY=FILE where it says how many there were, if it lives
 */
#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#pragma GCC visibility push(default)

static pid_t command;
static long at, count;
static enum { KILL, TEAR, FULL } how;

__attribute__((constructor)) static void begin(void)
{
    const char *which = getenv("FORAY_STRIKE"),
               *said = getenv("FORAY_STRIKE_HOW");

    at = which ? strtol(which, NULL, 10) : 0;
    how = !said                   ? KILL
          : !strcmp(said, "tear") ? TEAR
          : !strcmp(said, "full") ? FULL
                                  : KILL;
    if (at)
        command = getpid();
}

__attribute__((destructor)) static void end(void)
{
    const char *path = getenv("FORAY_STRIKE_SAY");
    FILE *file = path && command == getpid() ? fopen(path, "w") : NULL;

    if (!file)
        return;
    fprintf(file, "%ld\n", count);
    fclose(file);
}

static void die(void)
{
    kill(getpid(), SIGKILL);
}

/* Whether this call is struck. */
static int is_struck(void)
{
    if (!command || getpid() != command)
        return 0;
    count++;
    return count == at || (how == FULL && count > at);
}

/* ISO C has no conversion from void * to a function. */
#define REAL(name)                                                             \
    static __typeof__(&name) real;                                             \
    if (!real)                                                                 \
    *(void **)&real = dlsym(RTLD_NEXT, #name)

/* What a full disk does not forbid. */
#define STRUCK(name, parameters, arguments)                                    \
    int name parameters                                                        \
    {                                                                          \
        REAL(name);                                                            \
        if (is_struck() && how != FULL)                                        \
            die();                                                             \
        return real arguments;                                                 \
    }

#define STRUCK_SPACE(name, parameters, arguments)                              \
    int name parameters                                                        \
    {                                                                          \
        REAL(name);                                                            \
        if (is_struck()) {                                                     \
            if (how != FULL)                                                   \
                die();                                                         \
            errno = ENOSPC;                                                    \
            return -1;                                                         \
        }                                                                      \
        return real arguments;                                                 \
    }

int fallocate(int fd, int mode, off_t offset, off_t size);

STRUCK(rename, (const char *from, const char *to), (from, to))
STRUCK(unlink, (const char *path), (path))
STRUCK(ftruncate, (int fd, off_t size), (fd, size))
STRUCK_SPACE(linkat,
             (int from_folder, const char *from, int to_folder, const char *to,
              int flags),
             (from_folder, from, to_folder, to, flags))
STRUCK_SPACE(fallocate, (int fd, int mode, off_t offset, off_t size),
             (fd, mode, offset, size))
STRUCK_SPACE(fsync, (int fd), (fd))

ssize_t pwrite(int fd, const void *bytes, size_t n, off_t offset)
{
    REAL(pwrite);
    if (is_struck()) {
        if (how == TEAR)
            (void)!real(fd, bytes, n / 2, offset);
        if (how != FULL)
            die();
        errno = ENOSPC;
        return -1;
    }
    return real(fd, bytes, n, offset);
}
