/* A cursor over a Python literal, as far as .npy headers need them: strings,
 * integers, True, False, and brackets that are skipped with a limit on their
 * depth. Nothing is evaluated. */
#ifndef FORAY_ARRAY_LITERAL_H
#define FORAY_ARRAY_LITERAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct foray__literal {
    const char *at, *end;
};

/* A piece of the text, not ended by a zero. */
struct foray__span {
    const char *text;
    size_t length;
};

/* Step over blanks and comments; the next character, 0 at the end. */
char foray__literal_peek(struct foray__literal *cursor);

/* Step over `c` if it comes next. */
bool foray__literal_accept(struct foray__literal *cursor, char c);

/* A string in either kind of quotes, without backslashes: its inside. */
bool foray__literal_string(struct foray__literal *cursor,
                           struct foray__span *out);

/* An integer, decimal, 0x, 0o or 0b, "_" between digits, Python 2's trailing
 * L. false if there is none; *fits is whether it is 0 .. PTRDIFF_MAX. */
bool foray__literal_size(struct foray__literal *cursor, size_t *out,
                         bool *fits);

/* True or False. */
bool foray__literal_bool(struct foray__literal *cursor, bool *out);

/* Any literal, skipped: strings, numbers, words, brackets up to a depth of
 * 32. *out is its text. */
bool foray__literal_skip(struct foray__literal *cursor,
                         struct foray__span *out);

#endif
