#include "storage/pickle.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "storage/bytes.h"
#include "storage/pickle_code.h"
#include "storage/pickle_stack.h"

enum {
    MOST_STEPS = 1 << 24,
    LONGEST_TEXT = 1 << 16 /* that is kept */
};

/* An argument of the instruction. */
static int read_number(struct foray__pickle *pickle, uint64_t *out,
                       size_t nbytes)
{
    unsigned char bytes[8];

    FORAY_TRY(foray__input_read(pickle->input, bytes, nbytes, pickle->err));
    *out = foray__get_little(bytes, nbytes);
    return 0;
}

static int push_integer(struct foray__pickle *pickle, size_t nbytes)
{
    uint64_t number;

    FORAY_TRY(read_number(pickle, &number, nbytes));
    return foray__pickle_push(
        pickle,
        foray__pickle_integer(&pickle->values, FORAY__PICKLE_INT,
                              nbytes == 4 ? (int64_t)(int32_t)(uint32_t)number
                                          : (int64_t)number));
}

/* Two's complement of any length; those beyond 64 bits are no sizes. */
static int push_long(struct foray__pickle *pickle, size_t nbytes)
{
    uint64_t length, number;

    FORAY_TRY(read_number(pickle, &length, nbytes));
    if (length > 8) {
        FORAY_TRY(foray__input_skip(pickle->input, length, pickle->err));
        return foray__pickle_push(
            pickle, foray__pickle_new(&pickle->values, FORAY__PICKLE_OTHER));
    }
    FORAY_TRY(read_number(pickle, &number, (size_t)length));
    if (length && length < 8 && number >> (8 * length - 1))
        number |= UINT64_MAX << 8 * length;
    return foray__pickle_push(pickle, foray__pickle_integer(&pickle->values,
                                                            FORAY__PICKLE_INT,
                                                            (int64_t)number));
}

/* Long texts are nobody's key and no name: they are passed over. */
static int push_text(struct foray__pickle *pickle, size_t nbytes)
{
    struct foray__pickle_value *value;
    uint64_t length;

    FORAY_TRY(read_number(pickle, &length, nbytes));
    if (length > LONGEST_TEXT) {
        FORAY_TRY(foray__input_skip(pickle->input, length, pickle->err));
        return foray__pickle_push(
            pickle, foray__pickle_new(&pickle->values, FORAY__PICKLE_OTHER));
    }
    value = foray__pickle_text(&pickle->values, (size_t)length);
    if (!value)
        return foray__pickle_full(pickle);
    FORAY_TRY(foray__input_read(pickle->input, value->text.bytes,
                                (size_t)length, pickle->err));
    return foray__pickle_push(pickle, value);
}

static int push_other(struct foray__pickle *pickle, uint64_t nbytes)
{
    FORAY_TRY(foray__input_skip(pickle->input, nbytes, pickle->err));
    return foray__pickle_push(
        pickle, foray__pickle_new(&pickle->values, FORAY__PICKLE_OTHER));
}

static int push_new(struct foray__pickle *pickle, enum foray__pickle_kind kind)
{
    return foray__pickle_push(pickle, foray__pickle_new(&pickle->values, kind));
}

static int push_tuple(struct foray__pickle *pickle, size_t n)
{
    struct foray__pickle_value *tuple =
        foray__pickle_new(&pickle->values, FORAY__PICKLE_TUPLE);

    FORAY_TRY(foray__pickle_need(pickle, n));
    FORAY_TRY(foray__pickle_gather(pickle, tuple, pickle->depth - n));
    return foray__pickle_push(pickle, tuple);
}

static int push_marked(struct foray__pickle *pickle,
                       enum foray__pickle_kind kind)
{
    struct foray__pickle_value *value =
        foray__pickle_new(&pickle->values, kind);
    size_t first = 0;

    FORAY_TRY(foray__pickle_unmark(pickle, &first));
    FORAY_TRY(foray__pickle_gather(pickle, value, first));
    return foray__pickle_push(pickle, value);
}

