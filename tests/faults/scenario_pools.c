/* Pools of every backend, and all that runs in them. */
#include "scenario.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CALLS = 6 };

static int square_indices(struct foray_task *task)
{
    size_t i = foray_task_index(task);

    FORAY_AT(foray_task_whole(task, 0), double, i) = (double)(i * i);
    return 0;
}

static int are_squares(const struct foray_array *array)
{
    for (size_t i = 0; i < array->shape[0]; i++)
        if ((size_t)FORAY_AT(array, double, i) != i * i)
            return 0;
    return 1;
}

/* A pool of the configuration runs a loop whose results are in shared memory.
 */
static int loop(const struct foray_config *config, struct foray_error *err)
{
    struct foray_pool *pool = NULL;
    struct foray_array y = {0};
    struct foray_for run = {.fn = square_indices, .n = CALLS, .whole = {&y}};
    int code =
        foray_array_create(&y, NULL, FORAY_F64, 1, (size_t[]){CALLS}, err);

    if (code)
        return code;
    code = foray_pool_open(&pool, config, err);
    if (!code)
        code = foray_for(pool, &run, NULL, err);
    foray_pool_close(pool);
    if (!code && !are_squares(&y))
        code = broken(err, "a task of a run without errors did not run");
    return first_of(code, foray_array_close(&y, code ? NULL : err));
}

static int pool_fork(struct foray_error *err)
{
    return loop(&(struct foray_config){.n_jobs = 2, .backend = "fork"}, err);
}

static int pool_forkserver(struct foray_error *err)
{
    int code = foray_init(err);

    return code ? code
                : loop(&(struct foray_config){.n_jobs = 2,
                                              .backend = "forkserver"},
                       err);
}

static int pool_threads(struct foray_error *err)
{
    return loop(&(struct foray_config){.n_jobs = 2, .backend = "threads"}, err);
}

static int pool_serial(struct foray_error *err)
{
    return loop(&(struct foray_config){.backend = "serial"}, err);
}

static int begin(void **state, int worker, const void *params,
                 struct foray_error *err)
{
    (void)worker;
    (void)params;
    (void)err;
    *state = NULL;
    return 0;
}

static void end(void *state)
{
    (void)state;
}

/* Everything that a configuration can ask for. */
static int pool_options(struct foray_error *err)
{
    struct foray_config config = {.n_jobs = 2,
                                  .timeout = 60,
                                  .grace = 30,
                                  .retries = 1,
                                  .capture = true,
                                  .guard = true,
                                  .memory = 1 << 30,
                                  .init = begin,
                                  .fini = end,
                                  .init_params = "abc",
                                  .init_params_size = 4,
                                  .bind = true,
                                  .max_tasks = 2};
    int code = foray_config_push(&config, err);

    if (code)
        return code;
    code = loop(NULL, err);
    foray_config_pop();
    return code;
}

/* (number, text, array) -> the number squared, the text, the array */
static int answer(struct foray_task *task)
{
    int64_t x = foray_task_i64(task, 0);

    return foray_return(task, x * x, foray_task_str(task, 1),
                        foray_task_array(task, 2));
}

static int check_answer(struct foray_result *result, int64_t x,
                        struct foray_error *err)
{
    const struct foray_error *why = foray_result_error(result);
    const char *text = foray_result_str(result, 1);
    const struct foray_array *array = foray_result_array(result, 2);

    if (why) {
        *err = *why;
        return why->code;
    }
    if (foray_result_i64(result, 0) != x * x || !text || strcmp(text, "text") ||
        !array || !are_numbers(array))
        return broken(err, "a call without an error has another result");
    return 0;
}

static int list(const char *backend, struct foray_error *err)
{
    struct foray_config config = {
        .n_jobs = 2, .backend = backend, .max_nbytes = 1024, .mmap_mode = "c"};
    struct foray_array x = numbers();
    struct foray_call calls[CALLS];
    struct foray_result results[CALLS] = {{0}};
    struct foray_pool *pool = NULL;
    int code = foray_pool_open(&pool, &config, err);

    if (code)
        return code;
    for (int i = 0; i < CALLS; i++)
        calls[i] = foray_delayed(answer, i, "text", &x);
    code = foray_parallel(pool, calls, CALLS, results, err);
    for (int i = 0; i < CALLS && !code; i++)
        code = check_answer(&results[i], i, err);
    foray_results_free(results, CALLS);
    foray_pool_close(pool);
    return code;
}

static int calls_fork(struct foray_error *err)
{
    return list("fork", err);
}

static int calls_forkserver(struct foray_error *err)
{
    int code = foray_init(err);

    return code ? code : list("forkserver", err);
}

