/* Random programs, and what may befall them: workers that are killed, stopped
 * and continued, tasks that fail, die, sleep and nest, runs that are cancelled,
 * readers that go away, files that shrink, folders that are full. What comes of
 * each task is what a model says that runs nothing.
 *
 *     tests/faults/chaos [--quick] [--seed N] [--cases PROGRAMS]
 *
 * A failure is printed with the seed of its program, which `--seed N --cases 1`
 * makes again; when signals come is chance.
 */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "chaos.h"
#include "helpers.h"
#include "namespace.h"
#include "outside.h"
#include "settings.h"

enum { LONGEST = 240 /* s, of a program */, BUDGET = 64 << 20 };

static const struct kind {
    const char *name;
    bool processes, held; /* they are killed when they take too long */
    bool lossy, shared;
} kinds[] = {
    {"serial", false, false, false, true},
    {"threads", false, false, false, true},
    {"outside", false, false, false, true},
    {"fork", true, true, false, true},
    {"forkserver", true, true, false, true},
    {"elsewhere", true, false, true, false},
};
enum { N_KINDS = sizeof kinds / sizeof *kinds };

static bool have_small;

static bool one_in(struct campaign *campaign, uint64_t n)
{
    return campaign_random(campaign, n) == 0;
}

/* One of them that is not NULL or 0 by a chance of one in four. */
static const char *sometimes(struct campaign *campaign,
                             const char *const *words, size_t n)
{
    return one_in(campaign, 4) ? words[campaign_random(campaign, n)] : NULL;
}

static void choose_plan(struct program *program)
{
    struct campaign *campaign = program->campaign;
    struct trial *trial = &program->trial;
    /* Those that stop at the first failure have fewer. */
    uint32_t some = trial->on_error == FORAY_SKIP ? 20 : 1;
    uint32_t *per_mille = trial->plan.per_mille;

    trial->plan =
        (struct plan){.seed = campaign_random(campaign, UINT64_MAX),
                      .spins = (uint32_t)campaign_random(campaign, 8000) + 1,
                      .n_nested = 5,
                      .reserve = one_in(campaign, 2) ? BUDGET : 0};
    per_mille[DEED_FAIL] = (uint32_t)campaign_random(campaign, 2) * some;
    per_mille[DEED_FLAKY] =
        (uint32_t)campaign_random(campaign, 2) * (trial->retries ? 30 : some);
    if (one_in(campaign, 4))
        per_mille[DEED_NEST] = 10;
    if (!program->processes)
        return;
    per_mille[DEED_DIE] = (uint32_t)campaign_random(campaign, 2) * some / 2;
    per_mille[DEED_ABORT] = (uint32_t)campaign_random(campaign, 2) * some / 4;
    per_mille[DEED_EXIT] = (uint32_t)campaign_random(campaign, 2) * some / 4;
    per_mille[DEED_DIE_ONCE] =
        (uint32_t)campaign_random(campaign, 2) * (trial->retries ? 10 : 0);
    if (trial->timeouts && one_in(campaign, 3))
        per_mille[one_in(campaign, 2) ? DEED_OVERSLEEP : DEED_STOP] = 5;
}

static void choose_trial(struct program *program)
{
    static const size_t most[N_FORMS] = {2000, 200, 200, 400, 400, 400, 150};
    struct campaign *campaign = program->campaign;
    struct trial *trial = &program->trial;

    trial->form = (enum form)campaign_random(campaign, N_FORMS);
    trial->n = campaign_random(campaign, most[trial->form]) + 1;
    trial->chunk = campaign_random(campaign, 6) + 1;
    trial->place = (enum place)campaign_random(campaign, N_PLACES);
    trial->batch_size = (int)campaign_random(campaign, 4);
    trial->n_read =
        one_in(campaign, 3) ? campaign_random(campaign, trial->n) + 1 : 0;
    choose_plan(program);
    if (trial->timeouts && trial->n > 200)
        trial->n = 200;
}

static struct foray_config choose_pool(struct program *program)
{
    static const char *const ahead[] = {"all", "1", "3*n_jobs"};
    struct campaign *campaign = program->campaign;
    const struct kind *kind = &kinds[campaign_random(campaign, N_KINDS)];
    struct foray_config config = {
        .n_jobs = (int)campaign_random(campaign, 4) + 1,
        .backend = kind->name,
        .inner_threads = 1,
        .retries = (int)campaign_random(campaign, 4),
        .on_error = one_in(campaign, 3) ? FORAY_STOP : FORAY_SKIP,
        .pre_dispatch = sometimes(campaign, ahead, 3),
        .batch_size = (int)campaign_random(campaign, 3) * 5,
        .capture = kind->held && one_in(campaign, 4),
        .guard = kind->held && one_in(campaign, 4),
        .grace = 0.1,
        .timeout = kind->held && one_in(campaign, 3) ? 1 : 0,
        .idle_timeout = one_in(campaign, 4) ? 1e-3 : 0,
        .max_tasks =
            one_in(campaign, 4) ? campaign_random(campaign, 50) + 1 : 0};

