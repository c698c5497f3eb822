#include "array/literal.h"

#include <string.h>

enum { MAX_DEPTH = 32 };

char foray__literal_peek(struct foray__literal *cursor)
{
    while (cursor->at < cursor->end) {
        if (*cursor->at == '#')
            while (cursor->at < cursor->end && *cursor->at != '\n')
                cursor->at++;
        else if (memchr(" \t\r\n\f", *cursor->at, 5))
            cursor->at++;
        else
            return *cursor->at;
    }
    return 0;
}

bool foray__literal_accept(struct foray__literal *cursor, char c)
{
    if (foray__literal_peek(cursor) != c)
        return false;
    cursor->at++;
    return true;
}

bool foray__literal_string(struct foray__literal *cursor,
                           struct foray__span *out)
{
    char quote = foray__literal_peek(cursor);
    const char *at = cursor->at + 1;

    if (quote != '\'' && quote != '"')
        return false;
    out->text = at;
    while (at < cursor->end && *at != quote) {
        if (*at == '\\' || *at == '\n')
            return false;
        at++;
    }
    if (at == cursor->end)
        return false;
    out->length = (size_t)(at - out->text);
    cursor->at = at + 1;
    return true;
}

static int digit_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return 99;
}

static bool is_word(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
           (c >= 'A' && c <= 'Z') || c == '_';
}

/* The base that a prefix says, stepping over it. */
static int read_base(struct foray__literal *cursor)
{
    if (cursor->end - cursor->at < 2 || cursor->at[0] != '0')
        return 10;
    switch (cursor->at[1]) {
    case 'x':
    case 'X':
        cursor->at += 2;
        return 16;
    case 'o':
    case 'O':
        cursor->at += 2;
        return 8;
    case 'b':
    case 'B':
        cursor->at += 2;
        return 2;
    default:
        return 10;
    }
}

bool foray__literal_size(struct foray__literal *cursor, size_t *out, bool *fits)
{
    bool negative = foray__literal_accept(cursor, '-');
    size_t value = 0;
    int base, n_digits = 0;

    foray__literal_peek(cursor);
    base = read_base(cursor);
    *fits = true;
    for (; cursor->at < cursor->end; cursor->at++) {
        int digit = digit_value(*cursor->at);

        if (*cursor->at == '_' && n_digits)
            continue;
        if (digit >= base)
            break;
        n_digits++;
        if (__builtin_mul_overflow(value, (size_t)base, &value) ||
            __builtin_add_overflow(value, (size_t)digit, &value))
            *fits = false;
    }
    if (!n_digits)
        return false;
    if (cursor->at < cursor->end && (*cursor->at == 'L' || *cursor->at == 'l'))
        cursor->at++;
    if (cursor->at < cursor->end &&
        (is_word(*cursor->at) || *cursor->at == '.'))
        return false; /* 3.0, 3abc */
    *fits = *fits && value <= PTRDIFF_MAX && !(negative && value);
    *out = value;
    return true;
}

static bool accept_word(struct foray__literal *cursor, const char *word)
{
    size_t n = strlen(word);

    foray__literal_peek(cursor);
    if ((size_t)(cursor->end - cursor->at) < n || memcmp(cursor->at, word, n) ||
        ((size_t)(cursor->end - cursor->at) > n && is_word(cursor->at[n])))
        return false;
    cursor->at += n;
    return true;
}

bool foray__literal_bool(struct foray__literal *cursor, bool *out)
{
    *out = accept_word(cursor, "True");
    return *out || accept_word(cursor, "False");
}

static bool skip_word(struct foray__literal *cursor)
{
    const char *start = cursor->at;

    while (cursor->at < cursor->end &&
           (is_word(*cursor->at) || *cursor->at == '.' || *cursor->at == '-'))
        cursor->at++;
    return cursor->at > start;
}

bool foray__literal_skip(struct foray__literal *cursor, struct foray__span *out)
{
    char closing[MAX_DEPTH];
    struct foray__span string;
    int depth = 0;

    foray__literal_peek(cursor);
    out->text = cursor->at;
    do {
        char c = foray__literal_peek(cursor);

        if (c == '(' || c == '[' || c == '{') {
            if (depth == MAX_DEPTH)
                return false;
            closing[depth++] = c == '(' ? ')' : c == '[' ? ']' : '}';
            cursor->at++;
        } else if (depth && c == closing[depth - 1]) {
            depth--;
            cursor->at++;
        } else if (c == '\'' || c == '"') {
            if (!foray__literal_string(cursor, &string))
                return false;
        } else if (depth && (c == ',' || c == ':')) {
            cursor->at++;
        } else if (!skip_word(cursor)) {
            return false;
        }
    } while (depth);
    out->length = (size_t)(cursor->at - out->text);
    return true;
}
