#include "compute/eval_parse.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "compute/eval_apply.h"
#include "compute/eval_lexer.h"

struct parser {
    struct foray__eval_tree *tree;
    struct foray__eval_token token; /* that comes next */
    int depth;
};

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

/* Each of these gives a node's number, or a negative code. */
static int parse_binary(struct parser *parser, int level);

static int wrong(const struct parser *parser, const char *what)
{
    return foray__eval_wrong(parser->tree, parser->token.position, FORAY_EINVAL,
                             "%s", what);
}

static int advance(struct parser *parser)
{
    return foray__eval_token_next(&parser->token, parser->tree,
                                  parser->token.position +
                                      parser->token.length);
}

static bool is_sign(const struct parser *parser, const char *sign)
{
    return parser->token.kind == FORAY__EVAL_SIGN &&
           !strcmp(parser->token.sign, sign);
}

static bool is_word(const struct parser *parser, const char *word)
{
    const struct foray__eval_token *token = &parser->token;

    return token->kind == FORAY__EVAL_NAME && token->length == strlen(word) &&
           !strncmp(parser->tree->text + token->position, word, token->length);
}

static int enter(struct parser *parser)
{
    if (++parser->depth > FORAY__EVAL_MAX_DEPTH)
        return foray__eval_wrong(parser->tree, parser->token.position,
                                 FORAY_ETOOLARGE,
                                 "brackets and signs are nested deeper than %d",
                                 FORAY__EVAL_MAX_DEPTH);
    return 0;
}

/* Words of Python that people try. */
static int refuse_keyword(const struct parser *parser)
{
    static const char *const words[][2] = {
        {"and", "\"and\" is not for arrays: use & with brackets, or "
                "logical_and(a, b)"},
        {"or",
         "\"or\" is not for arrays: use | with brackets, or logical_or(a, b)"},
        {"not", "\"not\" is not for arrays: use ~, or logical_not(a)"},
        {"if", "\"if\" is not for arrays: use where(condition, a, b)"},
        {"else", "\"else\" is not for arrays: use where(condition, a, b)"}};

    for (size_t k = 0; k < sizeof words / sizeof *words; k++)
        if (is_word(parser, words[k][0]))
            return wrong(parser, words[k][1]);
    return 0;
}

static int new_constant(struct parser *parser, enum foray__eval_weak weak,
                        const struct foray__eval_constant *constant,
                        size_t position)
{
    int made = foray__eval_node_new(parser->tree, position);
    struct foray__eval_node *node;

    if (made < 0)
        return made;
    node = &parser->tree->nodes[made];
    node->kind = FORAY__EVAL_CONSTANT;
    node->weak = weak;
    node->in_text = true;
    node->constant = *constant;
    return made;
}

/* "2.5", "-3": a number and perhaps a sign before it. */
static int parse_given(struct parser *parser, const struct foray_eval_name *in,
                       size_t position)
{
    struct foray__eval_tree digits = {.text = in->number};
    struct foray__eval_token token;
    const char *text = in->number + strspn(in->number, " ");
    bool negative = *text == '-';
    int made;

    digits.text = text + (*text == '-' || *text == '+');
    if (foray__eval_token_next(&token, &digits, 0) ||
        token.kind != FORAY__EVAL_NUMBER ||
        digits.text[token.position + token.length])
        return foray__fail(parser->tree->err, FORAY_EINVAL,
                           "%s=%.60s is no number", in->name, in->number);
    made = new_constant(parser, token.weak, &token.constant, position);
    if (made < 0)
        return made;
    parser->tree->nodes[made].in_text = false;
    if (negative) {
        int args[FORAY__EVAL_MAX_ARGS] = {made, 0, 0};

        return foray__eval_apply(
            parser->tree, foray__eval_function_get("negative"), args, position);
    }
    return made;
}

static int new_array(struct parser *parser, int input, size_t position)
{
    const struct foray_array *array = parser->tree->in[input].array;
    int made = foray__eval_node_new(parser->tree, position);
    struct foray__eval_node *node;

    if (made < 0)
        return made;
    if (array->dtype == FORAY_OPAQUE)
        return foray__eval_wrong(parser->tree, position, FORAY_EDTYPE,
                                 "the elements of %s are not numbers",
                                 parser->tree->in[input].name);
    node = &parser->tree->nodes[made];
    node->kind = FORAY__EVAL_ARRAY;
    node->input = input;
    node->dtype = array->dtype;
    node->ndim = array->ndim;
    memcpy(node->shape, array->shape,
           (size_t)array->ndim * sizeof *array->shape);
    return made;
}

