/* Whoever is killed in the middle of writing a file leaves the old one or the
 * whole new one: a process dies at each call that changes files, in each
 * scenario that makes one. HDF5 files that are changed where they are, on file
 * systems that cannot copy by reference (hdf5.h), keep their other datasets. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "helpers.h"
#include "injection.h"

enum { MAX_SCENARIOS = 128, QUICK_CUTS = 250 };

/* Where it is cut: before the calls that a file is made by, and in the middle
 * of writes. */
struct kind {
    const char *name;
    enum fault_action action;
    uint32_t families;
};
enum { KINDS = 2 };
static const struct kind kinds[KINDS] = {
    {"killed before", FAULT_KILL,
     1u << FAULT_WRITE | 1u << FAULT_SPACE | 1u << FAULT_NAME |
         1u << FAULT_REMOVE | 1u << FAULT_SYNC | 1u << FAULT_CLOSE},
    {"killed in", FAULT_TEAR, 1u << FAULT_SHORT},
};

/* Of files that are replaced, and of those that are changed. */
static size_t cases[2], torn[2], left, hung;

static void cut(struct campaign *campaign, const struct scenario *scenario,
                const struct kind *kind, uint64_t at)
{
    struct injection injection = {.scenario = scenario,
                                  .families = kind->families,
                                  .action = kind->action,
                                  .at = at};
    static struct outcome outcome;
    struct traces traces;
    int in_place = scenario->is_whole != NULL;
    char name[128];

    snprintf(name, sizeof name, "%s, %s call %llu", scenario->name, kind->name,
             (unsigned long long)at);
    traces_look(&traces);
    injection_run(&outcome, &injection);
    if (!outcome.hit)
        return;
    cases[in_place]++;
    if (outcome.hung) {
        hung++;
        campaign_fault(campaign, "%s (%s): it hangs", name, outcome.site);
    }
    if (outcome.output == OUTPUT_OTHER ||
        (outcome.output == OUTPUT_NONE && scenario->old)) {
        torn[in_place]++;
        campaign_fault(campaign, "%s (%s): the output is neither: %s", name,
                       outcome.site, outcome.words);
    }
    left += traces_left(campaign, &traces, name) > 0;
}

/* Also what a whole new output is, which later cuts are compared with. */
static void count(uint64_t n[KINDS], const struct scenario *scenario)
{
    struct injection injection = {.scenario = scenario};
    static struct outcome outcome;

    injection_run(&outcome, &injection);
    for (int kind = 0; kind < KINDS; kind++) {
        n[kind] = 0;
        for (int family = 0; family < FAULT_FAMILIES; family++)
            if (kinds[kind].families >> family & 1)
                n[kind] += outcome.counts[family];
    }
}

static void cut_all(struct campaign *campaign, const struct scenario *scenario,
                    double share)
{
    double due = (double)campaign_random(campaign, 1000) / 1000;
    uint64_t n[KINDS];

    count(n, scenario);
    for (int kind = 0; kind < KINDS; kind++)
        for (uint64_t at = 1; at <= n[kind]; at++)
            if ((due += share) >= 1) {
                due -= 1;
                cut(campaign, scenario, &kinds[kind], at);
            }
}

int main(int argc, char **argv)
{
    const struct scenario *scenarios[MAX_SCENARIOS];
    struct campaign campaign;
    uint64_t n_cuts[KINDS], total = 0;
    size_t n, most;
    double share;

    injection_begin(argv);
    campaign_begin(&campaign, argc, argv);
    n = injection_scenarios(scenarios, MAX_SCENARIOS);
    for (size_t k = 0; k < n; k++)
        if (scenarios[k]->output) {
            count(n_cuts, scenarios[k]);
            for (int kind = 0; kind < KINDS; kind++)
                total += n_cuts[kind];
        }
    most = campaign_cases(&campaign, QUICK_CUTS, (size_t)total);
    share = most < total ? (double)most / (double)total : 1;
    for (size_t k = 0; k < n; k++)
        if (scenarios[k]->output)
            cut_all(&campaign, scenarios[k], share);
    campaign_row(&campaign,
                 "who is killed while it writes a file leaves the old or the "
                 "new one",
                 cases[0], torn[0]);
    campaign_row(&campaign,
                 "a file that is changed where it is keeps what else is "
                 "in it",
                 cases[1], torn[1]);
    campaign_row(&campaign, "and no process or shared memory",
                 cases[0] + cases[1], left);
    campaign_row(&campaign, "and nobody waits for ever for it",
                 cases[0] + cases[1], hung);
    return campaign_end(&campaign);
}
