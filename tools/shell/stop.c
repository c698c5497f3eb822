#include "shell/stop.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "shell/command.h"
#include "shell/message.h"

static _Atomic(struct foray_pool *) watched;
static atomic_int first_signal;

static void on_signal(int number)
{
    int none = 0;
    struct foray_pool *pool;

    if (atomic_load(&first_signal)) { /* asked for twice: at once */
        signal(number, SIG_DFL);
        raise(number);
        return;
    }
    atomic_compare_exchange_strong(&first_signal, &none, number);
    pool = atomic_load(&watched);
    if (pool)
        foray_pool_cancel(pool);
}

static atomic_bool asked;

static void on_question(int number)
{
    (void)number;
    atomic_store(&asked, true);
}

static void take_over(int signal, void (*handler)(int))
{
    struct sigaction action, old;

    memset(&action, 0, sizeof action);
    action.sa_handler = handler;
    action.sa_flags = SA_RESTART;
    sigemptyset(&action.sa_mask);
    if (!sigaction(signal, NULL, &old) && old.sa_handler != SIG_IGN)
        sigaction(signal, &action, NULL);
}

void stop_install(void)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP};

    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        take_over(signals[i], on_signal);
}

void stop_outlive_readers(void)
{
    take_over(SIGPIPE, SIG_IGN);
}

void stop_heed_questions(void)
{
    take_over(SIGUSR1, on_question);
}

bool stop_asked(void)
{
    return atomic_exchange(&asked, false);
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

int stop_say(const char *what)
{
    int number = stop_signal();

    message("stopped by %s: %s",
            number == SIGINT    ? "SIGINT"
            : number == SIGTERM ? "SIGTERM"
                                : "SIGHUP",
            what);
    return 128 + number;
}

int stop_status(void)
{
    return stop_say("no output was made");
}

int stop_failure(const struct foray_error *err)
{
    message("%s", err->msg);
    return stop_signal() ? stop_status() : STATUS_FAILED;
}
