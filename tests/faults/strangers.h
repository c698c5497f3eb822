/* What the parts of the campaign strangers share: users, a folder like /tmp,
 * files in it. */
#ifndef FORAY_TESTS_STRANGERS_H
#define FORAY_TESTS_STRANGERS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "campaign.h"
#include "namespace.h"

/* Two users that nobody is: USER uses foray, STRANGER means harm. */
enum { USER = STRANGER + 1 };

extern struct campaign strangers_campaign;
extern char shared[128]; /* a folder like /tmp */

/* PATH inside the shared folder; a ring of static buffers. */
const char *in_shared(const char *name);

/* Nothing is in it, and everybody may write, as in /tmp. */
void empty_shared(void);

/* What `fn` answers in a process of that user; 200: a signal; 201: it hangs. */
int as(uid_t user, int (*fn)(const void *arg), const void *arg);

/* A file of those words; and whether it has them, and is no link. */
void put_words(const char *path, const char *text, mode_t mode, uid_t user);
bool holds_words(const char *path, const char *text);

/* Count a case, and tell of it if it failed; 1 if it did. */
size_t count_case(size_t *cases, bool failed, const char *what, int answer);

/* The parts, each of which prints its rows. */
void try_privacy(void);
void try_plants(void);
void try_folders(void);
void try_clean(void);
void try_modules(void);
void try_variables(void);

#endif
