/* The forms that have arrays: map and reduce. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "helpers.h"
#include "trial.h"

/* A row of the outputs has two elements, of which a try that dies in between
 * has written some. */
enum { COLUMNS = 2, BEFORE = -5, N_ARRAYS = 4 };

struct arrays {
    struct foray_array x, z, y, k; /* in, inout, out, out of integers */
    void *memory[N_ARRAYS];
};

static void open_array(struct foray_array *array, void **memory,
                       enum foray_dtype dtype, int ndim, const size_t *shape,
                       enum place place)
{
    size_t nbytes = foray_dtype_size(dtype);
    struct foray_error err;
    int code;

    for (int k = 0; k < ndim; k++)
        nbytes *= shape[k];
    if (place == PLACE_PRIVATE) {
        *memory = malloc(nbytes + 1);
        code = *memory
                   ? foray_array_wrap(array, *memory, dtype, ndim, shape, &err)
                   : FORAY_ENOMEM;
    } else {
        code = foray_array_create(
            array, place == PLACE_FILE ? test_path("trial.npy") : NULL, dtype,
            ndim, shape, &err);
        if (place == PLACE_FILE)
            unlink(test_path("trial.npy"));
    }
    if (!code)
        return;
    fprintf(stderr, "%s\n", err.msg);
    abort();
}

static void open_arrays(struct arrays *arrays, const struct trial *trial)
{
    size_t n = trial->n * trial->chunk, shape[2] = {n, COLUMNS};

    memset(arrays, 0, sizeof *arrays);
    open_array(&arrays->x, &arrays->memory[0], FORAY_F64, 1, &n, trial->place);
    open_array(&arrays->z, &arrays->memory[1], FORAY_F64, 1, &n, trial->place);
    open_array(&arrays->y, &arrays->memory[2], FORAY_F64, 2, shape,
               trial->place);
    open_array(&arrays->k, &arrays->memory[3], FORAY_I32, 1, &n, trial->place);
    for (size_t i = 0; i < n; i++) {
        FORAY_AT(&arrays->x, double, i) = (double)i;
        FORAY_AT(&arrays->z, double, i) = BEFORE;
        FORAY_AT(&arrays->y, double, i, 0) = BEFORE;
        FORAY_AT(&arrays->y, double, i, 1) = BEFORE;
        FORAY_AT(&arrays->k, int32_t, i) = BEFORE;
    }
}

static void close_arrays(struct outcome *outcome, struct arrays *arrays)
{
    struct foray_array *all[N_ARRAYS] = {&arrays->x, &arrays->z, &arrays->y,
                                         &arrays->k};
    struct foray_error err;

    for (int k = 0; k < N_ARRAYS; k++) {
        if (foray_array_close(all[k], &err))
            outcome_fault(outcome, "an array does not close: %s", err.msg);
        free(arrays->memory[k]);
    }
}

/* The deed is done when half of the slice is written. */
static int map_task(struct foray_task *task)
{
    const struct plan *plan = foray_task_params(task);
    const struct foray_array *x = foray_task_in(task, 0);
    const struct foray_array *z = foray_task_inout(task, 0);
    const struct foray_array *y = foray_task_out(task, 0);
    const struct foray_array *k = foray_task_out(task, 1);
    size_t i = foray_task_index(task), n = y->shape[0];
    int code = 0;

    for (size_t row = 0; row < n; row++) {
        double at = FORAY_AT(x, double, row);

        FORAY_AT(y, double, row, 0) = at + deed_element(plan, i, 2 * row);
        if (row == n / 2)
            code = do_deed(task, plan, i);
        FORAY_AT(y, double, row, 1) = at + deed_element(plan, i, 2 * row + 1);
        FORAY_AT(k, int32_t, row) = (int32_t)at + 1;
        FORAY_AT(z, double, row) = at + 1;
    }
    return code;
}

/* How many elements of a task's slice are as it writes them, are blank, are as
 * they were before. `inout` ones that are neither new nor old are wrong. */
struct looks {
    size_t n, whole, blank, before, wrong;
};

static struct looks look_at_slice(const struct arrays *arrays,
                                  const struct trial *trial, size_t i)
{
    struct looks looks = {0};

    for (size_t row = 0; row < trial->chunk; row++) {
        size_t r = i * trial->chunk + row;
        int32_t k = FORAY_AT(&arrays->k, int32_t, r);
        double z = FORAY_AT(&arrays->z, double, r);

        for (size_t c = 0; c < COLUMNS; c++) {
            double y = FORAY_AT(&arrays->y, double, r, c);
            double right =
                (double)r + deed_element(&trial->plan, i, 2 * row + c);

            looks.whole += y == right;
            looks.blank += isnan(y) != 0;
            looks.before += y == BEFORE;
        }
        looks.whole += k == (int32_t)r + 1;
        looks.whole += z == (double)r + 1;
        looks.blank += k == 0;
        looks.before += k == BEFORE;
        looks.wrong += z != (double)r + 1 && z != BEFORE;
        looks.n += COLUMNS + 1;
    }
    return looks;
}

