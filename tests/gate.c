#include "gate.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>

#include "helpers.h"

static struct {
    atomic_int n_come, is_open;
} * gate;

void make_gate(void)
{
    void *shared = mmap(NULL, sizeof *gate, PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    if (shared == MAP_FAILED) {
        perror("gate");
        exit(99);
    }
    gate = shared;
}

void shut_gate(void)
{
    atomic_store(&gate->is_open, 0);
    atomic_store(&gate->n_come, 0);
}

void open_gate(void)
{
    atomic_store(&gate->is_open, 1);
}

void come_to_gate(void)
{
    atomic_fetch_add(&gate->n_come, 1);
}

int n_at_gate(void)
{
    return atomic_load(&gate->n_come);
}

bool await_at_gate(int n)
{
    double start = seconds_now();

    while (n_at_gate() < n && seconds_now() - start < PATIENCE)
        nap(1e-3);
    return n_at_gate() >= n;
}

bool pass_gate(struct foray_task *task)
{
    double start = seconds_now();

    come_to_gate();
    while (!atomic_load(&gate->is_open) && !foray_task_cancelled(task) &&
           seconds_now() - start < 2 * PATIENCE)
        nap(1e-3);
    return atomic_load(&gate->is_open);
}

int call_at_gate(struct foray_task *task)
{
    if (!pass_gate(task))
        return foray_task_fail(task, "the gate is shut");
    return foray_return(task, foray_task_i64(task, 0));
}

int deaf_at_gate(struct foray_task *task)
{
    (void)task;
    come_to_gate();
    nap(2 * PATIENCE);
    return 1;
}

static struct {
    struct foray_pool *pool;
    int n;
} to_cancel;

static void set_ticks(suseconds_t microseconds)
{
    const struct itimerval ticks = {{0, microseconds}, {0, microseconds}};

    setitimer(ITIMER_REAL, &ticks, NULL);
}

static void look_at_gate(int signo)
{
    (void)signo;
    if (n_at_gate() < to_cancel.n)
        return;
    foray_pool_cancel(to_cancel.pool);
    set_ticks(0);
}

void cancel_at_gate(struct foray_pool *pool, int n)
{
    struct sigaction action = {.sa_handler = look_at_gate};

    shut_gate();
    to_cancel.pool = pool;
    to_cancel.n = n;
    sigemptyset(&action.sa_mask);
    sigaction(SIGALRM, &action, NULL);
    set_ticks(5000);
}
