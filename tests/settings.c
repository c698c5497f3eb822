#include "settings.h"

#include <stdlib.h>

#include "helpers.h"

void forget_variables(void)
{
    static const char *const variables[] = {
        "FORAY_N_JOBS",       "FORAY_BACKEND",       "FORAY_INNER_THREADS",
        "FORAY_TEMP_FOLDER",  "FORAY_MAX_NBYTES",    "FORAY_MMAP_MODE",
        "FORAY_PRE_DISPATCH", "FORAY_BATCH_SIZE",    "FORAY_RETRIES",
        "FORAY_TIMEOUT",      "FORAY_ON_ERROR",      "FORAY_GRACE",
        "FORAY_IDLE_TIMEOUT", "FORAY_MAX_TASKS",     "FORAY_MAX_RSS",
        "FORAY_BIND",         "FORAY_FORCE_BACKEND", "FORAY_ONLY_TASK",
        "FORAY_MEMORY"};

    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++)
        unsetenv(variables[i]);
}

int set_nothing(void **state)
{
    (void)state;
    forget_variables();
    while (!foray_config_pop())
        continue;
    return 0;
}

void push_config(const struct foray_config *config)
{
    struct foray_error err;

    assert_ok(foray_config_push(config, &err), err);
}

struct foray_config get_config(void)
{
    struct foray_config config;
    struct foray_error err;

    assert_ok(foray_config_get(&config, &err), err);
    return config;
}