    program->processes = kind->processes;
    program->shared = kind->shared;
    program->trial = (struct trial){
        .backend = kind->name,
        .on_error = config.on_error,
        .retries = config.retries,
        .lossy = kind->lossy,
        .timeouts = config.timeout > 0,
        /* On a busy machine whoever does nothing may take too long. */
        .stopped = config.timeout > 0,
        .disturbed = kind->processes && one_in(campaign, 2)};
    program->killer = (struct killer){
        .state = campaign_random(campaign, UINT64_MAX),
        .pause = 1e-3 * (double)(campaign_random(campaign, 5) + 1),
        .stops = one_in(campaign, 2),
        .most = SIZE_MAX};
    return config;
}

static void run_and_judge(struct program *program)
{
    static struct outcome outcome;

    choose_trial(program);
    clear_marks();
    killer_run(&program->killer);
    run_trial(&outcome, program->pool, &program->trial);
    killer_rest(&program->killer);
    judge(&program->counts->tally, program->campaign, &program->trial,
          &outcome);
}

/* In a pool of that run alone, whose workers inherit the arrays. Those of the
 * other pool may be killed: they are not concerned. */
static void run_without_pool(struct program *program)
{
    static struct outcome outcome;
    struct trial *trial = &program->trial;
    bool disturbed = trial->disturbed;
    struct foray_error err;

    choose_trial(program);
    if (trial->form == FORM_FUTURES)
        trial->form = FORM_MAP;
    if (foray_config_push(&program->config, &err)) {
        campaign_fault(program->campaign, "foray_config_push: %s", err.msg);
        return;
    }
    trial->disturbed = false;
    clear_marks();
    run_trial(&outcome, NULL, trial);
    foray_config_pop();
    judge(&program->counts->tally, program->campaign, trial, &outcome);
    trial->disturbed = disturbed;
}

/* Cancelling */

struct canceller {
    struct foray_pool *pool;
    double after;
};

static void *cancel_later(void *arg)
{
    const struct canceller *canceller = arg;

    nap(canceller->after);
    foray_pool_cancel(canceller->pool);
    return NULL;
}

static int do_nothing(struct foray_task *task)
{
    (void)task;
    return 0;
}

/* Whether the pool does its work; a cancel that came too late is the next
 * run's. */
static bool works_again(struct program *program, bool pending)
{
    const struct foray_for loop = {.fn = do_nothing, .n = 3};
    struct foray_error err;
    int code = foray_for(program->pool, &loop, NULL, &err);

    if (pending ? code != FORAY_ECANCELED : code && code != FORAY_ECANCELED)
        return false;
    return !foray_for(program->pool, &loop, NULL, &err);
}

static void run_and_cancel(struct program *program)
{
    static struct outcome outcome;
    struct canceller canceller = {
        program->pool,
        1e-6 * (double)campaign_random(program->campaign, 20000)};
    struct trial *trial = &program->trial;
    bool right, one_call;
    pthread_t thread;

    choose_trial(program);
    trial->cancelled = true;
    clear_marks();
    if (pthread_create(&thread, NULL, cancel_later, &canceller))
        abort();
    run_trial(&outcome, program->pool, trial);
    pthread_join(thread, NULL);
    right = judge(&program->counts->tally, program->campaign, trial, &outcome);
    one_call = trial->form <= FORM_LIST;
    if (!works_again(program, one_call && !outcome.code)) {
        campaign_fault(program->campaign,
                       "%s, %s of %zu: after a cancelled run (code %d) the "
                       "pool does not work",
                       trial->backend, form_names[trial->form], trial->n,
                       outcome.code);
        right = false;
    }
    trial->cancelled = false;
    program->counts->cancels++;
    program->counts->wrong_cancels += !right;
}

/* The process that a worker is a child of. */
static int tell_parent(struct foray_task *task)
{
    return foray_return(task, (int64_t)getppid());
}

/* Without its zygote a pool has the workers that it has. A run is done or says
 * that it lacks others; it does not wait for ever. */
static void lose_zygote(struct program *program)
{
    struct foray_call call = foray_delayed(tell_parent);
    const struct foray_for loop = {.fn = do_nothing, .n = 500};
    struct foray_result result;
    struct foray_error err;
    pid_t zygote;
    int code;

    if (foray_parallel(program->pool, &call, 1, &result, &err))
        return;
    zygote = (pid_t)foray_result_i64(&result, 0);
    foray_result_free(&result);
    if (zygote <= 1 || zygote == getpid() || kill(zygote, SIGKILL))
        return;
    killer_run(&program->killer);
    for (int k = 0; k < 3; k++) {
        code = foray_for(program->pool, &loop, NULL, &err);
        program->counts->zygotes++;
        /* Workers that are killed fail their tasks, too. */
        if (code && code != FORAY_ECRASH) {
            program->counts->wrong_zygotes++;
            campaign_fault(program->campaign, "without a zygote: %s", err.msg);
        }
    }
    killer_rest(&program->killer);
}

