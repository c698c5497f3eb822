/* Overlapping windows in, own slots out: means over windows of 500,000 numbers,
 * one every 100,000. The windows are views of one array in shared memory, and
 * nothing is copied. Tasks write their means into another. */
#include <foray.h>
#include <stdio.h>

enum { N = 10000000, WIDTH = 500000, STEP = 100000, N_MEANS = 95 };

static double mean(const struct foray_array *x)
{
    double sum = 0;

    for (size_t i = 0; i < x->shape[0]; i++)
        sum += FORAY_AT(x, double, i);
    return sum / (double)x->shape[0];
}

static int write_mean(struct foray_task *task)
{
    const struct foray_array *window = foray_task_array(task, 0);
    const struct foray_array *means = foray_task_array(task, 1);
    uint64_t slot = foray_task_u64(task, 2);

    FORAY_AT(means, double, slot) = mean(window);
    return 0;
}

static void fill(const struct foray_array *x)
{
    struct foray_rng rng;

    foray_rng_init(&rng, 2026, 0);
    for (size_t i = 0; i < x->shape[0]; i++)
        FORAY_AT(x, double, i) = foray_rng_f64(&rng);
}

int main(void)
{
    static struct foray_array windows[N_MEANS];
    static struct foray_call calls[N_MEANS];
    struct foray_array data = {0}, means = {0};
    struct foray_pool *pool = NULL;
    struct foray_error err = {0};
    int equal = 0;

    if (foray_array_create(&data, NULL, FORAY_F64, 1, &(size_t){N}, &err) ||
        foray_array_create(&means, NULL, FORAY_F64, 1, &(size_t){N_MEANS},
                           &err))
        goto out;
    fill(&data);
    for (size_t i = 0; i < N_MEANS; i++) {
        ptrdiff_t start = (ptrdiff_t)i * STEP;

        if (foray_array_slice(&windows[i], &data, 0, start, start + WIDTH, 1,
                              &err))
            goto out;
        calls[i] = foray_delayed(write_mean, &windows[i], &means, i);
    }
    if (foray_pool_open(&pool, NULL, &err) ||
        foray_parallel(pool, calls, N_MEANS, NULL, &err))
        goto out;
    for (size_t i = 0; i < N_MEANS; i++)
        equal += FORAY_AT(&means, double, i) == mean(&windows[i]);
    printf("%d windows, %d means as computed here\n", N_MEANS, equal);
out:
    if (err.code)
        fprintf(stderr, "%s\n", err.msg);
    foray_pool_close(pool);
    foray_array_close(&means, NULL);
    foray_array_close(&data, NULL);
    return err.code != 0;
}
