#include "compute/eval_tree.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

/* Characters of the text that a message shows, before and behind the place. */
enum { BEFORE = 30, BEHIND = 30, SHOWN = BEFORE + BEHIND + 6 };

/* The text around `position` as a message can hold it. */
static void show(char shown[SHOWN + 1], const char *text, size_t position)
{
    size_t start = position > BEFORE + 3 ? position - BEFORE : 0, n = 0;

    if (start) {
        memcpy(shown, "...", 3);
        n = 3;
    }
    for (size_t i = start; text[i]; i++) {
        if (i >= position + BEHIND && strlen(text + i) > 3) {
            memcpy(shown + n, "...", 3);
            n += 3;
            break;
        }
        shown[n++] = (char)(isprint((unsigned char)text[i]) ? text[i] : '?');
    }
    shown[n] = '\0';
}

int foray__eval_wrong(struct foray__eval_tree *tree, size_t position, int code,
                      const char *fmt, ...)
{
    char shown[SHOWN + 1], sentence[FORAY_ERROR_MSG_SIZE];
    va_list args;

    va_start(args, fmt);
    vsnprintf(sentence, sizeof sentence, fmt, args);
    va_end(args);
    show(shown, tree->text, position);
    return foray__fail(tree->err, code, "\"%s\", character %zu: %s", shown,
                       position + 1, sentence);
}

int foray__eval_node_new(struct foray__eval_tree *tree, size_t position)
{
    struct foray__eval_node *nodes;

    if (tree->n_nodes == FORAY__EVAL_MAX_NODES)
        return foray__eval_wrong(tree, position, FORAY_ETOOLARGE,
                                 "the text has more than %d operations, names "
                                 "and numbers",
                                 FORAY__EVAL_MAX_NODES);
    if (tree->n_nodes == tree->n_allocated) {
        int n = tree->n_allocated ? 2 * tree->n_allocated : 32;

        nodes = realloc(tree->nodes, (size_t)n * sizeof *nodes);
        if (!nodes)
            return foray__fail(tree->err, FORAY_ENOMEM,
                               "no memory for an expression");
        tree->nodes = nodes;
        tree->n_allocated = n;
    }
    memset(&tree->nodes[tree->n_nodes], 0, sizeof *tree->nodes);
    tree->nodes[tree->n_nodes].position = position;
    return tree->n_nodes++;
}

void foray__eval_tree_free(struct foray__eval_tree *tree)
{
    if (tree)
        free(tree->nodes);
    free(tree);
}
