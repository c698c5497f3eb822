/* The script for fish: a line for each command and each option. */
#include <stdio.h>

#include "shell/completion.h"

static void print_text(const char *text)
{
    completion_quoted(text, "\\", "\\'");
}

static void print_argument(const struct option_spec *spec)
{
    switch (completion_kind(spec)) {
    case COMPLETION_FLAG:
    case COMPLETION_OPTIONAL: /* fish has no word for it */
        break;
    case COMPLETION_WORDS:
        fputs(" -x -a '", stdout);
        completion_words(spec->argument);
        putchar('\'');
        break;
    case COMPLETION_FILE:
        fputs(" -r -F", stdout);
        break;
    case COMPLETION_FOLDER:
        fputs(" -x -a '(__fish_complete_directories (commandline -ct | string "
              "replace -r \"^--[^=]*=\" \"\"))'",
              stdout);
        break;
    case COMPLETION_OTHER:
        fputs(" -x", stdout);
    }
}

static void print_tables(const struct command *command,
                         const struct option_table *tables, size_t n_tables,
                         void *unused)
{
    const char *operands = completion_operands(command);

    (void)unused;
    if (operands) {
        printf("complete -c foray -n '__fish_seen_subcommand_from %s' -f -a '",
               command->name);
        completion_words(operands);
        puts("'");
    }
    for (size_t i = 0; i < n_tables; i++)
        for (const struct option_spec *s = tables[i].specs; s->name; s++) {
            printf("complete -c foray -n '__fish_seen_subcommand_from %s' "
                   "-l %s",
                   command->name, s->name);
            if (s->letter)
                printf(" -s %c", s->letter);
            print_argument(s);
            fputs(" -d ", stdout);
            print_text(s->help);
            putchar('\n');
        }
}

void completion_fish(void)
{
    puts("# Completion of foray, made by 'foray completion fish'.\n"
         "complete -c foray -s h -l help -d 'show what there is'\n"
         "complete -c foray -n __fish_use_subcommand -s V -l version -d "
         "'show the version'");
    for (const struct command *c = commands; c->name; c++) {
        printf("complete -c foray -n '__fish_use_subcommand; or "
               "__fish_seen_subcommand_from help' -f -a %s -d ",
               c->name);
        print_text(c->summary);
        putchar('\n');
    }
    puts("complete -c foray -n __fish_use_subcommand -f -a help -d 'the "
         "options of a command'");
    for (const struct command *c = commands; c->name; c++)
        options_look(c, print_tables, NULL);
}
