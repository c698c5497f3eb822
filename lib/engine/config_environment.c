#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <foray/machine.h>
#include <foray/size.h>

#include "base/error.h"
#include "base/number.h"
#include "engine/config.h"
#include "engine/shared.h"

/* Read the text of a variable into a field. Returns NULL, or what can be used
 * instead. */
typedef const char *(*read_fn)(void *field, const char *text);

static const char *read_n_jobs(void *field, const char *text)
{
    int n_jobs;

    _Static_assert(FORAY__MAX_SLOTS == 4096, "as the text says");
    if (foray_n_jobs_parse(&n_jobs, text, NULL) || n_jobs > FORAY__MAX_SLOTS)
        return "a number of workers up to 4096, -1 (all CPUs), -2 (all but "
               "one) or a share of the CPUs such as 50%";
    *(int *)field = n_jobs;
    return NULL;
}

static const char *read_backend(void *field, const char *text)
{
    const struct foray__backend *backend = foray__backend_find(text);

    if (!backend)
        return foray__backend_names();
    *(const char **)field = backend->name;
    return NULL;
}

/* Folders are looked at when they are used, expressions when the number of
 * workers is known. */
static const char *read_text(void *field, const char *text)
{
    *(const char **)field = text;
    return NULL;
}

static const char *read_nbytes(void *field, const char *text)
{
    uint64_t nbytes;

    if (!strcmp(text, "never"))
        nbytes = FORAY_NEVER;
    else if (foray_size_parse(&nbytes, text, NULL) || !nbytes)
        return "a size above 0 such as 1M, or never";
    *(size_t *)field = nbytes < SIZE_MAX ? (size_t)nbytes : SIZE_MAX;
    return NULL;
}

static const char *read_mode(void *field, const char *text)
{
    const char *mode = foray__config_mode(text);

    if (!mode)
        return "r, r+, w+ or c";
    *(const char **)field = mode;
    return NULL;
}

static bool read_whole(int *out, const char *text, int least)
{
    struct foray__number number;

    if (!foray__number(&number, text) || text[number.length] || !number.whole ||
        number.value < least || number.value > INT32_MAX)
        return false;
    *out = (int)number.value;
    return true;
}

static const char *read_batch_size(void *field, const char *text)
{
    if (!strcmp(text, "auto") || read_whole(field, text, 1))
        return NULL;
    return "a number of calls, 1 or more, or auto";
}

static const char *read_threads(void *field, const char *text)
{
    return read_whole(field, text, 1) ? NULL : "a number of threads, 1 or more";
}

static const char *read_retries(void *field, const char *text)
{
    return read_whole(field, text, 0) ? NULL : "a number, 0 or more";
}

static bool read_seconds(double *out, const char *text)
{
    struct foray__number number;

    if (!foray__number(&number, text) || text[number.length] ||
        isinf(number.value))
        return false;
    *out = number.value;
    return true;
}

static const char *read_timeout(void *field, const char *text)
{
    return read_seconds(field, text) ? NULL : "seconds, or 0 for no limit";
}

static const char *read_grace(void *field, const char *text)
{
    double seconds;

    if (!read_seconds(&seconds, text) || !(seconds > 0))
        return "seconds above 0";
    *(double *)field = seconds;
    return NULL;
}

static const char *read_idle(void *field, const char *text)
{
    double seconds = INFINITY;

    if (strcmp(text, "never") != 0 &&
        (!read_seconds(&seconds, text) || !(seconds > 0)))
        return "seconds above 0, or never";
    *(double *)field = seconds;
    return NULL;
}

static const char *read_max_tasks(void *field, const char *text)
{
    int n;

    if (!read_whole(&n, text, 1))
        return "a number of tasks, 1 or more";
    *(size_t *)field = (size_t)n;
    return NULL;
}

static const char *read_bind(void *field, const char *text)
{
    if (strcmp(text, "0") != 0 && strcmp(text, "1") != 0)
        return "1 to bind workers to CPUs, or 0";
    *(bool *)field = *text == '1';
    return NULL;
}

static const char *read_on_error(void *field, const char *text)
{
    bool skip = !strcmp(text, "skip");

    if (!skip && strcmp(text, "stop") != 0)
        return "stop or skip";
    *(enum foray_on_error *)field = skip ? FORAY_SKIP : FORAY_STOP;
    return NULL;
}

#define AT(field) offsetof(struct foray_config, field)

static const struct variable {
    const char *name;
    size_t offset;
    read_fn read;
} variables[] = {
    {"FORAY_N_JOBS", AT(n_jobs), read_n_jobs},
    {"FORAY_BACKEND", AT(backend), read_backend},
    {"FORAY_INNER_THREADS", AT(inner_threads), read_threads},
    {"FORAY_TEMP_FOLDER", AT(temp_folder), read_text},
    {"FORAY_MAX_NBYTES", AT(max_nbytes), read_nbytes},
    {"FORAY_MMAP_MODE", AT(mmap_mode), read_mode},
    {"FORAY_PRE_DISPATCH", AT(pre_dispatch), read_text},
    {"FORAY_BATCH_SIZE", AT(batch_size), read_batch_size},
    {"FORAY_RETRIES", AT(retries), read_retries},
    {"FORAY_TIMEOUT", AT(timeout), read_timeout},
    {"FORAY_ON_ERROR", AT(on_error), read_on_error},
    {"FORAY_GRACE", AT(grace), read_grace},
    {"FORAY_IDLE_TIMEOUT", AT(idle_timeout), read_idle},
    {"FORAY_MAX_TASKS", AT(max_tasks), read_max_tasks},
    {"FORAY_MAX_RSS", AT(max_rss), read_nbytes},
    {"FORAY_MEMORY", AT(memory), read_nbytes},
    {"FORAY_BIND", AT(bind), read_bind},
};

int foray__config_environment(struct foray_config *out, struct foray_error *err)
{
    memset(out, 0, sizeof *out);
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) {
        const char *text = getenv(variables[i].name), *instead;

        if (!text || !*text)
            continue;
        instead = variables[i].read((char *)out + variables[i].offset, text);
        if (instead)
            return foray__fail(err, FORAY_EINVAL, "%s is \"%.64s\": use %s",
                               variables[i].name, text, instead);
    }
    return 0;
}