/* The values from `first` on go into the container beneath them. */
static int put_into(struct foray__pickle *pickle, enum foray__pickle_kind kind,
                    size_t first)
{
    struct foray__pickle_value *container;

    if (first <= foray__pickle_bottom(pickle))
        return foray__pickle_bad(pickle, "items come without a container");
    container = pickle->stack[first - 1];
    if (container->kind == FORAY__PICKLE_OTHER) { /* nothing in it is kept */
        pickle->depth = first;
        return 0;
    }
    if (container->kind != kind)
        return foray__pickle_bad(pickle, "items come for another container");
    if (kind == FORAY__PICKLE_DICT && (pickle->depth - first) % 2)
        return foray__pickle_bad(pickle, "a key has no value");
    return foray__pickle_gather(pickle, container, first);
}

static int put_marked_into(struct foray__pickle *pickle,
                           enum foray__pickle_kind kind)
{
    size_t first = 0;

    FORAY_TRY(foray__pickle_unmark(pickle, &first));
    return put_into(pickle, kind, first);
}

static int put_few_into(struct foray__pickle *pickle,
                        enum foray__pickle_kind kind, size_t n)
{
    FORAY_TRY(foray__pickle_need(pickle, n + 1));
    return put_into(pickle, kind, pickle->depth - n);
}

static int memoize_at(struct foray__pickle *pickle, size_t nbytes)
{
    uint64_t index;

    FORAY_TRY(read_number(pickle, &index, nbytes));
    return foray__pickle_memoize(pickle, index);
}

static int recall(struct foray__pickle *pickle, size_t nbytes)
{
    uint64_t index;

    FORAY_TRY(read_number(pickle, &index, nbytes));
    if (index >= pickle->memo_room || !pickle->memo[index])
        return foray__pickle_bad(pickle, "something is recalled that was not "
                                         "remembered");
    return foray__pickle_push(pickle, pickle->memo[index]);
}

static int push_global(struct foray__pickle *pickle)
{
    char module[FORAY__PICKLE_LINE], name[FORAY__PICKLE_LINE];
    struct foray__pickle_value *value;

    FORAY_TRY(foray__pickle_read_line(pickle, module));
    FORAY_TRY(foray__pickle_read_line(pickle, name));
    FORAY_TRY(foray__pickle_find_name(pickle, module, name, &value));
    return foray__pickle_push(pickle, value);
}

static int push_stacked_global(struct foray__pickle *pickle)
{
    struct foray__pickle_value *module, *name, *value;

    FORAY_TRY(foray__pickle_need(pickle, 2));
    name = pickle->stack[--pickle->depth];
    module = pickle->stack[--pickle->depth];
    if (name->kind != FORAY__PICKLE_TEXT || module->kind != FORAY__PICKLE_TEXT)
        return foray__pickle_bad(pickle, "a name is no text");
    FORAY_TRY(foray__pickle_find_name(pickle, module->text.bytes,
                                      name->text.bytes, &value));
    return foray__pickle_push(pickle, value);
}

static int call(struct foray__pickle *pickle)
{
    struct foray__pickle_value *value, *args;

    FORAY_TRY(foray__pickle_need(pickle, 2));
    args = pickle->stack[--pickle->depth];
    FORAY_TRY(
        foray__pickle_call(pickle, foray__pickle_top(pickle), args, &value));
    pickle->depth--;
    return foray__pickle_push(pickle, value);
}

/* An array's elements follow the state that makes it one, those that are
 * Python's as a pickle of their own. */
static int build(struct foray__pickle *pickle)
{
    struct foray__pickle_value *state, *object;
    bool is_all, taken = false;

    FORAY_TRY(foray__pickle_need(pickle, 2));
    state = pickle->stack[--pickle->depth];
    object = foray__pickle_top(pickle);
    FORAY_TRY(foray__pickle_build(pickle, object, state));
    if (object->kind != FORAY__PICKLE_ARRAY)
        return 0;
    is_all = pickle->depth == 1 && !pickle->n_marks;
    object->array->offset = pickle->input->position;
    if (object->array->of_objects)
        return foray__pickle_skip(pickle);
    if (pickle->found)
        FORAY_TRY(pickle->found(pickle, object->array, is_all, &taken,
                                pickle->found_arg, pickle->err));
    if (taken)
        return 0;
    return foray__input_skip(pickle->input, object->array->header.nbytes,
                             pickle->err);
}

