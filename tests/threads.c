#include "threads.h"

#include "helpers.h"

struct foray_pool *open_threads(int n_jobs, const struct foray_config *more)
{
    struct foray_config config = more ? *more : (struct foray_config){0};
    struct foray_pool *pool = NULL;
    struct foray_error err;

    config.backend = "threads";
    config.n_jobs = n_jobs;
    assert_ok(foray_pool_open(&pool, &config, &err), err);
    return pool;
}

atomic_int n_seen, n_in_caller;
pthread_t caller;

int count_me(struct foray_task *task)
{
    atomic_fetch_add(&n_seen, 1);
    if (pthread_equal(pthread_self(), caller))
        atomic_fetch_add(&n_in_caller, 1);
    nap(500e-6);
    return foray_task_n_args(task) ? foray_return(task, foray_task_i64(task, 0))
                                   : 0;
}

void begin_counting(void)
{
    caller = pthread_self();
    atomic_store(&n_seen, 0);
    atomic_store(&n_in_caller, 0);
}
