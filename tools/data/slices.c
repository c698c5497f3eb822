#include "data/slices.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shell/message.h"

const char *slices_begin(const char *text)
{
    size_t length = strlen(text);

    return length && text[length - 1] == ']' ? strrchr(text, '[') : NULL;
}

static const char *skip_blanks(const char *at)
{
    while (*at == ' ')
        at++;
    return at;
}

/* A number, if one is there; clipped where it is too large for any axis. */
static const char *read_number(ptrdiff_t *out, bool *is_there, const char *at)
{
    char *end;
    long long value;

    at = skip_blanks(at);
    *is_there = (*at >= '0' && *at <= '9') ||
                ((*at == '-' || *at == '+') && at[1] >= '0' && at[1] <= '9');
    if (!*is_there)
        return at;
    value = strtoll(at, &end, 10);
    if (value >= PTRDIFF_MAX)
        value = PTRDIFF_MAX - 1;
    *out = (ptrdiff_t)value;
    return skip_blanks(end);
}

/* One item, up to the comma or the bracket behind it. NULL: it is wrong, and
 * `wrong` says how. */
static const char *read_item(struct slice_item *item, const char *at,
                             const char **wrong)
{
    bool has_start, has_stop, has_step = false;

    at = skip_blanks(at);
    *item = (struct slice_item){SLICE_RANGE, 0, FORAY_TO_END, 1};
    if (!strncmp(at, "...", 3)) {
        item->kind = SLICE_ELLIPSIS;
        return skip_blanks(at + 3);
    }
    at = read_number(&item->start, &has_start, at);
    if (*at != ':') {
        item->kind = SLICE_INDEX;
        if (!has_start)
            *wrong = "a number, a range a:b:s or ... is missing";
        return has_start ? at : NULL;
    }
    at = read_number(&item->stop, &has_stop, at + 1);
    if (*at == ':')
        at = read_number(&item->step, &has_step, at + 1);
    if (has_step && !item->step) {
        *wrong = "a step of 0 leads nowhere";
        return NULL;
    }
    if (!has_start && item->step < 0)
        item->start = PTRDIFF_MAX - 1; /* clipped to the last element */
    return at;
}

const char *slices_parse(struct slices *out, const char *text)
{
    const char *wrong = NULL, *at = text + 1;
    bool has_ellipsis = false;

    out->n = 0;
    do {
        struct slice_item *item = &out->items[out->n];

        if (out->n == FORAY_MAX_NDIM + 1)
            return "there are more than 32 axes";
        at = read_item(item, at, &wrong);
        if (!at)
            return wrong;
        if (item->kind == SLICE_ELLIPSIS && has_ellipsis)
            return "... stands there twice";
        has_ellipsis |= item->kind == SLICE_ELLIPSIS;
        out->n++;
    } while (*at++ == ',');
    if (at[-1] != ']' || *at)
        return "it is no list of numbers, ranges a:b:s and ...";
    return NULL;
}

static int apply_index(struct foray_array *array, int axis, ptrdiff_t index,
                       const char *name, struct foray_error *err)
{
    ptrdiff_t length = (ptrdiff_t)array->shape[axis];

    if (index < -length || index >= length)
        return message_error(
            err, FORAY_ERANGE,
            "%s: the index %td is outside of an axis of %td elements", name,
            index, length);
    return foray_array_index(array, array, axis,
                             (size_t)(index < 0 ? index + length : index), err);
}

int slices_apply(struct foray_array *array, const struct slices *slices,
                 const char *name, struct foray_error *err)
{
    int n_axes = 0, axis = 0, left = array->ndim;

    for (int k = 0; k < slices->n; k++)
        n_axes += slices->items[k].kind != SLICE_ELLIPSIS;
    if (n_axes > left)
        return message_error(
            err, FORAY_EINVAL,
            "%s: there are %d axes in the brackets, %d in the array", name,
            n_axes, left);
    for (int k = 0; k < slices->n; k++) {
        const struct slice_item *item = &slices->items[k];
        int code = 0;

        if (item->kind == SLICE_ELLIPSIS)
            axis += left - n_axes;
        else if (item->kind == SLICE_INDEX)
            code = apply_index(array, axis, item->start, name, err);
        else
            code = foray_array_slice(array, array, axis++, item->start,
                                     item->stop, item->step, err);
        if (code)
            return code;
    }
    return 0;
}
