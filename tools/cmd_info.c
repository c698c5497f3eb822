#include "shell/command.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <foray/storage.h>

#include "data/dataset.h"
#include "data/hdf5_door.h"
#include "images/provenance_in.h"
#include "shell/json_text.h"
#include "shell/message.h"
#include "shell/options.h"
#include "shell/printable.h"
#include "shell/values.h"

struct info_command {
    bool json;
};

static const struct option_spec info_options[] = {
    {"json", 0, NULL, value_flag, offsetof(struct info_command, json),
     "an object a line"},
    {0}};

/* NumPy's type string: what the file says, or what the type is called. */
static const char *descr_of(const struct foray_dataset *item)
{
    struct foray_array named = {.dtype = item->dtype, .swapped = item->swapped};

    return *item->descr ? item->descr : foray_array_descr(&named);
}

/* What is written beside a dataset of HDF5: what cannot be read is not there.
 */
static struct foray_hdf5_attributes
attributes_of(const struct dataset *dataset, const struct foray_dataset *item)
{
    const struct hdf5_door *hdf5 =
        dataset->format == DATASET_HDF5 ? hdf5_door(NULL) : NULL;
    struct foray_hdf5_attributes attributes = {0};

    if (!hdf5 || hdf5->read_attributes(&attributes, NULL, dataset->path,
                                       item->name, NULL))
        memset(&attributes, 0, sizeof attributes);
    return attributes;
}

static void print_value(const struct foray_hdf5_attribute *attribute, size_t i)
{
    enum foray_dtype dtype = attribute->dtype;
    struct foray_array array, item;
    double number = 0;
    char text[32];

    if (dtype == FORAY_OPAQUE) {
        message_json(stdout, ((char *const *)attribute->values)[i]);
        return;
    }
    if (foray_array_wrap(&array,
                         (char *)(uintptr_t)attribute->values +
                             i * foray_dtype_size(dtype),
                         dtype, 0, NULL, NULL) ||
        foray_array_wrap(&item, &number, FORAY_F64, 0, NULL, NULL) ||
        foray_array_copy(&item, &array, NULL) || !isfinite(number)) {
        fputs("null", stdout);
        return;
    }
    snprintf(text, sizeof text, "%.17g", number);
    fputs(text, stdout);
}

/* "name": value, or a flat list of values. */
static void print_attribute(const struct foray_hdf5_attribute *attribute)
{
    size_t n = 1;

    for (int k = 0; k < attribute->ndim; k++)
        n *= attribute->shape[k];
    message_json(stdout, attribute->name);
    fputs(attribute->ndim ? ": [" : ": ", stdout);
    for (size_t i = 0; i < n; i++) {
        if (i)
            fputs(", ", stdout);
        print_value(attribute, i);
    }
    if (attribute->ndim)
        putchar(']');
}

static void print_attributes(const struct dataset *dataset,
                             const struct foray_dataset *item,
                             const char *before, const char *behind)
{
    struct foray_hdf5_attributes attributes = attributes_of(dataset, item);

    if (attributes.n)
        fputs(before, stdout);
    for (size_t k = 0; k < attributes.n; k++) {
        if (k)
            fputs(", ", stdout);
        print_attribute(&attributes.items[k]);
    }
    if (attributes.n)
        fputs(behind, stdout);
    if (attributes.memory || attributes.items)
        hdf5_door(NULL)->attributes_free(&attributes);
}

/* "shuffle, deflate 4" as a list. */
static void print_filters(const char *filters)
{
    char words[sizeof((struct foray_dataset *)0)->filters], *rest = words;
    const char *word, *between = "";

    snprintf(words, sizeof words, "%s", filters);
    fputs(", \"filters\": [", stdout);
    while (*filters && (word = strsep(&rest, ","))) {
        fputs(between, stdout);
        message_json(stdout, word + strspn(word, " "));
        between = ", ";
    }
    putchar(']');
}

/* What foray hog wrote beside its features. */
static char *provenance_of(const struct dataset *dataset,
                           const struct foray_dataset *item)
{
    return dataset->format == DATASET_NPY ? provenance_find(dataset->path, item)
                                          : NULL;
}

static void print_provenance_json(const struct dataset *dataset,
                                  const struct foray_dataset *item)
{
    char *json = provenance_of(dataset, item);

    if (json) {
        fputs(", \"provenance\": ", stdout);
        json_print(stdout, json);
    }
    free(json);
}

static void print_members_json(const struct dataset *dataset,
                               const struct foray_dataset *item)
{
    printf("\"dtype\": \"%s\", \"descr\": ", foray_dtype_name(item->dtype));
    message_json(stdout, descr_of(item));
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
    if (item->ndim && item->chunk[0]) {
        fputs(", \"chunks\": ", stdout);
        message_shape(stdout, item->chunk, item->ndim, true);
        print_filters(item->filters);
    }
    print_attributes(dataset, item, ", \"attributes\": {", "}");
    print_provenance_json(dataset, item);
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
        print_members_json(dataset, list->items);
    } else {
        fputs("\"members\": [", stdout);
        for (size_t i = 0; i < list->n; i++) {
            fputs(i ? ", {\"name\": " : "{\"name\": ", stdout);
            message_json(stdout, list->items[i].name);
            fputs(", ", stdout);
            print_members_json(dataset, &list->items[i]);
            putchar('}');
        }
        putchar(']');
    }
    puts("}");
}

/* "2048 (2.0 KiB)"; less than that says it all. */
static void print_bytes(const char *indent, const char *what, uint64_t nbytes)
{
    char bytes[MESSAGE_BYTES_SIZE];

    printf("%s  %s    %llu", indent, what, (unsigned long long)nbytes);
    if (nbytes >= 1024)
        printf(" (%s)", message_bytes(bytes, nbytes));
    putchar('\n');
}

static void print_text(const struct dataset *dataset,
                       const struct foray_dataset *item, const char *indent)
{
    char *provenance = provenance_of(dataset, item);

    printf("%s  layout    %s\n%s  dtype     %s (%s)\n%s  shape     ", indent,
           item->layout, indent, foray_dtype_name(item->dtype), descr_of(item),
           indent);
    message_shape(stdout, item->shape, item->ndim, false);
    printf("\n%s  order     %s\n", indent, item->fortran_order ? "F" : "C");
    print_bytes(indent, "bytes ", item->nbytes);
    if (item->stored && item->stored != item->nbytes)
        print_bytes(indent, "stored", item->stored);
    if (item->mappable)
        printf("%s  data at   %llu\n", indent,
               (unsigned long long)item->offset);
    printf("%s  mappable  %s\n", indent, item->mappable ? "yes" : "no");
    print_attributes(dataset, item,
                     *indent ? "    attributes " : "  attributes ", "\n");
    if (provenance)
        provenance_print(provenance);
    free(provenance);
}

static void print_file(const struct dataset *dataset,
                       const struct foray_dataset_list *list, bool is_one)
{
    printable_put(stdout, dataset->text);
    printf("\n  format    %s\n", dataset_format_name(dataset->format));
    for (size_t i = 0; i < list->n; i++) {
        if (!is_one) {
            fputs("  ", stdout);
            printable_put(stdout, list->items[i].name);
            putchar('\n');
        }
        print_text(dataset, &list->items[i], is_one ? "" : "  ");
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
