#include "compute/eval_code.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compute/eval_apply.h"
#include "compute/eval_prelude.h"
#include "compute/eval_promote.h"
#include "compute/eval_value.h"

struct writer {
    FILE *out;
    const struct foray__eval_body *body;
    const bool *needed;
    int *slots; /* of constants that the loop is told */
};

void foray__eval_needed(bool *needed, const struct foray__eval_body *body)
{
    const struct foray__eval_tree *tree = body->tree;

    memset(needed, 0, (size_t)tree->n_nodes * sizeof *needed);
    for (int k = 0; k < body->n_operands; k++)
        if (body->operands[k].input < 0)
            needed[body->operands[k].node] = true;
    for (int i = tree->n_nodes - 1; i >= 0; i--)
        for (int k = 0; needed[i] && tree->nodes[i].kind == FORAY__EVAL_APPLY &&
                        k < tree->nodes[i].function->n_args;
             k++)
            needed[tree->nodes[i].args[k]] = true;
}

int foray__eval_numbers(union foray__eval_number *out,
                        const struct foray__eval_body *body, const bool *needed)
{
    int n = 0;

    for (int i = 0; i < body->tree->n_nodes; i++) {
        const struct foray__eval_node *node = &body->tree->nodes[i];

        if (!needed[i] || !foray__eval_is_told(node))
            continue;
        if (node->weak == FORAY__EVAL_FLOAT ||
            node->weak == FORAY__EVAL_COMPLEX) {
            out[n].f[0] = node->constant.real;
            out[n].f[1] = node->constant.imaginary;
        } else {
            out[n].u = (uint64_t)node->constant.whole;
        }
        n++;
    }
    return n;
}

static void write_argument(const struct writer *writer,
                           const struct foray__eval_node *node, int k)
{
    enum foray_dtype to = node->function->rule == FORAY__EVAL_WHERE && k == 0
                              ? FORAY_BOOL
                              : node->operand;
    char value[FORAY__EVAL_MAX_VALUE];

    foray__eval_value_text(value, writer->body, writer->slots, node->args[k]);
    foray__eval_write_as(
        writer->out,
        foray__eval_dtype_of(&writer->body->tree->nodes[node->args[k]]), to,
        value);
}

static void write_operation(const struct writer *writer,
                            const struct foray__eval_node *node)
{
    const char *code = foray__eval_code_of(node->function, node->operand);
    bool single = node->operand == FORAY_F16 || node->operand == FORAY_F32 ||
                  node->operand == FORAY_C64;

    for (; *code; code++) {
        if (*code != '$') {
            fputc(*code, writer->out);
            continue;
        }
        code++;
        if (*code == 't')
            fputs(foray_dtype_name(node->operand), writer->out);
        else if (*code == 's')
            fputs(single ? "f" : "", writer->out);
        else
            write_argument(writer, node, *code - 'a');
    }
}

static void write_node(const struct writer *writer, int i)
{
    const struct foray__eval_node *node = &writer->body->tree->nodes[i];
    char value[FORAY__EVAL_MAX_VALUE];

    fprintf(writer->out, "      const %s v%d = ", foray_dtype_name(node->dtype),
            i);
    if (node->function->rule == FORAY__EVAL_CAST) {
        foray__eval_value_text(value, writer->body, writer->slots,
                               node->args[0]);
        foray__eval_write_as(
            writer->out,
            foray__eval_dtype_of(&writer->body->tree->nodes[node->args[0]]),
            node->dtype, value);
    } else {
        fputs(node->dtype == FORAY_F16 ? "f16_of_f32(" : "(", writer->out);
        if (node->dtype != FORAY_F16)
            fprintf(writer->out, "%s)(", foray_dtype_name(node->dtype));
        write_operation(writer, node);
        fputs(")", writer->out);
    }
    fputs(";\n", writer->out);
}

/* The element of operand `k` that its address `at` leads to. */
static void write_load(const struct writer *writer, int k, const char *at)
{
    const struct foray__eval_operand *operand = &writer->body->operands[k];
    const char *name = foray_dtype_name(operand->dtype);

    fprintf(writer->out, "const %s x%d = ", name, k);
    fprintf(writer->out, operand->dtype == FORAY_BOOL  ? "(bool)(0 != "
                         : operand->dtype == FORAY_F16 ? "f16_load("
                                                       : "(");
    if (operand->swapped)
        fprintf(writer->out, "%s_turned((const %s_memory *)(%s))", name, name,
                at);
    else
        fprintf(writer->out, "*(const %s_memory *)(%s)", name, at);
    fputs(");\n", writer->out);
}

