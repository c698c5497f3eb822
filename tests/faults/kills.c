/* Workers killed at random moments of every form of runs, under every backend
 * whose workers are processes: results are recorded once, and are true.
 *
 *     tests/faults/kills [--quick] [--seed N] [--cases KILLS]
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <foray.h>

#include "campaign.h"
#include "helpers.h"
#include "killer.h"
#include "outside.h"
#include "settings.h"
#include "trial.h"

enum { KILLS_OF_A_LIFE = 100, LONGEST = 240 /* s, of a life */ };

static const char *const backends[] = {"fork", "forkserver", "elsewhere"};
enum { ELSEWHERE = 2, N_BACKENDS };

/* Shared by the campaign and the lives that it forks. */
struct counts {
    struct tally tally;
    size_t kills, runs, lives, left, hung;
};

static void choose_plan(struct campaign *campaign, struct trial *trial)
{
    bool skips = trial->on_error == FORAY_SKIP;

    trial->plan =
        (struct plan){.seed = campaign_random(campaign, UINT64_MAX),
                      .spins = (uint32_t)campaign_random(campaign, 4000) + 1};
    trial->plan.per_mille[DEED_FLAKY] = trial->retries || skips ? 20 : 0;
    trial->plan.per_mille[DEED_DIE_ONCE] = trial->retries ? 5 : 0;
    trial->plan.per_mille[DEED_FAIL] = skips ? 10 : 0;
    trial->plan.per_mille[DEED_DIE] = skips ? 3 : 0;
    trial->plan.per_mille[DEED_ABORT] = skips ? 1 : 0;
    trial->plan.per_mille[DEED_EXIT] = skips ? 2 : 0;
}

static void choose_trial(struct campaign *campaign, struct trial *trial)
{
    static const size_t most[N_FORMS] = {4000, 400, 400, 1000, 1000, 1000, 300};

    trial->form = (enum form)campaign_random(campaign, N_FORMS);
    trial->n = campaign_random(campaign, most[trial->form]) + 1;
    trial->chunk = campaign_random(campaign, 6) + 1;
    trial->place = (enum place)campaign_random(campaign, N_PLACES);
    trial->batch_size = (int)campaign_random(campaign, 4);
    trial->n_read = campaign_random(campaign, 4)
                        ? 0
                        : campaign_random(campaign, trial->n) + 1;
    trial->disturbed = true;
    choose_plan(campaign, trial);
}

/* What the pool does with failures is of the life, the rest of each run. */
static struct foray_config choose_pool(struct campaign *campaign,
                                       struct trial *trial, int *backend)
{
    *backend = (int)campaign_random(campaign, N_BACKENDS);
    trial->on_error = campaign_random(campaign, 3) ? FORAY_SKIP : FORAY_STOP;
    trial->retries = (int)campaign_random(campaign, 4);
    trial->backend = backends[*backend];
    trial->lossy = *backend == ELSEWHERE;
    return (struct foray_config){.n_jobs =
                                     (int)campaign_random(campaign, 4) + 1,
                                 .backend = backends[*backend],
                                 .retries = trial->retries,
                                 .on_error = trial->on_error,
                                 .guard = campaign_random(campaign, 4) == 0};
}

/* Runs in one pool until enough of its workers have been killed. */
static void live(struct campaign *campaign, struct counts *counts, size_t kills)
{
    static struct outcome outcome;
    struct killer killer = {.state = campaign->seed, .pause = 300e-6};
    struct trial trial = {0};
    struct traces traces;
    struct foray_error err;
    struct foray_config config;
    int backend;

    config = choose_pool(campaign, &trial, &backend);
    if (backend == 1 && foray_init(&err)) {
        campaign_fault(campaign, "foray_init: %s", err.msg);
        exit(1);
    }
    traces_look(&traces);
    if (foray_pool_open(&killer.pool, &config, &err)) {
        campaign_fault(campaign, "foray_pool_open: %s", err.msg);
        exit(1);
    }
    killer.most = kills;
    killer_start(&killer);
    while (atomic_load(&killer.blows[BLOW_KILL]) < kills) {
        choose_trial(campaign, &trial);
        clear_marks();
        killer_run(&killer);
        run_trial(&outcome, killer.pool, &trial);
        killer_rest(&killer);
        judge(&counts->tally, campaign, &trial, &outcome);
        counts->runs++;
    }
    killer_end(&killer);
    counts->kills += killer.blows[BLOW_KILL];
    if (foray_pool_close(killer.pool))
        campaign_fault(campaign, "the pool does not close");
    counts->left += traces_left(campaign, &traces, config.backend) > 0;
}

/* In a process of its own, so that one that hangs or dies is seen. */
static void fork_a_life(struct campaign *campaign, struct counts *counts,
                        size_t kills)
{
    size_t before = counts->kills;
    int status, hung;
    pid_t child;

    counts->lives++;
    child = campaign_fork(campaign);
    if (child == 0) {
        live(campaign, counts, kills);
        exit(campaign_end(campaign));
    }
    campaign_random(campaign, 2); /* the next one is another */
    status = campaign_wait(child, LONGEST, &hung);
    counts->hung += hung || !WIFEXITED(status);
    if (hung)
        campaign_fault(campaign, "a run hangs");
    else if (!WIFEXITED(status))
        campaign_fault(campaign, "the host died of signal %d",
                       WTERMSIG(status));
    else
        campaign->failures += WEXITSTATUS(status) != 0;
    if (counts->kills < before + kills)
        counts->kills = before + kills; /* do not try for ever */
}

int main(int argc, char **argv)
{
    struct campaign campaign;
    struct counts *counts;
    const struct tally *tally;
    size_t most;

    campaign_begin(&campaign, argc, argv);
    forget_variables();
    share_marks();
    counts = mmap(NULL, sizeof *counts, PROT_READ | PROT_WRITE,
                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (counts == MAP_FAILED)
        return 99;
    test_folder();
    register_outside();
    most = campaign_cases(&campaign, 1000, 10000);
    while (counts->kills < most && !counts->hung)
        fork_a_life(&campaign, counts,
                    most - counts->kills < KILLS_OF_A_LIFE
                        ? most - counts->kills
                        : KILLS_OF_A_LIFE);
    tally = &counts->tally;
    fprintf(stderr, "%zu kills in %zu runs of %zu pools\n", counts->kills,
            counts->runs, counts->lives);
    campaign_row(&campaign, "no run ends its host or hangs, whoever is killed",
                 counts->kills, counts->hung);
    campaign_row(&campaign, "each task has one result, in its place, and true",
                 tally->tasks, tally->wrong_results);
    campaign_row(&campaign, "a task runs again only by retries, one try a time",
                 tally->again, tally->wrong_tries);
    campaign_row(&campaign, "a task that kills workers is named, the rest runs",
                 tally->deadly, tally->unnamed);
    campaign_row(&campaign, "slices of failed tasks are blank, never half done",
                 tally->slices, tally->halves);
    campaign_row(&campaign, "a run that stops names the lowest failed task",
                 tally->stops, tally->wrong_stops);
    campaign_row(&campaign, "killed workers leave nothing", counts->lives,
                 counts->left);
    return campaign_end(&campaign);
}