static int parse_word(struct parser *parser, size_t position)
{
    static const struct {
        const char *name;
        enum foray__eval_weak weak;
        double value;
    } words[] = {{"True", FORAY__EVAL_BOOL, 1},
                 {"False", FORAY__EVAL_BOOL, 0},
                 {"pi", FORAY__EVAL_FLOAT, 3.14159265358979323846},
                 {"e", FORAY__EVAL_FLOAT, 2.71828182845904523536},
                 {"inf", FORAY__EVAL_FLOAT, HUGE_VAL},
                 {"nan", FORAY__EVAL_FLOAT, (double)NAN}};

    for (size_t k = 0; k < sizeof words / sizeof *words; k++)
        if (is_word(parser, words[k].name)) {
            struct foray__eval_constant constant = {
                .whole = (foray__wide)words[k].value * !words[k].weak,
                .real = words[k].value};

            if (words[k].weak == FORAY__EVAL_BOOL)
                constant.whole = words[k].value != 0;
            return new_constant(parser, words[k].weak, &constant, position);
        }
    return foray__eval_wrong(
        parser->tree, position, FORAY_EINVAL,
        "%.*s is not known: name its array, %.*s=FILE.npy, or a number",
        (int)(parser->token.length > 40 ? 40 : parser->token.length),
        parser->tree->text + position,
        (int)(parser->token.length > 40 ? 40 : parser->token.length),
        parser->tree->text + position);
}

/* What a name stands for: the value last given to it, or else an input. */
static int find_name(struct parser *parser, size_t position)
{
    struct foray__eval_tree *tree = parser->tree;

    for (int k = 0; k < tree->n_values; k++)
        if (is_word(parser, tree->values[k].name))
            return tree->values[k].node;
    for (int k = 0; k < tree->n_in; k++)
        if (is_word(parser, tree->in[k].name))
            return tree->in[k].array
                       ? new_array(parser, k, position)
                       : parse_given(parser, &tree->in[k], position);
    return parse_word(parser, position);
}

static int parse_arguments(struct parser *parser, int *args,
                           const struct foray__eval_function *function,
                           size_t position)
{
    int n = 0;

    FORAY_TRY(advance(parser)); /* ( */
    while (!is_sign(parser, ")")) {
        int arg;

        if (n && !is_sign(parser, ","))
            return wrong(parser, "an operator, \",\" or \")\" is missing");
        if (n)
            FORAY_TRY(advance(parser));
        if (n == function->n_args)
            break;
        arg = parse_binary(parser, COMPARISONS);
        if (arg < 0)
            return arg;
        args[n++] = arg;
    }
    if (n < function->n_args || !is_sign(parser, ")"))
        return foray__eval_wrong(
            parser->tree, position, FORAY_EINVAL, "%s takes %d argument%s",
            function->name, function->n_args, function->n_args == 1 ? "" : "s");
    return advance(parser);
}

static int parse_call(struct parser *parser, const char *name, size_t length,
                      size_t position)
{
    const struct foray__eval_function *function =
        foray__eval_function_find(name, length);
    int args[FORAY__EVAL_MAX_ARGS] = {0};

    if (!function)
        return foray__eval_wrong(parser->tree, position, FORAY_EINVAL,
                                 "there is no function %.*s",
                                 (int)(length > 40 ? 40 : length), name);
    FORAY_TRY(parse_arguments(parser, args, function, position));
    return foray__eval_apply(parser->tree, function, args, position);
}

/* Whether the word is followed by a bracket. */
static bool is_called(const struct parser *parser)
{
    const char *behind =
        parser->tree->text + parser->token.position + parser->token.length;

    return behind[strspn(behind, " \t\r\n")] == '(';
}

static int parse_name(struct parser *parser)
{
    size_t position = parser->token.position, length = parser->token.length;
    int node;

    FORAY_TRY(refuse_keyword(parser));
    if (is_called(parser)) {
        FORAY_TRY(advance(parser));
        return parse_call(parser, parser->tree->text + position, length,
                          position);
    }
    node = find_name(parser, position);
    if (node < 0)
        return node;
    FORAY_TRY(advance(parser));
    return node;
}

static int parse_atom(struct parser *parser)
{
    struct foray__eval_token token = parser->token;
    int node;

    if (token.kind == FORAY__EVAL_NAME)
        return parse_name(parser);
    if (token.kind == FORAY__EVAL_NUMBER) {
        FORAY_TRY(advance(parser));
        return new_constant(parser, token.weak, &token.constant,
                            token.position);
    }
    if (!is_sign(parser, "("))
        return wrong(parser, "a name, a number or \"(\" is missing");
    FORAY_TRY(advance(parser));
    node = parse_binary(parser, COMPARISONS);
    if (node < 0)
        return node;
    if (!is_sign(parser, ")"))
        return wrong(parser, "an operator or \")\" is missing");
    FORAY_TRY(advance(parser));
    return node;
}

