/* The classic trap: a global that tasks change. Each worker has a copy, made
 * when it was forked, and the caller sees none of the changes. An array in
 * shared memory is one and the same for all. */
#include <foray.h>
#include <stdio.h>

enum { N = 8 };

static double squares[N]; /* a worker's copy is its own */

static int square_into_global(struct foray_task *task)
{
    size_t i = foray_task_index(task);

    squares[i] = (double)(i * i);
    return 0;
}

static int square_into_array(struct foray_task *task)
{
    const struct foray_array *shared = foray_task_array(task, 0);
    size_t i = foray_task_index(task);

    FORAY_AT(shared, double, i) = (double)(i * i);
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
    struct foray_call wrong[N], right[N];
    struct foray_array shared = {0};
    struct foray_pool *pool = NULL;
    struct foray_error err = {0};

    for (int i = 0; i < N; i++) {
        wrong[i] = foray_delayed(square_into_global);
        right[i] = foray_delayed(square_into_array, &shared);
    }
    if (foray_array_create(&shared, NULL, FORAY_F64, 1, &(size_t){N}, &err) ||
        foray_pool_open(&pool, NULL, &err) ||
        foray_parallel(pool, wrong, N, NULL, &err) ||
        foray_parallel(pool, right, N, NULL, &err)) {
        fprintf(stderr, "%s\n", err.msg);
    } else {
        print("global", squares);
        print("shared", shared.data);
    }
    foray_pool_close(pool);
    foray_array_close(&shared, NULL);
    return err.code != 0;
}
