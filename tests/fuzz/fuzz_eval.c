/* Any bytes as the text of an expression: no crash, no leak; a refusal is a
 * sentence, and what is planned is planned the same again and becomes C.
 * Run by libFuzzer (./configure --enable-fuzzing CC=clang) or standalone.c. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <foray/eval.h>

#include "compute/eval_loop.h"
#include "compute/eval_parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t nbytes);

enum { N_ARRAYS = 8 };

/* Arrays nobody looks into: only their types and shapes matter. */
static void make_arrays(struct foray_array *arrays)
{
    static const enum foray_dtype dtypes[N_ARRAYS] = {
        FORAY_BOOL, FORAY_I8,  FORAY_I64, FORAY_U64,
        FORAY_F16,  FORAY_F32, FORAY_F64, FORAY_C128};
    static const size_t shapes[N_ARRAYS][2] = {
        {3, 70}, {1, 70}, {3, 1}, {70, 3}, {3, 70}, {70, 0}, {1, 1}, {3, 70}};
    static char nothing[16];

    for (int k = 0; k < N_ARRAYS; k++)
        if (foray_array_wrap(&arrays[k], nothing, dtypes[k], k % 3,
                             shapes[k] + 2 - k % 3, NULL))
            abort();
}

static void make_code(const struct foray_eval *eval)
{
    static struct foray__eval_loop loop;
    struct foray__eval_tree *tree;
    struct foray_error err;
    char *code;
    int node;

    if (foray__eval_parse(&tree, eval, &err) ||
        foray__eval_find(&node, tree, NULL, &err))
        abort();
    if (!foray__eval_loop_plan(&loop, tree, &node, 1, NULL, eval->reduce,
                               &err)) {
        if (foray__eval_loop_code(&code, &loop, &err))
            abort();
        free(code);
    }
    foray__eval_tree_free(tree);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t nbytes)
{
    static const char *const names[N_ARRAYS] = {"b", "i", "j", "u",
                                                "h", "f", "d", "c"};
    struct foray_array arrays[N_ARRAYS];
    struct foray_eval eval = {.in = {{0}}};
    struct foray_eval_plan plan, again;
    struct foray_error err = {0};
    char *text = malloc(nbytes + 1);
    int code;

    if (!text)
        return 0;
    if (nbytes)
        memcpy(text, bytes, nbytes);
    text[nbytes] = '\0';
    make_arrays(arrays);
    for (int k = 0; k < N_ARRAYS; k++)
        eval.in[k] = (struct foray_eval_name){names[k], &arrays[k], NULL};
    eval.in[N_ARRAYS] = (struct foray_eval_name){"n", NULL, "-2.5"};
    eval.text = text;
    code = foray_eval_plan(&plan, &eval, &err);
    if (code && (err.code != code || !err.msg[0] || strchr(err.msg, '\n')))
        abort();
    if (!code) {
        if (foray_eval_plan(&again, &eval, &err) ||
            memcmp(&plan, &again, sizeof plan) != 0)
            abort();
        make_code(&eval);
    }
    free(text);
    return 0;
}
