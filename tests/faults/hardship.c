#include "hardship.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "helpers.h"

enum { LIMIT = 120 /* s, on a busy machine */ };

/* What the child found, in memory of both. */
struct outcome {
    bool lacks, ran;
    int code;
    size_t left;
    char words[FORAY_ERROR_MSG_SIZE];
};

static void press(const struct hardship *hardship, size_t number)
{
    if (hardship->press)
        hardship->press(number);
}

static void lift(const struct hardship *hardship, size_t number)
{
    if (hardship->lift)
        hardship->lift(number);
}

static int run_job(const struct job *job, struct foray_error *err)
{
    /* What is not written must not look like words. */
    memset(err, 0, sizeof *err);
    return job->run(err);
}

static void suffer(struct campaign *campaign, const struct hardship *hardship,
                   size_t number, const struct job *job,
                   struct outcome *outcome)
{
    struct foray_error err = {0};
    struct traces before;

    outcome->lacks = hardship->begin && !hardship->begin(number);
    if (outcome->lacks)
        return;
    if (job->zygote) {
        press(hardship, number);
        outcome->code = foray_init(&err);
        lift(hardship, number);
    }
    traces_look(&before);
    if (!outcome->code) {
        press(hardship, number);
        outcome->code = run_job(job, &err);
        lift(hardship, number);
    }
    snprintf(outcome->words, sizeof outcome->words, "%s", err.msg);
    outcome->left = traces_left(campaign, &before, job->name);
    outcome->ran = true;
}

static size_t judge(struct campaign *campaign, const struct hardship *hardship,
                    size_t number, const struct job *job,
                    const struct outcome *outcome, int status, int hung)
{
    const char *what = NULL;

    if (hung)
        what = "hangs";
    else if (WIFSIGNALED(status))
        what = strsignal(WTERMSIG(status));
    else if (outcome->lacks)
        what = "cannot be tried";
    else if (!outcome->ran)
        what = "ended the program";
    else if (outcome->code == JOB_WRONG)
        what = "wrong";
    else if (outcome->code > 0)
        what = "an error without a code";
    else if (outcome->code && !outcome->words[0])
        what = "an error without words";
    else if (outcome->code && hardship->has_fallback &&
             hardship->has_fallback(job, number))
        what = "failed, and has a fallback";
    else if (outcome->left)
        what = "left something";
    if (!what)
        return 0;
    campaign_fault(campaign, "%s %zu, %s: %s (%d: %s)", hardship->name, number,
                   job->name, what, outcome->code, outcome->words);
    return 1;
}

size_t hardship_try(struct campaign *campaign, const struct hardship *hardship,
                    size_t number, const struct job *job, size_t *done)
{
    struct outcome *outcome =
        mmap(NULL, sizeof *outcome, PROT_READ | PROT_WRITE,
             MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    struct traces before;
    double start = seconds_now();
    size_t failures;
    int status, hung = 0;
    pid_t child;

    if (outcome == MAP_FAILED)
        exit(99);
    traces_look(&before);
    fflush(NULL);
    child = fork();
    if (child == 0) {
        setpgid(0, 0);
        suffer(campaign, hardship, number, job, outcome);
        _exit(0);
    }
    status = child < 0 ? -1 : campaign_wait(child, LIMIT, &hung);
    failures = judge(campaign, hardship, number, job, outcome, status, hung);
    if (getenv("FORAY_FAULTS_VERBOSE"))
        fprintf(stderr, "%s %zu, %s: %d %s (%.2f s)\n", hardship->name, number,
                job->name, outcome->code, outcome->words,
                seconds_now() - start);
    if (traces_left(campaign, &before, job->name))
        failures = 1;
    if (done)
        *done += !failures && !outcome->code;
    munmap(outcome, sizeof *outcome);
    return failures;
}
