/* An injection: a scenario in a process of its own, one of whose calls is
 * struck by the injector; and what became of it. */
#ifndef FORAY_TESTS_INJECTION_H
#define FORAY_TESTS_INJECTION_H

#include <stdint.h>

#include "campaign.h"
#include "injector.h"
#include "scenario.h"

struct injection {
    const struct scenario *scenario;
    uint32_t families; /* 1 << family */
    enum fault_action action;
    int reason;  /* errno, or 0 */
    uint64_t at; /* 0: nothing is struck, calls are counted */
};

/* What a process has, less what it had at first. */
struct belongings {
    long descriptors, mappings, blocks;
};

struct outcome {
    int hit, hung;
    int status;   /* of wait */
    int ended;    /* the scenario came to its end: the rest is known */
    int code;     /* of the attempt that was struck */
    int wordless; /* an error without one sentence, or with another code */
    int again;    /* of the attempt after that */
    enum fault_output output;
    struct belongings left; /* after both attempts */
    size_t names;           /* in the folder, that are no output */
    char words[FORAY_ERROR_MSG_SIZE], words_again[FORAY_ERROR_MSG_SIZE];
    char site[160];
    uint64_t counts[FAULT_FAMILIES];
};

/* Begin this program anew with the injector, unless that was done: the first
 * line of main, before the campaign's options are looked at. Ends with 77,
 * skipped, where there are no shared libraries. */
void injection_begin(char **argv);

/* Run one. Processes that it leaves are the campaign's to see. */
void injection_run(struct outcome *out, const struct injection *injection);

/* Every scenario, or the one whose name is in FAULTS_SCENARIO. */
size_t injection_scenarios(const struct scenario **out, size_t max);

const char *fault_family_name(enum fault_family family);

#endif
