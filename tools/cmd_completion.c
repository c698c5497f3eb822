#include "shell/command.h"

#include "shell/completion.h"
#include "shell/options.h"
#include "shell/values.h"

static const struct option_spec completion_options[] = {{0}};

int cmd_completion(const struct command *command, int argc, char **argv)
{
    static const char *const shells[] = {"bash", "zsh", "fish", NULL};
    static void (*const write[])(void) = {completion_bash, completion_zsh,
                                          completion_fish};
    const struct option_table table = {"Options", completion_options, NULL};
    int first = options_parse(command, &table, 1, argc, argv);
    int shell;

    if (first < 0)
        return first == OPTIONS_HELP ? STATUS_DONE : STATUS_USAGE;
    if (argc - first != 1)
        return options_wrong("name one shell: bash, zsh or fish");
    shell = value_word(argv[first], shells);
    if (shell < 0)
        return options_wrong("unknown shell %s: bash, zsh or fish",
                             argv[first]);
    write[shell]();
    return STATUS_DONE;
}
