/* Mean and variance of ten million numbers: each task has moments of its own,
 * which are combined in a fixed tree. The result is the same bits with any
 * number of workers. */
#include <foray.h>
#include <stdio.h>

struct moments {
    double n, mean, squares; /* of the distances from the mean */
};

static int gather(struct foray_task *task)
{
    const struct foray_array *x = foray_task_in(task, 0);
    struct moments *m = foray_task_partial(task);

    for (size_t i = 0; i < x->shape[0]; i++) {
        double distance = FORAY_AT(x, double, i) - m->mean;

        m->n++;
        m->mean += distance / m->n;
        m->squares += distance * (FORAY_AT(x, double, i) - m->mean);
    }
    return 0;
}

static void combine(void *into, const void *from, const void *params)
{
    struct moments *a = into;
    const struct moments *b = from;
    double n = a->n + b->n, distance = b->mean - a->mean;

    (void)params;
    a->mean += distance * b->n / n;
    a->squares += b->squares + distance * distance * a->n * b->n / n;
    a->n = n;
}

int main(void)
{
    struct foray_array x = {0};
    struct foray_reduce reduce = {.fn = gather,
                                  .in = {&x},
                                  .size = sizeof(struct moments),
                                  .combine = combine};
    struct moments m;
    struct foray_pool *pool = NULL;
    struct foray_error err = {0};
    struct foray_rng rng;

    foray_rng_init(&rng, 2026, 0);
    if (foray_array_create(&x, NULL, FORAY_F64, 1, &(size_t){10000000}, &err))
        goto out;
    for (size_t i = 0; i < x.shape[0]; i++)
        FORAY_AT(&x, double, i) = foray_rng_f64(&rng);
    if (foray_pool_open(&pool, NULL, &err) ||
        foray_reduce(pool, &reduce, &m, NULL, &err))
        goto out;
    printf("%.0f numbers, mean %.3f, variance %.4f\n", m.n, m.mean,
           m.squares / m.n);
out:
    if (err.code)
        fprintf(stderr, "%s\n", err.msg);
    foray_pool_close(pool);
    foray_array_close(&x, NULL);
    return err.code != 0;
}
