/* A stencil: heat spreads over a plate. Each task has a block of the plate and
 * one row of its neighbours' on each side, its halo, that ends where the plate
 * does. Two arrays take turns: no task reads what another one writes. */
#include <foray.h>
#include <stdio.h>

enum { ROWS = 600, COLS = 800, STEPS = 50 };

/* Heat that comes from the place (i, j), if there is one, to one of `here`. */
static double flow(const struct foray_array *from, size_t i, size_t j,
                   double here)
{
    if (i >= from->shape[0] || j >= from->shape[1]) /* or below 0 */
        return 0;
    return 0.125 * (FORAY_AT(from, double, i, j) - here);
}

static int step(struct foray_task *task)
{
    const struct foray_array *now = foray_task_in(task, 0);
    const struct foray_array *then = foray_task_out(task, 0);
    size_t above = foray_task_halo(task, 0).before;
    size_t left = foray_task_halo(task, 1).before;

    for (size_t r = 0; r < then->shape[0]; r++)
        for (size_t c = 0; c < then->shape[1]; c++) {
            size_t i = r + above, j = c + left;
            double here = FORAY_AT(now, double, i, j);

            FORAY_AT(then, double, r, c) =
                here + flow(now, i - 1, j, here) + flow(now, i + 1, j, here) +
                flow(now, i, j - 1, here) + flow(now, i, j + 1, here);
        }
    return 0;
}

static int spread(struct foray_pool *pool, const struct foray_array plates[2],
                  struct foray_error *err)
{
    struct foray_map map = {
        .fn = step, .blocks = {.n_axes = 2, .axes = {0, 1}, .halo = {1, 1}}};
    int code = 0;

    for (int t = 0; t < STEPS && !code; t++) {
        map.in[0] = &plates[t % 2];
        map.out[0] = &plates[(t + 1) % 2];
        code = foray_map(pool, &map, NULL, err);
    }
    return code;
}

int main(void)
{
    struct foray_array plates[2] = {{0}};
    struct foray_pool *pool = NULL;
    struct foray_error err = {0};
    size_t shape[2] = {ROWS, COLS};
    double heat;

    if (foray_array_create(&plates[0], NULL, FORAY_F64, 2, shape, &err) ||
        foray_array_create(&plates[1], NULL, FORAY_F64, 2, shape, &err))
        goto out;
    for (size_t r = 200; r < 400; r++)
        for (size_t c = 300; c < 500; c++)
            FORAY_AT(&plates[0], double, r, c) = 1;
    if (foray_pool_open(&pool, NULL, &err) || spread(pool, plates, &err) ||
        foray_array_sum(&heat, pool, &plates[STEPS % 2], &err))
        goto out;
    printf("heat %.3f, in the middle %.6f, at its edge %.6f\n", heat,
           FORAY_AT(&plates[STEPS % 2], double, 300, 400),
           FORAY_AT(&plates[STEPS % 2], double, 300, 300));
out:
    foray_pool_close(pool);
    foray_array_close(&plates[0], NULL);
    foray_array_close(&plates[1], NULL);
    if (err.code)
        fprintf(stderr, "%s\n", err.msg);
    return err.code != 0;
}