static int parse_unary(struct parser *parser);

static int parse_power(struct parser *parser)
{
    int args[FORAY__EVAL_MAX_ARGS] = {parse_atom(parser), 0, 0};
    size_t position = parser->token.position;

    if (args[0] < 0 || !is_sign(parser, "**"))
        return args[0];
    FORAY_TRY(advance(parser));
    args[1] = parse_unary(parser);
    if (args[1] < 0)
        return args[1];
    return foray__eval_apply(parser->tree, foray__eval_function_get("power"),
                             args, position);
}

static int parse_signed(struct parser *parser)
{
    const char *name = is_sign(parser, "-")   ? "negative"
                       : is_sign(parser, "+") ? "positive"
                                              : "invert";
    size_t position = parser->token.position;
    int args[FORAY__EVAL_MAX_ARGS] = {0};

    FORAY_TRY(advance(parser));
    args[0] = parse_unary(parser);
    if (args[0] < 0)
        return args[0];
    return foray__eval_apply(parser->tree, foray__eval_function_get(name), args,
                             position);
}

/* Every nesting passes here. */
static int parse_unary(struct parser *parser)
{
    int node;

    FORAY_TRY(enter(parser));
    node = is_sign(parser, "-") || is_sign(parser, "+") || is_sign(parser, "~")
               ? parse_signed(parser)
               : parse_power(parser);
    parser->depth--;
    return node;
}

static bool is_of_level(const struct parser *parser, int level)
{
    for (int k = 0; k < MAX_SIGNS && levels[level][k]; k++)
        if (is_sign(parser, levels[level][k]))
            return true;
    return false;
}

static int parse_binary(struct parser *parser, int level)
{
    int node = level + 1 < N_LEVELS ? parse_binary(parser, level + 1)
                                    : parse_unary(parser);
    bool compared = false;

    while (node >= 0 && is_of_level(parser, level)) {
        struct foray__eval_token token = parser->token;
        int args[FORAY__EVAL_MAX_ARGS] = {node, 0, 0};

        if (compared)
            return wrong(parser, "comparisons cannot be chained: use & with "
                                 "brackets");
        compared = level == COMPARISONS;
        FORAY_TRY(advance(parser));
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

static int name_value(struct parser *parser,
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
static bool is_assignment(const struct parser *parser)
{
    const char *behind =
        parser->tree->text + parser->token.position + parser->token.length;

    behind += strspn(behind, " \t\r\n");
    return parser->token.kind == FORAY__EVAL_NAME && behind[0] == '=' &&
           behind[1] != '=';
}

static int parse_statement(struct parser *parser)
{
    struct foray__eval_token name = parser->token;
    bool named = is_assignment(parser);

    if (named) {
        if (name.length > FORAY__EVAL_MAX_NAME)
            return wrong(parser, "the name is longer than 63 characters");
        FORAY_TRY(advance(parser));
        FORAY_TRY(advance(parser));
    }
    parser->tree->last = parse_binary(parser, COMPARISONS);
    if (parser->tree->last < 0)
        return parser->tree->last;
    if (is_sign(parser, "="))
        return wrong(parser, "only a name can stand before \"=\"; == compares");
    FORAY_TRY(refuse_keyword(parser));
    if (parser->token.kind != FORAY__EVAL_END && !is_sign(parser, ";"))
        return wrong(parser, "an operator is missing");
    if (!named)
        parser->tree->last_name[0] = '\0';
    return named ? name_value(parser, &name, parser->tree->last) : 0;
}

static int parse_statements(struct parser *parser)
{
    bool named = true;

    FORAY_TRY(advance(parser));
    for (;;) {
        struct foray__eval_token begin = parser->token;

        if (!named)
            return foray__eval_wrong(parser->tree, begin.position, FORAY_EINVAL,
                                     "only the last statement may lack its "
                                     "\"name =\"");
        named = is_assignment(parser);
        FORAY_TRY(parse_statement(parser));
        if (parser->token.kind == FORAY__EVAL_END)
            return 0;
        FORAY_TRY(advance(parser)); /* ; */
        if (parser->token.kind == FORAY__EVAL_END)
            return 0;
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
    for (int k = 0; k < 2 * FORAY_MAX_ARRAYS && eval->in[k].name; k++) {
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
    struct parser parser = {0};
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
