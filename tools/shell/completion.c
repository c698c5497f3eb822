#include "shell/completion.h"

#include <stdio.h>
#include <string.h>

enum completion_kind completion_kind(const struct option_spec *spec)
{
    const char *argument = spec->argument;

    if (!argument)
        return COMPLETION_FLAG;
    if (!strncmp(argument, "[=", 2))
        return COMPLETION_OPTIONAL;
    if (strchr(argument, '|'))
        return COMPLETION_WORDS;
    if (!strcmp(argument, "DIR"))
        return COMPLETION_FOLDER;
    return strstr(argument, "FILE") || strstr(argument, "OUT") ||
                   strstr(argument, "ARRAY")
               ? COMPLETION_FILE
               : COMPLETION_OTHER;
}

void completion_words(const char *words)
{
    for (; *words; words++)
        if (!strchr("[=]", *words))
            putchar(*words == '|' ? ' ' : *words);
}

const char *completion_operands(const struct command *command)
{
    return command->run == cmd_completion ? "bash|zsh|fish" : NULL;
}

void completion_quoted(const char *text, const char *specials,
                       const char *quote)
{
    putchar('\'');
    for (; *text; text++) {
        if (*text == '\'') {
            fputs(quote, stdout);
            continue;
        }
        if (strchr(specials, *text))
            putchar('\\');
        putchar(*text);
    }
    putchar('\'');
}
