/* The classic trap: a global that workers change. Each of them has a copy of
 * its own, made when it was forked, and the caller sees none of the changes.
 * Two ways out: what tasks find goes into an array in shared memory, which is
 * one and the same for all; what tasks need is made in each worker by `init`,
 * or was there before the pool. */
#include <foray.h>
#include <stdio.h>

enum { N = 8 };

static double table[N]; /* as many of them as there are processes */

/* Called in each new worker. */
static int fill_table(void **state, int worker, const void *params,
                      struct foray_error *err)
{
    const double *step = params;

    (void)state, (void)worker, (void)err;
    for (int i = 0; i < N; i++)
        table[i] = i * *step;
    return 0;
}

/* Squares a number of the worker's table: there, where it is lost, and in the
 * array. */
static int square(struct foray_task *task)
{
    const struct foray_array *squares = foray_task_array(task, 0);
    size_t i = foray_task_index(task);

    FORAY_AT(squares, double, i) = table[i] * table[i];
    table[i] *= table[i];
    return 0;
}

static void print(const char *name, const double *x)
{
    printf("%s:", name);
    for (int i = 0; i < N; i++)
        printf(" %g", x[i]);
    printf("\n");
}

int main(void)
{
    const double step = 1;
    struct foray_config config = {.init = fill_table,
                                  .init_params = &step,
                                  .init_params_size = sizeof step};
    struct foray_call calls[N];
    struct foray_array squares = {0};
    struct foray_pool *pool = NULL;
    struct foray_error err = {0};

    for (int i = 0; i < N; i++)
        calls[i] = foray_delayed(square, &squares);
    if (foray_array_create(&squares, NULL, FORAY_F64, 1, &(size_t){N}, &err) ||
        foray_pool_open(&pool, &config, &err) ||
        foray_parallel(pool, calls, N, NULL, &err)) {
        fprintf(stderr, "%s\n", err.msg);
    } else {
        print("global table of the caller", table);
        print("array in shared memory", squares.data);
    }
    foray_pool_close(pool);
    foray_array_close(&squares, NULL);
    return err.code != 0;
}
