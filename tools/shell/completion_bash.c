/* The script for bash, which needs nothing but bash: one function that looks at
 * the command and at the word before. */
#include <stdio.h>

#include "shell/completion.h"

static const char head[] =
    "# Completion of foray, made by 'foray completion bash'.\n"
    "_foray() {\n"
    "\tlocal word=${COMP_WORDS[COMP_CWORD]}\n"
    "\tlocal before=${COMP_WORDS[COMP_CWORD - 1]}\n"
    "\tlocal kind= words= options=\n"
    "\tCOMPREPLY=()\n"
    "\t# '--option=word' comes as three words.\n"
    "\tif [[ $word == = ]]; then\n"
    "\t\tword= before=$before=\n"
    "\telif [[ $before == = ]] && ((COMP_CWORD > 2)); then\n"
    "\t\tbefore=${COMP_WORDS[COMP_CWORD - 2]}=\n"
    "\tfi\n";

static const char tail[] =
    "\tif [[ -z $kind && $before != *= && $word == -* ]]; then\n"
    "\t\tkind=words words=\"$options --help\"\n"
    "\telif [[ -z $kind && -n $words ]]; then\n"
    "\t\tkind=words\n"
    "\tfi\n"
    "\t# What stays empty becomes the names of files.\n"
    "\tcase $kind in\n"
    "\twords)\n"
    "\t\tmapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$word\")\n"
    "\t\tcompopt +o default 2>/dev/null ;;\n"
    "\tother)\n"
    "\t\tcompopt +o default 2>/dev/null ;;\n"
    "\tfolder)\n"
    "\t\tcompopt +o default -o dirnames 2>/dev/null ;;\n"
    "\tesac\n"
    "}\n"
    "complete -o default -F _foray foray\n";

/* "-o|--output|--output=": what stands before the argument. */
static void print_pattern(const struct option_spec *spec)
{
    fputs("\t\t", stdout);
    if (spec->letter)
        printf("-%c|", spec->letter);
    if (completion_kind(spec) != COMPLETION_OPTIONAL)
        printf("--%s|", spec->name);
    printf("--%s=) ", spec->name);
}

static void print_case(const struct option_spec *spec)
{
    enum completion_kind kind = completion_kind(spec);

    if (kind == COMPLETION_FLAG)
        return;
    print_pattern(spec);
    if (kind == COMPLETION_WORDS || kind == COMPLETION_OPTIONAL) {
        fputs("kind=words words='", stdout);
        completion_words(spec->argument);
        puts("' ;;");
    } else {
        printf("kind=%s ;;\n", kind == COMPLETION_FILE     ? "file"
                               : kind == COMPLETION_FOLDER ? "folder"
                                                           : "other");
    }
}

static void print_tables(const struct command *command,
                         const struct option_table *tables, size_t n_tables,
                         void *unused)
{
    const char *operands = completion_operands(command);

    (void)unused;
    printf("\t%s)\n", command->name);
    if (operands) {
        fputs("\t\twords='", stdout);
        completion_words(operands);
        puts("'");
    }
    fputs("\t\toptions='", stdout);
    for (size_t i = 0; i < n_tables; i++)
        for (const struct option_spec *s = tables[i].specs; s->name; s++)
            printf("--%s ", s->name);
    puts("'\n\t\tcase $before in");
    for (size_t i = 0; i < n_tables; i++)
        for (const struct option_spec *s = tables[i].specs; s->name; s++)
            print_case(s);
    puts("\t\tesac ;;");
}

static void print_names(void)
{
    for (const struct command *c = commands; c->name; c++)
        printf("%s ", c->name);
}

void completion_bash(void)
{
    fputs(head, stdout);
    fputs("\tif ((COMP_CWORD == 1)); then\n\t\tkind=words words='", stdout);
    print_names();
    fputs("help --help --version'\n\telse case ${COMP_WORDS[1]} in\n"
          "\thelp)\n\t\tkind=words words='",
          stdout);
    print_names();
    puts("' ;;");
    for (const struct command *c = commands; c->name; c++)
        options_look(c, print_tables, NULL);
    puts("\tesac fi");
    fputs(tail, stdout);
}