static int stop(struct foray__pickle *pickle)
{
    FORAY_TRY(foray__pickle_need(pickle, 1));
    pickle->root = foray__pickle_top(pickle);
    return 0;
}

static int step_numbers(struct foray__pickle *pickle, unsigned char code)
{
    uint64_t ignored;

    switch (code) {
    case NONE:
        return push_new(pickle, FORAY__PICKLE_NONE);
    case NEWTRUE:
    case NEWFALSE:
        return foray__pickle_push(
            pickle, foray__pickle_integer(&pickle->values, FORAY__PICKLE_BOOL,
                                          code == NEWTRUE));
    case BININT:
        return push_integer(pickle, 4);
    case BININT1:
        return push_integer(pickle, 1);
    case BININT2:
        return push_integer(pickle, 2);
    case LONG1:
        return push_long(pickle, 1);
    case LONG4:
        return push_long(pickle, 4);
    case BINFLOAT:
        return push_other(pickle, 8);
    case SHORT_BINSTRING:
    case SHORT_BINBYTES:
    case SHORT_BINUNICODE:
        return push_text(pickle, 1);
    case BINSTRING:
    case BINBYTES:
    case BINUNICODE:
        return push_text(pickle, 4);
    case BINUNICODE8:
    case BINBYTES8:
    case BYTEARRAY8:
        return push_text(pickle, 8);
    case FRAME: /* how much may be read ahead */
        return read_number(pickle, &ignored, 8);
    default:
        return foray__pickle_refuse(pickle, code);
    }
}

static int step(struct foray__pickle *pickle, unsigned char code)
{
    switch (code) {
    case MARK:
        return foray__pickle_mark(pickle);
    case EMPTY_TUPLE:
        return push_new(pickle, FORAY__PICKLE_TUPLE);
    case EMPTY_LIST:
        return push_new(pickle, FORAY__PICKLE_LIST);
    case EMPTY_DICT:
        return push_new(pickle, FORAY__PICKLE_DICT);
    case EMPTY_SET:
        return push_new(pickle, FORAY__PICKLE_OTHER);
    case TUPLE1:
    case TUPLE2:
    case TUPLE3:
        return push_tuple(pickle, 1 + (size_t)code - TUPLE1);
    case TUPLE:
        return push_marked(pickle, FORAY__PICKLE_TUPLE);
    case FROZENSET:
        return push_marked(pickle, FORAY__PICKLE_OTHER);
    case APPEND:
        return put_few_into(pickle, FORAY__PICKLE_LIST, 1);
    case APPENDS:
        return put_marked_into(pickle, FORAY__PICKLE_LIST);
    case SETITEM:
        return put_few_into(pickle, FORAY__PICKLE_DICT, 2);
    case SETITEMS:
        return put_marked_into(pickle, FORAY__PICKLE_DICT);
    case ADDITEMS:
        return put_marked_into(pickle, FORAY__PICKLE_OTHER);
    case BINPUT:
        return memoize_at(pickle, 1);
    case LONG_BINPUT:
        return memoize_at(pickle, 4);
    case MEMOIZE:
        return foray__pickle_memoize(pickle, pickle->next_memo);
    case BINGET:
        return recall(pickle, 1);
    case LONG_BINGET:
        return recall(pickle, 4);
    case GLOBAL:
        return push_global(pickle);
    case STACK_GLOBAL:
        return push_stacked_global(pickle);
    case REDUCE:
    case NEWOBJ:
        return call(pickle);
    case BUILD:
        return build(pickle);
    default:
        return step_numbers(pickle, code);
    }
}

int foray__pickle_read(struct foray__pickle *pickle, struct foray_error *err)
{
    unsigned char code[2];

    pickle->err = err;
    FORAY_TRY(foray__input_read(pickle->input, code, 2, err));
    if (code[0] != PROTO || code[1] > FORAY__PICKLE_NEWEST)
        return foray__pickle_bad(pickle, "it does not begin as pickles of "
                                         "protocol 2 to 5 do");
    for (long n = 0; n < MOST_STEPS; n++) {
        FORAY_TRY(foray__input_read(pickle->input, code, 1, err));
        if (code[0] == STOP)
            return stop(pickle);
        FORAY_TRY(step(pickle, code[0]));
    }
    return foray__pickle_full(pickle);
}
