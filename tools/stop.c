#include "stop.h"

#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>

#include "message.h"

static _Atomic(struct foray_pool *) watched;
static atomic_int first_signal;

static void on_signal(int number)
{
    int none = 0;
    struct foray_pool *pool;

    atomic_compare_exchange_strong(&first_signal, &none, number);
    pool = atomic_load(&watched);
    if (pool)
        foray_pool_cancel(pool);
}

void stop_install(void)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction action, old;

    memset(&action, 0, sizeof action);
    action.sa_handler = on_signal;
    action.sa_flags = SA_RESTART;
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        if (!sigaction(signals[i], NULL, &old) && old.sa_handler != SIG_IGN)
            sigaction(signals[i], &action, NULL);
}

void stop_watch(struct foray_pool *pool)
{
    atomic_store(&watched, pool);
    if (pool && atomic_load(&first_signal))
        foray_pool_cancel(pool);
}

int stop_signal(void)
{
    return atomic_load(&first_signal);
}

int stop_status(void)
{
    int number = stop_signal();

    message("stopped by %s: no output was made", number == SIGINT ? "SIGINT"
                                                 : number == SIGTERM
                                                     ? "SIGTERM"
                                                     : "SIGHUP");
    return 128 + number;
}
