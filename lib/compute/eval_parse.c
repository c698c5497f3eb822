#include "compute/eval_parse.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "compute/eval_apply.h"
#include "compute/eval_parser.h"

/* Operators of two operands, those that bind least first. */
enum { COMPARISONS, N_LEVELS = 7, MAX_SIGNS = 7 };
static const char *const levels[N_LEVELS][MAX_SIGNS] = {
    {"==", "!=", "<", "<=", ">", ">="},
    {"|"},
    {"^"},
    {"&"},
    {"<<", ">>"},
    {"+", "-"},
    {"*", "/", "//", "%"}};

static int enter(struct foray__eval_parser *parser)
{
    if (++parser->depth > FORAY__EVAL_MAX_DEPTH)
        return foray__eval_wrong(parser->tree, parser->token.position,
                                 FORAY_ETOOLARGE,
                                 "brackets and signs are nested deeper than %d",
                                 FORAY__EVAL_MAX_DEPTH);
    return 0;
}

static int parse_unary(struct foray__eval_parser *parser);

static int parse_power(struct foray__eval_parser *parser)
{
    int args[FORAY__EVAL_MAX_ARGS] = {foray__eval_parse_atom(parser), 0, 0};
    size_t position = parser->token.position;

    if (args[0] < 0 || !foray__eval_is_sign(parser, "**"))
        return args[0];
    FORAY_TRY(foray__eval_advance(parser));
    args[1] = parse_unary(parser);
    if (args[1] < 0)
        return args[1];
    return foray__eval_apply(parser->tree, foray__eval_function_get("power"),
                             args, position);
}

static int parse_signed(struct foray__eval_parser *parser)
{
    const char *name = foray__eval_is_sign(parser, "-")   ? "negative"
                       : foray__eval_is_sign(parser, "+") ? "positive"
                                                          : "invert";
    size_t position = parser->token.position;
    int args[FORAY__EVAL_MAX_ARGS] = {0};

    FORAY_TRY(foray__eval_advance(parser));
    args[0] = parse_unary(parser);
    if (args[0] < 0)
        return args[0];
    return foray__eval_apply(parser->tree, foray__eval_function_get(name), args,
                             position);
}

/* Every nesting passes here. */
static int parse_unary(struct foray__eval_parser *parser)
{
    int node;

    FORAY_TRY(enter(parser));
    node = foray__eval_is_sign(parser, "-") ||
                   foray__eval_is_sign(parser, "+") ||
                   foray__eval_is_sign(parser, "~")
               ? parse_signed(parser)
               : parse_power(parser);
    parser->depth--;
    return node;
}

static bool is_of_level(const struct foray__eval_parser *parser, int level)
{
    for (int k = 0; k < MAX_SIGNS && levels[level][k]; k++)
        if (foray__eval_is_sign(parser, levels[level][k]))
            return true;
    return false;
}

static int parse_binary(struct foray__eval_parser *parser, int level)
{
    int node = level + 1 < N_LEVELS ? parse_binary(parser, level + 1)
                                    : parse_unary(parser);
    bool compared = false;

    while (node >= 0 && is_of_level(parser, level)) {
        struct foray__eval_token token = parser->token;
        int args[FORAY__EVAL_MAX_ARGS] = {node, 0, 0};

        if (compared)
            return foray__eval_unexpected(
                parser, "comparisons cannot be chained: use & with "
                        "brackets");
        compared = level == COMPARISONS;
        FORAY_TRY(foray__eval_advance(parser));
        args[1] = level + 1 < N_LEVELS ? parse_binary(parser, level + 1)
                                       : parse_unary(parser);
        if (args[1] < 0)
            return args[1];
        node = foray__eval_apply(parser->tree,
                                 foray__eval_function_get(token.sign), args,
                                 token.position);
    }
    return node;
}

int foray__eval_parse_expression(struct foray__eval_parser *parser)
{
    return parse_binary(parser, COMPARISONS);
}

static int name_value(struct foray__eval_parser *parser,
                      const struct foray__eval_token *name, int node)
{
    struct foray__eval_tree *tree = parser->tree;
    struct foray__eval_value *value = tree->values;
    const char *text = tree->text + name->position;

    while (value < tree->values + tree->n_values &&
           (strncmp(value->name, text, name->length) != 0 ||
            value->name[name->length]))
        value++;
    if (value == tree->values + FORAY__EVAL_MAX_NAMES)
        return foray__eval_wrong(tree, name->position, FORAY_ETOOLARGE,
                                 "the text names more than %d values",
                                 FORAY__EVAL_MAX_NAMES);
    if (value == tree->values + tree->n_values)
        tree->n_values++;
    snprintf(value->name, sizeof value->name, "%.*s", (int)name->length, text);
    snprintf(tree->last_name, sizeof tree->last_name, "%s", value->name);
    value->node = node;
    return 0;
}

