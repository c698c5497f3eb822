/* Segments: mapped files, and the list of those this process made.
 *
 * One process makes a segment; workers map it from a descriptor they are sent
 * (foray__segment_map) and never hold a struct foray_segment of the parent's:
 * what they were sent is a segment of their own, with another id, which they
 * can send on.
 */
#ifndef FORAY_STORAGE_SEGMENT_H
#define FORAY_STORAGE_SEGMENT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <foray/array.h>

#include "base/error.h"

struct foray_segment {
    uint64_t id; /* unique in this process, never used again */
    pid_t pid;   /* the process that made it */
    int fd;      /* O_RDONLY for modes r and c, else O_RDWR; CLOEXEC */
    void *base;  /* mapping of the whole file from offset 0 */
    size_t length;
    enum foray_mode mode;
    atomic_int filed; /* 1: on a disk, -1: in memory alone, 0: not known yet */
    const void *thread; /* that made it, and in which of its calls */
    uint64_t call;
    atomic_int users;     /* runs under way that use it; close is EBUSY */
    atomic_bool shadowed; /* this process has other pages there for a while */
    char *path;           /* name of the file, NULL for unnamed segments */
    char *descr;          /* NumPy's type string */
    bool partial;         /* the file is PATH.partial until committed */
    bool resumable;       /* and stays if it is closed before that */
    bool blank; /* new, and no run with a journal has begun to write there */
    /* What close has to do to the file first, or NULL; the argument is freed
     * with the segment. */
    int (*before_close)(const struct foray_segment *segment, void *arg,
                        struct foray_error *err);
    void *before_close_arg;
    struct foray_segment *next, *previous; /* list of live segments */
};

/* Map a segment's file from a descriptor, in a worker. Mode r maps read-only,
 * r+ and w+ read-write and shared, c private. NULL with errno on failure. */
void *foray__segment_map(int fd, size_t length, enum foray_mode mode);

/* Every mapping this process inherited, unmapped and its descriptor closed:
 * what a new worker does first, so that a stray pointer of the parent's
 * faults. The structs stay, to answer FORAY_EFORK. Only for a freshly forked,
 * single-threaded child. */
void foray__segment_forget_all(void);

/* Make a segment around a mapping, and put it in the list. `path` and `descr`
 * are copied. NULL when out of memory: nothing was taken over then. */
struct foray_segment *foray__segment_new(int fd, void *base, size_t length,
                                         enum foray_mode mode, const char *path,
                                         const char *descr);

/* Whether the segment lives, and in this process.
 * Errors: FORAY_EINVAL (closed already, or NULL), FORAY_EFORK. */
int foray__segment_check(const struct foray_segment *segment,
                         struct foray_error *err);

/* Whether it is a file on a disk, whose pages memory can let go of. */
bool foray__segment_filed(struct foray_segment *segment);

/* The live segment of this process that has this id, NULL if none has. It
 * stays as long as something uses it. */
const struct foray_segment *foray__segment_find(uint64_t id);

/* This thread begins a call; to be told at its end what this returned. */
uint64_t foray__segment_call_begin(void);
void foray__segment_call_end(uint64_t outer);

/* Whether the call that this thread is in made the segment: what else may have
 * it is the program's. */
bool foray__segment_is_of_call(const struct foray_segment *segment);

/* The live segment that [low, high) lies in, NULL if none. It stays as long as
 * something uses it. */
struct foray_segment *foray__segment_around(uintptr_t low, uintptr_t high);

/* Whether a segment of this process is mapped somewhere in [low, high). */
bool foray__segment_overlaps(uintptr_t low, uintptr_t high);

/* What messages call it: its file's name, or "the temporary array". */
const char *foray__segment_name(char buffer[FORAY__TAIL_SIZE],
                                const struct foray_segment *segment);

/* Take it out of the list, unmap, close, free. */
void foray__segment_free(struct foray_segment *segment);

/* Told of every segment that is about to be closed; at most one listener, the
 * engine, which drops it from its workers. Forks of this process wait for the
 * list of segments; a listener that has a lock of its own that forks wait for
 * registers it after this call, so that locks are always taken in one order:
 * the listener's, then the list's. */
typedef void (*foray__segment_close_fn)(uint64_t id);
void foray__segment_on_close(foray__segment_close_fn listener);
void foray__segment_tell_listener(uint64_t id);

#endif
