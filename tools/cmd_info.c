#include "command.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <foray/storage.h>

#include "dataset.h"
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

static void print_members_json(const struct foray_dataset *item)
{
    printf("\"dtype\": \"%s\", \"descr\": ", foray_dtype_name(item->dtype));
    message_json(stdout, item->descr);
    printf(", \"swapped\": %s, \"itemsize\": %zu, \"shape\": ",
           item->swapped ? "true" : "false", item->itemsize);
    message_shape(stdout, item->shape, item->ndim, true);
    printf(", \"order\": \"%s\", \"nbytes\": %llu, \"stored\": %llu, "
           "\"offset\": ",
           item->fortran_order ? "F" : "C", (unsigned long long)item->nbytes,
           (unsigned long long)item->stored);
    if (item->mappable)
        printf("%llu", (unsigned long long)item->offset);
    else
        fputs("null", stdout);
    printf(", \"mappable\": %s, \"layout\": ",
           item->mappable ? "true" : "false");
    message_json(stdout, item->layout);
}

static void print_json(const struct dataset *dataset,
                       const struct foray_dataset_list *list, bool is_one)
{
    fputs("{\"path\": ", stdout);
    message_json(stdout, dataset->path);
    printf(", \"format\": \"%s\", ", dataset_format_name(dataset->format));
    if (is_one) {
        if (list->items->name) {
            fputs("\"name\": ", stdout);
            message_json(stdout, list->items->name);
            fputs(", ", stdout);
        }
        print_members_json(list->items);
    } else {
        fputs("\"members\": [", stdout);
        for (size_t i = 0; i < list->n; i++) {
            fputs(i ? ", {\"name\": " : "{\"name\": ", stdout);
            message_json(stdout, list->items[i].name);
            fputs(", ", stdout);
            print_members_json(&list->items[i]);
            putchar('}');
        }
        putchar(']');
    }
    puts("}");
}

static void print_text(const struct foray_dataset *item, const char *indent)
{
    char bytes[MESSAGE_BYTES_SIZE];

    printf("%s  layout    %s\n%s  dtype     %s (%s)\n%s  shape     ", indent,
           item->layout, indent, foray_dtype_name(item->dtype), item->descr,
           indent);
    message_shape(stdout, item->shape, item->ndim, false);
    printf("\n%s  order     %s\n%s  bytes     %llu (%s)\n", indent,
           item->fortran_order ? "F" : "C", indent,
           (unsigned long long)item->nbytes,
           message_bytes(bytes, item->nbytes));
    if (item->stored && item->stored != item->nbytes)
        printf("%s  stored    %llu (%s)\n", indent,
               (unsigned long long)item->stored,
               message_bytes(bytes, item->stored));
    if (item->mappable)
        printf("%s  data at   %llu\n", indent,
               (unsigned long long)item->offset);
    printf("%s  mappable  %s\n", indent, item->mappable ? "yes" : "no");
}

static void print_file(const struct dataset *dataset,
                       const struct foray_dataset_list *list, bool is_one)
{
    printf("%s\n  format    %s\n", dataset->text,
           dataset_format_name(dataset->format));
    for (size_t i = 0; i < list->n; i++) {
        if (!is_one)
            printf("  %s\n", list->items[i].name);
        print_text(&list->items[i], is_one ? "" : "  ");
    }
}

/* Only the array that was named is to be told of. The list keeps the others,
 * and frees them. */
static int pick(struct foray_dataset_list *one,
                const struct foray_dataset_list *list,
                const struct dataset *dataset)
{
    const struct foray_dataset *found =
        foray_dataset_find(list, dataset->member);

    if (!found) {
        message("%s: there is no \"%s\" in it; 'foray info %s' lists what is",
                dataset->path, dataset->member, dataset->path);
        return STATUS_FAILED;
    }
    one->items = list->items + (found - list->items);
    one->n = 1;
    return STATUS_DONE;
}

static int show_dataset(const struct dataset *dataset, bool json)
{
    struct foray_dataset_list list, shown;
    struct foray_error err = {0};
    int status = STATUS_DONE;
    bool is_one;

    if (dataset_list(&list, dataset, NULL, &err)) {
        message("%s", err.msg);
        return STATUS_FAILED;
    }
    shown = list;
    if (dataset->member)
        status = pick(&shown, &list, dataset);
    is_one = shown.n == 1 && (dataset->member || !shown.items->name);
    if (status == STATUS_DONE && json)
        print_json(dataset, &shown, is_one);
    else if (status == STATUS_DONE)
        print_file(dataset, &shown, is_one);
    foray_dataset_list_free(&list);
    return status;
}

/* Brackets are no part of a file: a view of an array has no place of its own
 * in it. */
static int show(const char *text, bool json)
{
    struct dataset dataset;
    int status = dataset_find(&dataset, text);

    if (status != STATUS_DONE)
        return status;
    status = dataset.part ? options_wrong("%s: info tells of whole arrays: "
                                          "leave the brackets out",
                                          text)
                          : show_dataset(&dataset, json);
    dataset_free(&dataset);
    return status;
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
        return options_wrong("name at least one file");
    for (; i < argc; i++) {
        int one = show(argv[i], c.json);

        if (one != STATUS_DONE && status != STATUS_USAGE)
            status = one;
    }
    return status;
}
