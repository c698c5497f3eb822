/* Variables of the environment, wrong or endless. */
#include "strangers.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <foray.h>

enum { N = 300 };

static const struct {
    const char *name, *wrong[6];
} variables[] = {
    {"FORAY_N_JOBS", {"0", "4097", "99999999999999999999", "1\n", "1e3", "%"}},
    {"FORAY_BACKEND", {"fork\n", "Fork", "/bin/sh", " ", "fork,serial", NULL}},
    {"FORAY_FORCE_BACKEND", {"fork\n", "x", "../fork", " ", NULL, NULL}},
    {"FORAY_INNER_THREADS", {"0", "-1", "2147483648", "1\n", "1.5", "x"}},
    {"FORAY_TEMP_FOLDER", {"/nowhere\n/tmp", "/dev/null", "/nowhere", NULL}},
    {"FORAY_MAX_NBYTES",
     {"0", "-1", "1e999", "99999999999999999999999999T", "1M\n", "nan"}},
    {"FORAY_MMAP_MODE", {"rw", "r\n", "R", "w", "x", NULL}},
    {"FORAY_PRE_DISPATCH", {"0", "-1", "2*", "n_jobs\n*", "1/0", "((((1"}},
    {"FORAY_BATCH_SIZE", {"0", "-1", "2147483648", "auto\n", "1.5", "x"}},
    {"FORAY_RETRIES", {"-1", "2147483648", "1\n", "1.5", "x", NULL}},
    {"FORAY_TIMEOUT", {"-1", "1e999", "nan", "1s", "1\n", "inf"}},
    {"FORAY_ON_ERROR", {"skip\n", "SKIP", "x", NULL}},
    {"FORAY_GRACE", {"0", "-1", "1e999", "nan", "1\n", "x"}},
    {"FORAY_IDLE_TIMEOUT", {"0", "-1", "inf", "nan", "1\n", "x"}},
    {"FORAY_MAX_TASKS", {"0", "-1", "2147483648", "1\n", "1.5", "x"}},
    {"FORAY_MAX_RSS", {"0", "-1", "1e999", "x", "1M\n", "nan"}},
    {"FORAY_MEMORY", {"0", "-1", "1e999", "all", "1M\n", "nan"}},
    {"FORAY_BIND", {"yes", "2", "1\n", "-1", NULL}},
    {"FORAY_ONLY_TASK", {"-1", "x", "1.5", "1e3", "9007199254740993", "1\n"}},
};

static int nothing(struct foray_task *task)
{
    (void)task;
    return 0;
}

/* 0: refused in one line of words that name the variable. */
static int refuse(const void *arg)
{
    const char *const *pair = arg;
    struct foray_for loop = {.fn = nothing, .n = 2};
    struct foray_pool *pool = NULL;
    struct foray_array array;
    struct foray_error err = {0};
    size_t n = N;
    int code;

    setenv(pair[0], pair[1], 1);
    code = foray_pool_open(&pool, &(struct foray_config){0}, &err);
    if (!code)
        code = foray_for(pool, &loop, NULL, &err);
    foray_pool_close(pool);
    /* Folders are looked at when they are needed. */
    if (!code && !strcmp(pair[0], "FORAY_TEMP_FOLDER"))
        code = foray_array_create(&array, NULL, FORAY_F64, 1, &n, &err);
    if (!code)
        return 1;
    for (const char *at_word = err.msg; *at_word; at_word++)
        if ((unsigned char)*at_word < 0x20)
            return 2;
    return err.msg[0] ? 0 : 3;
}

/* No variable that may be anything: it must not matter how long it is. */
static int survive(const void *arg)
{
    const char *const *pair = arg;

    setenv(pair[0], pair[1], 1);
    return foray_cpu_count() < 1;
}

void try_variables(void)
{
    static char endless[100001];
    static const char *const free_ones[] = {"FORAY_MAX_CPU_COUNT",
                                            "SLURM_CPUS_PER_TASK", "NSLOTS",
                                            "FORAY_TEST_NO"};
    size_t cases = 0, failures = 0;
    const char *pair[2];

    memset(endless, '7', sizeof endless - 1);
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) {
        pair[0] = variables[i].name;
        for (int k = -1; k < 6; k++) {
            int answer;

            pair[1] = k < 0 ? endless : variables[i].wrong[k];
            if (!pair[1])
                break;
            answer = as(0, refuse, pair);
            if (answer)
                campaign_fault(&strangers_campaign, "%s=%.40s: %d", pair[0],
                               pair[1], answer);
            cases++;
            failures += answer != 0;
        }
    }
    for (size_t i = 0; i < sizeof free_ones / sizeof *free_ones; i++) {
        pair[0] = free_ones[i];
        pair[1] = endless;
        failures += count_case(&cases, as(0, survive, pair), pair[0], 0);
        pair[1] = "-1\n";
        failures += count_case(&cases, as(0, survive, pair), pair[0], 1);
    }
    campaign_row(&strangers_campaign,
                 "variables of the environment are bounded, checked", cases,
                 failures);
}
