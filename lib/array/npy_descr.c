#include "array/npy_descr.h"

#include <stdlib.h>
#include <string.h>

#include "array/typestring.h"
#include "base/error.h"
#include "base/size.h"

const char *foray__npy_read_shape(size_t *shape, int *ndim,
                                  const struct foray__literal *value)
{
    int n = 0;

    if (value->kind != FORAY__LITERAL_TUPLE)
        return "is not a tuple";
    for (const struct foray__literal *item = value->items; item;
         item = item->next) {
        if (n == FORAY_MAX_NDIM)
            return "has more than 32 axes";
        if (item->kind != FORAY__LITERAL_INT)
            return "has an axis whose length is not an integer";
        if (item->negative && (item->value || item->huge))
            return "has an axis of negative length";
        if (item->huge || item->value > PTRDIFF_MAX)
            return "has an axis longer than memory";
        shape[n++] = (size_t)item->value;
    }
    *ndim = n;
    return NULL;
}

static const char *fields_size(size_t *size,
                               const struct foray__literal *fields);

/* Bytes of the type `value`: a string, fields, or a pair (type, shape). */
static const char *type_size(size_t *size, const struct foray__literal *value)
{
    struct foray__typestring type;
    const char *wrong;

    if (value->kind == FORAY__LITERAL_LIST)
        return fields_size(size, value);
    if (value->kind != FORAY__LITERAL_STRING)
        return "has a field whose type is neither a string nor a list";
    wrong = foray__typestring_parse(&type, value->text, value->length);
    if (!wrong)
        *size = type.itemsize;
    return wrong;
}

/* Bytes of `count` arrays of `shape` (an integer means one axis). */
static const char *repeated_size(size_t *size,
                                 const struct foray__literal *shape)
{
    struct foray__literal tuple = {.kind = FORAY__LITERAL_TUPLE};
    struct foray__literal item;
    size_t lengths[FORAY_MAX_NDIM];
    const char *wrong;
    int ndim;

    if (shape->kind == FORAY__LITERAL_INT) {
        item = *shape;
        item.next = NULL;
        tuple.items = &item;
        shape = &tuple;
    }
    wrong = foray__npy_read_shape(lengths, &ndim, shape);
    if (wrong)
        return "has a field whose shape is not a tuple of lengths";
    if (!foray__shape_nbytes(size, *size, ndim, lengths))
        return "has items larger than memory";
    return NULL;
}

/* One field: (name, type) or (name, type, shape), where the name is a string
 * or a pair of title and name. */
static const char *field_size(size_t *size, const struct foray__literal *field)
{
    const struct foray__literal *name, *type, *shape;
    const char *wrong;

    if (field->kind != FORAY__LITERAL_TUPLE || !field->items ||
        !field->items->next)
        return "has a field that is not a tuple of name and type";
    name = field->items;
    type = name->next;
    shape = type->next;
    if (name->kind != FORAY__LITERAL_STRING &&
        name->kind != FORAY__LITERAL_TUPLE)
        return "has a field whose name is not a string";
    if (shape && shape->next)
        return "has a field of more than three parts";
    wrong = type_size(size, type);
    return wrong || !shape ? wrong : repeated_size(size, shape);
}

static const char *fields_size(size_t *size,
                               const struct foray__literal *fields)
{
    size_t sum = 0;

    for (const struct foray__literal *field = fields->items; field;
         field = field->next) {
        size_t one;
        const char *wrong = field_size(&one, field);

        if (wrong)
            return wrong;
        if (!foray__add(&sum, sum, one) || sum > PTRDIFF_MAX)
            return "has items larger than memory";
    }
    *size = sum;
    return NULL;
}

static int code_of(const char *wrong)
{
    return wrong == foray__typestring_objects ? FORAY_EDTYPE : FORAY_EFORMAT;
}

static int read_structured(struct foray__npy_header *out,
                           const struct foray__literal *descr, const char *name,
                           struct foray_error *err)
{
    const char *wrong = fields_size(&out->itemsize, descr);

    if (!wrong && !out->itemsize)
        wrong = "has items of 0 bytes, which foray does not open";
    if (wrong)
        return foray__fail(err, code_of(wrong), "%s: the element type %s", name,
                           wrong);
    out->dtype = FORAY_OPAQUE;
    out->swapped = false;
    out->descr = foray__literal_format(descr);
    return 0;
}

static int read_string(struct foray__npy_header *out,
                       const struct foray__literal *descr, const char *name,
                       struct foray_error *err)
{
    struct foray__typestring type;
    const char *wrong =
        foray__typestring_parse(&type, descr->text, descr->length);

    if (wrong)
        return foray__fail(
            err, code_of(wrong), "%s: the element type '%.*s' %s", name,
            descr->length < 64 ? (int)descr->length : 64, descr->text, wrong);
    out->dtype = type.dtype;
    out->swapped = type.swapped;
    out->itemsize = type.itemsize;
    out->descr = strdup(type.text);
    return 0;
}

int foray__npy_read_descr(struct foray__npy_header *out,
                          const struct foray__literal *descr, const char *name,
                          struct foray_error *err)
{
    if (descr->kind == FORAY__LITERAL_STRING)
        FORAY_TRY(read_string(out, descr, name, err));
    else if (descr->kind == FORAY__LITERAL_LIST)
        FORAY_TRY(read_structured(out, descr, name, err));
    else
        return foray__fail(err, FORAY_EFORMAT,
                           "%s: 'descr' is neither a type string nor a list of "
                           "fields",
                           name);
    if (!out->descr)
        return foray__fail(err, FORAY_ENOMEM,
                           "%s: no memory to read the header", name);
    return 0;
}
