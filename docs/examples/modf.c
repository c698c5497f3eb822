/* Tasks that return several values: the fraction and the whole part of i/2.
 * Workers are made for this one run, as no pool is given. */
#include <foray.h>
#include <math.h>
#include <stdio.h>

static int split(struct foray_task *task)
{
    double whole, fraction = modf(foray_task_f64(task, 0), &whole);

    return foray_return(task, fraction, whole);
}

int main(void)
{
    struct foray_call calls[10];
    struct foray_result results[10] = {0};
    struct foray_error err = {0};

    for (int i = 0; i < 10; i++)
        calls[i] = foray_delayed(split, i / 2.);
    if (foray_parallel(NULL, calls, 10, results, &err))
        fprintf(stderr, "%s\n", err.msg);
    else
        for (int i = 0; i < 10; i++)
            printf("%.1f %.1f\n", foray_result_f64(&results[i], 0),
                   foray_result_f64(&results[i], 1));
    foray_results_free(results, 10);
    return err.code != 0;
}
