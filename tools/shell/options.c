#include "shell/options.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shell/message.h"
#include "shell/suggest.h"

enum { MAX_OPTIONS = 64, FIRST_CODE = 1000 };

/* Who looks at the tables, while somebody does. */
static struct {
    options_look_fn look;
    void *arg;
} onlooker;

/* The tables in getopt_long's form. */
struct parser {
    const struct option_spec *specs[MAX_OPTIONS];
    void *fields[MAX_OPTIONS];
    struct option longs[MAX_OPTIONS + 2];
    char letters[2 * MAX_OPTIONS + 4];
    int n;
};

int options_wrong(const char *fmt, ...)
{
    char text[1024];
    va_list args;

    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    message("%s; --help shows the options", text);
    return STATUS_USAGE;
}

static bool is_optional(const struct option_spec *spec)
{
    return !strncmp(spec->argument, "[=", 2);
}

static int kind_of_argument(const struct option_spec *spec)
{
    if (!spec->argument)
        return no_argument;
    return is_optional(spec) ? optional_argument : required_argument;
}

static void add(struct parser *parser, const struct option_spec *spec,
                void *fields)
{
    int n = parser->n;
    size_t end = strlen(parser->letters);

    if (n == MAX_OPTIONS)
        abort(); /* the tables are constants of this program */
    parser->specs[n] = spec;
    parser->fields[n] = fields;
    parser->longs[n] = (struct option){spec->name, kind_of_argument(spec), NULL,
                                       FIRST_CODE + n};
    if (spec->letter) {
        parser->letters[end++] = (char)spec->letter;
        if (spec->argument)
            parser->letters[end] = ':';
    }
    parser->n++;
}

static void start(struct parser *parser, const struct option_table *tables,
                  size_t n_tables)
{
    memset(parser, 0, sizeof *parser);
    strcpy(parser->letters, ":h"); /* ':' tells a missing argument apart */
    for (size_t i = 0; i < n_tables; i++)
        for (const struct option_spec *s = tables[i].specs; s->name; s++)
            add(parser, s, tables[i].fields);
    parser->longs[parser->n] = (struct option){"help", no_argument, NULL, 'h'};
}

static void print_spec(const struct option_spec *spec)
{
    char left[64];
    int n = spec->letter ? snprintf(left, sizeof left, "-%c, --%s",
                                    spec->letter, spec->name)
                         : snprintf(left, sizeof left, "    --%s", spec->name);

    if (spec->argument)
        snprintf(left + n, sizeof left - (size_t)n, "%s%s",
                 is_optional(spec) ? "" : " ", spec->argument);
    if (strlen(left) > 28)
        printf("  %s\n  %-28s %s\n", left, "", spec->help);
    else
        printf("  %-28s %s\n", left, spec->help);
}

static void print_help(const struct command *command,
                       const struct option_table *tables, size_t n_tables)
{
    printf("Usage: foray %s\n%s\n", command->usage, command->description);
    for (size_t i = 0; i < n_tables; i++) {
        if (tables[i].specs->name && tables[i].title)
            printf("\n%s:\n", tables[i].title);
        for (const struct option_spec *s = tables[i].specs; s->name; s++)
            print_spec(s);
    }
}

/* The options that a word may stand for: all that begin with it, or else the
 * one it is nearest to. Returns how many. */
static int guess(char *out, size_t size, const struct parser *parser,
                 const char *word, size_t length)
{
    struct suggestion near = {0};
    char wrong[64];
    size_t at = 0;
    int n = 0;

    snprintf(wrong, sizeof wrong, "%.*s", (int)length, word);
    *out = '\0';
    for (const struct option *o = parser->longs; o->name; o++) {
        suggest(&near, wrong, o->name);
        if (strncmp(o->name, wrong, strlen(wrong)) != 0 || at >= size)
            continue;
        at += (size_t)snprintf(out + at, size - at, n ? ", --%s" : "--%s",
                               o->name);
        n++;
    }
    if (n || !near.name)
        return n;
    snprintf(out, size, "--%s", near.name);
    return 1;
}

static void complain_unknown(const struct parser *parser, const char *word)
{
    size_t length = strcspn(word, "=");
    char likely[256];
    int n = guess(likely, sizeof likely, parser, word + 2, length - 2);

    if (n > 1)
        options_wrong("unknown option %.*s, short for each of %s", (int)length,
                      word, likely);
    else if (n)
        options_wrong("unknown option %.*s: did you mean %s?", (int)length,
                      word, likely);
    else
        options_wrong("unknown option %.*s", (int)length, word);
}

/* What getopt_long stopped at, in the user's own words. */
static void complain(const struct parser *parser, int code, char **argv)
{
    const char *word = argv[optind - 1];
    char letter[3] = {'-', (char)optopt, '\0'};
    bool is_letter = optopt > 0 && optopt < FIRST_CODE && word[1] != '-';
    int length = (int)strcspn(word, "=");

    if (code == ':')
        options_wrong("%s needs a value", is_letter ? letter : word);
    else if (is_letter || strncmp(word, "--", 2) != 0)
        options_wrong("unknown option %s", letter);
    else if (optopt >= FIRST_CODE)
        options_wrong("%.*s takes no value", length, word);
    else
        complain_unknown(parser, word);
}

void options_look(const struct command *command, options_look_fn look,
                  void *arg)
{
    char *argv[] = {NULL, NULL};

    onlooker.look = look;
    onlooker.arg = arg;
    command->run(command, 0, argv);
    onlooker.look = NULL;
}

static int find_letter(const struct parser *parser, int letter)
{
    for (int i = 0; i < parser->n; i++)
        if (parser->specs[i]->letter == letter)
            return i;
    abort(); /* getopt_long knows only the letters it was given */
}

int options_parse(const struct command *command,
                  const struct option_table *tables, size_t n_tables, int argc,
                  char **argv)
{
    struct parser parser;
    int code;

    if (onlooker.look) {
        onlooker.look(command, tables, n_tables, onlooker.arg);
        return OPTIONS_HELP;
    }
    start(&parser, tables, n_tables);
    opterr = 0;
    while ((code = getopt_long(argc, argv, parser.letters, parser.longs,
                               NULL)) != -1) {
        const struct option_spec *spec;
        const char *wrong;
        int i;

        if (code == 'h') {
            print_help(command, tables, n_tables);
            return OPTIONS_HELP;
        }
        if (code == '?' || code == ':') {
            complain(&parser, code, argv);
            return OPTIONS_WRONG;
        }
        i = code >= FIRST_CODE ? code - FIRST_CODE : find_letter(&parser, code);
        spec = parser.specs[i];
        wrong = spec->read((char *)parser.fields[i] + spec->offset, optarg);
        if (wrong) {
            options_wrong("--%s %s: %s", spec->name, optarg, wrong);
            return OPTIONS_WRONG;
        }
    }
    return optind;
}
