/* A text beside an output: written beside its name, which it gets when it is
 * whole. */
#ifndef FORAY_TOOLS_DATA_COMPANION_H
#define FORAY_TOOLS_DATA_COMPANION_H

#include <stdio.h>

struct companion {
    FILE *file; /* to be written to */
    char *path, *partial;
};

/* Begin PATH.partial. Returns 0, or -1 after a message. */
int companion_open(struct companion *companion, const char *path);

/* All is written: it is on the disk when this returns, as PATH.partial. Returns
 * as above; then the partial file is gone. */
int companion_finish(struct companion *companion);

/* Give what is finished its name. Returns as above. */
int companion_install(struct companion *companion);

/* Both. */
int companion_commit(struct companion *companion);

/* Leave what is finished as PATH.partial. */
void companion_leave(struct companion *companion);

/* Remove what was begun; nothing after a commit or without an open. */
void companion_close(struct companion *companion);

#endif
