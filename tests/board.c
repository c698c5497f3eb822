#include "board.h"

#include <stdlib.h>
#include <string.h>

#include "helpers.h"

int64_t *board_of_call(struct foray_task *task)
{
    return foray_task_array(task, 1)->data;
}

int64_t board_read(int64_t *at)
{
    return foray_atomic_add(at, 0);
}

void board_use(int64_t *board, int64_t nbytes, int64_t n_tasks)
{
    int64_t n = foray_atomic_add(&board[BYTES], nbytes) + nbytes;

    foray_atomic_max(&board[MOST_BYTES], n);
    n = foray_atomic_add(&board[TASKS], n_tasks) + n_tasks;
    foray_atomic_max(&board[MOST_TASKS], n);
}

int board_await(int64_t *at, int64_t value)
{
    double start = seconds_now();

    while (board_read(at) < value) {
        if (seconds_now() - start > PATIENCE)
            return -1;
        nap(0.002);
    }
    return 0;
}

int board_first_takes(struct foray_task *task, size_t nbytes)
{
    int64_t *board = board_of_call(task);

    if (foray_task_i64(task, 0))
        return board_await(&board[HELD], 1);
    if (foray_task_reserve(task, nbytes))
        return -1;
    foray_atomic_add(&board[HELD], 1);
    return 0;
}

int board_run(struct foray_pool *pool, foray_task_fn fn, size_t n,
              const struct foray_array *board, struct foray_result *results,
              struct foray_error *err)
{
    struct foray_call *calls = calloc(n, sizeof *calls);
    int code;

    assert_non_null(calls);
    memset(board->data, 0, foray_array_nbytes(board));
    for (size_t i = 0; i < n; i++)
        calls[i] = foray_delayed(fn, i, board);
    code = foray_parallel(pool, calls, n, results, err);
    free(calls);
    return code;
}

int64_t board_note(const struct foray_array *board, size_t k)
{
    return FORAY_AT(board, int64_t, k);
}
