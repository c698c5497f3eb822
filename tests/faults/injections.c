/* Every call of the C library that the library makes fails once in turn: in
 * each scenario, for each family of calls, the first, the second, and so on.
 * What runs out, memory and descriptors and space, does so once and for good.
 *
 * FAULTS_SCENARIO, FAULTS_FAMILY and FAULTS_AT choose one of each;
 * FAULTS_POINTS prints how many calls of which family were struck where. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "helpers.h"
#include "injection.h"

enum {
    MAX_SCENARIOS = 128,
    QUICK_POINTS = 700,
    MOST_POINTS = 150 /* of a family in a scenario: waits go round and round */
};

/* What may fail from a call on. */
static const uint32_t lasting = 1u << FAULT_MEMORY | 1u << FAULT_OPEN |
                                1u << FAULT_DESCRIPTOR | 1u << FAULT_MAP |
                                1u << FAULT_SPACE | 1u << FAULT_FORK |
                                1u << FAULT_THREAD | 1u << FAULT_WRITE;

enum promise { WORDS, ENDS, AGAIN, NOTHING_LEFT, WHOLE, PROMISES };
static const char *const promises[PROMISES] = {
    [WORDS] = "a call of the system that fails is an error in words, or none",
    [ENDS] = "and nothing waits for ever for it",
    [AGAIN] = "and the same works again in the same process",
    [NOTHING_LEFT] = "and leaves no name, process, descriptor or memory",
    [WHOLE] = "and an output is the old file or the whole new one",
};
static size_t cases[PROMISES], failures[PROMISES];

struct tried {
    const struct injection *injection;
    const struct outcome *outcome, *usual;
    char name[128];
};

static void fault(struct campaign *campaign, enum promise promise,
                  const struct tried *tried, const char *what)
{
    failures[promise]++;
    campaign_fault(campaign, "%s: %s (%s): %s", tried->name, what,
                   tried->outcome->site, tried->outcome->words);
}

static void judge_end(struct campaign *campaign, const struct tried *tried)
{
    const struct outcome *outcome = tried->outcome;

    if (outcome->hung)
        fault(campaign, ENDS, tried, "it hangs");
    else if (!outcome->ended)
        fault(campaign, WORDS, tried,
              WIFSIGNALED(outcome->status)
                  ? strsignal(WTERMSIG(outcome->status))
                  : "the process ended");
    else if (outcome->code > 0)
        fault(campaign, WORDS, tried, "broken");
    else if (outcome->wordless)
        fault(campaign, WORDS, tried, "an error without a sentence");
}

/* Blocks of memory are counted where no fault has them counted alike. */
static void judge_rest(struct campaign *campaign, const struct tried *tried)
{
    const struct outcome *now = tried->outcome, *usual = tried->usual;
    const struct injection *injection = tried->injection;
    char text[600];

    if (now->again) {
        snprintf(text, sizeof text, "again: %s", now->words_again);
        fault(campaign, AGAIN, tried, text);
    }
    /* What could not be removed, and was said so, the next sweep removes. */
    if (now->names && !(injection->families & 1u << FAULT_REMOVE) &&
        strncmp(now->words, "cannot remove", 13))
        fault(campaign, NOTHING_LEFT, tried, "names are left");
    if (now->left.descriptors > usual->left.descriptors)
        fault(campaign, NOTHING_LEFT, tried, "descriptors are left");
    if (now->left.mappings > usual->left.mappings)
        fault(campaign, NOTHING_LEFT, tried, "mappings are left");
    if (now->left.blocks > usual->left.blocks) {
        snprintf(text, sizeof text, "%ld blocks of memory are left",
                 now->left.blocks - usual->left.blocks);
        fault(campaign, NOTHING_LEFT, tried, text);
    }
    if (injection->scenario->output &&
        (now->output == OUTPUT_OTHER ||
         (!now->code && now->output != OUTPUT_NEW)))
        fault(campaign, WHOLE, tried, "the output is neither");
}

static int strike(struct campaign *campaign, const struct injection *injection,
                  const struct outcome *usual)
{
    static struct outcome outcome;
    struct tried tried = {injection, &outcome, usual, ""};
    struct traces traces;
    enum fault_family family = 0;

    while (!(injection->families >> family & 1))
        family++;
    snprintf(tried.name, sizeof tried.name, "%s, %s %llu%s",
             injection->scenario->name, fault_family_name(family),
             (unsigned long long)injection->at,
             injection->action == FAULT_LAST ? " and all behind it" : "");
    traces_look(&traces);
    injection_run(&outcome, injection);
    if (!outcome.hit)
        return 0;
    for (int k = 0; k < PROMISES; k++)
        cases[k] += k != WHOLE || injection->scenario->output;
    judge_end(campaign, &tried);
    if (outcome.ended)
        judge_rest(campaign, &tried);
    failures[NOTHING_LEFT] += traces_left(campaign, &traces, tried.name) > 0;
    if (getenv("FAULTS_AT"))
        fprintf(stderr, "%s: %s: %d %s\n", tried.name, outcome.site,
                outcome.code, outcome.words);
    return 1;
}

