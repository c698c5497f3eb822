#include "command.h"

#include <stdbool.h>
#include <stdio.h>

#include <foray/storage.h>

#include "message.h"
#include "options.h"
#include "values.h"

struct info_command {
    bool json;
};

static const struct option_spec info_options[] = {
    {"json", 0, NULL, value_flag, offsetof(struct info_command, json),
     "an object a line"},
    {0}};

static const char *order_name(const struct foray_npy_info *info)
{
    return info->fortran_order ? "F" : "C";
}

static void print_json(const char *path, const struct foray_npy_info *info,
                       bool mappable)
{
    fputs("{\"path\": ", stdout);
    message_json(stdout, path);
    printf(", \"format\": \"npy %d.0\", \"dtype\": \"%s\", \"descr\": ",
           info->version, foray_dtype_name(info->dtype));
    message_json(stdout, info->descr);
    printf(", \"swapped\": %s, \"itemsize\": %zu, \"shape\": ",
           info->swapped ? "true" : "false", info->itemsize);
    message_shape(stdout, info->shape, info->ndim, true);
    printf(", \"order\": \"%s\", \"nbytes\": %zu, \"offset\": %zu, "
           "\"mappable\": %s}\n",
           order_name(info), info->nbytes, info->offset,
           mappable ? "true" : "false");
}

static void print_text(const char *path, const struct foray_npy_info *info,
                       const char *obstacle)
{
    char bytes[MESSAGE_BYTES_SIZE];

    printf("%s\n  format    npy %d.0\n  dtype     %s (%s)\n  shape     ", path,
           info->version, foray_dtype_name(info->dtype), info->descr);
    message_shape(stdout, info->shape, info->ndim, false);
    printf("\n  order     %s\n  bytes     %zu (%s)\n  data at   %zu\n"
           "  mappable  %s%s\n",
           order_name(info), info->nbytes, message_bytes(bytes, info->nbytes),
           info->offset, obstacle ? "no: " : "yes", obstacle ? obstacle : "");
}

static int show(const char *path, bool json)
{
    struct foray_npy_info info;
    struct foray_array array = {0};
    struct foray_error err;
    bool mappable;

    if (foray_npy_info(&info, path, &err)) {
        message("%s", err.msg);
        return STATUS_FAILED;
    }
    mappable = !foray_array_open(&array, path, "r", &err);
    foray_array_close(&array, NULL);
    if (json)
        print_json(path, &info, mappable);
    else
        print_text(path, &info, mappable ? NULL : err.msg);
    return STATUS_DONE;
}

int cmd_info(const struct command *command, int argc, char **argv)
{
    struct info_command c = {0};
    const struct option_table table = {"Options", info_options, &c};
    int i = options_parse(command, &table, 1, argc, argv);
    int status = STATUS_DONE;

    if (i < 0)
        return i == OPTIONS_HELP ? STATUS_DONE : STATUS_USAGE;
    if (i == argc)
        return options_wrong("name at least one .npy file");
    for (; i < argc; i++)
        if (show(argv[i], c.json))
            status = STATUS_FAILED;
    return status;
}
