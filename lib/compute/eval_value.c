#include "compute/eval_value.h"

#include <math.h>
#include <string.h>

#include "compute/eval_promote.h"

bool foray__eval_is_told(const struct foray__eval_node *node)
{
    return node->kind == FORAY__EVAL_CONSTANT && !node->in_text;
}

static void real_text(char out[40], double value)
{
    if (isnan(value))
        strcpy(out, "__builtin_nan(\"\")");
    else if (isinf(value))
        strcpy(out, value < 0 ? "-__builtin_inf()" : "__builtin_inf()");
    else
        snprintf(out, 40, "%a", value);
}

/* A constant of the text, of its default type. */
static void constant_text(char *out, const struct foray__eval_node *node)
{
    char real[40], imaginary[40];
    foray__wide whole = node->constant.whole;

    real_text(real, node->constant.real);
    real_text(imaginary, node->constant.imaginary);
    if (node->weak == FORAY__EVAL_FLOAT)
        snprintf(out, FORAY__EVAL_MAX_VALUE, "(%s)", real);
    else if (node->weak == FORAY__EVAL_COMPLEX)
        snprintf(out, FORAY__EVAL_MAX_VALUE, "make_c128(%s, %s)", real,
                 imaginary);
    else if (whole < 0) /* the least one has no positive counterpart */
        snprintf(out, FORAY__EVAL_MAX_VALUE, "((i64)-%lldll - 1)",
                 -(long long)(whole + 1));
    else
        snprintf(out, FORAY__EVAL_MAX_VALUE, "((%s)%lluull)",
                 foray_dtype_name(foray__eval_default(node)),
                 (unsigned long long)whole);
}

static void told_text(char *out, const struct foray__eval_node *node, int slot)
{
    if (node->weak == FORAY__EVAL_FLOAT)
        snprintf(out, FORAY__EVAL_MAX_VALUE, "numbers[%d].f[0]", slot);
    else if (node->weak == FORAY__EVAL_COMPLEX)
        snprintf(out, FORAY__EVAL_MAX_VALUE,
                 "make_c128(numbers[%d].f[0], numbers[%d].f[1])", slot, slot);
    else
        snprintf(out, FORAY__EVAL_MAX_VALUE, "((%s)numbers[%d].%s)",
                 foray_dtype_name(foray__eval_default(node)), slot,
                 node->constant.whole > INT64_MAX ? "u" : "i");
}

static int operand_of(const struct foray__eval_body *body, int input)
{
    int k = 0;

    while (body->operands[k].input != input)
        k++;
    return k;
}

void foray__eval_value_text(char *out, const struct foray__eval_body *body,
                            const int *slots, int i)
{
    const struct foray__eval_node *node = &body->tree->nodes[i];

    if (node->kind == FORAY__EVAL_ARRAY)
        snprintf(out, FORAY__EVAL_MAX_VALUE, "x%d",
                 operand_of(body, node->input));
    else if (node->kind == FORAY__EVAL_APPLY)
        snprintf(out, FORAY__EVAL_MAX_VALUE, "v%d", i);
    else if (foray__eval_is_told(node))
        told_text(out, node, slots[i]);
    else
        constant_text(out, node);
}

void foray__eval_write_as(FILE *out, enum foray_dtype from, enum foray_dtype to,
                          const char *value)
{
    enum foray__eval_class is = foray__eval_class_of(from);
    const char *name = foray_dtype_name(to), *part = "";

    if (from == to) {
        fprintf(out, "(%s)", value);
        return;
    }
    if (to == FORAY_OPAQUE) {
        fprintf(out, "((wide)(%s))", value);
        return;
    }
    if (to == FORAY_BOOL) {
        fprintf(out, "((bool)((%s) != 0))", value);
        return;
    }
    if (foray__eval_class_of(to) == FORAY__EVAL_OF_COMPLEX) {
        fprintf(out,
                is == FORAY__EVAL_OF_COMPLEX
                    ? "make_%s(__real__ (%s), __imag__ (%s))"
                    : "make_%s(%s, 0)",
                name, value, value);
        return;
    }
    if (is == FORAY__EVAL_OF_COMPLEX) {
        part = "__real__ ";
        from = foray__eval_part_of(from);
        is = FORAY__EVAL_OF_REALS;
    }
    if (to == FORAY_F16)
        fprintf(out, "f16_of_%s(%s(%s))", from == FORAY_F32 ? "f32" : "f64",
                part, value);
    else if (foray__eval_class_of(to) == FORAY__EVAL_OF_INTEGERS &&
             is == FORAY__EVAL_OF_REALS)
        fprintf(out, "%s_of_f64(%s(%s))", name, part, value);
    else
        fprintf(out, "((%s)%s(%s))", name, part, value);
}