/* Whether a name and "=" are next. */
static bool is_assignment(const struct foray__eval_parser *parser)
{
    const char *behind =
        parser->tree->text + parser->token.position + parser->token.length;

    behind += strspn(behind, " \t\r\n");
    return parser->token.kind == FORAY__EVAL_NAME && behind[0] == '=' &&
           behind[1] != '=';
}

static int parse_statement(struct foray__eval_parser *parser)
{
    struct foray__eval_token name = parser->token;
    bool named = is_assignment(parser);

    if (named) {
        if (name.length > FORAY__EVAL_MAX_NAME)
            return foray__eval_unexpected(
                parser, "the name is longer than 63 characters");
        FORAY_TRY(foray__eval_advance(parser));
        FORAY_TRY(foray__eval_advance(parser));
    }
    parser->tree->last = foray__eval_parse_expression(parser);
    if (parser->tree->last < 0)
        return parser->tree->last;
    if (foray__eval_is_sign(parser, "="))
        return foray__eval_unexpected(
            parser, "only a name can stand before \"=\"; == compares");
    FORAY_TRY(foray__eval_refuse_keyword(parser));
    if (parser->token.kind != FORAY__EVAL_END &&
        !foray__eval_is_sign(parser, ";"))
        return foray__eval_unexpected(parser, "an operator is missing");
    if (!named)
        parser->tree->last_name[0] = '\0';
    return named ? name_value(parser, &name, parser->tree->last) : 0;
}

static int parse_statements(struct foray__eval_parser *parser)
{
    FORAY_TRY(foray__eval_advance(parser));
    for (;;) {
        size_t begin = parser->token.position;
        bool named = is_assignment(parser);

        FORAY_TRY(parse_statement(parser));
        if (parser->token.kind == FORAY__EVAL_END)
            return 0;
        FORAY_TRY(foray__eval_advance(parser)); /* ; */
        if (parser->token.kind == FORAY__EVAL_END)
            return 0;
        if (!named)
            return foray__eval_wrong(parser->tree, begin, FORAY_EINVAL,
                                     "only the last statement may lack its "
                                     "\"name =\"");
    }
}

static bool is_name(const char *text)
{
    size_t n = strlen(text);

    if (!n || n > FORAY__EVAL_MAX_NAME || isdigit((unsigned char)*text))
        return false;
    while (n--)
        if (!isalnum((unsigned char)text[n]) && text[n] != '_')
            return false;
    return true;
}

static int check_inputs(const struct foray_eval *eval, int *n,
                        struct foray_error *err)
{
    *n = 0;
    for (int k = 0; k < FORAY_EVAL_MAX_NAMES && eval->in[k].name; k++) {
        const struct foray_eval_name *in = &eval->in[k];

        if (!is_name(in->name))
            return foray__fail(err, FORAY_EINVAL,
                               "\"%.60s\" is no name: letters, digits and _, "
                               "no digit first, at most 63",
                               in->name);
        if (!in->array == !in->number)
            return foray__fail(err, FORAY_EINVAL,
                               "%s needs an array or a number", in->name);
        for (int other = 0; other < k; other++)
            if (!strcmp(eval->in[other].name, in->name))
                return foray__fail(err, FORAY_EINVAL, "%s is given twice",
                                   in->name);
        *n = k + 1;
    }
    return 0;
}

int foray__eval_parse(struct foray__eval_tree **out,
                      const struct foray_eval *eval, struct foray_error *err)
{
    struct foray__eval_parser parser = {0};
    int n_in, code;

    *out = NULL;
    if (!eval->text ||
        strnlen(eval->text, FORAY_EVAL_MAX_TEXT + 1) > FORAY_EVAL_MAX_TEXT)
        return foray__fail(err, FORAY_ETOOLARGE,
                           "the expression is longer than %d bytes",
                           FORAY_EVAL_MAX_TEXT);
    FORAY_TRY(check_inputs(eval, &n_in, err));
    parser.tree = calloc(1, sizeof *parser.tree);
    if (!parser.tree)
        return foray__fail(err, FORAY_ENOMEM, "no memory for an expression");
    parser.tree->text = eval->text;
    parser.tree->in = eval->in;
    parser.tree->n_in = n_in;
    parser.tree->err = err;
    code = parse_statements(&parser);
    if (code)
        foray__eval_tree_free(parser.tree);
    else
        *out = parser.tree;
    return code;
}

int foray__eval_find(int *out, const struct foray__eval_tree *tree,
                     const char *name, struct foray_error *err)
{
    *out = tree->last;
    if (!name)
        return 0;
    for (int k = 0; k < tree->n_values; k++)
        if (!strcmp(tree->values[k].name, name)) {
            *out = tree->values[k].node;
            return 0;
        }
    return foray__fail(err, FORAY_EINVAL,
                       "no statement gives %.60s a value, so it has none to "
                       "write",
                       name);
}