static void operate(struct program *program)
{
    switch (campaign_random(program->campaign, 9)) {
    case 0:
        run_and_cancel(program);
        break;
    case 1:
        if (program->processes && program->shared) {
            choose_trial(program);
            try_modes(program);
        }
        break;
    case 2:
        if (program->processes && program->shared)
            try_shrunk_file(program);
        break;
    case 3:
        if (have_small)
            try_scarce(program, test_path("small"));
        break;
    case 4:
        run_without_pool(program);
        break;
    default:
        run_and_judge(program);
    }
}

/* One program from begin to end. */
static void live(struct campaign *campaign, struct chaos_counts *counts)
{
    struct program program = {.campaign = campaign, .counts = counts};
    struct foray_config config = choose_pool(&program);
    size_t n = campaign_random(campaign, 6) + 1;
    struct traces before;
    struct foray_error err;

    if (!strcmp(config.backend, "forkserver") && foray_init(&err)) {
        campaign_fault(campaign, "foray_init: %s", err.msg);
        return;
    }
    traces_look(&before);
    if (foray_pool_open(&program.pool, &config, &err)) {
        campaign_fault(campaign, "%s: %s", config.backend, err.msg);
        return;
    }
    program.config = config;
    program.killer.pool = program.pool;
    if (program.trial.disturbed)
        killer_start(&program.killer);
    while (n--)
        operate(&program);
    if (!strcmp(config.backend, "forkserver") && one_in(campaign, 3))
        lose_zygote(&program);
    if (program.trial.disturbed)
        killer_end(&program.killer);
    for (int k = 0; k < N_BLOWS; k++)
        counts->blows[k] += program.killer.blows[k];
    if (foray_pool_close(program.pool))
        campaign_fault(campaign, "%s: the pool does not close", config.backend);
    counts->left += traces_left(campaign, &before, config.backend) > 0;
}

static void fork_a_program(struct campaign *campaign,
                           struct chaos_counts *counts)
{
    int status, hung;
    pid_t child;

    counts->programs++;
    child = campaign_fork(campaign);
    if (child == 0) {
        live(campaign, counts);
        exit(campaign_end(campaign));
    }
    status = campaign_wait(child, LONGEST, &hung);
    if (hung)
        fprintf(stderr, "chaos --seed %llu hangs\n",
                (unsigned long long)campaign->state);
    else if (!WIFEXITED(status))
        fprintf(stderr, "chaos --seed %llu died of signal %d\n",
                (unsigned long long)campaign->state, WTERMSIG(status));
    counts->hung += hung || !WIFEXITED(status);
    campaign->failures += hung || status;
    campaign_random(campaign, 2); /* the next one is another */
}

int main(int argc, char **argv)
{
    struct campaign campaign;
    struct chaos_counts *counts;
    const struct tally *tally;
    size_t most;

    campaign_begin(&campaign, argc, argv);
    forget_variables();
    have_small = namespace_mount("/dev/shm", "size=256M");
    share_marks();
    counts = mmap(NULL, sizeof *counts, PROT_READ | PROT_WRITE,
                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (counts == MAP_FAILED)
        return 99;
    test_folder();
    have_small = have_small && !mkdir(test_path("small"), 0700) &&
                 namespace_mount(test_path("small"), "size=1M");
    register_outside();
    most = campaign_cases(&campaign, 80, 1200);
    while (most--)
        fork_a_program(&campaign, counts);
    tally = &counts->tally;
    fprintf(stderr, "seed %llu: %zu kills, %zu stops\n",
            (unsigned long long)campaign.seed, counts->blows[BLOW_KILL],
            counts->blows[BLOW_STOP]);
    if (have_small)
        umount(test_path("small"));
    campaign_row(&campaign, "no random program hangs or dies", counts->programs,
                 counts->hung);
    campaign_row(&campaign, "its results are what a serial model says",
                 tally->tasks,
                 tally->wrong_results + tally->wrong_tries + tally->unnamed +
                     tally->halves + tally->wrong_stops);
    campaign_row(&campaign, "a cancelled run ends, and the pool serves others",
                 counts->cancels, counts->wrong_cancels);
    campaign_row(&campaign, "readers of iterators may go away", tally->drops,
                 0);
    campaign_row(&campaign,
                 "arrays of modes r, r+, w+ and c hold what tasks did",
                 counts->modes, counts->wrong_modes);
    campaign_row(&campaign, "a file that shrinks is its tasks' error, by name",
                 counts->shrunk, counts->wrong_shrunk);
    campaign_row(&campaign,
                 "without its zygote a run ends, done or with an error",
                 counts->zygotes, counts->wrong_zygotes);
    if (have_small)
        campaign_row(&campaign, "what does not fit is refused before it runs",
                     counts->scarce, counts->wrong_scarce);
    campaign_row(&campaign, "no random program leaves anything",
                 counts->programs, counts->left);
    return campaign_end(&campaign);
}
