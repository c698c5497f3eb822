#include "compute/eval_parser.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "compute/eval_apply.h"

int foray__eval_unexpected(const struct foray__eval_parser *parser,
                           const char *what)
{
    return foray__eval_wrong(parser->tree, parser->token.position, FORAY_EINVAL,
                             "%s", what);
}

int foray__eval_advance(struct foray__eval_parser *parser)
{
    return foray__eval_token_next(&parser->token, parser->tree,
                                  parser->token.position +
                                      parser->token.length);
}

bool foray__eval_is_sign(const struct foray__eval_parser *parser,
                         const char *sign)
{
    return parser->token.kind == FORAY__EVAL_SIGN &&
           !strcmp(parser->token.sign, sign);
}

bool foray__eval_is_word(const struct foray__eval_parser *parser,
                         const char *word)
{
    const struct foray__eval_token *token = &parser->token;

    return token->kind == FORAY__EVAL_NAME && token->length == strlen(word) &&
           !strncmp(parser->tree->text + token->position, word, token->length);
}

/* Words of Python that people try. */
int foray__eval_refuse_keyword(const struct foray__eval_parser *parser)
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
        if (foray__eval_is_word(parser, words[k][0]))
            return foray__eval_unexpected(parser, words[k][1]);
    return 0;
}

static int new_constant(struct foray__eval_parser *parser,
                        enum foray__eval_weak weak,
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
static int parse_given(struct foray__eval_parser *parser,
                       const struct foray_eval_name *in, size_t position)
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
    if (negative) { /* no operation: the loop does not depend on signs */
        token.constant.whole = -token.constant.whole;
        token.constant.real = -token.constant.real;
        token.constant.imaginary = -token.constant.imaginary;
    }
    if (token.constant.whole < INT64_MIN)
        return foray__fail(parser->tree->err, FORAY_ERANGE,
                           "%s=%.60s does not fit into 64 bits", in->name,
                           in->number);
    made = new_constant(parser, token.weak, &token.constant, position);
    if (made >= 0)
        parser->tree->nodes[made].in_text = false;
    return made;
}

static int new_array(struct foray__eval_parser *parser, int input,
                     size_t position)
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

static int parse_word(struct foray__eval_parser *parser, size_t position)
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
        if (foray__eval_is_word(parser, words[k].name)) {
            struct foray__eval_constant constant = {
                .whole =
                    words[k].weak == FORAY__EVAL_BOOL && words[k].value != 0,
                .real = words[k].value};

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
static int find_name(struct foray__eval_parser *parser, size_t position)
{
    struct foray__eval_tree *tree = parser->tree;

    for (int k = 0; k < tree->n_values; k++)
        if (foray__eval_is_word(parser, tree->values[k].name))
            return tree->values[k].node;
    for (int k = 0; k < tree->n_in; k++)
        if (foray__eval_is_word(parser, tree->in[k].name))
            return tree->in[k].array
                       ? new_array(parser, k, position)
                       : parse_given(parser, &tree->in[k], position);
    return parse_word(parser, position);
}

static int parse_arguments(struct foray__eval_parser *parser, int *args,
                           const struct foray__eval_function *function,
                           size_t position)
{
    int n = 0;

    FORAY_TRY(foray__eval_advance(parser)); /* ( */
    while (!foray__eval_is_sign(parser, ")")) {
        int arg;

        if (n && !foray__eval_is_sign(parser, ","))
            return foray__eval_unexpected(
                parser, "an operator, \",\" or \")\" is missing");
        if (n)
            FORAY_TRY(foray__eval_advance(parser));
        if (n == function->n_args)
            break;
        arg = foray__eval_parse_expression(parser);
        if (arg < 0)
            return arg;
        args[n++] = arg;
    }
    if (n < function->n_args || !foray__eval_is_sign(parser, ")"))
        return foray__eval_wrong(
            parser->tree, position, FORAY_EINVAL, "%s takes %d argument%s",
            function->name, function->n_args, function->n_args == 1 ? "" : "s");
    return foray__eval_advance(parser);
}

static int parse_call(struct foray__eval_parser *parser, const char *name,
                      size_t length, size_t position)
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
static bool is_called(const struct foray__eval_parser *parser)
{
    const char *behind =
        parser->tree->text + parser->token.position + parser->token.length;

    return behind[strspn(behind, " \t\r\n")] == '(';
}

static int parse_name(struct foray__eval_parser *parser)
{
    size_t position = parser->token.position, length = parser->token.length;
    int node;

    FORAY_TRY(foray__eval_refuse_keyword(parser));
    if (is_called(parser)) {
        FORAY_TRY(foray__eval_advance(parser));
        return parse_call(parser, parser->tree->text + position, length,
                          position);
    }
    node = find_name(parser, position);
    if (node < 0)
        return node;
    FORAY_TRY(foray__eval_advance(parser));
    return node;
}

int foray__eval_parse_atom(struct foray__eval_parser *parser)
{
    struct foray__eval_token token = parser->token;
    int node;

    if (token.kind == FORAY__EVAL_NAME)
        return parse_name(parser);
    if (token.kind == FORAY__EVAL_NUMBER) {
        FORAY_TRY(foray__eval_advance(parser));
        return new_constant(parser, token.weak, &token.constant,
                            token.position);
    }
    if (!foray__eval_is_sign(parser, "("))
        return foray__eval_unexpected(parser,
                                      "a name, a number or \"(\" is missing");
    FORAY_TRY(foray__eval_advance(parser));
    node = foray__eval_parse_expression(parser);
    if (node < 0)
        return node;
    if (!foray__eval_is_sign(parser, ")"))
        return foray__eval_unexpected(parser,
                                      "an operator or \")\" is missing");
    FORAY_TRY(foray__eval_advance(parser));
    return node;
}
