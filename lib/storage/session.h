/* Sessions, as other files of this room see them. */
#ifndef FORAY_STORAGE_SESSION_H
#define FORAY_STORAGE_SESSION_H

#include <dirent.h>
#include <sys/types.h>

#include <foray/storage.h>

/* A session's folder is foray-UID-RANDOM; while it is being made, before its
 * lock is held, it is .foray-UID-RANDOM. */
#define FORAY__SESSION_PREFIX "foray-"

/* SESSION/NAME.npy, malloc'ed.
 * Errors: FORAY_EINVAL (no session, a name with a slash or a leading dot),
 * FORAY_EFORK, FORAY_ENOMEM. */
int foray__session_file(char **out, const struct foray_session *session,
                        const char *name, struct foray_error *err);

/* Read an open folder without giving its descriptor away; NULL with errno. */
DIR *foray__session_entries(int folder);

/* Remove an open folder of files, `name` in `parent`; needs no descriptor.
 * Flat: a folder inside stays, and so does the whole. 0 or -1 with errno. */
int foray__session_remove(int parent, DIR *folder, const char *name);

#endif
