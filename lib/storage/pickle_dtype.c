/* Pickled dtypes as .npy headers write them. */
#include "storage/pickle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "array/typestring.h"
#include "base/error.h"
#include "base/size.h"

enum { DEEPEST = 16, LONGEST = 1 << 16, MOST_FIELDS = 1024 };

/* The state of a dtype: (version, byte order, subdtype, names, fields,
 * itemsize, alignment, flags[, metadata]). */
enum { ORDER = 1, SUBDTYPE, NAMES, FIELDS, ITEMSIZE, METADATA = 8 };

/* Text that grows. */
struct text {
    char *bytes;
    size_t n, room;
    bool failed; /* no memory, or too long */
};

static void put(struct text *out, const char *bytes, size_t n)
{
    if (out->n + n + 1 > out->room && !out->failed) {
        size_t room = 2 * (out->n + n + 1);
        char *larger = room <= LONGEST ? realloc(out->bytes, room) : NULL;

        if (larger) {
            out->bytes = larger;
            out->room = room;
        }
        out->failed = !larger;
    }
    if (out->failed)
        return;
    memcpy(out->bytes + out->n, bytes, n);
    out->n += n;
    out->bytes[out->n] = '\0';
}

static void put_text(struct text *out, const char *text)
{
    put(out, text, strlen(text));
}

static void put_number(struct text *out, size_t number)
{
    char digits[24];

    snprintf(digits, sizeof digits, "%zu", number);
    put_text(out, digits);
}

/* Between quotes, as Python's repr: what would end them or the line is
 * escaped. */
static void put_quoted(struct text *out, const struct foray__pickle_value *name)
{
    size_t n = name->text.length;
    bool has_single = memchr(name->text.bytes, '\'', n);
    char quote = has_single && !memchr(name->text.bytes, '"', n) ? '"' : '\'';

    put(out, &quote, 1);
    for (size_t k = 0; k < n; k++) {
        char c = name->text.bytes[k], escaped[8];

        if (c == quote || c == '\\') {
            put_text(out, "\\");
            put(out, &c, 1);
        } else if ((unsigned char)c < 0x20 || c == 0x7F) {
            snprintf(escaped, sizeof escaped, "\\x%02x", (unsigned)c);
            put_text(out, escaped);
        } else {
            put(out, &c, 1);
        }
    }
    put(out, &quote, 1);
}

static const struct foray__pickle_value *
state_of(const struct foray__pickle_value *dtype)
{
    return dtype->n > 1 ? dtype->items[1] : NULL;
}

/* A part of the state, NULL if it is None or not there. */
static const struct foray__pickle_value *
part_of(const struct foray__pickle_value *dtype, size_t which)
{
    const struct foray__pickle_value *state = state_of(dtype);

    if (!state || state->n <= which ||
        state->items[which]->kind == FORAY__PICKLE_NONE)
        return NULL;
    return state->items[which];
}

/* "f8" of dtype("f8", ...). */
static const struct foray__pickle_value *
type_of(const struct foray__pickle_value *dtype)
{
    return dtype->items[0]->items[0];
}

/* Bytes of an item. False if the type is none. */
static bool size_of(size_t *size, const struct foray__pickle_value *dtype)
{
    const struct foray__pickle_value *itemsize = part_of(dtype, ITEMSIZE);
    struct foray__typestring type;
    const char *wrong;

    if (itemsize && itemsize->kind == FORAY__PICKLE_INT &&
        itemsize->integer > 0) {
        *size = (size_t)itemsize->integer;
        return true;
    }
    wrong = foray__typestring_parse(&type, type_of(dtype)->text.bytes,
                                    type_of(dtype)->text.length);
    /* Objects are pointers in memory. */
    *size = wrong ? sizeof(void *) : type.itemsize;
    return !wrong || wrong == foray__typestring_objects;
}

/* "[us]", "[25s]" of dates: metadata is ({}, (unit, count, 1, 1)). */
static void put_unit(struct text *out, const struct foray__pickle_value *dtype)
{
    const struct foray__pickle_value *metadata = part_of(dtype, METADATA);
    const struct foray__pickle_value *unit, *name, *count;

    if (!metadata || metadata->kind != FORAY__PICKLE_TUPLE || metadata->n != 2)
        return;
    unit = metadata->items[1];
    if (unit->kind != FORAY__PICKLE_TUPLE || unit->n < 2)
        return;
    name = unit->items[0];
    count = unit->items[1];
    if (name->kind != FORAY__PICKLE_TEXT || count->kind != FORAY__PICKLE_INT ||
        count->integer < 1 || foray__pickle_is(name, "generic"))
        return;
    put_text(out, "[");
    if (count->integer > 1)
        put_number(out, (size_t)count->integer);
    put(out, name->text.bytes, name->text.length);
    put_text(out, "]");
}

static void put_plain(struct text *out, const struct foray__pickle_value *dtype)
{
    const struct foray__pickle_value *order = part_of(dtype, ORDER);
    const struct foray__pickle_value *type = type_of(dtype);

    put_text(out, "'");
    if (foray__pickle_is(order, "<") || foray__pickle_is(order, ">") ||
        foray__pickle_is(order, "|"))
        put(out, order->text.bytes, 1);
    /* A type of fields that cannot be told as such is bytes. */
    for (size_t k = 0; k < type->text.length; k++)
        if (type->text.bytes[k] >= '0' && type->text.bytes[k] <= 'z' &&
            type->text.bytes[k] != '\\')
            put(out, &type->text.bytes[k], 1);
    put_unit(out, dtype);
    put_text(out, "'");
}

/* A field of a structure: (dtype, offset[, title]). */
struct field {
    const struct foray__pickle_value *name, *dtype, *title;
    size_t offset, size;
};

