/* foray: which command is meant, and what there is without one. */
#include <config.h>

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "shell/command.h"
#include "shell/message.h"
#include "shell/streams.h"
#include "shell/suggest.h"

static void print_help(void)
{
    fputs("Usage: foray COMMAND [OPTION]... [ARGUMENT]...\n"
          "Parallel work on large arrays in forked workers that share "
          "memory.\n\nCommands:\n",
          stdout);
    for (const struct command *c = commands; c->name; c++)
        printf("  %-10s %s\n", c->name, c->summary);
    fputs("\n'foray COMMAND --help' or 'foray help COMMAND' shows the options "
          "of a command.\n"
          "Exit status: 0 done; 1 failed, no output made; 2 usage; 3 output "
          "complete, but\nitems were skipped; 129, 130, 143 stopped by SIGHUP, "
          "SIGINT, SIGTERM, no\noutput made.\n",
          stdout);
}

static int unknown(const char *word)
{
    struct suggestion near = {0};

    if (*word == '-') {
        message("unknown option %s; 'foray --help' shows what there is", word);
        return STATUS_USAGE;
    }
    for (const struct command *c = commands; c->name; c++)
        suggest(&near, word, c->name);
    suggest(&near, word, "help");
    if (near.name)
        message("unknown command %s: did you mean %s? 'foray --help' lists "
                "them",
                word, near.name);
    else
        message("unknown command %s; 'foray --help' lists them", word);
    return STATUS_USAGE;
}

static int run_command(int argc, char **argv)
{
    const struct command *command = command_find(argv[1]);

    if (!command)
        return unknown(argv[1]);
    message_command(command->name);
    return command->run(command, argc - 1, argv + 1);
}

static bool is_help(const char *word)
{
    return !strcmp(word, "--help") || !strcmp(word, "-h") ||
           !strcmp(word, "help");
}

int main(int argc, char **argv)
{
    static char help[] = "--help";
    int status = STATUS_DONE;

    streams_hold();
    if (argc < 2) {
        message("no command; 'foray --help' lists them");
        return STATUS_USAGE;
    }
    if (is_help(argv[1]) && argc > 2 && !is_help(argv[2]))
        status = run_command(3, (char *[]){argv[0], argv[2], help, NULL});
    else if (is_help(argv[1]))
        print_help();
    else if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V"))
        puts("foray " PACKAGE_VERSION);
    else
        status = run_command(argc, argv);
    return streams_close(status);
}
