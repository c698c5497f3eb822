#include "squares.h"

#include <sys/mman.h>

#include "helpers.h"

struct squares *squares;

int share_squares(void)
{
    squares = mmap(NULL, sizeof *squares, PROT_READ | PROT_WRITE,
                   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return squares == MAP_FAILED ? -1 : 0;
}

static int square(struct foray_task *task)
{
    const struct foray_array *x = foray_task_in(task, 0);
    const struct foray_array *y = foray_task_out(task, 0);
    int i = (int)foray_task_index(task);

    atomic_fetch_add(&squares->tries[i], 1);
    if (atomic_load(&squares->slow))
        nap(10e-3);
    if (i == atomic_load(&squares->broken))
        return foray_task_fail(task, "broken");
    for (size_t k = 0; k < x->shape[0]; k++)
        FORAY_AT(y, double, k) =
            FORAY_AT(x, double, k) * FORAY_AT(x, double, k);
    return 0;
}

void begin_squares(int broken)
{
    for (size_t i = 0; i < N_SQUARES; i++)
        atomic_store(&squares->tries[i], 0);
    atomic_store(&squares->broken, broken);
    atomic_store(&squares->slow, 0);
}

int n_square_tries(void)
{
    int n = 0;

    for (size_t i = 0; i < N_SQUARES; i++)
        n += atomic_load(&squares->tries[i]);
    return n;
}

void make_numbers(void)
{
    struct foray_array x = {0};
    struct foray_error err;
    size_t n = N_SQUARES;

    assert_ok(
        foray_array_create(&x, test_path("x.npy"), FORAY_F64, 1, &n, &err),
        err);
    for (size_t i = 0; i < N_SQUARES; i++)
        FORAY_AT(&x, double, i) = (double)i;
    assert_int_equal(foray_array_close(&x, NULL), 0);
}

int run_squares(struct foray_pool *pool, const struct foray_array *y,
                struct foray_map map, struct foray_report *report,
                struct foray_error *err)
{
    struct foray_array x = {0};
    int code = foray_array_open(&x, test_path("x.npy"), "r", err);

    if (!map.fn)
        map.fn = square;
    map.in[0] = &x;
    map.out[0] = y;
    map.chunk = map.chunk ? map.chunk : 1;
    if (!map.journal && !map.done)
        map.journal = test_path("y.journal");
    if (!code)
        code = foray_map(pool, &map, report, err);
    foray_array_close(&x, NULL);
    return code;
}

void check_squares(const struct foray_array *y)
{
    for (size_t i = 0; i < N_SQUARES; i++)
        assert_true(FORAY_AT(y, double, i) == (double)(i * i));
}
