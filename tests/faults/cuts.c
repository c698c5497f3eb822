/* Whoever is killed in the middle of writing a file leaves the old one or the
 * whole new one: a process dies at each call that changes files, in each
 * scenario that makes one. Not so HDF5 files that are changed where they are,
 * on file systems that cannot copy by reference (hdf5.h). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "helpers.h"
#include "injection.h"

enum { MAX_SCENARIOS = 128, QUICK_CUTS = 250 };

/* What a file is made by. */
static const uint32_t families = 1u << FAULT_WRITE | 1u << FAULT_SPACE |
                                 1u << FAULT_NAME | 1u << FAULT_REMOVE |
                                 1u << FAULT_SYNC | 1u << FAULT_CLOSE;

static size_t cases, torn, left, hung;

static void cut(struct campaign *campaign, const struct scenario *scenario,
                uint64_t at)
{
    struct injection injection = {.scenario = scenario,
                                  .families = families,
                                  .action = FAULT_KILL,
                                  .at = at};
    static struct outcome outcome;
    struct traces traces;
    char name[128];

    snprintf(name, sizeof name, "%s, killed at call %llu", scenario->name,
             (unsigned long long)at);
    traces_look(&traces);
    injection_run(&outcome, &injection);
    if (!outcome.hit)
        return;
    cases++;
    if (outcome.hung) {
        hung++;
        campaign_fault(campaign, "%s (%s): it hangs", name, outcome.site);
    }
    if (outcome.output == OUTPUT_OTHER ||
        (outcome.output == OUTPUT_NONE && scenario->old)) {
        torn++;
        campaign_fault(campaign, "%s (%s): the output is neither: %s", name,
                       outcome.site, outcome.words);
    }
    left += traces_left(campaign, &traces, name) > 0;
}

static int is_cut(const struct scenario *scenario)
{
    return scenario->output && !scenario->is_whole;
}

static uint64_t count(const struct scenario *scenario)
{
    struct injection injection = {.scenario = scenario};
    static struct outcome outcome;
    uint64_t n = 0;

    injection_run(&outcome, &injection);
    for (int family = 0; family < FAULT_FAMILIES; family++)
        if (families >> family & 1)
            n += outcome.counts[family];
    return n;
}

int main(int argc, char **argv)
{
    const struct scenario *scenarios[MAX_SCENARIOS];
    struct campaign campaign;
    uint64_t n_cuts[MAX_SCENARIOS], total = 0;
    size_t n, most;
    double due = 0, share;

    injection_begin(argv);
    campaign_begin(&campaign, argc, argv);
    n = injection_scenarios(scenarios, MAX_SCENARIOS);
    for (size_t k = 0; k < n; k++) {
        n_cuts[k] = is_cut(scenarios[k]) ? count(scenarios[k]) : 0;
        total += n_cuts[k];
    }
    most = campaign_cases(&campaign, QUICK_CUTS, (size_t)total);
    share = most < total ? (double)most / (double)total : 1;
    due = (double)campaign_random(&campaign, 1000) / 1000;
    for (size_t k = 0; k < n; k++) {
        if (n_cuts[k])
            count(scenarios[k]); /* what a whole new output is */
        for (uint64_t at = 1; at <= n_cuts[k]; at++)
            if ((due += share) >= 1) {
                due -= 1;
                cut(&campaign, scenarios[k], at);
            }
    }
    campaign_row(&campaign,
                 "who is killed while it writes a file leaves the old or the "
                 "new one",
                 cases, torn);
    campaign_row(&campaign, "and no process or shared memory", cases, left);
    campaign_row(&campaign, "and nobody waits for ever for it", cases, hung);
    return campaign_end(&campaign);
}
