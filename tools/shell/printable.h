/* Names and messages that may hold anything, as text that can be shown. */
#ifndef FORAY_TOOLS_SHELL_PRINTABLE_H
#define FORAY_TOOLS_SHELL_PRINTABLE_H

#include <stddef.h>
#include <stdio.h>

/* UTF-8 as it is; bytes that are none, and what steers terminals or the
 * direction of writing, as "\x1b". What is longer than `size` is cut at its
 * begin: "...". Returns `out`. */
const char *printable(char *out, size_t size, const char *text);

/* All of it. NULL: no memory. Owner: the caller. */
char *printable_all(const char *text);

/* Write all of it. */
void printable_put(FILE *file, const char *text);

/* What is behind the last slash, as printable() has it. */
const char *printable_tail(char *out, size_t size, const char *path);

#endif
