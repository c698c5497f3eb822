#include "shell/command.h"

#include <stdbool.h>
#include <stdio.h>

#include <foray/storage.h>

#include "shell/message.h"
#include "shell/options.h"
#include "shell/values.h"

struct clean_command {
    bool dry_run;
    const char *folder;
};

static const struct option_spec clean_options[] = {
    {"dry-run", 'n', NULL, value_flag, offsetof(struct clean_command, dry_run),
     "only say what would be removed"},
    {"temp-folder", 0, "DIR", value_text,
     offsetof(struct clean_command, folder),
     "look in DIR (wherever foray puts temporary arrays)"},
    {0}};

static void on_found(const char *path, size_t nbytes, void *arg)
{
    const struct clean_command *c = arg;
    char bytes[MESSAGE_BYTES_SIZE];

    printf("%s %s (%s)\n", c->dry_run ? "would remove" : "removed", path,
           message_bytes(bytes, nbytes));
}

int cmd_clean(const struct command *command, int argc, char **argv)
{
    struct clean_command c = {0};
    const struct option_table table = {"Options", clean_options, &c};
    int first = options_parse(command, &table, 1, argc, argv);
    struct foray_error err;
    size_t count = 0;

    if (first < 0)
        return first == OPTIONS_HELP ? STATUS_DONE : STATUS_USAGE;
    if (first < argc)
        return options_wrong("%s: clean takes no arguments", argv[first]);
    if (foray_clean(c.folder, c.dry_run, &count, on_found, &c, &err)) {
        message("%s", err.msg);
        return STATUS_FAILED;
    }
    if (!count)
        message("dead sessions left nothing");
    return STATUS_DONE;
}
