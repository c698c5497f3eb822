/* Reading files whole. */
#ifndef FORAY_BASE_READ_H
#define FORAY_BASE_READ_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* As many bytes as there are, at most `nbytes`; -1 with errno. */
ssize_t foray__read_at(int fd, void *bytes, size_t nbytes, uint64_t offset);

#endif
