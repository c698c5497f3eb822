/* What a fresh worker, or the zygote, does to become a clean process of its
 * own. */
#ifndef FORAY_ENGINE_HYGIENE_H
#define FORAY_ENGINE_HYGIENE_H

#include <stddef.h>

struct foray__hygiene {
    const char *name;    /* in ps, at most 15 characters */
    const int *keep_fds; /* stay open, beside 0, 1 and 2; sorted, unique */
    size_t n_keep_fds;
};

/* Reset signal dispositions and mask, ignore SIGINT, put /dev/null on standard
 * input, close every other descriptor, become a process group, take the name,
 * forget output that the host had not flushed yet (it will flush it itself). */
void foray__hygiene_apply(const struct foray__hygiene *wanted);

/* Close every descriptor above 2 but the sorted list. */
void foray__close_all_but(const int *keep, size_t n);

#endif
