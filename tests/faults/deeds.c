#include "deeds.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "helpers.h"

struct marks *marks;

void share_marks(void)
{
    marks = mmap(NULL, sizeof *marks, PROT_READ | PROT_WRITE,
                 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (marks != MAP_FAILED)
        return;
    perror("marks");
    exit(99);
}

void clear_marks(void)
{
    memset(marks, 0, sizeof *marks);
}

/* The last step of splitmix64. */
static uint64_t mix(uint64_t z)
{
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

uint64_t deed_value(const struct plan *plan, size_t i)
{
    return mix(plan->seed + 0x9e3779b97f4a7c15 * (i + 1));
}

double deed_element(const struct plan *plan, size_t i, size_t k)
{
    return (double)(mix(deed_value(plan, i) + k) >> 40);
}

enum deed deed_of(const struct plan *plan, size_t i)
{
    uint64_t at = mix(deed_value(plan, i) ^ 0xdeed) % 1000;

    for (int deed = DEED_WORK + 1; deed < N_DEEDS; deed++) {
        if (at < plan->per_mille[deed])
            return (enum deed)deed;
        at -= plan->per_mille[deed];
    }
    return DEED_WORK;
}

struct expected expect_deed(const struct plan *plan, size_t i, int retries)
{
    struct expected well = {.status = FORAY_TASK_OK, .tries = 1};
    struct expected dead = {.status = FORAY_TASK_CRASHED,
                            .code = FORAY_ECRASH,
                            .tries = retries + 1};

    switch (deed_of(plan, i)) {
    case DEED_FLAKY:
        if (retries) {
            well.tries = 2;
            return well;
        }
        /* fall through */
    case DEED_FAIL:
        return (struct expected){.status = FORAY_TASK_FAILED,
                                 .code = FORAY_ETASK,
                                 .tries = retries + 1};
    case DEED_DIE_ONCE:
        if (retries) {
            well.tries = 2;
            return well;
        }
        /* fall through */
    case DEED_DIE:
        dead.signal = SIGKILL;
        return dead;
    case DEED_ABORT:
        dead.signal = SIGABRT;
        return dead;
    case DEED_EXIT:
        dead.code = FORAY_EEXIT;
        return dead;
    case DEED_OVERSLEEP:
    case DEED_STOP:
        return (struct expected){.status = FORAY_TASK_TIMEOUT,
                                 .code = FORAY_ETIMEDOUT,
                                 .tries = retries + 1};
    default:
        return well;
    }
}

static int count_nested(struct foray_task *task)
{
    return foray_return(task, (uint64_t)foray_task_index(task) + 1);
}

/* 1 + 2 + ... + n, counted by the tasks of a pool inside of this one. */
static int nest(struct foray_task *task, size_t n)
{
    static const char *const backends[] = {"fork", "serial", NULL};
    struct foray_config config = {
        .n_jobs = 2, .backend = backends[foray_task_index(task) % 3]};
    struct foray_call *calls = calloc(n, sizeof *calls);
    struct foray_result *results = calloc(n, sizeof *results);
    struct foray_pool *pool = NULL;
    struct foray_error err = {0};
    uint64_t sum = 0;
    int code = 0;

    if (!calls || !results)
        abort();
    for (size_t k = 0; k < n; k++)
        calls[k] = foray_delayed(count_nested);
    if (foray_pool_open(&pool, &config, &err) ||
        foray_parallel(pool, calls, n, results, &err))
        code = foray_task_raise(task, &err);
    for (size_t k = 0; k < n; k++)
        sum += foray_result_u64(&results[k], 0);
    if (!code && sum != n * (n + 1) / 2)
        code = foray_task_fail(task, "nested tasks counted to %llu",
                               (unsigned long long)sum);
    foray_results_free(results, n);
    foray_pool_close(pool);
    free(results);
    free(calls);
    return code;
}

static int end_in_its_way(struct foray_task *task, const struct plan *plan,
                          size_t i)
{
    int attempt = foray_task_attempt(task);

    switch (deed_of(plan, i)) {
    case DEED_FLAKY:
        if (attempt > 1)
            return 0;
        /* fall through */
    case DEED_FAIL:
        return foray_task_fail(task, "task %zu fails in try %d", i, attempt);
    case DEED_DIE_ONCE:
        if (attempt > 1)
            return 0;
        /* fall through */
    case DEED_DIE:
        raise(SIGKILL);
        return 0;
    case DEED_ABORT:
        abort();
    case DEED_EXIT:
        exit(3);
    case DEED_OVERSLEEP:
        nap(2 * PATIENCE);
        return 0;
    case DEED_STOP:
        raise(SIGSTOP);
        nap(2 * PATIENCE);
        return 0;
    case DEED_NEST:
        return nest(task, plan->n_nested);
    default:
        return 0;
    }
}

static void mark_begin(struct foray_task *task, size_t i)
{
    uint16_t bit = (uint16_t)(1u << foray_task_attempt(task));

    atomic_store(&marks->pids[foray_task_worker(task) % MAX_SLOTS], getpid());
    if (atomic_fetch_or(&marks->begun[i], bit) & bit)
        atomic_store(&marks->repeated[i], 1);
    atomic_fetch_add(&marks->n_begun, 1);
}

static void mark_end(struct foray_task *task, size_t i)
{
    atomic_fetch_or(&marks->ended[i],
                    (uint16_t)(1u << foray_task_attempt(task)));
    atomic_store(&marks->pids[foray_task_worker(task) % MAX_SLOTS], 0);
}

int do_deed(struct foray_task *task, const struct plan *plan, size_t i)
{
    uint64_t spins = plan->spins ? deed_value(plan, i) % plan->spins : 0;
    int code = 0;

    mark_begin(task, i);
    if (plan->reserve)
        code = foray_task_reserve(task, deed_value(plan, i) % plan->reserve);
    if (code)
        return code;
    for (volatile uint64_t k = 0; k < spins; k++)
        ;
    code = end_in_its_way(task, plan, i);
    if (!code)
        mark_end(task, i);
    return code;
}