/* The pointers of the outer loop, and what is the same for the inner one. */
static void write_pointers(const struct writer *writer)
{
    for (int k = 0; k < writer->body->n_operands; k++) {
        const struct foray__eval_operand *operand = &writer->body->operands[k];
        const char *name = foray_dtype_name(operand->dtype);
        char at[64];

        snprintf(at, sizeof at, "(void *)(data[%d] + (offset)j * outer[%d])", k,
                 k);
        if (operand->layout == FORAY__EVAL_DENSE)
            fprintf(writer->out, "    %s%s_memory *restrict p%d = %s;\n",
                    operand->input < 0 ? "" : "const ", name, k, at);
        else if (operand->layout == FORAY__EVAL_STRIDED)
            fprintf(writer->out,
                    "    %schar *restrict p%d = %s;\n"
                    "    const offset s%d = inner[%d];\n",
                    operand->input < 0 ? "" : "const ", k, at, k, k);
        if (operand->layout == FORAY__EVAL_FIXED) {
            fputs("    ", writer->out);
            write_load(writer, k, at);
        }
    }
}

static void address_text(char out[64], const struct writer *writer, int k)
{
    if (writer->body->operands[k].layout == FORAY__EVAL_DENSE)
        snprintf(out, 64, "p%d + i", k);
    else
        snprintf(out, 64, "p%d + (offset)i * s%d", k, k);
}

static void write_loads(const struct writer *writer)
{
    char at[64];

    for (int k = 0; k < writer->body->n_operands; k++) {
        const struct foray__eval_operand *operand = &writer->body->operands[k];

        if (operand->input < 0 || operand->layout == FORAY__EVAL_FIXED)
            continue;
        address_text(at, writer, k);
        fputs("      ", writer->out);
        write_load(writer, k, at);
    }
}

static void write_stores(const struct writer *writer)
{
    char at[64], value[FORAY__EVAL_MAX_VALUE];

    for (int k = 0; k < writer->body->n_operands; k++) {
        const struct foray__eval_operand *operand = &writer->body->operands[k];

        if (operand->input >= 0)
            continue;
        address_text(at, writer, k);
        foray__eval_value_text(value, writer->body, writer->slots,
                               operand->node);
        fprintf(writer->out, "      *(%s_memory *)(%s) = %s",
                foray_dtype_name(operand->dtype), at,
                operand->dtype == FORAY_F16 ? "f16_store(" : "(");
        foray__eval_write_as(
            writer->out,
            foray__eval_dtype_of(&writer->body->tree->nodes[operand->node]),
            operand->dtype, value);
        fputs(");\n", writer->out);
    }
}

static void write_module(const struct writer *writer)
{
    fputs(foray__eval_prelude, writer->out);
    fputs("void " FORAY__EVAL_SYMBOL
          "(char *const *data, const offset *inner,\n"
          "    const offset *outer, size n, size m,\n"
          "    const union number *numbers, u64 *counts)\n"
          "{\n"
          "  u64 zeros = 0, negatives = 0;\n"
          "  for (size j = 0; j < m; j++) {\n",
          writer->out);
    write_pointers(writer);
    fputs("#ifdef __clang__\n"
          "#pragma clang loop vectorize(assume_safety)\n"
          "#else\n"
          "#pragma GCC ivdep\n"
          "#endif\n"
          "    for (size i = 0; i < n; i++) {\n",
          writer->out);
    write_loads(writer);
    for (int i = 0; i < writer->body->tree->n_nodes; i++)
        if (writer->needed[i] &&
            writer->body->tree->nodes[i].kind == FORAY__EVAL_APPLY)
            write_node(writer, i);
    write_stores(writer);
    fputs("    }\n"
          "  }\n"
          "  counts[0] += zeros;\n"
          "  counts[1] += negatives;\n"
          "}\n",
          writer->out);
}

char *foray__eval_code(const struct foray__eval_body *body, const bool *needed)
{
    size_t n_nodes = (size_t)body->tree->n_nodes, size;
    struct writer writer = {.body = body, .needed = needed};
    char *code = NULL;
    int n = 0, failed;

    writer.slots = calloc(n_nodes + 1, sizeof *writer.slots);
    writer.out = open_memstream(&code, &size);
    if (!writer.slots || !writer.out) {
        if (writer.out)
            fclose(writer.out);
        free(writer.slots);
        free(code);
        return NULL;
    }
    for (int i = 0; i < body->tree->n_nodes; i++)
        if (needed[i] && foray__eval_is_told(&body->tree->nodes[i]))
            writer.slots[i] = n++;
    write_module(&writer);
    failed = ferror(writer.out);
    failed |= fclose(writer.out);
    free(writer.slots);
    if (failed) {
        free(code);
        return NULL;
    }
    return code;
}