/* What a slice holds: all of it where the task is well, nothing of it where it
 * failed, what was there before or nothing where it did not run. */
static void look_at_slices(struct outcome *outcome, const struct arrays *arrays,
                           const struct trial *trial)
{
    for (size_t i = 0; i < trial->n; i++) {
        struct looks looks = look_at_slice(arrays, trial, i);
        bool right;

        switch (outcome->status[i]) {
        case FORAY_TASK_OK:
            right = looks.whole == looks.n + trial->chunk; /* with inout */
            break;
        case FORAY_TASK_NOT_RUN:
            right = looks.before == looks.n || looks.blank == looks.n;
            break;
        default:
            right = looks.blank == looks.n;
        }
        if (right && !looks.wrong)
            continue;
        outcome->n_halves++;
        outcome_fault(outcome,
                      "slice %zu, status %d: of %zu elements %zu are new, %zu "
                      "blank, %zu old, and %zu of inout wrong",
                      i, outcome->status[i], looks.n, looks.whole, looks.blank,
                      looks.before, looks.wrong);
    }
}

void run_map(struct outcome *outcome, struct foray_pool *pool,
             const struct trial *trial)
{
    struct arrays arrays;
    const struct foray_map map = {.fn = map_task,
                                  .in = {&arrays.x},
                                  .inout = {&arrays.z},
                                  .out = {&arrays.y, &arrays.k},
                                  .chunk = trial->chunk,
                                  .params = &trial->plan,
                                  .params_size = sizeof trial->plan,
                                  .status = outcome->status,
                                  .failed = outcome_failed,
                                  .failed_arg = outcome,
                                  .repeatable = true};

    open_arrays(&arrays, trial);
    outcome->code = foray_map(pool, &map, &outcome->report, &outcome->err);
    outcome->has_report = true;
    look_at_slices(outcome, &arrays, trial);
    close_arrays(outcome, &arrays);
}

/* A word a task, as digits of a number in a base of 2^64 / phi: their order
 * shows. */
struct digits {
    uint64_t number, weight;
};

static const uint64_t BASE = 0x9e3779b97f4a7c15;

static int reduce_task(struct foray_task *task)
{
    const struct plan *plan = foray_task_params(task);
    struct digits *digits = foray_task_partial(task);
    size_t i = foray_task_index(task);
    int code;

    if (digits->weight)
        return foray_task_fail(task, "the try before left something");
    digits->number = 1; /* what a try that dies leaves */
    digits->weight = 1;
    code = do_deed(task, plan, i);
    if (!code)
        *digits = (struct digits){deed_value(plan, i), BASE};
    return code;
}

static void append(void *into, const void *from, const void *params)
{
    struct digits *a = into;
    const struct digits *b = from;

    (void)params;
    a->number = a->number * b->weight + b->number;
    a->weight *= b->weight;
}

void run_reduce(struct outcome *outcome, struct foray_pool *pool,
                const struct trial *trial)
{
    struct foray_array x;
    void *memory = NULL;
    struct digits result = {0, 0}, right = {0, 0};
    size_t n = trial->n * trial->chunk;
    const struct foray_reduce reduce = {.fn = reduce_task,
                                        .in = {&x},
                                        .chunk = trial->chunk,
                                        .params = &trial->plan,
                                        .params_size = sizeof trial->plan,
                                        .size = sizeof result,
                                        .combine = append,
                                        .status = outcome->status,
                                        .failed = outcome_failed,
                                        .failed_arg = outcome};

    open_array(&x, &memory, FORAY_F64, 1, &n, trial->place);
    memset(x.data, 0, n * sizeof(double));
    outcome->code =
        foray_reduce(pool, &reduce, &result, &outcome->report, &outcome->err);
    outcome->has_report = true;
    for (size_t i = 0; i < trial->n && !outcome->code; i++) {
        struct digits digit = {deed_value(&trial->plan, i), BASE};

        if (outcome->status[i] != FORAY_TASK_OK)
            continue;
        if (right.weight)
            append(&right, &digit, NULL);
        else
            right = digit;
    }
    if (result.number != right.number || result.weight != right.weight)
        outcome_fault(outcome, "the reduction is not of the tasks that are "
                               "well, in their order");
    if (foray_array_close(&x, NULL))
        outcome_fault(outcome, "an array does not close");
    free(memory);
}
