/* The functions that stand before those of the C library, one a call. */
#include "injector_strike.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#pragma GCC visibility push(default)

/* The C library's own, which answer before anything can be looked up. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *block, size_t size);
void *__libc_memalign(size_t alignment, size_t size);
void __libc_free(void *block);

#define CALLER __builtin_return_address(0)

/* ISO C has no conversion from void * to a function. */
#define REAL(name)                                                             \
    static __typeof__(&name) real;                                             \
    if (!real)                                                                 \
    *(void **)&real = dlsym(RTLD_NEXT, #name)

/* A call that fails with errno set. */
#define INTERPOSE(result, failure, family, name, parameters, arguments)        \
    result name parameters                                                     \
    {                                                                          \
        REAL(name);                                                            \
        int why = fault_strike(FAULT_##family, #name, CALLER);                 \
                                                                               \
        if (why) {                                                             \
            errno = why;                                                       \
            return failure;                                                    \
        }                                                                      \
        return real arguments;                                                 \
    }

/* One that returns what would be errno. */
#define INTERPOSE_CODE(family, name, parameters, arguments)                    \
    int name parameters                                                        \
    {                                                                          \
        REAL(name);                                                            \
        int why = fault_strike(FAULT_##family, #name, CALLER);                 \
                                                                               \
        return why ? why : real arguments;                                     \
    }

/* One that a signal may end, too. */
#define INTERPOSE_SLOW(result, family, name, parameters, arguments)            \
    result name parameters                                                     \
    {                                                                          \
        REAL(name);                                                            \
        int why = fault_strike_slow(FAULT_##family, #name, CALLER);            \
                                                                               \
        if (why) {                                                             \
            errno = why;                                                       \
            return -1;                                                         \
        }                                                                      \
        return real arguments;                                                 \
    }

/* One that moves `n` bytes, or fewer. */
#define INTERPOSE_MOVE(family, name, parameters, arguments)                    \
    ssize_t name parameters                                                    \
    {                                                                          \
        REAL(name);                                                            \
        int why = fault_strike_slow(FAULT_##family, #name, CALLER), half;      \
        ssize_t moved;                                                         \
                                                                               \
        if (why) {                                                             \
            errno = why;                                                       \
            return -1;                                                         \
        }                                                                      \
        half = n > 1 && fault_strike(FAULT_SHORT, #name, CALLER);              \
        if (half)                                                              \
            n /= 2;                                                            \
        moved = real arguments;                                                \
        if (half && fault_tears())                                             \
            fault_die();                                                       \
        return moved;                                                          \
    }

/* Memory. */
void *malloc(size_t size)
{
    int why = fault_strike(FAULT_MEMORY, "malloc", CALLER);
    void *block = why ? NULL : __libc_malloc(size);

    if (why)
        errno = why;
    fault_held += block != NULL;
    return block;
}

void *calloc(size_t n, size_t size)
{
    int why = fault_strike(FAULT_MEMORY, "calloc", CALLER);
    void *block = why ? NULL : __libc_calloc(n, size);

    if (why)
        errno = why;
    fault_held += block != NULL;
    return block;
}

static void *resize(void *old, size_t size, const char *name, void *caller)
{
    int why = fault_strike(FAULT_MEMORY, name, caller);
    void *block = why ? NULL : __libc_realloc(old, size);

    if (why)
        errno = why;
    else
        fault_held += (block != NULL) - (old && (block || !size));
    return block;
}

void *realloc(void *old, size_t size)
{
    return resize(old, size, "realloc", CALLER);
}

void *reallocarray(void *old, size_t n, size_t size)
{
    if (size && n > SIZE_MAX / size) {
        errno = ENOMEM;
        return NULL;
    }
    return resize(old, n * size, "reallocarray", CALLER);
}

static void *align(size_t alignment, size_t size, const char *name,
                   void *caller)
{
    int why = fault_strike(FAULT_MEMORY, name, caller);
    void *block = why ? NULL : __libc_memalign(alignment, size);

    if (why)
        errno = why;
    fault_held += block != NULL;
    return block;
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return align(alignment, size, "aligned_alloc", CALLER);
}

void *memalign(size_t alignment, size_t size);
void *memalign(size_t alignment, size_t size)
{
    return align(alignment, size, "memalign", CALLER);
}

int posix_memalign(void **out, size_t alignment, size_t size)
{
    int before = errno;
    void *block = align(alignment, size, "posix_memalign", CALLER);

    errno = before;
    if (!block)
        return ENOMEM;
    *out = block;
    return 0;
}

/* Else the C library would allocate it, for whomever. */
static char *duplicate(const char *text, size_t n, const char *name,
                       void *caller)
{
    char *copy = align(1, n + 1, name, caller);

    if (copy) {
        memcpy(copy, text, n);
        copy[n] = 0;
    }
    return copy;
}

char *strdup(const char *text)
{
    return duplicate(text, strlen(text), "strdup", CALLER);
}

char *strndup(const char *text, size_t most)
{
    return duplicate(text, strnlen(text, most), "strndup", CALLER);
}

void free(void *block)
{
    fault_held -= block != NULL;
    __libc_free(block);
}

/* HDF5 stores when things were made: the same bytes are to come of the same. */
time_t time(time_t *out)
{
    REAL(time);
    time_t now = fault_is_hdf5(CALLER) ? 1 : real(NULL);

    if (out)
        *out = now;
    return now;
}

int gettimeofday(struct timeval *restrict out, void *restrict zone)
{
    REAL(gettimeofday);
    int code = real(out, zone);

    if (fault_is_hdf5(CALLER))
        out->tv_sec = 1;
    return code;
}

/* Files. */
#define INTERPOSE_OPEN(name, parameters, ...)                                  \
    int name parameters                                                        \
    {                                                                          \
        REAL(name);                                                            \
        int why = fault_strike_slow(FAULT_OPEN, #name, CALLER);                \
        mode_t mode = 0;                                                       \
        va_list list;                                                          \
                                                                               \
        if (why) {                                                             \
            errno = why;                                                       \
            return -1;                                                         \
        }                                                                      \
        if (flags & (O_CREAT | O_TMPFILE)) {                                   \
            va_start(list, flags);                                             \
            mode = va_arg(list, mode_t);                                       \
            va_end(list);                                                      \
        }                                                                      \
        return real(__VA_ARGS__, flags, mode);                                 \
    }
INTERPOSE_OPEN(open, (const char *path, int flags, ...), path)
INTERPOSE_OPEN(open64, (const char *path, int flags, ...), path)
INTERPOSE_OPEN(openat, (int folder, const char *path, int flags, ...), folder,
               path)
INTERPOSE_OPEN(openat64, (int folder, const char *path, int flags, ...), folder,
               path)
INTERPOSE(FILE *, NULL, OPEN, fopen, (const char *path, const char *mode),
          (path, mode))
INTERPOSE(FILE *, NULL, OPEN, fopen64, (const char *path, const char *mode),
          (path, mode))
INTERPOSE(DIR *, NULL, OPEN, opendir, (const char *path), (path))
INTERPOSE(DIR *, NULL, OPEN, fdopendir, (int fd), (fd))

INTERPOSE(int, -1, DESCRIPTOR, pipe2, (int fds[2], int flags), (fds, flags))
INTERPOSE(int, -1, DESCRIPTOR, socketpair,
          (int domain, int type, int protocol, int fds[2]),
          (domain, type, protocol, fds))
INTERPOSE(int, -1, DESCRIPTOR, epoll_create1, (int flags), (flags))
INTERPOSE(int, -1, DESCRIPTOR, memfd_create, (const char *name, unsigned flags),
          (name, flags))

long syscall(long number, ...)
{
    REAL(syscall);
    va_list list;
    long a[6];
    int why = 0;

    if (number == SYS_memfd_create || number == SYS_pidfd_open)
        why = fault_strike(FAULT_DESCRIPTOR, "syscall", CALLER);
    if (why) {
        errno = why;
        return -1;
    }
    va_start(list, number);
    for (int k = 0; k < 6; k++)
        a[k] = va_arg(list, long);
    va_end(list);
    return real(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

INTERPOSE(void *, MAP_FAILED, MAP, mmap,
          (void *at, size_t size, int prot, int flags, int fd, off_t offset),
          (at, size, prot, flags, fd, offset))
INTERPOSE(void *, MAP_FAILED, MAP, mmap64,
          (void *at, size_t size, int prot, int flags, int fd, off64_t offset),
          (at, size, prot, flags, fd, offset))
void *mremap(void *old, size_t old_size, size_t size, int flags, ...)
{
    REAL(mremap);
    int why = fault_strike(FAULT_MAP, "mremap", CALLER);
    void *at = NULL;
    va_list list;

    if (why) {
        errno = why;
        return MAP_FAILED;
    }
    va_start(list, flags);
    if (flags & MREMAP_FIXED)
        at = va_arg(list, void *);
    va_end(list);
    return real(old, old_size, size, flags, at);
}
INTERPOSE(int, -1, PROTECT, mprotect, (void *at, size_t size, int prot),
          (at, size, prot))
INTERPOSE(int, -1, PROTECT, madvise, (void *at, size_t size, int advice),
          (at, size, advice))

INTERPOSE_SLOW(int, SPACE, ftruncate, (int fd, off_t size), (fd, size))
INTERPOSE_SLOW(int, SPACE, ftruncate64, (int fd, off64_t size), (fd, size))
INTERPOSE_SLOW(int, SPACE, fallocate,
               (int fd, int mode, off_t offset, off_t size),
               (fd, mode, offset, size))
INTERPOSE_CODE(SPACE, posix_fallocate, (int fd, off_t offset, off_t size),
               (fd, offset, size))

INTERPOSE(pid_t, -1, FORK, fork, (void), ())
INTERPOSE_CODE(FORK, posix_spawn,
               (pid_t * pid, const char *path,
                const posix_spawn_file_actions_t *actions,
                const posix_spawnattr_t *attributes, char *const *arguments,
                char *const *environment),
               (pid, path, actions, attributes, arguments, environment))
INTERPOSE_CODE(THREAD, pthread_create,
               (pthread_t * thread, const pthread_attr_t *attributes,
                void *(*start)(void *), void *arg),
               (thread, attributes, start, arg))

INTERPOSE_MOVE(WRITE, write, (int fd, const void *bytes, size_t n),
               (fd, bytes, n))
INTERPOSE_MOVE(WRITE, pwrite, (int fd, const void *bytes, size_t n, off_t at),
               (fd, bytes, n, at))
INTERPOSE_MOVE(WRITE, pwrite64,
               (int fd, const void *bytes, size_t n, off64_t at),
               (fd, bytes, n, at))
INTERPOSE_MOVE(READ, read, (int fd, void *bytes, size_t n), (fd, bytes, n))
INTERPOSE_MOVE(READ, pread, (int fd, void *bytes, size_t n, off_t at),
               (fd, bytes, n, at))
INTERPOSE_MOVE(READ, pread64, (int fd, void *bytes, size_t n, off64_t at),
               (fd, bytes, n, at))
INTERPOSE(size_t, 0, WRITE, fwrite,
          (const void *bytes, size_t size, size_t n, FILE *file),
          (bytes, size, n, file))
INTERPOSE(int, EOF, WRITE, fflush, (FILE * file), (file))
INTERPOSE_SLOW(ssize_t, MESSAGE, send,
               (int fd, const void *bytes, size_t n, int flags),
               (fd, bytes, n, flags))
INTERPOSE_SLOW(ssize_t, MESSAGE, sendmsg,
               (int fd, const struct msghdr *message, int flags),
               (fd, message, flags))
INTERPOSE_SLOW(ssize_t, MESSAGE, recv,
               (int fd, void *bytes, size_t n, int flags),
               (fd, bytes, n, flags))
INTERPOSE_SLOW(ssize_t, MESSAGE, recvmsg,
               (int fd, struct msghdr *message, int flags),
               (fd, message, flags))

INTERPOSE(int, -1, NAME, rename, (const char *from, const char *to), (from, to))
INTERPOSE(int, -1, NAME, link, (const char *from, const char *to), (from, to))
INTERPOSE(int, -1, NAME, linkat,
          (int from_folder, const char *from, int to_folder, const char *to,
           int flags),
          (from_folder, from, to_folder, to, flags))
INTERPOSE(int, -1, NAME, mkdir, (const char *path, mode_t mode), (path, mode))
INTERPOSE(int, -1, NAME, chmod, (const char *path, mode_t mode), (path, mode))
INTERPOSE(int, -1, NAME, fchmod, (int fd, mode_t mode), (fd, mode))
INTERPOSE(int, -1, REMOVE, unlink, (const char *path), (path))
INTERPOSE(int, -1, REMOVE, unlinkat, (int folder, const char *path, int flags),
          (folder, path, flags))
INTERPOSE(int, -1, SYNC, fsync, (int fd), (fd))
INTERPOSE(int, -1, SYNC, fdatasync, (int fd), (fd))
INTERPOSE(int, -1, SYNC, msync, (void *at, size_t size, int flags),
          (at, size, flags))
INTERPOSE(int, -1, SYNC, sync_file_range,
          (int fd, off_t offset, off_t size, unsigned flags),
          (fd, offset, size, flags))

/* What fails to close is closed, as in Linux. */
int close(int fd)
{
    REAL(close);
    int why = fault_strike(FAULT_CLOSE, "close", CALLER);

    if (!why)
        return real(fd);
    real(fd);
    errno = why;
    return -1;
}

int fclose(FILE *file)
{
    REAL(fclose);
    int why = fault_strike(FAULT_CLOSE, "fclose", CALLER);

    if (!why)
        return real(file);
    real(file);
    errno = why;
    return EOF;
}

/* What is asked of files and processes. */
INTERPOSE(int, -1, STATE, fstat, (int fd, struct stat *out), (fd, out))
INTERPOSE(int, -1, STATE, stat, (const char *path, struct stat *out),
          (path, out))
INTERPOSE(int, -1, STATE, lstat, (const char *path, struct stat *out),
          (path, out))
INTERPOSE(int, -1, STATE, fstatfs, (int fd, struct statfs *out), (fd, out))
INTERPOSE(int, -1, STATE, statfs, (const char *path, struct statfs *out),
          (path, out))
INTERPOSE(int, -1, STATE, statvfs, (const char *path, struct statvfs *out),
          (path, out))
INTERPOSE(int, -1, STATE, fstatvfs, (int fd, struct statvfs *out), (fd, out))
INTERPOSE(off_t, -1, STATE, lseek, (int fd, off_t offset, int whence),
          (fd, offset, whence))
INTERPOSE_SLOW(int, STATE, flock, (int fd, int operation), (fd, operation))
INTERPOSE(int, -1, STATE, epoll_ctl,
          (int epoll, int operation, int fd, struct epoll_event *event),
          (epoll, operation, fd, event))
INTERPOSE(int, -1, STATE, sigaltstack, (const stack_t *new, stack_t *old),
          (new, old))
INTERPOSE(int, -1, STATE, setpgid, (pid_t pid, pid_t group), (pid, group))

int fcntl(int fd, int command, ...)
{
    REAL(fcntl);
    int makes = command == F_DUPFD || command == F_DUPFD_CLOEXEC;
    int why = makes ? fault_strike(FAULT_DESCRIPTOR, "fcntl", CALLER) : 0;
    va_list list;
    void *arg;

    if (why) {
        errno = why;
        return -1;
    }
    va_start(list, command);
    arg = va_arg(list, void *);
    va_end(list);
    return real(fd, command, arg);
}

/* What waits. */
#define INTERPOSE_WAIT(result, name, parameters, arguments)                    \
    INTERPOSE(result, -1, INTERRUPT, name, parameters, arguments)
int poll(struct pollfd *fds, nfds_t n, int ms)
{
    REAL(poll);
    /* One that does not wait is not interrupted. */
    int why = ms ? fault_strike(FAULT_INTERRUPT, "poll", CALLER) : 0;

    if (why) {
        errno = why;
        return -1;
    }
    return real(fds, n, ms);
}
INTERPOSE_WAIT(int, dup2, (int from, int to), (from, to))
INTERPOSE_WAIT(pid_t, waitpid, (pid_t pid, int *status, int options),
               (pid, status, options))
INTERPOSE_WAIT(int, waitid,
               (idtype_t type, id_t id, siginfo_t *info, int options),
               (type, id, info, options))
INTERPOSE_WAIT(int, nanosleep,
               (const struct timespec *time, struct timespec *rest),
               (time, rest))