static int calls_threads(struct foray_error *err)
{
    return list("threads", err);
}

static int calls_serial(struct foray_error *err)
{
    return list("serial", err);
}

static int says(struct foray_task *task)
{
    int64_t x = foray_task_i64(task, 0);
    char text[32];
    int n = snprintf(text, sizeof text, "number %d\n", (int)x);

    if (write(STDOUT_FILENO, text, (size_t)n) != n)
        return foray_task_fail(task, "cannot write");
    return foray_return(task, x);
}

/* Without a pool, with what the calls wrote. */
static int calls_captured(struct foray_error *err)
{
    struct foray_call calls[CALLS];
    struct foray_result results[CALLS] = {{0}};
    int code = foray_config_push(
        &(struct foray_config){.n_jobs = 2, .capture = true, .timeout = 60},
        err);

    if (code)
        return code;
    for (int i = 0; i < CALLS; i++)
        calls[i] = foray_delayed(says, i);
    code = foray_parallel(NULL, calls, CALLS, results, err);
    for (int i = 0; i < CALLS && !code; i++)
        if (!foray_result_output(&results[i], NULL)[0])
            code = broken(err, "what a call wrote is lost");
    foray_results_free(results, CALLS);
    foray_config_pop();
    return code;
}

static int futures(struct foray_error *err)
{
    struct foray_array x = numbers();
    struct foray_future *made[CALLS] = {NULL};
    struct foray_pool *pool = NULL;
    struct foray_config config = {.n_jobs = 2, .max_nbytes = 1024};
    int code = foray_pool_open(&pool, &config, err);

    for (int i = 0; i < CALLS && !code; i++) {
        struct foray_call call = foray_delayed(answer, i, "text", &x);

        code = foray_submit(&made[i], pool, &call, err);
    }
    for (int i = 0; i < CALLS && !code; i++) {
        struct foray_result result = {0};

        code = foray_future_wait(made[i], -1, &result, err);
        if (!code)
            code = check_answer(&result, i, err);
        foray_result_free(&result);
    }
    for (int i = 0; i < CALLS; i++)
        foray_future_free(made[i]);
    foray_pool_close(pool);
    return code;
}

struct producer {
    int next;
    struct foray_array x;
};

static int produce(struct foray_slot *slot, void *arg)
{
    struct producer *producer = arg;

    if (producer->next == CALLS)
        return 0;
    producer->next++;
    return foray_produce(
        slot, foray_delayed(answer, producer->next - 1, "text", &producer->x));
}

static int iterate(struct foray_pool *pool, struct foray_error *err)
{
    struct producer producer = {.x = numbers()};
    struct foray_run *run = NULL;
    struct foray_result result = {0};
    int n = 0, more;
    int code = foray_run_start(
        &run, pool,
        &(struct foray_iterator){.next = produce, .next_arg = &producer}, err);

    if (code)
        return code;
    while ((more = foray_run_next(run, &result, err)) == 1 && !code) {
        code = check_answer(&result, n++, err);
        foray_result_free(&result);
    }
    if (!code && more < 0)
        code = more;
    if (!code && n != CALLS)
        code = broken(err, "an iterator without an error left results out");
    foray_run_drop(run, NULL);
    return code;
}

static int iterate_in(const char *backend, struct foray_error *err)
{
    struct foray_config config = {
        .n_jobs = 2, .backend = backend, .max_nbytes = 1024};
    struct foray_pool *pool = NULL;
    int code = foray_pool_open(&pool, &config, err);

    if (!code)
        code = iterate(pool, err);
    foray_pool_close(pool);
    return code;
}

static int iterator(struct foray_error *err)
{
    return iterate_in(NULL, err);
}

static int iterator_threads(struct foray_error *err)
{
    return iterate_in("threads", err);
}

static int iterator_without_pool(struct foray_error *err)
{
    int code = foray_config_push(&(struct foray_config){.n_jobs = 2}, err);

    if (code)
        return code;
    code = iterate(NULL, err);
    foray_config_pop();
    return code;
}

static int copy_rows(struct foray_task *task)
{
    return foray_array_copy(foray_task_out(task, 0), foray_task_in(task, 0),
                            NULL)
               ? foray_task_fail(task, "cannot copy")
               : 0;
}

/* Between arrays in the program's memory. */
static int map_with(struct foray_pool *pool, const char *file,
                    struct foray_error *err)
{
    static double cells[CELLS];
    struct foray_array x = numbers(), y, from = {0};
    struct foray_map map = {
        .fn = copy_rows, .in = {file ? &from : &x}, .out = {&y}, .chunk = 8};
    int code = foray_array_wrap(&y, memset(cells, 0, sizeof cells), FORAY_F64,
                                2, x.shape, err);

