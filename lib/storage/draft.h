/* Files on their way to a name: PATH.partial while they have another one,
 * locked by their maker as long as it lives. What a killed one leaves there is
 * removed by the next that makes the same file. */
#ifndef FORAY_STORAGE_DRAFT_H
#define FORAY_STORAGE_DRAFT_H

#include <stdbool.h>
#include <sys/types.h>

#include <foray/error.h>

/* A file on its way to a name in the same folder. */
struct foray__draft {
    int fd;
    char *temporary; /* its name for now, NULL while it has none */
};

/* PATH.partial, malloc'ed. NULL: no memory. */
char *foray__draft_beside(const char *path, struct foray_error *err);

/* Whether somebody else holds the lock of an open file; if not it is the
 * caller's, as far as there are locks. Waits a second for that: the workers of
 * a program that was killed have its files open for some moments more. */
bool foray__draft_is_held(int fd);

/* Take that lock of what has the name PATH.partial. Errors: FORAY_EBUSY. */
int foray__draft_take(int fd, const char *name, struct foray_error *err);

/* Remove what has the name PATH.partial if its maker is dead.
 * Errors: FORAY_EBUSY (it lives), FORAY_EEXIST (it is no file, or another
 * user's). */
int foray__draft_remove_dead(const char *name, struct foray_error *err);

/* Begin a file that will be called `path` or something beside it. A file that
 * has the name already lends its permissions, one of another user only what
 * they forbid; `mode` less the umask without one.
 * Errors: FORAY_EINVAL (what has the name is no regular file), FORAY_EACCES
 * (it is write-protected, or the folder is), FORAY_ENOENT, FORAY_ENOSPC. */
int foray__draft_open(struct foray__draft *draft, const char *path, mode_t mode,
                      struct foray_error *err);

/* Give it a name nobody has: 0, or an errno (EEXIST). */
int foray__draft_link(struct foray__draft *draft, const char *path);

/* Give it the name PATH.partial; a dead one makes room.
 * Errors: those of foray__draft_remove_dead and of link. */
int foray__draft_link_beside(struct foray__draft *draft, const char *name,
                             struct foray_error *err);

/* Give it a temporary name beside `path`, unless it has one, so that others can
 * open it. */
int foray__draft_name(struct foray__draft *draft, const char *path,
                      struct foray_error *err);

/* Give it the name, replacing what has it now. */
int foray__draft_install(struct foray__draft *draft, const char *path,
                         struct foray_error *err);

/* Give it up: its temporary name, and the descriptor unless that is -1. */
void foray__draft_drop(struct foray__draft *draft);

#endif
