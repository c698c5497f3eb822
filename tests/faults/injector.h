/* Faults on demand: what injector.c, a module for LD_PRELOAD, and the campaigns
 * that use it share.
 *
 * The module stands between the library and the C library. Calls are sorted
 * into families; those that the library makes, its workers' too, are counted in
 * memory that a process shares with those forked from it, and one of them,
 * told by its number, fails, does half of what it was asked for, or ends its
 * process. Calls that the program itself makes are let through.
 */
#ifndef FORAY_TESTS_INJECTOR_H
#define FORAY_TESTS_INJECTOR_H

#include <stdint.h>
#include <sys/types.h>

/* XX(NAME, name): a call may belong to several. */
#define FAULT_FAMILY_MAP(XX)                                                   \
    XX(MEMORY, "memory")         /* malloc, calloc, realloc, ... */            \
    XX(OPEN, "open")             /* open, openat, fopen, opendir */            \
    XX(DESCRIPTOR, "descriptor") /* pipe2, socketpair, memfd_create, ... */    \
    XX(MAP, "map")               /* mmap, mremap */                            \
    XX(PROTECT, "protect")       /* mprotect, madvise */                       \
    XX(SPACE, "space")           /* ftruncate, fallocate */                    \
    XX(FORK, "fork")             /* fork, posix_spawn */                       \
    XX(THREAD, "thread")         /* pthread_create */                          \
    XX(WRITE, "write")           /* write, pwrite, fwrite, fflush */           \
    XX(READ, "read")             /* read, pread */                             \
    XX(MESSAGE, "message")       /* send, sendmsg, recv, recvmsg */            \
    XX(NAME, "name")             /* rename, link, mkdir, chmod */              \
    XX(REMOVE, "remove")         /* unlink */                                  \
    XX(SYNC, "sync")             /* fsync, msync */                            \
    XX(CLOSE, "close")           /* close, fclose */                           \
    XX(STATE, "state")           /* fstat, lseek, flock, fcntl, ... */         \
    XX(SHORT, "short")           /* reads and writes that do half of it */     \
    XX(INTERRUPT, "interrupt")   /* what a signal may end: EINTR */

enum fault_family {
#define FAULT_FAMILY_ENUM(NAME, name) FAULT_##NAME,
    FAULT_FAMILY_MAP(FAULT_FAMILY_ENUM)
#undef FAULT_FAMILY_ENUM
        FAULT_FAMILIES
};

enum fault_action {
    FAULT_FAIL,
    FAULT_LAST, /* those after it fail, too */
    FAULT_KILL, /* the process dies before the call */
    FAULT_TEAR  /* after half of it, of those that are SHORT */
};

/* In memory shared by all processes of a case. */
struct fault_control {
    _Atomic int armed; /* calls are counted */
    int in_program;    /* the library is: those of the program are, too */
    pid_t spared;      /* whose own calls are let through, or 0 */
    uint32_t families; /* 1 << family of those that may be struck */
    enum fault_action action;
    int reason;             /* errno; 0: the family's first */
    uint64_t at;            /* strike this one of those; 0: none */
    _Atomic uint64_t count; /* of those */
    _Atomic uint64_t counts[FAULT_FAMILIES];
    _Atomic int hits; /* 1 when it was struck */
    char site[160];   /* which call, from where */
};

/* The module's functions: where it is loaded, to be found by dlsym; a unit test
 * is linked with it. Blocks are of memory that nobody freed yet. */
#pragma GCC visibility push(default)
void fault_attach(struct fault_control *control);
long fault_blocks(void);
#pragma GCC visibility pop
typedef void (*fault_attach_fn)(struct fault_control *control);
typedef long (*fault_blocks_fn)(void);

#endif