static int compare_offsets(const void *left, const void *right)
{
    const struct field *a = left, *b = right;

    return a->offset < b->offset ? -1 : a->offset > b->offset;
}

static bool read_field(struct field *out,
                       const struct foray__pickle_value *name,
                       const struct foray__pickle_value *fields)
{
    const struct foray__pickle_value *value = NULL;

    if (name->kind != FORAY__PICKLE_TEXT)
        return false;
    for (size_t i = 0; i + 1 < fields->n; i += 2)
        if (foray__pickle_is(fields->items[i], name->text.bytes))
            value = fields->items[i + 1];
    if (!value || value->kind != FORAY__PICKLE_TUPLE || value->n < 2 ||
        value->items[0]->kind != FORAY__PICKLE_DTYPE ||
        value->items[1]->kind != FORAY__PICKLE_INT ||
        value->items[1]->integer < 0)
        return false;
    out->name = name;
    out->dtype = value->items[0];
    out->offset = (size_t)value->items[1]->integer;
    out->title = value->n > 2 && value->items[2]->kind == FORAY__PICKLE_TEXT
                     ? value->items[2]
                     : NULL;
    return size_of(&out->size, out->dtype);
}

static void put_gap(struct text *out, size_t nbytes)
{
    if (!nbytes)
        return;
    put_text(out, "('', '|V");
    put_number(out, nbytes);
    put_text(out, "'), ");
}

static bool put_type(struct text *out, const struct foray__pickle_value *dtype,
                     int depth);

/* ", (2, 3)", or a number for one axis. */
static bool put_shape(struct text *out, const struct foray__pickle_value *shape)
{
    size_t n = shape->kind == FORAY__PICKLE_TUPLE ? shape->n : 1;

    put_text(out, ", (");
    for (size_t k = 0; k < n; k++) {
        const struct foray__pickle_value *item =
            shape->kind == FORAY__PICKLE_TUPLE ? shape->items[k] : shape;

        if (item->kind != FORAY__PICKLE_INT || item->integer < 0)
            return false;
        put_number(out, (size_t)item->integer);
        put_text(out, ", ");
    }
    put_text(out, ")");
    return true;
}

static bool put_field(struct text *out, const struct field *field, int depth)
{
    const struct foray__pickle_value *sub = part_of(field->dtype, SUBDTYPE);

    put_text(out, "(");
    if (field->title) {
        put_text(out, "(");
        put_quoted(out, field->title);
        put_text(out, ", ");
    }
    put_quoted(out, field->name);
    put_text(out, field->title ? "), " : ", ");
    if (!sub) {
        if (!put_type(out, field->dtype, depth))
            return false;
    } else if (sub->kind != FORAY__PICKLE_TUPLE || sub->n != 2 ||
               sub->items[0]->kind != FORAY__PICKLE_DTYPE ||
               !put_type(out, sub->items[0], depth) ||
               !put_shape(out, sub->items[1])) {
        return false;
    }
    put_text(out, "), ");
    return true;
}

/* Fields in the order of their bytes, gaps named. Those that overlap cannot be
 * told so: nothing is put then. */
static bool put_fields(struct text *out, const struct field *fields, size_t n,
                       size_t size, bool *overlap, int depth)
{
    size_t at = 0;

    for (size_t k = 0; k < n; k++) {
        *overlap = fields[k].offset < at ||
                   !foray__add(&at, fields[k].offset, fields[k].size) ||
                   at > size;
        if (*overlap)
            return true;
    }
    put_text(out, "[");
    at = 0;
    for (size_t k = 0; k < n; k++) {
        put_gap(out, fields[k].offset - at);
        if (!put_field(out, &fields[k], depth))
            return false;
        at = fields[k].offset + fields[k].size;
    }
    put_gap(out, size - at);
    put_text(out, "]");
    return true;
}

static bool put_structure(struct text *out,
                          const struct foray__pickle_value *dtype,
                          const struct foray__pickle_value *names, int depth)
{
    const struct foray__pickle_value *all = part_of(dtype, FIELDS);
    struct field *fields;
    bool good = true, overlap = false;
    size_t size;

    if (names->kind != FORAY__PICKLE_TUPLE || !all ||
        all->kind != FORAY__PICKLE_DICT || !size_of(&size, dtype) ||
        names->n > MOST_FIELDS || all->n > 4 * MOST_FIELDS)
        return false;
    fields = calloc(names->n + 1, sizeof *fields);
    if (!fields) {
        out->failed = true;
        return true;
    }
    for (size_t k = 0; k < names->n && good; k++)
        good = read_field(&fields[k], names->items[k], all);
    if (good) {
        qsort(fields, names->n, sizeof *fields, compare_offsets);
        good = put_fields(out, fields, names->n, size, &overlap, depth);
    }
    if (good && overlap)
        put_plain(out, dtype);
    free(fields);
    return good;
}

static bool put_type(struct text *out, const struct foray__pickle_value *dtype,
                     int depth)
{
    const struct foray__pickle_value *names = part_of(dtype, NAMES);

    if (depth >= DEEPEST || out->failed)
        return false;
    if (names)
        return put_structure(out, dtype, names, depth + 1);
    put_plain(out, dtype);
    return true;
}

int foray__pickle_descr(char **out, struct foray__pickle *pickle,
                        const struct foray__pickle_value *dtype)
{
    struct text text = {NULL, 0, 0, false};
    bool good = put_type(&text, dtype, 0);

    *out = NULL;
    if (good && !text.failed) {
        *out = text.bytes;
        return 0;
    }
    free(text.bytes);
    if (text.failed)
        return foray__pickle_full(pickle);
    return foray__pickle_bad(pickle, "an array's dtype makes no sense");
}