    if (!code && file)
        code = foray_array_open(&from, scenario_input(file), "r", err);
    if (!code)
        code = foray_map(pool, &map, NULL, err);
    if (!code && !are_numbers(&y))
        code = broken(err, "a map without an error left rows out");
    return first_of(code, foray_array_close(&from, code ? NULL : err));
}

static int map(struct foray_error *err)
{
    struct foray_config config = {.n_jobs = 2, .guard = true};
    struct foray_pool *pool = NULL;
    int code = foray_pool_open(&pool, &config, err);

    if (!code)
        code = map_with(pool, NULL, err);
    foray_pool_close(pool);
    return code;
}

static int map_file(struct foray_error *err)
{
    int code = foray_config_push(&(struct foray_config){.n_jobs = 2}, err);

    if (code)
        return code;
    code = map_with(NULL, "x.npy", err);
    foray_config_pop();
    return code;
}

static int add_up(struct foray_task *task)
{
    const struct foray_array *x = foray_task_in(task, 0);
    double *sum = foray_task_partial(task);

    for (size_t i = 0; i < x->shape[0]; i++)
        *sum += FORAY_AT(x, double, i, 0);
    return 0;
}

static void add(void *into, const void *from, const void *params)
{
    (void)params;
    *(double *)into += *(const double *)from;
}

static int reduce(struct foray_error *err)
{
    struct foray_array x = numbers();
    struct foray_reduce reduce = {.fn = add_up,
                                  .in = {&x},
                                  .chunk = 8,
                                  .size = sizeof(double),
                                  .combine = add};
    double sum = 0;
    int code = foray_reduce(NULL, &reduce, &sum, NULL, err);

    if (!code && (int)sum != COLUMNS * ROWS * (ROWS - 1) / 2)
        code = broken(err, "a sum without an error is wrong");
    return code;
}

static int stats(struct foray_error *err)
{
    struct foray_array x = numbers();
    struct foray_stats found = {0}, along[COLUMNS];
    int code = foray_array_stats(&found, NULL, &x, err);

    if (!code)
        code = foray_array_stats_along(along, NULL, &x, 0, err);
    if (!code && ((int)found.max != CELLS - 1 || found.count != CELLS ||
                  (int)along[COLUMNS - 1].max != CELLS - 1))
        code = broken(err, "statistics without an error are wrong");
    return code;
}

static int eval(struct foray_error *err)
{
    struct foray_array x = numbers(), y = {0};
    const struct foray_array *outputs[] = {&y};
    struct foray_eval text = {.text = "x * 3 - (x + x)",
                              .in = {{.name = "x", .array = &x}}};
    int code = foray_array_create(&y, NULL, FORAY_F64, 2, x.shape, err);

    if (!code)
        code = foray_eval(NULL, &text, outputs, NULL, err);
    if (code)
        return first_of(code, foray_array_close(&y, NULL));
    return close_numbers(&y, 0, err);
}

/* Compiled anew: nothing is kept from attempt to attempt. */
static int eval_compile(struct foray_error *err)
{
    struct foray_array x = numbers();
    struct foray_eval text = {.text = "x / 7 + 1",
                              .in = {{.name = "x", .array = &x}}};
    char command[512];
    int code = foray_eval_compile(&text, err);

    snprintf(command, sizeof command, "rm -rf '%s/foray'",
             scenario_input("modules"));
    return system(command) ? broken(err, "cannot remove the cache") : code;
}

const struct scenario pool_scenarios[] = {
    {.name = "pool, fork", .act = pool_fork},
    {.name = "pool, forkserver", .act = pool_forkserver},
    {.name = "pool, threads", .act = pool_threads},
    {.name = "pool, serial", .act = pool_serial},
    {.name = "pool, options", .act = pool_options},
    {.name = "calls, fork", .act = calls_fork},
    {.name = "calls, forkserver", .act = calls_forkserver},
    {.name = "calls, threads", .act = calls_threads},
    {.name = "calls, serial", .act = calls_serial},
    /* fstat of a file in memory */
    {.name = "calls, captured",
     .act = calls_captured,
     .spared = 1u << FAULT_STATE},
    {.name = "futures", .act = futures},
    {.name = "iterator", .act = iterator},
    {.name = "iterator, threads", .act = iterator_threads},
    {.name = "iterator, no pool", .act = iterator_without_pool},
    {.name = "map", .act = map},
    {.name = "map, file", .act = map_file},
    {.name = "reduce", .act = reduce},
    {.name = "stats", .act = stats},
    {.name = "eval", .act = eval},
    {.name = "eval, compile", .act = eval_compile},
    {.name = NULL}};
