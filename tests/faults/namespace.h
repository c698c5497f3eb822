/* What only root can make for a test: file systems in a namespace of its own,
 * another user. Of the process that calls. */
#ifndef FORAY_TESTS_NAMESPACE_H
#define FORAY_TESTS_NAMESPACE_H

#include <stdbool.h>
#include <sys/types.h>

enum { STRANGER = 61234 }; /* a user that nobody is */

/* A tmpfs of those options over a folder, which nobody else sees. */
bool namespace_mount(const char *folder, const char *options);

/* Take all of a file system's space. */
bool namespace_fill(const char *folder);

/* From now on this process is another user's, in its group alone, who may look
 * at itself in /proc. */
bool namespace_become(uid_t user);

#endif
