/* Files of our own: nameless, or named only when they are whole. */
#ifndef FORAY_STORAGE_FILE_H
#define FORAY_STORAGE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <foray/error.h>

/* The descriptor itself, or a duplicate above the standard streams when the
 * program had closed one of them: what it prints must not end in an array. -1
 * stays -1, with its errno. */
int foray__above_streams(int fd);

/* A path that stays right after chdir: its folder without links, then the last
 * name as it is. *out is malloc'ed. */
int foray__absolute(char **out, const char *path, struct foray_error *err);

/* Whether a name still belongs to an open file. */
bool foray__file_is(int fd, const char *path);

/* A number for a name that nobody has yet; a guess of it is harmless. */
uint64_t foray__file_random(void);

/* A new file without a name, in a folder or (FORAY__MEMFD) in memory. Mode
 * 0600, close-on-exec. */
int foray__file_nameless(int *fd, const char *folder, struct foray_error *err);

/* A file on its way to a name in the same folder. */
struct foray__draft {
    int fd;
    char *temporary; /* its name for now, NULL while it has none */
};

/* Begin a file that will be called `path` or something beside it. A file that
 * has the name already lends its permissions; `mode` less the umask without
 * one.
 * Errors: FORAY_EINVAL (what has the name is no regular file), FORAY_EACCES
 * (it is write-protected, or the folder is), FORAY_ENOENT, FORAY_ENOSPC. */
int foray__draft_open(struct foray__draft *draft, const char *path, mode_t mode,
                      struct foray_error *err);

/* Give it a name nobody has: 0, or an errno (EEXIST). */
int foray__draft_link(struct foray__draft *draft, const char *path);

/* Give it a temporary name beside `path`, unless it has one, so that others can
 * open it. */
int foray__draft_name(struct foray__draft *draft, const char *path,
                      struct foray_error *err);

/* Give it the name, replacing what has it now. */
int foray__draft_install(struct foray__draft *draft, const char *path,
                         struct foray_error *err);

/* Give it up: its temporary name, and the descriptor unless that is -1. */
void foray__draft_drop(struct foray__draft *draft);

/* Write all bytes at an offset. 0, or a code that names `path`. */
int foray__file_write(int fd, const void *bytes, size_t nbytes, size_t offset,
                      const char *path, struct foray_error *err);

/* Flush a file to the disk. */
int foray__file_sync(int fd, const char *path, struct foray_error *err);

/* Flush the folder that holds a name, where the file system can: the file is
 * under its new name in any case. */
void foray__folder_sync(const char *path);

#endif
