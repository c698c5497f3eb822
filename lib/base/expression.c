#include "base/expression.h"

#include <ctype.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/number.h"

enum { MAX_LENGTH = 30, SHOWN = 60 };
static const double max_value = 1e6;
static const char n_jobs_name[] = "n_jobs";
enum { NAME_LENGTH = sizeof n_jobs_name - 1 };

struct parser {
    const char *text, *at;
    double n_jobs;
    const char *wrong; /* what is, once a function below answered false */
    const char *where;
};

static bool is_wrong(struct parser *parser, const char *where,
                     const char *wrong)
{
    parser->where = where;
    parser->wrong = wrong;
    return false;
}

static void skip_blanks(struct parser *parser)
{
    while (*parser->at == ' ' || *parser->at == '\t')
        parser->at++;
}

/* Whether these characters come next, which are then taken. */
static bool take(struct parser *parser, const char *sign)
{
    size_t length = strlen(sign);

    skip_blanks(parser);
    if (strncmp(parser->at, sign, length) != 0)
        return false;
    if (!strcmp(sign, "*") && parser->at[1] == '*')
        return false; /* a power, not a product */
    parser->at += length;
    return true;
}

/* Every value passes here, on the way as well as at the end. */
static bool give(struct parser *parser, double *out, double value,
                 const char *where)
{
    if (isnan(value))
        return is_wrong(parser, where, "the result is no real number");
    if (fabs(value) > max_value)
        return is_wrong(parser, where, "the value is beyond 1000000");
    *out = value;
    return true;
}

static bool read_sum(struct parser *parser, double *out);
static bool read_signed(struct parser *parser, double *out);

static bool read_number(struct parser *parser, double *out)
{
    const char *where = parser->at;
    struct foray__number number;

    if (!foray__number(&number, where))
        return is_wrong(parser, where, "a number, n_jobs or ( is missing");
    if (number.whole && number.value > 0 && *where == '0')
        return is_wrong(parser, where, "the number begins with 0");
    parser->at += number.length;
    return give(parser, out, number.value, where);
}

static bool read_atom(struct parser *parser, double *out)
{
    const char *where;

    if (take(parser, "(")) {
        if (!read_sum(parser, out))
            return false;
        return take(parser, ")") ||
               is_wrong(parser, parser->at, "an operator or ) is missing");
    }
    where = parser->at;
    if (!take(parser, n_jobs_name))
        return read_number(parser, out);
    return give(parser, out, parser->n_jobs, where);
}

static bool read_power(struct parser *parser, double *out)
{
    double base, exponent;
    const char *where;

    if (!read_atom(parser, &base))
        return false;
    if (!take(parser, "**")) {
        *out = base;
        return true;
    }
    where = parser->at - strlen("**");
    if (!read_signed(parser, &exponent))
        return false;
    if (base == 0 && exponent < 0)
        return is_wrong(parser, where, "a division by zero");
    return give(parser, out, pow(base, exponent), where);
}

static bool read_signed(struct parser *parser, double *out)
{
    if (!take(parser, "-"))
        return read_power(parser, out);
    if (!read_signed(parser, out))
        return false;
    *out = -*out;
    return true;
}

double foray__remainder(double a, double b)
{
    double remainder = fmod(a, b);

    return remainder != 0 && (remainder < 0) != (b < 0) ? remainder + b
                                                        : remainder;
}

/* By way of the remainder, as a / b may be rounded up to the next integer. */
double foray__floor_quotient(double a, double b)
{
    return round((a - foray__remainder(a, b)) / b);
}

static bool read_product(struct parser *parser, double *out)
{
    double left, right;

    if (!read_signed(parser, &left))
        return false;
    for (;;) {
        static const char *const signs[] = {"*", "//", "/", "%"};
        const char *where;
        int k = 0;

        while (k < 4 && !take(parser, signs[k]))
            k++;
        if (k == 4) {
            *out = left;
            return true;
        }
        where = parser->at - strlen(signs[k]);
        if (!read_signed(parser, &right))
            return false;
        if (k > 0 && right == 0)
            return is_wrong(parser, where, "a division by zero");
        if (!give(parser, &left,
                  k == 0   ? left * right
                  : k == 1 ? foray__floor_quotient(left, right)
                  : k == 2 ? left / right
                           : foray__remainder(left, right),
                  where))
            return false;
    }
}

static bool read_sum(struct parser *parser, double *out)
{
    double left, right;

    if (!read_product(parser, &left))
        return false;
    for (;;) {
        bool minus = take(parser, "-");
        const char *where;

        if (!minus && !take(parser, "+")) {
            *out = left;
            return true;
        }
        where = parser->at - 1;
        if (!read_product(parser, &right) ||
            !give(parser, &left, minus ? left - right : left + right, where))
            return false;
    }
}

/* Whether the text is short enough, with n_jobs written as its digits. It
 * bounds the brackets, and so the depth of the recursion. */
static bool is_short(const char *text, int n_jobs)
{
    size_t length = 0, digits = (size_t)snprintf(NULL, 0, "%d", n_jobs);

    while (*text && length <= MAX_LENGTH) {
        bool named = !strncmp(text, n_jobs_name, NAME_LENGTH);

        text += named ? NAME_LENGTH : 1;
        length += named ? digits : 1;
    }
    return length <= MAX_LENGTH;
}

/* The text as a message can hold it. */
static void show(char shown[SHOWN + 1], const char *text)
{
    size_t length = strnlen(text, SHOWN + 1), i;

    for (i = 0; i < length && i < SHOWN; i++)
        shown[i] = (char)(isprint((unsigned char)text[i]) ? text[i] : '?');
    shown[i] = '\0';
    if (length > SHOWN)
        memcpy(shown + SHOWN - 3, "...", 3);
}

int foray__expression(double *out, const char *text, int n_jobs,
                      struct foray_error *err)
{
    struct parser parser = {.text = text, .at = text, .n_jobs = n_jobs};
    char shown[SHOWN + 1];
    double value;

    if (n_jobs < 1)
        return foray__fail(err, FORAY_EINVAL, "n_jobs is %d: must be 1 or more",
                           n_jobs);
    show(shown, text);
    if (!is_short(text, n_jobs))
        return foray__fail(err, FORAY_EINVAL,
                           "\"%s\" is too long: at most %d characters, with "
                           "n_jobs written as %d",
                           shown, MAX_LENGTH, n_jobs);
    if (read_sum(&parser, &value)) {
        skip_blanks(&parser);
        if (!*parser.at) {
            *out = value;
            return 0;
        }
        is_wrong(&parser, parser.at, "an operator is missing");
    }
    return foray__fail(err, FORAY_EINVAL, "\"%s\", character %td: %s", shown,
                       parser.where - text + 1, parser.wrong);
}
