#include "engine/only_task.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/number.h"

/* Numbers below it are held exactly by a double, and no others become them. */
static const double most = 9007199254740992.0;

/* Lone tasks that this thread is in. */
static _Thread_local int depth;

static const char *text(void)
{
    const char *value = depth ? NULL : getenv(FORAY__ONLY_TASK);

    return value && *value ? value : NULL;
}

int foray__only_task(int64_t *out, struct foray_error *err)
{
    const char *value = text();
    struct foray__number number;

    *out = FORAY__ALL_TASKS;
    if (!value)
        return 0;
    if (!foray__number(&number, value) || value[number.length] ||
        !number.whole || number.value >= most)
        return foray__fail(err, FORAY_EINVAL,
                           FORAY__ONLY_TASK
                           " is \"%.64s\": use the number of a task, "
                           "0 or more",
                           value);
    *out = (int64_t)number.value;
    return 0;
}

void foray__only_task_begin(void)
{
    depth++;
}

void foray__only_task_end(void)
{
    depth--;
}

void foray__only_task_hint(struct foray_error *error)
{
    char hint[64];
    size_t length = foray__only_task_bare(error->msg);

    /* That of a run inside of the task, which does not run alone. */
    error->msg[length] = '\0';
    if (text() || depth)
        return;
    snprintf(hint, sizeof hint, "; " FORAY__ONLY_TASK "=%lld runs it alone",
             (long long)error->task);
    if (length + strlen(hint) < sizeof error->msg)
        memcpy(error->msg + length, hint, strlen(hint) + 1);
}
