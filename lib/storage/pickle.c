#include "storage/pickle.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "storage/bytes.h"

enum {
    MOST_STEPS = 1 << 24,
    MOST_STACK = 1 << 20,
    MOST_MEMO = 1 << 22,
    LONGEST_TEXT = 1 << 16, /* that is kept */
    LONGEST_NAME = 256
};

/* The instructions, by the letters of pickletools. */
enum {
    MARK = '(',
    STOP = '.',
    NONE = 'N',
    BINFLOAT = 'G',
    BININT = 'J',
    BININT1 = 'K',
    BININT2 = 'M',
    REDUCE = 'R',
    BINSTRING = 'T',
    SHORT_BINSTRING = 'U',
    BINUNICODE = 'X',
    BINBYTES = 'B',
    SHORT_BINBYTES = 'C',
    APPEND = 'a',
    BUILD = 'b',
    GLOBAL = 'c',
    APPENDS = 'e',
    BINGET = 'h',
    LONG_BINGET = 'j',
    BINPUT = 'q',
    LONG_BINPUT = 'r',
    SETITEM = 's',
    TUPLE = 't',
    SETITEMS = 'u',
    EMPTY_TUPLE = ')',
    EMPTY_LIST = ']',
    EMPTY_DICT = '}',
    PROTO = 0x80,
    NEWOBJ = 0x81,
    TUPLE1 = 0x85,
    TUPLE2 = 0x86,
    TUPLE3 = 0x87,
    NEWTRUE = 0x88,
    NEWFALSE = 0x89,
    LONG1 = 0x8A,
    LONG4 = 0x8B,
    SHORT_BINUNICODE = 0x8C,
    BINUNICODE8 = 0x8D,
    BINBYTES8 = 0x8E,
    EMPTY_SET = 0x8F,
    ADDITEMS = 0x90,
    FROZENSET = 0x91,
    STACK_GLOBAL = 0x93,
    MEMOIZE = 0x94,
    FRAME = 0x95,
    BYTEARRAY8 = 0x96
};

enum { NEWEST_PROTOCOL = 5 };

int foray__pickle_bad(struct foray__pickle *pickle, const char *what)
{
    return foray__fail(pickle->err, FORAY_EFORMAT,
                       "%s is no joblib file, or damaged: %s, before byte %llu",
                       pickle->name, what,
                       (unsigned long long)pickle->input->position);
}

int foray__pickle_full(struct foray__pickle *pickle)
{
    return foray__fail(pickle->err, FORAY_ETOOLARGE,
                       "%s holds more values than foray reads from a joblib "
                       "file, or there is no memory for them",
                       pickle->name);
}

static int push(struct foray__pickle *pickle, struct foray__pickle_value *value)
{
    if (!value)
        return foray__pickle_full(pickle);
    if (pickle->depth == pickle->stack_room) {
        size_t room = pickle->stack_room ? 2 * pickle->stack_room : 64;
        struct foray__pickle_value **stack =
            room <= MOST_STACK ? realloc(pickle->stack, room * sizeof *stack)
                               : NULL;

        if (!stack)
            return foray__pickle_full(pickle);
        pickle->stack = stack;
        pickle->stack_room = room;
    }
    pickle->stack[pickle->depth++] = value;
    return 0;
}

/* The stack has a mark below which no instruction reaches. */
static size_t bottom(const struct foray__pickle *pickle)
{
    return pickle->n_marks ? pickle->marks[pickle->n_marks - 1] : 0;
}

/* The topmost `n` values, which the caller takes off. */
static int need(struct foray__pickle *pickle, size_t n)
{
    if (pickle->depth - bottom(pickle) >= n)
        return 0;
    return foray__pickle_bad(pickle, "an instruction finds nothing to work on");
}

static struct foray__pickle_value *top(const struct foray__pickle *pickle)
{
    return pickle->stack[pickle->depth - 1];
}

static int put_mark(struct foray__pickle *pickle)
{
    if (pickle->n_marks == pickle->marks_room) {
        size_t room = pickle->marks_room ? 2 * pickle->marks_room : 16;
        size_t *marks = room <= MOST_STACK
                            ? realloc(pickle->marks, room * sizeof *marks)
                            : NULL;

        if (!marks)
            return foray__pickle_full(pickle);
        pickle->marks = marks;
        pickle->marks_room = room;
    }
    pickle->marks[pickle->n_marks++] = pickle->depth;
    return 0;
}

