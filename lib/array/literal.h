/* Literals in Python's syntax, of which a .npy header is made: dictionaries,
 * tuples, lists, strings, integers, True, False, None. Source: the language
 * reference's lexical analysis, and ast.literal_eval. */
#ifndef FORAY_ARRAY_LITERAL_H
#define FORAY_ARRAY_LITERAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <foray/error.h>

enum foray__literal_kind {
    FORAY__LITERAL_NONE,
    FORAY__LITERAL_BOOL, /* value */
    FORAY__LITERAL_INT,  /* value, negative, huge */
    FORAY__LITERAL_STRING,
    FORAY__LITERAL_TUPLE, /* items */
    FORAY__LITERAL_LIST,  /* items */
    FORAY__LITERAL_DICT   /* items: key, value, key, value, ... */
};

/* Deeper nesting is refused. */
enum { FORAY__LITERAL_MAX_DEPTH = 32 };

struct foray__literal {
    enum foray__literal_kind kind;
    uint64_t value; /* magnitude; 1 for True */
    bool negative;
    bool huge;        /* the magnitude does not fit `value` */
    const char *text; /* of a string: between the quotes, escapes as written */
    size_t length;    /* bytes of text */
    char quote;       /* of a string: ' or " */
    struct foray__literal *items; /* the first */
    struct foray__literal *next;  /* behind it in the same container */
};

/* Read one literal, around which there is only white space or comments.
 * Strings point into `text`. `name` is the file's, for messages.
 * Errors: FORAY_EFORMAT, FORAY_ENOMEM; *out is then NULL. */
int foray__literal_parse(struct foray__literal **out, const char *text,
                         size_t length, const char *name,
                         struct foray_error *err);

void foray__literal_free(struct foray__literal *literal);

/* Whether it is a string that reads `text`. */
bool foray__literal_is(const struct foray__literal *literal, const char *text);

/* The literal as Python's repr writes it; strings keep their spelling.
 * Returns a malloc'ed string, NULL without memory. */
char *foray__literal_format(const struct foray__literal *literal);

#endif
