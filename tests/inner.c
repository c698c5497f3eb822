#include "inner.h"

#include "helpers.h"

int open_inner(struct foray_pool **out, const char *backend,
               struct foray_error *err)
{
    return foray_pool_open(out,
                           &(struct foray_config){.n_jobs = 2,
                                                  .backend = backend,
                                                  .max_nbytes = 1,
                                                  .on_error = FORAY_SKIP},
                           err);
}

struct foray_array make_rows(const char *path)
{
    size_t shape[2] = {INNER_ROWS, INNER_COLS};
    struct foray_array x;
    struct foray_error err;

    assert_ok(foray_array_create(&x, path, FORAY_F64, 2, shape, &err), err);
    for (size_t i = 0; i < INNER_ROWS; i++)
        for (size_t j = 0; j < INNER_COLS; j++)
            FORAY_AT(&x, double, i, j) = 1 + (double)i;
    return x;
}

void check_rows(const struct foray_array *x, double factor)
{
    for (size_t i = 0; i < INNER_ROWS; i++)
        for (size_t j = 0; j < INNER_COLS; j++)
            assert_true(FORAY_AT(x, double, i, j) == factor * (1 + (double)i));
}

int call_sum_row(struct foray_task *task)
{
    const struct foray_array *x = foray_task_array(task, 0);
    double sum = 0;

    for (size_t j = 0; j < x->shape[1]; j++)
        sum += FORAY_AT(x, double, 3, j);
    return foray_return(task, sum, (int)x->mode);
}
