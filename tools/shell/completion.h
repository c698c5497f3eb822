/* Scripts for shells, made of the tables of options: what may follow what has
 * been typed. */
#ifndef FORAY_TOOLS_SHELL_COMPLETION_H
#define FORAY_TOOLS_SHELL_COMPLETION_H

#include "shell/options.h"

/* Write a shell's script to standard output. */
void completion_bash(void);
void completion_zsh(void);
void completion_fish(void);

/* What the argument of an option is. */
enum completion_kind {
    COMPLETION_FLAG,     /* there is none */
    COMPLETION_WORDS,    /* one of a fixed set */
    COMPLETION_OPTIONAL, /* likewise, behind "=" or not there */
    COMPLETION_FILE,
    COMPLETION_FOLDER,
    COMPLETION_OTHER /* nothing that a shell could know */
};
enum completion_kind completion_kind(const struct option_spec *spec);

/* Write words that stand as "one|other", or in "[=one|other]", with blanks
 * between them. */
void completion_words(const char *words);

/* The words that a command itself takes, likewise; NULL: it takes files. */
const char *completion_operands(const struct command *command);

/* Write text in single quotes, in which `specials` need a backslash. A quote
 * becomes `quote`. */
void completion_quoted(const char *text, const char *specials,
                       const char *quote);

#endif
