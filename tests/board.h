/* For tests of budgets of memory: a board in shared memory, on which tasks see
 * what the others use. */
#ifndef FORAY_TESTS_BOARD_H
#define FORAY_TESTS_BOARD_H

#include <foray.h>

#define MIB ((size_t)1 << 20)

/* Its numbers: bytes in use, the most there were, tasks, the most of them,
 * whether the first has what it takes, tasks that ended, and what a test agrees
 * on with its tasks. */
enum { BYTES, MOST_BYTES, TASKS, MOST_TASKS, HELD, ENDED, NOTE, N_BOARD };

/* More is in use, or less: a number below 0. */
void board_use(int64_t *board, int64_t nbytes, int64_t n_tasks);

/* The number at `at`, and whether it comes to a value within PATIENCE: 0, or
 * -1. */
int64_t board_read(int64_t *at);
int board_await(int64_t *at, int64_t value);

/* Number k, for the caller. */
int64_t board_note(const struct foray_array *board, size_t k);

/* Run n calls fn(i, board), the board cleared before. */
int board_run(struct foray_pool *pool, foray_task_fn fn, size_t n,
              const struct foray_array *board, struct foray_result *results,
              struct foray_error *err);

/* The board of such a call. */
int64_t *board_of_call(struct foray_task *task);

/* Call 0 reserves so much, the others wait until it has it: 0, or -1. */
int board_first_takes(struct foray_task *task, size_t nbytes);

#endif
