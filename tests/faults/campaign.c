#include "campaign.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "helpers.h"
#include "mapping.h"

enum { MOST_PRINTED = 20, ENDING = 20 /* s, for what is still ending */ };

static uint64_t number(const char *option, const char *text)
{
    char *end;
    uint64_t value = text ? strtoull(text, &end, 0) : 0;

    if (!text || !*text || *end) {
        fprintf(stderr, "%s needs a number\n", option);
        exit(2);
    }
    return value;
}

void campaign_begin(struct campaign *campaign, int argc, char **argv)
{
    const char *name = strrchr(argv[0], '/');
    struct timespec now;
    bool is_seeded = false;

    clock_gettime(CLOCK_REALTIME, &now);
    *campaign = (struct campaign){.name = name ? name + 1 : argv[0],
                                  .seed = (uint64_t)now.tv_sec * 1000000000u +
                                          (uint64_t)now.tv_nsec};
    for (int k = 1; k < argc; k++) {
        if (!strcmp(argv[k], "--quick")) {
            campaign->quick = 1;
        } else if (!strcmp(argv[k], "--seed")) {
            k++;
            campaign->seed = number("--seed", argv[k]);
            is_seeded = true;
        } else if (!strcmp(argv[k], "--cases")) {
            k++;
            campaign->cases = (size_t)number("--cases", argv[k]);
        } else {
            fprintf(stderr, "usage: %s [--quick] [--seed N] [--cases N]\n",
                    campaign->name);
            exit(2);
        }
    }
    if (campaign->quick && !is_seeded)
        campaign->seed = 1;
    campaign->state = campaign->seed;
    /* Whoever loses its parent becomes this process's child. */
    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    setvbuf(stdout, NULL, _IOLBF, 0);
}

/* splitmix64: S. Vigna, prng.di.unimi.it */
uint64_t campaign_random(struct campaign *campaign, uint64_t below)
{
    uint64_t z = campaign->state += 0x9e3779b97f4a7c15;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return (z ^ (z >> 31)) % below;
}

size_t campaign_cases(const struct campaign *campaign, size_t quick,
                      size_t full)
{
    if (campaign->cases)
        return campaign->cases;
    return campaign->quick ? quick : full;
}

void campaign_fault(struct campaign *campaign, const char *format, ...)
{
    va_list list;

    campaign->failures++;
    if (campaign->failures > MOST_PRINTED)
        return;
    fprintf(stderr, "%s --seed %llu: ", campaign->name,
            (unsigned long long)campaign->seed);
    va_start(list, format);
    vfprintf(stderr, format, list);
    va_end(list);
    fputc('\n', stderr);
}

void campaign_row(struct campaign *campaign, const char *promise, size_t cases,
                  size_t failures)
{
    if (failures && !campaign->failures)
        campaign->failures = failures;
    printf("%s\t%zu\t%zu\n", promise, cases, failures);
}

void campaign_skip(const struct campaign *campaign, const char *promise,
                   const char *reason)
{
    (void)campaign;
    printf("%s\tskipped\t%s\n", promise, reason);
}

int campaign_end(const struct campaign *campaign)
{
    return campaign->failures ? EXIT_FAILURE : EXIT_SUCCESS;
}

pid_t campaign_fork(struct campaign *campaign)
{
    pid_t child;

    fflush(NULL);
    child = fork();
    if (child == 0) {
        setpgid(0, 0);
        campaign->seed = campaign->state;
        campaign->failures = 0;
    }
    return child;
}

int campaign_wait(pid_t child, double seconds, int *hung)
{
    double start = seconds_now();
    int status = 0;

    *hung = 0;
    for (;;) {
        pid_t ended = waitpid(child, &status, WNOHANG);

        if (ended == child)
            return status;
        if (ended < 0 && errno != EINTR)
            return -1;
        if (seconds_now() - start > seconds && !*hung) {
            *hung = 1;
            kill(-child, SIGKILL);
            kill(child, SIGKILL);
        }
        nap(2e-4);
    }
}

/* Those that have ended are no trace, but taken away. */
static size_t count_children(void)
{
    char path[64], line[4096], *word, *rest;
    size_t n = 0;
    FILE *file;

    snprintf(path, sizeof path, "/proc/self/task/%ld/children", (long)getpid());
    file = fopen(path, "r");
    if (!file)
        return 0;
    if (!fgets(line, sizeof line, file))
        line[0] = 0;
    fclose(file);
    for (word = strtok_r(line, " \n", &rest); word;
         word = strtok_r(NULL, " \n", &rest))
        n += waitpid((pid_t)atol(word), NULL, WNOHANG) == 0;
    return n;
}

void traces_look(struct traces *traces)
{
    *traces = (struct traces){.names = count_shm_names() +
                                       (size_t)count_files(test_folder()),
                              .processes = count_children(),
                              .descriptors = count_descriptors(),
                              .mappings = count_foray_mappings()};
}

static int has_more(const struct traces *now, const struct traces *before)
{
    return now->names > before->names || now->processes > before->processes ||
           now->descriptors > before->descriptors ||
           now->mappings > before->mappings;
}

static size_t left(struct campaign *campaign, const char *what,
                   const char *kind, size_t before, size_t now)
{
    if (now <= before)
        return 0;
    campaign_fault(campaign, "%s left %zu %s", what, now - before, kind);
    return 1;
}

size_t traces_left(struct campaign *campaign, const struct traces *before,
                   const char *what)
{
    double start = seconds_now();
    struct traces now;

    for (traces_look(&now);
         has_more(&now, before) && seconds_now() - start < ENDING;
         traces_look(&now))
        nap(2e-3);
    return left(campaign, what, "names of files", before->names, now.names) +
           left(campaign, what, "processes", before->processes, now.processes) +
           left(campaign, what, "descriptors", before->descriptors,
                now.descriptors) +
           left(campaign, what, "mappings", before->mappings, now.mappings);
}
