#include "lives.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "gate.h"
#include "helpers.h"
#include "pools.h"

const char *const process_backends[2] = {"fork", "forkserver"};

struct seen *seen;

static void forget(void)
{
    atomic_store(&seen->inits, 0);
    atomic_store(&seen->finis, 0);
    atomic_store(&seen->tasks, 0);
}

struct foray_pool *open_lives(const char *backend, struct foray_config config)
{
    forget();
    return open_pool(backend, config.n_jobs, &config);
}

/* Nothing may be told in these tests: recycling is silent. */
char told[512];
void tell(const char *sentence, void *arg)
{
    (void)arg;
    snprintf(told, sizeof told, "%s", sentence);
}

static int remember_params(void **state, int worker, const void *params,
                           struct foray_error *err)
{
    struct params *mine = malloc(sizeof *mine);

    (void)worker;
    (void)err;
    if (!mine || (uintptr_t)params % 64)
        return FORAY_ENOMEM;
    memcpy(mine, params, sizeof *mine);
    *state = mine;
    atomic_fetch_add(&seen->inits, 1);
    return 0;
}

void forget_params(void *state)
{
    struct params *mine = state;

    if (!strcmp(mine->name, "slow"))
        nap(2 * PATIENCE);
    if (!strcmp(mine->name, "crash"))
        abort();
    atomic_fetch_add(&seen->finis, 1);
    free(mine);
}

/* out[i] = scale * i, and who did it. */
int use_state(struct foray_task *task)
{
    const struct params *mine = foray_task_state(task);
    size_t i = foray_task_index(task);

    atomic_fetch_add(&seen->tasks, 1);
    FORAY_AT(foray_task_out(task, 0), double, 0) = mine->scale * (double)i;
    FORAY_AT(foray_task_out(task, 1), int64_t, 0) = getpid();
    return 0;
}

void open_outputs(struct outputs *out, size_t n)
{
    struct foray_error err;

    assert_ok(foray_array_create(&out->values, NULL, FORAY_F64, 1, &n, &err),
              err);
    assert_ok(foray_array_create(&out->pids, NULL, FORAY_I64, 1, &n, &err),
              err);
}

void close_outputs(struct outputs *out)
{
    assert_int_equal(foray_array_close(&out->values, NULL), 0);
    assert_int_equal(foray_array_close(&out->pids, NULL), 0);
}

size_t count_pids(const struct outputs *out)
{
    size_t n = 0;

    for (size_t i = 0; i < out->pids.shape[0]; i++) {
        size_t k = 0;

        while (FORAY_AT(&out->pids, int64_t, k) !=
               FORAY_AT(&out->pids, int64_t, i))
            k++;
        n += k == i;
    }
    return n;
}

int run_for(struct foray_pool *pool, size_t n, foray_task_fn fn,
            struct foray_error *err)
{
    return foray_for(pool, &(struct foray_for){.fn = fn, .n = n}, NULL, err);
}

void run_with(struct foray_pool *pool, struct outputs *out, foray_task_fn fn,
              double scale)
{
    struct foray_report report;
    struct foray_error err;

    assert_ok(foray_map(pool,
                        &(struct foray_map){.fn = fn,
                                            .out = {&out->values, &out->pids},
                                            .chunk = 1},
                        &report, &err),
              err);
    assert_int_equal(report.failed, 0);
    assert_int_equal(report.replaced, 0);
    for (size_t i = 0; i < out->values.shape[0]; i++)
        assert_true(FORAY_AT(&out->values, double, i) == scale * (double)i);
}

const struct params params_three = {3, "three"};

struct foray_config config_of(const struct params *params)
{
    return (struct foray_config){.n_jobs = 2,
                                 .init = remember_params,
                                 .fini = forget_params,
                                 .init_params = params,
                                 .init_params_size = sizeof *params,
                                 .grace = PATIENCE,
                                 .log = tell};
}

int call_state(struct foray_task *task)
{
    const struct params *mine = foray_task_state(task);

    atomic_fetch_add(&seen->tasks, 1);
    return foray_return(task, mine->scale * (double)foray_task_i64(task, 0));
}

void run_calls(struct foray_pool *pool, size_t n, double scale)
{
    struct foray_call *calls = calloc(n, sizeof *calls);
    struct foray_result *results = calloc(n, sizeof *results);
    struct foray_error err;

    assert_non_null(calls);
    assert_non_null(results);
    for (size_t i = 0; i < n; i++)
        calls[i] = foray_delayed(call_state, (int64_t)i);
    assert_ok(foray_parallel(pool, calls, n, results, &err), err);
    for (size_t i = 0; i < n; i++) {
        assert_true(foray_result_f64(&results[i], 0) == scale * (double)i);
        foray_result_free(&results[i]);
    }
    assert_int_equal(atomic_load(&seen->tasks), n);
    free(results);
    free(calls);
}

int trivial(struct foray_task *task)
{
    (void)task;
    return 0;
}

int slow_trivial(struct foray_task *task)
{
    (void)task;
    nap(0.002);
    return 0;
}

int begin_lives(void)
{
    void *shared = mmap(NULL, sizeof *seen, PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    if (shared == MAP_FAILED)
        return -1;
    seen = shared;
    make_gate();
    return foray_init(NULL);
}