static size_t points_of(const struct outcome *usual, enum fault_family family)
{
    return usual->counts[family] < MOST_POINTS ? usual->counts[family]
                                               : MOST_POINTS;
}

static size_t points(const struct outcome *usual)
{
    size_t n = 0;

    for (enum fault_family family = 0; family < FAULT_FAMILIES; family++)
        n += points_of(usual, family);
    return n;
}

/* Room for what is changed where it is was reserved before: a full disk fails
 * neither what is written there nor the ftruncate of the HDF5 library that
 * gives the file its length. */
static int may_last(const struct injection *injection)
{
    uint32_t spared = injection->scenario->is_whole
                          ? 1u << FAULT_WRITE | 1u << FAULT_SPACE
                          : 0;

    return (injection->families & lasting & ~spared) != 0;
}

/* Once, and every fourth for good, too; of a spread, one of both. */
static size_t strike_ways(struct campaign *campaign,
                          struct injection *injection,
                          const struct outcome *usual, int one)
{
    int lasts = may_last(injection) && (one || injection->at % 4 == 0);
    int only = one && lasts ? (int)campaign_random(campaign, 2) : -1;
    size_t hits = 0;

    for (int last = 0; last <= lasts; last++) {
        if (only >= 0 && only != last)
            continue;
        injection->action = last ? FAULT_LAST : FAULT_FAIL;
        hits += (size_t)strike(campaign, injection, usual);
    }
    return hits;
}

/* Of the calls of one family every one, or each of a spread. */
static size_t strike_family(struct campaign *campaign,
                            const struct scenario *scenario,
                            enum fault_family family,
                            const struct outcome *usual, double share)
{
    const char *only = getenv("FAULTS_AT");
    struct injection injection = {.scenario = scenario,
                                  .families = 1u << family};
    double due = (double)campaign_random(campaign, 1000) / 1000;
    size_t hits = 0;

    if (usual->counts[family])
        share *=
            (double)points_of(usual, family) / (double)usual->counts[family];
    for (uint64_t at = 1; at <= usual->counts[family]; at++) {
        due += share;
        if (due < 1)
            continue;
        due -= 1;
        if (only && strtoull(only, NULL, 10) != at)
            continue;
        injection.at = at;
        hits += strike_ways(campaign, &injection, usual, share < 1);
    }
    return hits;
}

static void measure(struct campaign *campaign, struct outcome *usual,
                    const struct scenario *scenario)
{
    struct injection injection = {.scenario = scenario};

    injection_run(usual, &injection);
    if (usual->ended && !usual->code && !usual->again && !usual->names)
        return;
    campaign_fault(campaign, "%s does not work undisturbed: %s%s",
                   scenario->name, usual->words, usual->words_again);
    failures[WORDS]++;
}

int main(int argc, char **argv)
{
    const struct scenario *scenarios[MAX_SCENARIOS];
    static struct outcome usual[MAX_SCENARIOS];
    const char *only = getenv("FAULTS_FAMILY");
    int prints = getenv("FAULTS_POINTS") != NULL;
    struct campaign campaign;
    size_t n, total = 0;
    double share;

    injection_begin(argv);
    campaign_begin(&campaign, argc, argv);
    n = injection_scenarios(scenarios, MAX_SCENARIOS);
    for (size_t k = 0; k < n; k++) {
        measure(&campaign, &usual[k], scenarios[k]);
        total += points(&usual[k]);
    }
    share = (double)campaign_cases(&campaign, QUICK_POINTS, total) /
            (double)(total ? total : 1);
    for (size_t k = 0; k < n; k++) {
        measure(&campaign, &usual[k], scenarios[k]);
        for (enum fault_family family = 0; family < FAULT_FAMILIES; family++) {
            size_t hits;

            if ((only && strcmp(only, fault_family_name(family))) ||
                scenarios[k]->spared >> family & 1)
                continue;
            hits = strike_family(&campaign, scenarios[k], family, &usual[k],
                                 share < 1 ? share : 1);
            if (prints && usual[k].counts[family])
                fprintf(stderr, "%-24s %-10s %6zu of %llu\n",
                        scenarios[k]->name, fault_family_name(family), hits,
                        (unsigned long long)usual[k].counts[family]);
        }
    }
    for (int k = 0; k < PROMISES; k++)
        campaign_row(&campaign, promises[k], cases[k], failures[k]);
    return campaign_end(&campaign);
}
