#include "array/literal.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/size.h"

struct parser {
    const char *start, *p, *end;
    const char *name;
    struct foray_error *err;
};

static int fail(const struct parser *in, const char *what)
{
    return foray__fail(in->err, FORAY_EFORMAT,
                       "%s: the header is no Python literal: byte %zu %s",
                       in->name, (size_t)(in->p - in->start), what);
}

static void skip_space(struct parser *in)
{
    for (; in->p < in->end; in->p++) {
        if (*in->p == '#') /* a comment: to the end of the line */
            while (in->p + 1 < in->end && *in->p != '\n')
                in->p++;
        // NOLINTNEXTLINE(bugprone-not-null-terminated-result): six letters
        else if (!memchr(" \t\n\r\f\\", *in->p, 6))
            return;
    }
}

static bool at(const struct parser *in, char c)
{
    return in->p < in->end && *in->p == c;
}

static int parse_string(struct parser *in, struct foray__literal *out)
{
    out->kind = FORAY__LITERAL_STRING;
    out->quote = *in->p++;
    out->text = in->p;
    while (in->p < in->end && *in->p != out->quote && *in->p != '\n')
        in->p += *in->p == '\\' && in->p + 1 < in->end ? 2 : 1;
    if (!at(in, out->quote))
        return fail(in, "ends a string that has no closing quote");
    out->length = (size_t)(in->p++ - out->text);
    return 0;
}

static int digit_of(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 99;
}

static unsigned base_of(struct parser *in)
{
    unsigned base = 10;

    if (in->end - in->p > 2 && *in->p == '0') {
        char c = in->p[1] | 0x20;

        base = c == 'x' ? 16 : c == 'o' ? 8 : c == 'b' ? 2 : 10;
        if (base != 10)
            in->p += 2;
    }
    return base;
}

static int parse_integer(struct parser *in, struct foray__literal *out)
{
    uint64_t base;
    const char *digits;

    out->kind = FORAY__LITERAL_INT;
    for (; at(in, '-') || at(in, '+'); skip_space(in))
        out->negative ^= *in->p++ == '-';
    base = base_of(in);
    digits = in->p;
    for (; in->p < in->end; in->p++) {
        uint64_t digit;

        if (*in->p == '_' && in->p > digits)
            continue;
        digit = (uint64_t)digit_of(*in->p);
        if (digit >= base)
            break;
        if (__builtin_mul_overflow(out->value, base, &out->value) ||
            __builtin_add_overflow(out->value, digit, &out->value))
            out->huge = true;
    }
    if (in->p == digits)
        return fail(in, "is not the digit of an integer");
    if (base == 10 && *digits == '0' && out->value)
        return fail(in, "ends an integer that begins with 0");
    if (at(in, 'L')) /* as Python 2 wrote long integers */
        in->p++;
    return 0;
}

static bool take_word(struct parser *in, const char *word)
{
    size_t length = strlen(word);

    if ((size_t)(in->end - in->p) < length || memcmp(in->p, word, length) != 0)
        return false;
    in->p += length;
    return true;
}

static int parse_word(struct parser *in, struct foray__literal *out)
{
    out->kind = FORAY__LITERAL_BOOL;
    if (take_word(in, "True"))
        out->value = 1;
    else if (take_word(in, "None"))
        out->kind = FORAY__LITERAL_NONE;
    else if (!take_word(in, "False"))
        return fail(in, "begins no value: only strings, integers, True, False, "
                        "tuples, lists and dictionaries may be here");
    return 0;
}

static int parse_value(struct parser *in, int depth,
                       struct foray__literal **out);

/* The items up to `close`. In a dictionary a ':' follows every other one.
 * `*commas` counts the commas. */
static int parse_items(struct parser *in, int depth, char close,
                       struct foray__literal *out, size_t *commas)
{
    struct foray__literal **tail = &out->items;
    bool key = close == '}';

    *commas = 0;
    for (;;) {
        skip_space(in);
        if (at(in, close) && (key || close != '}')) {
            in->p++;
            return 0;
        }
        FORAY_TRY(parse_value(in, depth + 1, tail));
        tail = &(*tail)->next;
        skip_space(in);
        if (key) {
            if (!at(in, ':'))
                return fail(in, "should be a colon behind a key");
            in->p++;
            key = false;
            continue;
        }
        key = close == '}';
        if (at(in, ',')) {
            in->p++;
            ++*commas;
        } else if (!at(in, close)) {
            return fail(in, "should be a comma or the closing bracket");
        }
    }
}

static int parse_container(struct parser *in, int depth,
                           struct foray__literal *out)
{
    char open = *in->p++;
    size_t commas;

    out->kind = open == '('   ? FORAY__LITERAL_TUPLE
                : open == '[' ? FORAY__LITERAL_LIST
                              : FORAY__LITERAL_DICT;
    FORAY_TRY(parse_items(in, depth,
                          open == '('   ? ')'
                          : open == '[' ? ']'
                                        : '}',
                          out, &commas));
    if (open == '(' && out->items && !commas) {
        /* Brackets around one value without a comma only group it. */
        struct foray__literal *only = out->items;

        *out = *only;
        free(only);
    }
    return 0;
}

static int parse_value(struct parser *in, int depth,
                       struct foray__literal **out)
{
    struct foray__literal *value;

    if (depth > FORAY__LITERAL_MAX_DEPTH)
        return fail(in, "is nested too deeply");
    skip_space(in);
    if (in->p == in->end)
        return fail(in, "is the end, a value is missing");
    value = calloc(1, sizeof *value);
    if (!value)
        return foray__fail(in->err, FORAY_ENOMEM,
                           "%s: no memory to read the header", in->name);
    *out = value; /* linked at once, so that the root frees it */
    if (*in->p == 'u' && in->end - in->p > 1 &&
        (in->p[1] == '\'' || in->p[1] == '"'))
        in->p++;
    switch (*in->p) {
    case '\'':
    case '"':
        return parse_string(in, value);
    case '(':
    case '[':
    case '{':
        return parse_container(in, depth, value);
    case '+':
    case '-':
        return parse_integer(in, value);
    default:
        return *in->p >= '0' && *in->p <= '9' ? parse_integer(in, value)
                                              : parse_word(in, value);
    }
}

int foray__literal_parse(struct foray__literal **out, const char *text,
                         size_t length, const char *name,
                         struct foray_error *err)
{
    struct parser in = {text, text, text + length, name, err};
    struct foray__literal *value = NULL;
    int code = parse_value(&in, 0, &value);

    *out = NULL;
    skip_space(&in);
    if (!code && in.p != in.end)
        code = fail(&in, "follows the end of the literal");
    if (code) {
        foray__literal_free(value);
        return code;
    }
    *out = value;
    return 0;
}

void foray__literal_free(struct foray__literal *literal)
{
    while (literal) {
        struct foray__literal *next = literal->next;

        foray__literal_free(literal->items); /* at most the depth limit */
        free(literal);
        literal = next;
    }
}

bool foray__literal_is(const struct foray__literal *literal, const char *text)
{
    return literal->kind == FORAY__LITERAL_STRING &&
           literal->length == strlen(text) &&
           !memcmp(literal->text, text, literal->length);
}
