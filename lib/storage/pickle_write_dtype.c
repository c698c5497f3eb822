/* The dtypes of pickles as they are written: calls of numpy.dtype, and states
 * that say the order of bytes, units of dates, and fields. */
#include <string.h>

#include "array/literal.h"
#include "array/typestring.h"
#include "base/error.h"
#include "base/size.h"
#include "storage/pickle_writer.h"

enum { DEEPEST = 16 };

/* dtype(TYPE, False, True); its state is to follow. */
static void put_dtype_call(struct foray__pickle_writer *out, const char *type,
                           size_t n)
{
    foray__pickle_write_name(out, "numpy", "dtype");
    foray__pickle_write_text_of(out, type, n);
    foray__pickle_write_codes(out, "\x89\x88\x87R");
}

static void refuse_type(struct foray__pickle_writer *out)
{
    if (!out->code)
        out->code = foray__fail(out->err, FORAY_EDTYPE,
                                "%s: this type of elements has no form in "
                                "joblib files",
                                out->output->name);
}

/* ({}, (unit, count, 1, 1)) of "M8[25us]"; generic dates have no unit. */
static void put_metadata(struct foray__pickle_writer *out, const char *unit,
                         size_t n)
{
    uint64_t count = 0;
    unsigned char head[2] = {'C'};

    for (; n && *unit >= '0' && *unit <= '9'; unit++, n--)
        count = 10 * count + (uint64_t)(*unit - '0');
    if (!n) {
        unit = "generic";
        n = strlen(unit);
    }
    head[1] = (unsigned char)n;
    foray__pickle_write_codes(out, "}(");
    foray__pickle_write(out, head, 2);
    foray__pickle_write(out, unit, n);
    foray__pickle_write_integer(out, count ? count : 1);
    foray__pickle_write_integer(out, 1);
    foray__pickle_write_integer(out, 1);
    foray__pickle_write_codes(out, "t\x86");
}

/* (version, order, None, None, None, itemsize, alignment, 0[, metadata]). */
static void put_plain_type(struct foray__pickle_writer *out,
                           const struct foray__typestring *type)
{
    const char *text = type->text, *unit = strchr(text, '[');
    bool is_date = text[1] == 'M' || text[1] == 'm';
    bool is_sized = text[1] == 'S' || text[1] == 'U' || text[1] == 'V';

    put_dtype_call(out, text + 1,
                   unit ? (size_t)(unit - text) - 1 : strlen(text) - 1);
    foray__pickle_write_codes(out, "(");
    foray__pickle_write_integer(out, is_date ? 4 : 3);
    foray__pickle_write_text_of(out, text, 1);
    foray__pickle_write_codes(out, "NNN");
    if (is_sized) {
        foray__pickle_write_integer(out, type->itemsize);
        foray__pickle_write_integer(out, text[1] == 'U' ? 4 : 1);
    } else {
        foray__pickle_write_codes(out, "J\xFF\xFF\xFF\xFFJ\xFF\xFF\xFF\xFF");
    }
    foray__pickle_write_integer(out, 0);
    if (is_date)
        put_metadata(out, unit ? unit + 1 : "", unit ? strlen(unit) - 2 : 0);
    foray__pickle_write_codes(out, "tb");
}

static void put_type(struct foray__pickle_writer *out,
                     const struct foray__literal *type, int depth);

/* "V12", whose state says what the bytes are. */
static void put_void_call(struct foray__pickle_writer *out, size_t size)
{
    char text[24] = "V";
    size_t digits = 1;

    for (size_t rest = size; rest >= 10; rest /= 10)
        digits++;
    for (size_t k = digits, rest = size; k > 0; k--, rest /= 10)
        text[k] = (char)('0' + rest % 10);
    put_dtype_call(out, text, digits + 1);
}

/* Bytes of a type without putting it. */
static size_t measure(const struct foray__literal *type, int depth);

static size_t repeat(size_t size, const struct foray__literal *shape)
{
    const struct foray__literal *item =
        shape->kind == FORAY__LITERAL_TUPLE ? shape->items : shape;

    for (; item; item = shape->kind == FORAY__LITERAL_TUPLE ? item->next : NULL)
        if (!foray__mul(&size, size, (size_t)item->value))
            return 0;
    return size;
}

/* The name, type and maybe shape of a field. */
static size_t measure_field(const struct foray__literal *field, int depth)
{
    const struct foray__literal *type = field->items->next;
    size_t size = measure(type, depth);

    return type->next ? repeat(size, type->next) : size;
}

static size_t measure(const struct foray__literal *type, int depth)
{
    struct foray__typestring parsed;
    size_t size = 0;

    if (depth > DEEPEST)
        return 0;
    if (type->kind == FORAY__LITERAL_STRING)
        return foray__typestring_parse(&parsed, type->text, type->length)
                   ? 0
                   : parsed.itemsize;
    for (const struct foray__literal *field = type->items; field;
         field = field->next)
        size += measure_field(field, depth + 1);
    return size;
}

