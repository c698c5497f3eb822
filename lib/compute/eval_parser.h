/* The parser of expressions from the inside: one token ahead, and what
 * its parts do. */
#ifndef FORAY_COMPUTE_EVAL_PARSER_H
#define FORAY_COMPUTE_EVAL_PARSER_H

#include "compute/eval_lexer.h"

struct foray__eval_parser {
    struct foray__eval_tree *tree;
    struct foray__eval_token token; /* that comes next */
    int depth;
};

/* A sentence about the token that comes next; FORAY_EINVAL. */
int foray__eval_unexpected(const struct foray__eval_parser *parser,
                           const char *what);

/* Take the token. */
int foray__eval_advance(struct foray__eval_parser *parser);

/* Whether this sign, or this word, comes next. */
bool foray__eval_is_sign(const struct foray__eval_parser *parser,
                         const char *sign);
bool foray__eval_is_word(const struct foray__eval_parser *parser,
                         const char *word);

/* Refuse what Python would take here: and, or, not, if, else. */
int foray__eval_refuse_keyword(const struct foray__eval_parser *parser);

/* A number, a name, a call, or brackets: its node, or a negative code. */
int foray__eval_parse_atom(struct foray__eval_parser *parser);

/* A whole expression: its node, or a negative code. */
int foray__eval_parse_expression(struct foray__eval_parser *parser);

#endif
