/* How long a worker takes to start in a program that has become large: forked
 * from the program, and from its zygote.
 *
 * Prints a line a figure: from foray_pool_open to the first result, and the
 * time a run takes longer when its worker has to be replaced.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <foray.h>

#include "measure.h"

enum { ROUNDS = 7, GIB = 1 };

static int empty(struct foray_task *task)
{
    (void)task;
    return 0;
}

static void run(struct foray_pool *pool)
{
    struct foray_error err;

    check(foray_for(pool, &(struct foray_for){.fn = empty, .n = 1}, NULL, &err),
          &err);
}

static void measure(const char *backend, const char *program)
{
    const struct foray_config config = {.n_jobs = 1, .backend = backend};
    double start, opened = 1e9, replaced = 1e9;

    for (int i = 0; i < ROUNDS; i++) {
        struct foray_pool *pool;
        struct foray_error err;

        start = now();
        check(foray_pool_open(&pool, &config, &err), &err);
        run(pool);
        opened = least(opened, now() - start);
        kill(foray_pool_worker_pid(pool, 0), SIGKILL);
        start = now();
        run(pool);
        replaced = least(replaced, now() - start);
        foray_pool_close(pool);
    }
    printf("%-10s  %-15s  start %6.2f ms  replacement %6.2f ms\n", backend,
           program, opened * 1e3, replaced * 1e3);
}

int main(void)
{
    size_t nbytes = (size_t)GIB << 30;
    struct foray_error err;
    char *bytes;

    check(foray_init(&err), &err);
    measure("fork", "small program");
    measure("forkserver", "small program");
    bytes = memory(nbytes);
    madvise(bytes, nbytes, MADV_NOHUGEPAGE);
    memset(bytes, 1, nbytes);
    measure("fork", "1 GiB resident");
    measure("forkserver", "1 GiB resident");
    free(bytes);
    return 0;
}
