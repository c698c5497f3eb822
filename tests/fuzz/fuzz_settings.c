/* Any text as a setting: a variable of the environment, a field of the
 * configuration of a pool, parameters of a kernel. No crash, no leak, and a
 * refusal is a sentence. The first byte says what the text is.
 * Run by libFuzzer (./configure --enable-fuzzing CC=clang) or standalone.c. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <foray/kernel.h>
#include <foray/pool.h>

#include "base/feature.h"
#include "engine/config.h"
#include "engine/only_task.h"
#include "engine/task_body.h"
#include "text.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t nbytes);

/* Every setting is found again by a task. `text` is lines. */
static void check_settings(char *text)
{
    static struct foray_task task; /* large */
    static struct foray__order order;
    const char *settings[64];
    struct foray_error err;
    void *params;
    size_t n = 0, nbytes;
    int code;

    for (char *more, *line = strtok_r(text, "\n", &more); line && n < 64;
         line = strtok_r(NULL, "\n", &more))
        settings[n++] = line;
    code = foray_kernel_params(&params, &nbytes, settings, n, &err);
    if (code) {
        check_failure(code, &err);
        return;
    }
    order.params_size = nbytes;
    task.order = &order;
    task.params = params;
    for (size_t i = 0; i < n; i++) {
        const char *value = strchr(settings[i], '=');
        char *name = strndup(settings[i], (size_t)(value - settings[i]));
        const char *found = name ? foray_task_setting(&task, name) : NULL;

        if (!found || strcmp(found, value + 1) != 0)
            abort();
        foray_task_number(&task, name);
        free(name);
    }
    free(params);
}

/* Variables of the environment: one of them has the text, the others are set
 * to nothing. setenv would keep every text. */
enum { N_VARIABLES = 19, ROOM = 1 << 12 };
static char environment[N_VARIABLES][ROOM];

static void set_environment(int variable, const char *text)
{
    static const char *const names[N_VARIABLES] = {
        "FORAY_N_JOBS",     "FORAY_BACKEND",      "FORAY_INNER_THREADS",
        "FORAY_MAX_NBYTES", "FORAY_TEMP_FOLDER",  "FORAY_MMAP_MODE",
        "FORAY_BATCH_SIZE", "FORAY_PRE_DISPATCH", "FORAY_RETRIES",
        "FORAY_TIMEOUT",    "FORAY_ON_ERROR",     "FORAY_GRACE",
        "FORAY_MAX_TASKS",  "FORAY_IDLE_TIMEOUT", "FORAY_MAX_RSS",
        "FORAY_MEMORY",     "FORAY_BIND",         "FORAY_ONLY_TASK",
        "FORAY_TEST_NO"};
    static int last;

    for (int k = 0; k < N_VARIABLES && !environment[k][0]; k++) {
        snprintf(environment[k], ROOM, "%s=", names[k]);
        putenv(environment[k]);
    }
    environment[last][strlen(names[last]) + 1] = '\0';
    last = variable;
    snprintf(environment[last], ROOM, "%s=%s", names[last], text);
}

static void check_environment(const char *text)
{
    struct foray_config config, given = {.n_jobs = 0};
    struct foray_error err;
    int64_t task;
    int code;

    set_environment((unsigned char)*text % N_VARIABLES, *text ? text + 1 : "");
    code = foray__config_environment(&config, &err);
    if (code)
        check_failure(code, &err);
    else
        foray__config_defaults(&given, &config);
    code = foray__only_task(&task, &err);
    if (code)
        check_failure(code, &err);
    else if (task < FORAY__ALL_TASKS)
        abort();
    foray__feature("pidfd");
    set_environment(0, "");
}

static void check_config(const char *text)
{
    const struct foray_config configs[] = {{.backend = text},
                                           {.prefer = text},
                                           {.require = text},
                                           {.mmap_mode = text},
                                           {.temp_folder = text}};
    struct foray_error err;

    for (size_t k = 0; k < sizeof configs / sizeof *configs; k++) {
        int code = foray__config_check(&configs[k], &err);

        if (code)
            check_failure(code, &err);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t nbytes)
{
    char *text;

    if (!nbytes)
        return 0;
    text = text_of(bytes, nbytes);
    switch (*bytes) {
    case 'p':
        check_settings(text);
        break;
    case 'v':
        check_environment(text);
        break;
    case 'c':
        check_config(text);
    }
    free(text);
    return 0;
}
