#include "storage/pickle_value.h"

#include <stdlib.h>
#include <string.h>

/* About 300 MB if a pickle really has so many. */
enum { MOST_VALUES = 1 << 21, MOST_BYTES = 1 << 27 };

struct foray__pickle_value *
foray__pickle_new(struct foray__pickle_values *values,
                  enum foray__pickle_kind kind)
{
    struct foray__pickle_value *value =
        values->n < MOST_VALUES ? calloc(1, sizeof *value) : NULL;

    if (!value)
        return NULL;
    value->kind = kind;
    value->next = values->first;
    values->first = value;
    values->n++;
    return value;
}

struct foray__pickle_value *
foray__pickle_integer(struct foray__pickle_values *values,
                      enum foray__pickle_kind kind, int64_t integer)
{
    struct foray__pickle_value *value = foray__pickle_new(values, kind);

    if (value)
        value->integer = integer;
    return value;
}

static bool account(struct foray__pickle_values *values, size_t nbytes)
{
    if (nbytes > MOST_BYTES - values->bytes)
        return false;
    values->bytes += nbytes;
    return true;
}

struct foray__pickle_value *
foray__pickle_text(struct foray__pickle_values *values, size_t length)
{
    struct foray__pickle_value *value =
        account(values, length + 1)
            ? foray__pickle_new(values, FORAY__PICKLE_TEXT)
            : NULL;

    if (!value)
        return NULL;
    value->text.bytes = calloc(length + 1, 1);
    value->text.length = length;
    return value->text.bytes ? value : NULL;
}

bool foray__pickle_append(struct foray__pickle_values *values,
                          struct foray__pickle_value *to,
                          struct foray__pickle_value *item)
{
    if (to->n == to->room) {
        size_t room = to->room ? 2 * to->room : 4;
        struct foray__pickle_value **items =
            account(values, room * sizeof(void *))
                ? realloc(to->items, room * sizeof(void *))
                : NULL;

        if (!items)
            return false;
        to->items = items;
        to->room = room;
    }
    to->items[to->n++] = item;
    return true;
}

void foray__pickle_free(struct foray__pickle_values *values)
{
    for (struct foray__pickle_value *value = values->first, *next; value;
         value = next) {
        next = value->next;
        if (value->array)
            foray__npy_free(&value->array->header);
        free(value->array);
        free(value->items);
        free(value->text.bytes);
        free(value);
    }
    memset(values, 0, sizeof *values);
}

bool foray__pickle_is(const struct foray__pickle_value *value, const char *text)
{
    return value && value->kind == FORAY__PICKLE_TEXT &&
           value->text.length == strlen(text) &&
           !memcmp(value->text.bytes, text, value->text.length);
}

struct foray__pickle_value *
foray__pickle_get(const struct foray__pickle_value *dict, const char *key)
{
    for (size_t i = dict->n; i >= 2; i -= 2)
        if (foray__pickle_is(dict->items[i - 2], key))
            return dict->items[i - 1];
    return NULL;
}