/* Where the values above the last mark begin; the mark is gone then. */
static int take_mark(struct foray__pickle *pickle, size_t *first)
{
    if (!pickle->n_marks)
        return foray__pickle_bad(pickle, "an instruction finds no mark");
    *first = pickle->marks[--pickle->n_marks];
    return 0;
}

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
    return push(pickle, foray__pickle_integer(
                            &pickle->values, FORAY__PICKLE_INT,
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
        return push(pickle,
                    foray__pickle_new(&pickle->values, FORAY__PICKLE_OTHER));
    }
    FORAY_TRY(read_number(pickle, &number, (size_t)length));
    if (length && length < 8 && number >> (8 * length - 1))
        number |= UINT64_MAX << 8 * length;
    return push(pickle,
                foray__pickle_integer(&pickle->values, FORAY__PICKLE_INT,
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
        return push(pickle,
                    foray__pickle_new(&pickle->values, FORAY__PICKLE_OTHER));
    }
    value = foray__pickle_text(&pickle->values, (size_t)length);
    if (!value)
        return foray__pickle_full(pickle);
    FORAY_TRY(foray__input_read(pickle->input, value->text.bytes,
                                (size_t)length, pickle->err));
    return push(pickle, value);
}

static int push_other(struct foray__pickle *pickle, uint64_t nbytes)
{
    FORAY_TRY(foray__input_skip(pickle->input, nbytes, pickle->err));
    return push(pickle,
                foray__pickle_new(&pickle->values, FORAY__PICKLE_OTHER));
}

static int push_new(struct foray__pickle *pickle, enum foray__pickle_kind kind)
{
    return push(pickle, foray__pickle_new(&pickle->values, kind));
}

/* The values from `first` on become items of `to`. */
static int gather(struct foray__pickle *pickle, struct foray__pickle_value *to,
                  size_t first)
{
    if (!to)
        return foray__pickle_full(pickle);
    for (size_t i = first; i < pickle->depth; i++)
        if (!foray__pickle_append(&pickle->values, to, pickle->stack[i]))
            return foray__pickle_full(pickle);
    pickle->depth = first;
    return 0;
}

static int push_tuple(struct foray__pickle *pickle, size_t n)
{
    struct foray__pickle_value *tuple =
        foray__pickle_new(&pickle->values, FORAY__PICKLE_TUPLE);

    FORAY_TRY(need(pickle, n));
    FORAY_TRY(gather(pickle, tuple, pickle->depth - n));
    return push(pickle, tuple);
}

static int push_marked(struct foray__pickle *pickle,
                       enum foray__pickle_kind kind)
{
    struct foray__pickle_value *value =
        foray__pickle_new(&pickle->values, kind);
    size_t first = 0;

    FORAY_TRY(take_mark(pickle, &first));
    FORAY_TRY(gather(pickle, value, first));
    return push(pickle, value);
}

/* The values from `first` on go into the container beneath them. */
static int put_into(struct foray__pickle *pickle, enum foray__pickle_kind kind,
                    size_t first)
{
    struct foray__pickle_value *container;

    if (first <= bottom(pickle))
        return foray__pickle_bad(pickle, "items come without a container");
    container = pickle->stack[first - 1];
    if (container->kind != kind)
        return foray__pickle_bad(pickle, "items come for another container");
    if (kind == FORAY__PICKLE_OTHER) { /* of sets none is kept */
        pickle->depth = first;
        return 0;
    }
    if (kind == FORAY__PICKLE_DICT && (pickle->depth - first) % 2)
        return foray__pickle_bad(pickle, "a key has no value");
    return gather(pickle, container, first);
}

static int put_marked_into(struct foray__pickle *pickle,
                           enum foray__pickle_kind kind)
{
    size_t first = 0;

    FORAY_TRY(take_mark(pickle, &first));
    return put_into(pickle, kind, first);
}

static int put_few_into(struct foray__pickle *pickle,
                        enum foray__pickle_kind kind, size_t n)
{
    FORAY_TRY(need(pickle, n + 1));
    return put_into(pickle, kind, pickle->depth - n);
}

static int memoize(struct foray__pickle *pickle, uint64_t index)
{
    FORAY_TRY(need(pickle, 1));
    if (index >= MOST_MEMO)
        return foray__pickle_full(pickle);
    if (index >= pickle->memo_room) {
        size_t room = (size_t)index + index / 2 + 64;
        struct foray__pickle_value **memo =
            realloc(pickle->memo, room * sizeof *memo);

        if (!memo)
            return foray__pickle_full(pickle);
        memset(memo + pickle->memo_room, 0,
               (room - pickle->memo_room) * sizeof *memo);
        pickle->memo = memo;
        pickle->memo_room = room;
    }
    /* MEMOIZE counts what is there. */
    pickle->next_memo += !pickle->memo[index];
    pickle->memo[index] = top(pickle);
    return 0;
}

static int memoize_at(struct foray__pickle *pickle, size_t nbytes)
{
    uint64_t index;

    FORAY_TRY(read_number(pickle, &index, nbytes));
    return memoize(pickle, index);
}

static int recall(struct foray__pickle *pickle, size_t nbytes)
{
    uint64_t index;

    FORAY_TRY(read_number(pickle, &index, nbytes));
    if (index >= pickle->memo_room || !pickle->memo[index])
        return foray__pickle_bad(pickle, "something is recalled that was not "
                                         "remembered");
    return push(pickle, pickle->memo[index]);
}

static int read_line(struct foray__pickle *pickle, char line[LONGEST_NAME])
{
    for (size_t n = 0; n < LONGEST_NAME; n++) {
        FORAY_TRY(foray__input_read(pickle->input, line + n, 1, pickle->err));
        if (line[n] == '\n') {
            line[n] = '\0';
            return 0;
        }
    }
    return foray__pickle_bad(pickle, "a name is too long");
}

static int push_global(struct foray__pickle *pickle)
{
    char module[LONGEST_NAME], name[LONGEST_NAME];
    struct foray__pickle_value *value;

    FORAY_TRY(read_line(pickle, module));
    FORAY_TRY(read_line(pickle, name));
    FORAY_TRY(foray__pickle_find_name(pickle, module, name, &value));
    return push(pickle, value);
}

static int push_stacked_global(struct foray__pickle *pickle)
{
    struct foray__pickle_value *module, *name, *value;

    FORAY_TRY(need(pickle, 2));
    name = pickle->stack[--pickle->depth];
    module = pickle->stack[--pickle->depth];
    if (name->kind != FORAY__PICKLE_TEXT || module->kind != FORAY__PICKLE_TEXT)
        return foray__pickle_bad(pickle, "a name is no text");
    FORAY_TRY(foray__pickle_find_name(pickle, module->text.bytes,
                                      name->text.bytes, &value));
    return push(pickle, value);
}

static int call(struct foray__pickle *pickle)
{
    struct foray__pickle_value *value, *args;

    FORAY_TRY(need(pickle, 2));
    args = pickle->stack[--pickle->depth];
    FORAY_TRY(foray__pickle_call(pickle, top(pickle), args, &value));
    pickle->depth--;
    return push(pickle, value);
}

/* An array's elements follow the state that makes it one. */
static int build(struct foray__pickle *pickle)
{
    struct foray__pickle_value *state, *object;
    bool is_all, taken = false;

    FORAY_TRY(need(pickle, 2));
    state = pickle->stack[--pickle->depth];
    object = top(pickle);
    FORAY_TRY(foray__pickle_build(pickle, object, state));
    if (object->kind != FORAY__PICKLE_ARRAY)
        return 0;
    is_all = pickle->depth == 1 && !pickle->n_marks;
    object->array->offset = pickle->input->position;
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
    FORAY_TRY(need(pickle, 1));
    pickle->root = top(pickle);
    return 0;
}

static int refuse_instruction(struct foray__pickle *pickle, unsigned char code)
{
    return foray__fail(pickle->err, FORAY_ENOTSUP,
                       "%s: byte %llu is the instruction 0x%02X of pickles, "
                       "which no array needs: only Python may read this file",
                       pickle->name,
                       (unsigned long long)pickle->input->position - 1, code);
}

static int step_numbers(struct foray__pickle *pickle, unsigned char code)
{
    uint64_t ignored;

    switch (code) {
    case NONE:
        return push_new(pickle, FORAY__PICKLE_NONE);
    case NEWTRUE:
    case NEWFALSE:
        return push(pickle,
                    foray__pickle_integer(&pickle->values, FORAY__PICKLE_BOOL,
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
        return refuse_instruction(pickle, code);
    }
}

static int step(struct foray__pickle *pickle, unsigned char code)
{
    switch (code) {
    case MARK:
        return put_mark(pickle);
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
        return push_tuple(pickle, (size_t)(code - TUPLE1 + 1));
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
        return memoize(pickle, pickle->next_memo);
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
    if (code[0] != PROTO || code[1] > NEWEST_PROTOCOL)
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

void foray__pickle_close(struct foray__pickle *pickle)
{
    foray__pickle_free(&pickle->values);
    free(pickle->stack);
    free(pickle->memo);
    free(pickle->marks);
    pickle->stack = pickle->memo = NULL;
    pickle->marks = NULL;
}
