/* For tests of journals: a run of N_SQUARES tasks, each of which squares a
 * number, with a journal. */
#ifndef FORAY_TESTS_SQUARES_H
#define FORAY_TESTS_SQUARES_H

#include <stdatomic.h>

#include <foray.h>

enum { N_SQUARES = 100 };

/* Shared with all workers. */
struct squares {
    atomic_int tries[N_SQUARES];
    atomic_int broken; /* task that fails, or -1 */
    atomic_int slow;   /* tasks take 10 ms */
};
extern struct squares *squares;

/* At the begin of main: share them. 0, or -1. */
int share_squares(void);

/* No tries yet, none slow. */
void begin_squares(int broken);

int n_square_tries(void);

/* x.npy: 0, 1, ..., anew. */
void make_numbers(void);

/* The run from x.npy to `y`: what `map` leaves out is the square of each, in
 * chunks of 1, and y.journal unless some are `done`. */
int run_squares(struct foray_pool *pool, const struct foray_array *y,
                struct foray_map map, struct foray_report *report,
                struct foray_error *err);

/* All are there. */
void check_squares(const struct foray_array *y);

#endif
