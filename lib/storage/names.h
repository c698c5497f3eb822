/* The names there are, for a message about one that is not there. */
#ifndef FORAY_STORAGE_NAMES_H
#define FORAY_STORAGE_NAMES_H

#include <stdbool.h>

struct foray__names {
    char text[160]; /* "a", "b", ...; empty at first */
    bool full;
};

/* A name that somebody else chose as messages may show it: what would break a
 * line becomes a question mark. */
void foray__names_clean(char *name);

/* The first few are told. */
void foray__names_add(struct foray__names *names, const char *name);

#endif
