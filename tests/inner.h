/* For tests of runs inside of tasks: inner pools, and an array to pass on. */
#ifndef FORAY_TESTS_INNER_H
#define FORAY_TESTS_INNER_H

#include <foray.h>

/* Two workers; every array is passed by reference, and a failure ends
 * nothing. */
int open_inner(struct foray_pool **out, const char *backend,
               struct foray_error *err);

/* An array of f64 of which every element is 1 + its row; NULL: an unnamed one.
 * Owner: the caller, foray_array_close. */
enum { INNER_ROWS = 12, INNER_COLS = 500 };
struct foray_array make_rows(const char *path);

/* Every element is `factor` times that. */
void check_rows(const struct foray_array *x, double factor);

/* (x) -> the sum of its row 3, x's mode */
int call_sum_row(struct foray_task *task);

#endif
