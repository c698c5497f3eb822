#include "array/literal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Text that grows; counts only while `text` is NULL. */
struct writer {
    char *text;
    size_t used;
};

static void put(struct writer *out, const char *bytes, size_t length)
{
    if (out->text)
        memcpy(out->text + out->used, bytes, length);
    out->used += length;
}

static void put_text(struct writer *out, const char *text)
{
    put(out, text, strlen(text));
}

static void put_value(struct writer *out, const struct foray__literal *value);

static void put_items(struct writer *out, const struct foray__literal *value,
                      const char *open, const char *close)
{
    bool dict = value->kind == FORAY__LITERAL_DICT, key = true;

    put_text(out, open);
    for (const struct foray__literal *item = value->items; item;
         item = item->next) {
        put_value(out, item);
        if (item->next)
            put_text(out, dict && key ? ": " : ", ");
        else if (value->kind == FORAY__LITERAL_TUPLE && item == value->items)
            put_text(out, ",");
        key = !key;
    }
    put_text(out, close);
}

static void put_value(struct writer *out, const struct foray__literal *value)
{
    char number[24];

    switch (value->kind) {
    case FORAY__LITERAL_NONE:
        put_text(out, "None");
        break;
    case FORAY__LITERAL_BOOL:
        put_text(out, value->value ? "True" : "False");
        break;
    case FORAY__LITERAL_INT:
        snprintf(number, sizeof number, "%s%" PRIu64,
                 value->negative ? "-" : "", value->value);
        put_text(out, number);
        break;
    case FORAY__LITERAL_STRING:
        put(out, &value->quote, 1);
        put(out, value->text, value->length);
        put(out, &value->quote, 1);
        break;
    case FORAY__LITERAL_TUPLE:
        put_items(out, value, "(", ")");
        break;
    case FORAY__LITERAL_LIST:
        put_items(out, value, "[", "]");
        break;
    case FORAY__LITERAL_DICT:
        put_items(out, value, "{", "}");
        break;
    }
}

char *foray__literal_format(const struct foray__literal *literal)
{
    struct writer out = {NULL, 0};

    put_value(&out, literal);
    out.text = malloc(out.used + 1);
    if (!out.text)
        return NULL;
    out.used = 0;
    put_value(&out, literal);
    out.text[out.used] = '\0';
    return out.text;
}
