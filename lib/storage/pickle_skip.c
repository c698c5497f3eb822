/* A pickle that lies in another one, passed over: how long an instruction is
 * can be told without doing it, so that nothing is kept of what it means. */
#include "storage/pickle.h"

#include "base/error.h"
#include "storage/bytes.h"
#include "storage/pickle_code.h"

/* In all pickles of a file. */
enum { MOST_STEPS = 1 << 28 };

int foray__pickle_read_line(struct foray__pickle *pickle,
                            char line[FORAY__PICKLE_LINE])
{
    for (size_t n = 0; n < FORAY__PICKLE_LINE; n++) {
        FORAY_TRY(foray__input_read(pickle->input, line + n, 1, pickle->err));
        if (line[n] == '\n') {
            line[n] = '\0';
            return 0;
        }
    }
    return foray__pickle_bad(pickle, "a name is too long");
}

/* What follows its own length, a number of so many bytes. */
static int skip_counted(struct foray__pickle *pickle, size_t nbytes)
{
    unsigned char bytes[8];

    FORAY_TRY(foray__input_read(pickle->input, bytes, nbytes, pickle->err));
    return foray__input_skip(pickle->input, foray__get_little(bytes, nbytes),
                             pickle->err);
}

static int skip_global(struct foray__pickle *pickle)
{
    char line[FORAY__PICKLE_LINE];

    FORAY_TRY(foray__pickle_read_line(pickle, line));
    return foray__pickle_read_line(pickle, line);
}

/* How many bytes always follow an instruction; -1: another number. */
static int argument_of(unsigned char code)
{
    switch (code) {
    case BININT1:
    case BINGET:
    case BINPUT:
        return 1;
    case BININT2:
        return 2;
    case BININT:
    case LONG_BINGET:
    case LONG_BINPUT:
        return 4;
    case BINFLOAT:
    case FRAME:
        return 8;
    case MARK:
    case NONE:
    case REDUCE:
    case APPEND:
    case BUILD:
    case APPENDS:
    case SETITEM:
    case TUPLE:
    case SETITEMS:
    case EMPTY_TUPLE:
    case EMPTY_LIST:
    case EMPTY_DICT:
    case NEWOBJ:
    case TUPLE1:
    case TUPLE2:
    case TUPLE3:
    case NEWTRUE:
    case NEWFALSE:
    case EMPTY_SET:
    case ADDITEMS:
    case FROZENSET:
    case STACK_GLOBAL:
    case MEMOIZE:
        return 0;
    default:
        return -1;
    }
}

static int skip_step(struct foray__pickle *pickle, unsigned char code)
{
    int argument = argument_of(code);

    if (argument >= 0)
        return foray__input_skip(pickle->input, (uint64_t)argument,
                                 pickle->err);
    switch (code) {
    case LONG1:
    case SHORT_BINSTRING:
    case SHORT_BINBYTES:
    case SHORT_BINUNICODE:
        return skip_counted(pickle, 1);
    case LONG4:
    case BINSTRING:
    case BINBYTES:
    case BINUNICODE:
        return skip_counted(pickle, 4);
    case BINUNICODE8:
    case BINBYTES8:
    case BYTEARRAY8:
        return skip_counted(pickle, 8);
    case GLOBAL:
        return skip_global(pickle);
    default:
        return foray__pickle_refuse(pickle, code);
    }
}

int foray__pickle_skip(struct foray__pickle *pickle)
{
    unsigned char code[2];

    FORAY_TRY(foray__input_read(pickle->input, code, 2, pickle->err));
    if (code[0] != PROTO || code[1] > FORAY__PICKLE_NEWEST)
        return foray__pickle_bad(pickle, "an array of Python objects does not "
                                         "begin as a pickle does");
    while (pickle->skipped++ < MOST_STEPS) {
        FORAY_TRY(foray__input_read(pickle->input, code, 1, pickle->err));
        if (code[0] == STOP)
            return 0;
        FORAY_TRY(skip_step(pickle, code[0]));
    }
    return foray__pickle_full(pickle);
}
