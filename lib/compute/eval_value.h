/* Values in C, as the loop of an expression has them: what a node is called or
 * written as, and how it becomes one of another type. */
#ifndef FORAY_COMPUTE_EVAL_VALUE_H
#define FORAY_COMPUTE_EVAL_VALUE_H

#include <stdio.h>

#include "compute/eval_code.h"

/* Bytes that a value takes at most. */
enum { FORAY__EVAL_MAX_VALUE = 160 };

/* Whether a node is a number that the loop is told when it runs. */
bool foray__eval_is_told(const struct foray__eval_node *node);

/* The value of node i, of FORAY__EVAL_MAX_VALUE bytes at most. `slots`: of each
 * node that is told, its place among the numbers. */
void foray__eval_value_text(char *out, const struct foray__eval_body *body,
                            const int *slots, int i);

/* Write a value of one type as one of another; opaque: 128 bits. */
void foray__eval_write_as(FILE *out, enum foray_dtype from, enum foray_dtype to,
                          const char *value);

#endif
