/* The words of an expression. */
#ifndef FORAY_COMPUTE_EVAL_LEXER_H
#define FORAY_COMPUTE_EVAL_LEXER_H

#include "compute/eval_tree.h"

enum foray__eval_token_kind {
    FORAY__EVAL_END,
    FORAY__EVAL_NAME,
    FORAY__EVAL_NUMBER,
    FORAY__EVAL_SIGN
};

struct foray__eval_token {
    enum foray__eval_token_kind kind;
    size_t position, length;
    char sign[3];               /* of a sign; else "" */
    enum foray__eval_weak weak; /* of a number */
    struct foray__eval_constant constant;
};

/* The word of tree->text that begins at `position` or behind blanks there.
 * Errors: FORAY_EINVAL (a character that no word begins with, a number that is
 * none), FORAY_ERANGE (an integer beyond 64 bits). */
int foray__eval_token_next(struct foray__eval_token *out,
                           struct foray__eval_tree *tree, size_t position);

#endif
