/* Parameters of kernels: a word that tells them from other bytes, then each
 * setting with its end. */
#include <foray/kernel.h>

#include <ctype.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/number.h"
#include "engine/task_body.h"

static const char mark[] = "foray parameters";

/* Characters of the name that a setting begins with; 0: none. */
static size_t name_length(const char *setting)
{
    size_t n = 0;

    if (isdigit((unsigned char)*setting))
        return 0;
    while (isalnum((unsigned char)setting[n]) || setting[n] == '_')
        n++;
    return setting[n] == '=' ? n : 0;
}

static int check(const char *const *settings, size_t n, struct foray_error *err)
{
    for (size_t i = 0; i < n; i++) {
        size_t length = name_length(settings[i]);

        if (!length)
            return foray__fail(err, FORAY_EINVAL,
                               "\"%.60s\" must be NAME=VALUE, such as "
                               "alpha=0.5",
                               settings[i]);
        for (size_t k = 0; k < i; k++)
            if (!strncmp(settings[i], settings[k], length + 1))
                return foray__fail(
                    err, FORAY_EINVAL, "the parameter %.*s is given twice",
                    (int)(length > 60 ? 60 : length), settings[i]);
    }
    return 0;
}

int foray_kernel_params(void **out, size_t *nbytes, const char *const *settings,
                        size_t n, struct foray_error *err)
{
    size_t size = sizeof mark;
    char *at;

    *out = NULL;
    FORAY_TRY(check(settings, n, err));
    for (size_t i = 0; i < n; i++)
        size += strlen(settings[i]) + 1;
    at = malloc(size);
    if (!at)
        return foray__fail(err, FORAY_ENOMEM, "no memory for parameters");
    *out = at;
    *nbytes = size;
    at = mempcpy(at, mark, sizeof mark);
    for (size_t i = 0; i < n; i++)
        at = mempcpy(at, settings[i], strlen(settings[i]) + 1);
    return 0;
}

const char *foray_task_setting(struct foray_task *task, const char *name)
{
    const char *params = foray_task_params(task);
    size_t size = params ? task->order->params_size : 0;
    size_t length = strlen(name);

    if (size < sizeof mark || memcmp(params, mark, sizeof mark) != 0 ||
        params[size - 1])
        return NULL;
    for (const char *at = params + sizeof mark; at < params + size;
         at += strlen(at) + 1)
        if (!strncmp(at, name, length) && at[length] == '=')
            return at + length + 1;
    return NULL;
}

static bool read_number(double *out, const char *text)
{
    struct foray__number number;
    bool negative = *text == '-';

    text += *text == '-' || *text == '+';
    if (!foray__number(&number, text) || text[number.length])
        return false;
    *out = negative ? -number.value : number.value;
    return true;
}

double foray_task_number_or(struct foray_task *task, const char *name,
                            double otherwise)
{
    const char *text = foray_task_setting(task, name);
    double number;

    if (!text)
        return otherwise;
    if (read_number(&number, text))
        return number;
    foray_task_fail(task, "the parameter %.60s=%.60s is no number", name, text);
    return (double)NAN;
}

double foray_task_number(struct foray_task *task, const char *name)
{
    if (!foray_task_setting(task, name)) {
        foray_task_fail(task,
                        "there is no parameter %.60s: give it, %.60s=NUMBER",
                        name, name);
        return (double)NAN;
    }
    return foray_task_number_or(task, name, (double)NAN);
}
