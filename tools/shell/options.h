/* Options of a command, as tables: parsed and explained from one place. */
#ifndef FORAY_TOOLS_SHELL_OPTIONS_H
#define FORAY_TOOLS_SHELL_OPTIONS_H

#include <stddef.h>

#include "shell/command.h"

/* Read `text` (NULL for a flag) into a field. Returns NULL, or what a value
 * must be, "must be ...": static storage, until the next call. */
typedef const char *(*option_read_fn)(void *field, const char *text);

struct option_spec {
    const char *name;     /* long name; a table ends with NULL */
    int letter;           /* short name, or 0 */
    const char *argument; /* as the help shows it, "N"; NULL: a flag; "yes|no":
                             one of these words; "[=WORD]": may be left out */
    option_read_fn read;
    size_t offset; /* of the field in the struct the table fills */
    const char *help;
};

/* A table and the struct it fills. */
struct option_table {
    const char *title; /* over its options in the help; NULL: they go on under
                          the title before */
    const struct option_spec *specs;
    void *fields;
};

enum { OPTIONS_HELP = -1, OPTIONS_WRONG = -2 };

/* Parse. Returns the index of the first operand in `argv`, which is permuted;
 * OPTIONS_HELP when the help was asked for and printed, OPTIONS_WRONG after a
 * message. */
int options_parse(const struct command *command,
                  const struct option_table *tables, size_t n_tables, int argc,
                  char **argv);

/* Instead of parsing, tell what the tables of a command are: `look` is called
 * once, and nothing else is done. */
typedef void (*options_look_fn)(const struct command *command,
                                const struct option_table *tables,
                                size_t n_tables, void *arg);
void options_look(const struct command *command, options_look_fn look,
                  void *arg);

/* A message that ends in a pointer to the help. Returns STATUS_USAGE. */
int options_wrong(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
