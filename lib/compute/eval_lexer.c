#include "compute/eval_lexer.h"

#include <ctype.h>
#include <string.h>

#include "base/error.h"
#include "base/number.h"

static bool begins_name(char c)
{
    return isalpha((unsigned char)c) || c == '_';
}

static bool continues_name(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

/* Digits of a base; false when they are beyond 64 bits. */
static bool read_whole(struct foray__eval_token *out, const char *digits,
                       size_t n, unsigned base)
{
    uint64_t whole = 0;

    for (size_t i = 0; i < n; i++) {
        int c = tolower((unsigned char)digits[i]);
        unsigned digit = (unsigned)(isdigit(c) ? c - '0' : c - 'a' + 10);

        if (__builtin_mul_overflow(whole, base, &whole) ||
            __builtin_add_overflow(whole, digit, &whole))
            return false;
    }
    out->weak = FORAY__EVAL_INT;
    out->constant.whole = whole;
    return true;
}

static int read_number(struct foray__eval_token *out,
                       struct foray__eval_tree *tree, const char *text)
{
    struct foray__number number;
    bool fits = true, hexadecimal;

    hexadecimal = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
    if (hexadecimal) {
        size_t n = strspn(text + 2, "0123456789abcdefABCDEF");

        out->length = 2 + n;
        fits = n && read_whole(out, text + 2, n, 16);
        if (!n)
            return foray__eval_wrong(tree, out->position, FORAY_EINVAL,
                                     "0x has no digits");
    } else if (!foray__number(&number, text)) {
        return foray__eval_wrong(tree, out->position, FORAY_EINVAL,
                                 "a number of too many digits");
    } else {
        out->length = number.length;
        out->weak = FORAY__EVAL_FLOAT;
        out->constant.real = number.value;
        if (text[out->length] == 'j' || text[out->length] == 'J') {
            out->length++;
            out->weak = FORAY__EVAL_COMPLEX;
            out->constant.imaginary = number.value;
            out->constant.real = 0;
        } else if (number.whole) {
            fits = read_whole(out, text, number.length, 10);
        }
    }
    if (!fits)
        return foray__eval_wrong(tree, out->position, FORAY_ERANGE,
                                 "the number does not fit into 64 bits: write "
                                 "it with a point, as a float");
    if (continues_name(text[out->length]) || text[out->length] == '.')
        return foray__eval_wrong(tree, out->position + out->length,
                                 FORAY_EINVAL, "the number does not end here");
    return 0;
}

static bool read_sign(struct foray__eval_token *out, const char *text)
{
    static const char *const signs[] = {
        "**", "//", "<<", ">>", "==", "!=", "<=", ">=", "+", "-", "*", "/",
        "%",  "&",  "|",  "^",  "~",  "<",  ">",  "(",  ")", ",", ";", "="};

    for (size_t k = 0; k < sizeof signs / sizeof *signs; k++)
        if (!strncmp(text, signs[k], strlen(signs[k]))) {
            out->kind = FORAY__EVAL_SIGN;
            out->length = strlen(signs[k]);
            strcpy(out->sign, signs[k]);
            return true;
        }
    return false;
}

static int unexpected(struct foray__eval_tree *tree, size_t position)
{
    unsigned char c = (unsigned char)tree->text[position];

    if (c == '!')
        return foray__eval_wrong(tree, position, FORAY_EINVAL,
                                 "! is no operator: ~ is not, != is not equal");
    if (isprint(c))
        return foray__eval_wrong(tree, position, FORAY_EINVAL,
                                 "%c means nothing in an expression", c);
    return foray__eval_wrong(tree, position, FORAY_EINVAL,
                             "the byte 0x%02x means nothing in an expression",
                             (unsigned)c);
}

int foray__eval_token_next(struct foray__eval_token *out,
                           struct foray__eval_tree *tree, size_t position)
{
    const char *text;

    memset(out, 0, sizeof *out);
    position += strspn(tree->text + position, " \t\r\n");
    text = tree->text + position;
    out->position = position;
    if (!*text)
        return 0;
    if (begins_name(*text)) {
        out->kind = FORAY__EVAL_NAME;
        while (continues_name(text[out->length]))
            out->length++;
        return 0;
    }
    if (isdigit((unsigned char)*text) ||
        (*text == '.' && isdigit((unsigned char)text[1]))) {
        out->kind = FORAY__EVAL_NUMBER;
        return read_number(out, tree, text);
    }
    return read_sign(out, text) ? 0 : unexpected(tree, position);
}
