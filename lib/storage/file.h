/* Files of our own: nameless, or named only when they are whole. */
#ifndef FORAY_STORAGE_FILE_H
#define FORAY_STORAGE_FILE_H

#include <stddef.h>

#include <foray/error.h>

/* A new file without a name, in a folder or (FORAY__MEMFD) in memory. Mode
 * 0600, close-on-exec. Returns the descriptor, or -1 with err filled. */
int foray__file_nameless(const char *folder, struct foray_error *err);

/* A file on its way to a name in the same folder. */
struct foray__draft {
    int fd;
    char *temporary; /* its name for now, NULL while it has none */
};

/* Begin a file that will be called `path` or something beside it. Mode 0666
 * less the umask. 0, or a code. */
int foray__draft_open(struct foray__draft *draft, const char *path,
                      struct foray_error *err);

/* Give it the name, replacing what has it now. The descriptor stays open. */
int foray__draft_install(struct foray__draft *draft, const char *path,
                         struct foray_error *err);

/* Give it up: no name, descriptor closed. After install: nothing. */
void foray__draft_drop(struct foray__draft *draft);

/* Write all bytes at an offset. 0, or a code that names `path`. */
int foray__file_write(int fd, const void *bytes, size_t nbytes, size_t offset,
                      const char *path, struct foray_error *err);

/* Flush a file, and the folder that holds its name. */
int foray__file_sync(int fd, const char *path, struct foray_error *err);

#endif
