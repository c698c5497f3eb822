/* Calls that are made while others run, results that are used as they come:
 * the sum of 150 arrays of 16 MB in the memory of a few. */
#include <foray.h>
#include <stdio.h>

enum { N = 150 };

/* A matrix that is filled with the argument. The memory that the task fills
 * becomes the result's, and is what the caller reads. */
static int matrix_of(struct foray_task *task)
{
    size_t shape[2] = {10000, 200};
    struct foray_array matrix;
    struct foray_error err;
    double x = foray_task_f64(task, 0);

    if (foray_array_create(&matrix, NULL, FORAY_F64, 2, shape, &err))
        return foray_task_raise(task, &err);
    for (size_t i = 0; i < shape[0]; i++)
        for (size_t j = 0; j < shape[1]; j++)
            FORAY_AT(&matrix, double, i, j) = x;
    return foray_return(task, &matrix);
}

/* The producer: called when a worker will soon need another call. */
static int next_call(struct foray_slot *slot, void *arg)
{
    int *i = arg;

    return *i == N ? 0 : foray_produce(slot, foray_delayed(matrix_of, (*i)++));
}

static double sum(const struct foray_array *matrix)
{
    double total = 0;

    for (size_t i = 0; i < matrix->shape[0]; i++)
        for (size_t j = 0; j < matrix->shape[1]; j++)
            total += FORAY_AT(matrix, double, i, j);
    return total;
}

int main(void)
{
    int made = 0;
    double total = 0;
    struct foray_iterator iterator = {.next = next_call, .next_arg = &made};
    struct foray_pool *pool = NULL;
    struct foray_run *run = NULL;
    struct foray_result result;
    struct foray_error err = {0};

    if (!foray_pool_open(&pool, NULL, &err) &&
        !foray_run_start(&run, pool, &iterator, &err))
        while (foray_run_next(run, &result, &err) > 0) {
            total += sum(foray_result_array(&result, 0));
            foray_result_free(&result);
        }
    if (err.code)
        fprintf(stderr, "%s\n", err.msg);
    else
        printf("%d arrays, sum %.0f\n", made, total);
    foray_run_drop(run, NULL);
    foray_pool_close(pool);
    return err.code != 0;
}
