#include "zygote.h"

#include <signal.h>
#include <unistd.h>

#include "helpers.h"

struct foray_pool *open_jobs(int n_jobs)
{
    struct foray_pool *pool;
    struct foray_error err;

    assert_ok(
        foray_pool_open(&pool, &(struct foray_config){.n_jobs = n_jobs}, &err),
        err);
    return pool;
}

static int tell_parent(struct foray_task *task)
{
    FORAY_AT(foray_task_out(task, 0), int64_t, 0) = getppid();
    return 0;
}

pid_t zygote_of(struct foray_pool *pool)
{
    size_t one = 1;
    struct foray_array out;
    pid_t zygote;

    if (foray_array_create(&out, NULL, FORAY_I64, 1, &one, NULL) ||
        foray_map(pool, &(struct foray_map){.fn = tell_parent, .out = {&out}},
                  NULL, NULL))
        return 0;
    zygote = (pid_t)FORAY_AT(&out, int64_t, 0);
    return foray_array_close(&out, NULL) ? 0 : zygote;
}

int kill_itself(struct foray_task *task)
{
    if (foray_task_index(task) % 5 == 3)
        raise(SIGKILL);
    if (foray_task_index(task) % 5 == 4)
        _exit(9);
    return 0;
}
