/* The script for zsh: what _arguments takes, a line an option. */
#include <stdio.h>

#include "shell/completion.h"

static const char head[] =
    "#compdef foray\n"
    "# Completion of foray, made by 'foray completion zsh'.\n"
    "_foray() {\n"
    "\tlocal curcontext=$curcontext state line\n"
    "\ttypeset -A opt_args\n"
    "\tlocal -a commands\n"
    "\tcommands=(\n";

static const char middle[] =
    "\t)\n"
    "\t_arguments -C '(- *)'{-h,--help}'[show what there is]' \\\n"
    "\t\t'(- *)'{-V,--version}'[show the version]' \\\n"
    "\t\t'1:command:->command' '*:: :->argument' && return\n"
    "\tcase $state in\n"
    "\tcommand) _describe -t commands command commands -- "
    "'(help:\"the options of a command\")' ;;\n"
    "\targument) case $words[1] in\n"
    "\thelp) _describe -t commands command commands ;;\n";

/* Read from a folder of functions it is the function's first call. */
static const char tail[] = "\tesac ;;\n"
                           "\tesac\n"
                           "}\n"
                           "if [[ $funcstack[1] == _foray ]]; then\n"
                           "\t_foray \"$@\"\n"
                           "else\n"
                           "\tcompdef _foray foray\n"
                           "fi\n";

static const char quote[] = "'\\''";

static void print_action(const struct option_spec *spec)
{
    switch (completion_kind(spec)) {
    case COMPLETION_WORDS:
    case COMPLETION_OPTIONAL:
        putchar('(');
        completion_words(spec->argument);
        putchar(')');
        break;
    case COMPLETION_FILE:
        fputs("_files", stdout);
        break;
    case COMPLETION_FOLDER:
        fputs("_files -/", stdout);
        break;
    default:
        putchar(' ');
    }
}

/* '*'{-j+,--jobs=}'[help]'':N: ' */
static void print_spec(const struct option_spec *spec)
{
    enum completion_kind kind = completion_kind(spec);
    const char *sign = kind == COMPLETION_FLAG       ? ""
                       : kind == COMPLETION_OPTIONAL ? "=-"
                                                     : "=";

    fputs(" \\\n\t\t'*'", stdout);
    if (spec->letter)
        printf("{-%c%s,--%s%s}", spec->letter, *sign ? "+" : "", spec->name,
               sign);
    else
        printf("--%s%s", spec->name, sign);
    fputs("'['", stdout);
    completion_quoted(spec->help, "[]\\", quote);
    fputs("']'", stdout);
    if (kind == COMPLETION_FLAG)
        return;
    printf("':%sargument:", kind == COMPLETION_OPTIONAL ? ":" : "");
    print_action(spec);
    putchar('\'');
}

static void print_tables(const struct command *command,
                         const struct option_table *tables, size_t n_tables,
                         void *unused)
{
    const char *operands = completion_operands(command);

    (void)unused;
    printf("\t%s) _arguments -s -S '(- *)'{-h,--help}'[show the options]'",
           command->name);
    for (size_t i = 0; i < n_tables; i++)
        for (const struct option_spec *s = tables[i].specs; s->name; s++)
            print_spec(s);
    if (operands) {
        fputs(" \\\n\t\t'1:word:(", stdout);
        completion_words(operands);
        puts(")' ;;");
    } else {
        puts(" \\\n\t\t'*:file:_files' ;;");
    }
}

void completion_zsh(void)
{
    fputs(head, stdout);
    for (const struct command *c = commands; c->name; c++) {
        printf("\t\t%s:", c->name);
        completion_quoted(c->summary, ":\\", quote);
        putchar('\n');
    }
    fputs(middle, stdout);
    for (const struct command *c = commands; c->name; c++)
        options_look(c, print_tables, NULL);
    fputs(tail, stdout);
}
