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

/* A file without a name by O_TMPFILE, where kernel and file system have it: a
 * descriptor, or -1 with errno. Whether that means that they lack it, and not
 * that the folder is bad. */
int foray__file_tmpfile(const char *folder, mode_t mode);
bool foray__file_lacks_tmpfile(int code);

/* A new file under a name nobody has, `prefix` and a number. *name is
 * malloc'ed. A descriptor, or -1 with errno. */
int foray__file_named(const char *prefix, mode_t mode, char **name);

/* The folder of a path, malloc'ed; NULL: no memory. */
char *foray__file_folder(const char *path);

/* A new file without a name, in a folder or (FORAY__MEMFD) in memory. Mode
 * 0600, close-on-exec. */
int foray__file_nameless(int *fd, const char *folder, struct foray_error *err);

/* Write all bytes at an offset. 0, or a code that names `path`. */
int foray__file_write(int fd, const void *bytes, size_t nbytes, size_t offset,
                      const char *path, struct foray_error *err);

/* Flush a file to the disk. */
int foray__file_sync(int fd, const char *path, struct foray_error *err);

/* Flush the folder that holds a name, where the file system can: the file is
 * under its new name in any case. */
void foray__folder_sync(const char *path);

#endif