/* The inverse of what escapes a header has: \\, \', \", \xNN. */
static void put_name_of_field(struct foray__pickle_writer *out,
                              const struct foray__literal *name)
{
    char text[1024];
    size_t n = 0;

    for (size_t k = 0; k < name->length && n < sizeof text; k++) {
        char c = name->text[k];

        if (c == '\\' && k + 1 < name->length &&
            strchr("\\'\"", name->text[k + 1]))
            c = name->text[++k];
        else if (c == '\\')
            refuse_type(out); /* a control character: nobody's field */
        text[n++] = c;
    }
    if (n == sizeof text)
        refuse_type(out);
    foray__pickle_write_text_of(out, text, n);
}

static void put_subarray(struct foray__pickle_writer *out,
                         const struct foray__literal *type,
                         const struct foray__literal *shape, size_t size,
                         int depth)
{
    put_void_call(out, size);
    foray__pickle_write_codes(out, "(");
    foray__pickle_write_integer(out, 3);
    foray__pickle_write_text(out, "|");
    put_type(out, type, depth);
    foray__pickle_write_codes(out, "(");
    if (shape->kind == FORAY__LITERAL_TUPLE)
        for (const struct foray__literal *item = shape->items; item;
             item = item->next)
            foray__pickle_write_integer(out, item->value);
    else
        foray__pickle_write_integer(out, shape->value);
    foray__pickle_write_codes(out, "t\x86NN");
    foray__pickle_write_integer(out, size);
    foray__pickle_write_integer(out, 1);
    foray__pickle_write_integer(out, 0);
    foray__pickle_write_codes(out, "tb");
}

/* Whether a field is only a gap between others. */
static bool is_gap(const struct foray__literal *field)
{
    return field->items->kind == FORAY__LITERAL_STRING && !field->items->length;
}

/* The two names a field may have; *title is NULL if it has one. */
static const struct foray__literal *
name_of_field(const struct foray__literal *field,
              const struct foray__literal **title)
{
    *title = NULL;
    if (field->items->kind != FORAY__LITERAL_TUPLE)
        return field->items;
    *title = field->items->items;
    return (*title)->next;
}

/* KEY: (dtype, offset[, title]). */
static void put_field(struct foray__pickle_writer *out,
                      const struct foray__literal *key,
                      const struct foray__literal *field, size_t offset,
                      int depth)
{
    const struct foray__literal *type = field->items->next, *title;

    name_of_field(field, &title);
    put_name_of_field(out, key);
    foray__pickle_write_codes(out, "(");
    if (type->next)
        put_subarray(out, type, type->next, measure_field(field, depth), depth);
    else
        put_type(out, type, depth);
    foray__pickle_write_integer(out, offset);
    if (title)
        put_name_of_field(out, title);
    foray__pickle_write_codes(out, "t");
}

/* Fields by their names, and by their titles as well. */
static void put_structure(struct foray__pickle_writer *out,
                          const struct foray__literal *fields, int depth)
{
    const struct foray__literal *field, *name, *title;
    size_t size = measure(fields, depth), offset = 0;

    put_void_call(out, size);
    foray__pickle_write_codes(out, "(");
    foray__pickle_write_integer(out, 3);
    foray__pickle_write_text(out, "|");
    foray__pickle_write_codes(out, "N(");
    for (field = fields->items; field; field = field->next)
        if (!is_gap(field))
            put_name_of_field(out, name_of_field(field, &title));
    foray__pickle_write_codes(out, "t}(");
    for (field = fields->items; field; field = field->next) {
        name = name_of_field(field, &title);
        if (!is_gap(field))
            put_field(out, name, field, offset, depth);
        if (title)
            put_field(out, title, field, offset, depth);
        offset += measure_field(field, depth);
    }
    foray__pickle_write_codes(out, "u");
    foray__pickle_write_integer(out, size);
    foray__pickle_write_integer(out, 1);
    foray__pickle_write_integer(out, 0);
    foray__pickle_write_codes(out, "tb");
}

static void put_type(struct foray__pickle_writer *out,
                     const struct foray__literal *type, int depth)
{
    bool is_structure = type->kind == FORAY__LITERAL_LIST;
    struct foray__typestring parsed;

    if (depth > DEEPEST ||
        (!is_structure &&
         foray__typestring_parse(&parsed, type->text, type->length)))
        refuse_type(out);
    else if (is_structure)
        put_structure(out, type, depth + 1);
    else
        put_plain_type(out, &parsed);
}

void foray__pickle_write_dtype(struct foray__pickle_writer *out,
                               const struct foray__layout *layout)
{
    struct foray__literal *type = NULL, plain = {.kind = FORAY__LITERAL_STRING};

    plain.text = layout->descr;
    plain.length = strlen(layout->descr);
    if (*layout->descr != '[') {
        put_type(out, &plain, 0);
        return;
    }
    if (foray__literal_parse(&type, layout->descr, plain.length,
                             out->output->name, NULL))
        refuse_type(out);
    else
        put_type(out, type, 0);
    foray__literal_free(type);
}
