#include "images/provenance.h"

#include <stdlib.h>
#include <string.h>

#include "shell/message.h"

static struct provenance_item *add(struct provenance *provenance,
                                   const char *group, const char *name,
                                   enum provenance_kind kind)
{
    struct provenance_item *item = &provenance->items[provenance->n];

    if (provenance->n == PROVENANCE_ITEMS)
        abort(); /* the items are those of this program */
    provenance->n++;
    item->group = group;
    item->name = name;
    item->kind = kind;
    return item;
}

void provenance_text(struct provenance *provenance, const char *group,
                     const char *name, const char *text)
{
    add(provenance, group, name, PROVENANCE_TEXT)->text = text;
}

void provenance_bool(struct provenance *provenance, const char *group,
                     const char *name, bool yes)
{
    add(provenance, group, name, PROVENANCE_BOOL)->yes = yes;
}

void provenance_integer(struct provenance *provenance, const char *group,
                        const char *name, uint64_t integer)
{
    add(provenance, group, name, PROVENANCE_INTEGERS)->integers[0] =
        (int64_t)integer;
}

void provenance_list(struct provenance *provenance, const char *group,
                     const char *name, const size_t *list, int n)
{
    struct provenance_item *item =
        add(provenance, group, name, PROVENANCE_INTEGERS);

    for (int i = 0; i < n; i++)
        item->integers[i] = (int64_t)list[i];
    item->n = n;
}

void provenance_number(struct provenance *provenance, const char *group,
                       const char *name, double number)
{
    add(provenance, group, name, PROVENANCE_NUMBER)->number = number;
}

void provenance_null(struct provenance *provenance, const char *group,
                     const char *name)
{
    add(provenance, group, name, PROVENANCE_NULL);
}

static void write_integers(FILE *file, const struct provenance_item *item)
{
    if (!item->n) {
        fprintf(file, "%lld", (long long)item->integers[0]);
        return;
    }
    for (int i = 0; i < item->n; i++)
        fprintf(file, "%s%lld", i ? ", " : "[", (long long)item->integers[i]);
    fputc(']', file);
}

void provenance_write_value(FILE *file, const struct provenance_item *item)
{
    switch (item->kind) {
    case PROVENANCE_NULL:
        fputs("null", file);
        break;
    case PROVENANCE_TEXT:
        message_json(file, item->text);
        break;
    case PROVENANCE_BOOL:
        fputs(item->yes ? "true" : "false", file);
        break;
    case PROVENANCE_INTEGERS:
        write_integers(file, item);
        break;
    case PROVENANCE_NUMBER:
        fprintf(file, "%.17g", item->number);
    }
}

void provenance_write(FILE *file, const struct provenance *provenance)
{
    const char *group = NULL;

    fputc('{', file);
    for (int i = 0; i < provenance->n; i++) {
        const struct provenance_item *item = &provenance->items[i];

        if (group && group != item->group)
            fputs("\n  }", file);
        fputs(i ? ",\n" : "\n", file);
        if (item->group && group != item->group)
            fprintf(file, "  \"%s\": {\n", item->group);
        group = item->group;
        fprintf(file, group ? "    \"%s\": " : "  \"%s\": ", item->name);
        provenance_write_value(file, item);
    }
    fputs(group ? "\n  }\n}\n" : "\n}\n", file);
}

size_t
provenance_attributes(struct foray_hdf5_attribute attributes[PROVENANCE_ITEMS],
                      char names[PROVENANCE_ITEMS][PROVENANCE_NAME],
                      const struct provenance *provenance)
{
    static const enum foray_dtype dtypes[] = {
        [PROVENANCE_TEXT] = FORAY_OPAQUE,
        [PROVENANCE_BOOL] = FORAY_BOOL,
        [PROVENANCE_INTEGERS] = FORAY_I64,
        [PROVENANCE_NUMBER] = FORAY_F64,
    };
    size_t n = 0;

    for (int i = 0; i < provenance->n; i++) {
        const struct provenance_item *item = &provenance->items[i];

        if (item->kind == PROVENANCE_NULL)
            continue;
        snprintf(names[n], PROVENANCE_NAME, "%s%s%s",
                 item->group ? item->group : "", item->group ? "." : "",
                 item->name);
        attributes[n] = (struct foray_hdf5_attribute){
            .name = names[n],
            .dtype = dtypes[item->kind],
            .ndim = item->n ? 1 : 0,
            .shape = {(size_t)item->n},
            .values = item->kind == PROVENANCE_TEXT ? (const void *)&item->text
                      : item->kind == PROVENANCE_BOOL ? (const void *)&item->yes
                      : item->kind == PROVENANCE_INTEGERS
                          ? (const void *)item->integers
                          : (const void *)&item->number};
        n++;
    }
    return n;
}
