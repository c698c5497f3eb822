/* Calls of the C library that fail, one at a time, in every use of the library:
 * an error in words or none, then the same works again in the same process, no
 * descriptor or mapping is left, and an output is the old or the whole new one.
 * Each scenario of the campaigns is struck at a few calls of each family;
 * tests/faults/injections strikes them all. */
#include "helpers.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <foray.h>

#include "base/leave.h"
#include "faults/scenario.h"
#include "zygote.h"

static struct fault_control *control;

/* Where one is struck. */
struct stroke {
    const struct scenario *scenario;
    enum fault_family family;
    enum fault_action action;
    uint64_t at;
    int reason;   /* 0: the family's usual one */
    pid_t spared; /* whose calls are let through */
    bool hit;     /* there was one */
};

static void clear_control(void)
{
    memset(control, 0, sizeof *control);
    control->in_program = 1; /* the library is */
}

/* A code, and what became of the output. */
static int act(const struct scenario *scenario, enum fault_output *output,
               struct foray_error *err)
{
    int code;

    memset(err, 0, sizeof *err);
    scenario_clear();
    output_lay_out(scenario);
    control->armed = 1;
    code = scenario->act(err);
    control->armed = 0;
    *output = output_look(scenario);
    return code;
}

/* Undisturbed, behind what was. */
static void expect_right(const struct scenario *scenario, const char *behind)
{
    enum fault_output output;
    struct foray_error err;

    clear_control();
    if (act(scenario, &output, &err))
        fail_msg("%s (behind %s): %s", scenario->name, behind, err.msg);
}

static bool is_broken(const struct stroke *stroke, int code,
                      enum fault_output output, const struct foray_error *err)
{
    return code > 0 || (code && (err->code != code || !err->msg[0])) ||
           (stroke->scenario->output &&
            (output == OUTPUT_OTHER || (!code && output != OUTPUT_NEW)));
}

/* Returns the code, and err. */
static int strike(struct stroke *stroke, struct foray_error *err)
{
    const struct scenario *scenario = stroke->scenario;
    size_t descriptors = count_descriptors(), maps = count_foray_mappings();
    enum fault_output output;
    int code;

    clear_control();
    control->families = 1u << stroke->family;
    control->action = stroke->action;
    control->at = stroke->at;
    control->reason = stroke->reason;
    control->spared = stroke->spared;
    code = act(scenario, &output, err);
    stroke->hit = control->hits;
    if (is_broken(stroke, code, output, err))
        fail_msg("%s, %s: code %d, output %d: %s", scenario->name,
                 control->site, code, (int)output, err->msg);
    if (count_descriptors() > descriptors || count_foray_mappings() > maps)
        fail_msg("%s, %s: something is left", scenario->name, control->site);
    return code;
}

/* How many calls of each family there are. */
static void count_calls(uint64_t counts[FAULT_FAMILIES],
                        const struct scenario *scenario)
{
    expect_right(scenario, "the begin"); /* what is kept from the first time */
    output_keep(scenario);
    expect_right(scenario, "the first time");
    for (int family = 0; family < FAULT_FAMILIES; family++)
        counts[family] = control->counts[family];
}

/* So many calls of each family in a scenario. */
static uint64_t calls_of_each(void)
{
    if (FORAY__COUNTS_LINES)
        return 6;
    return getenv("FORAY_QUICK") ? 1 : 4;
}

/* Calls of these families, spread over all there are: not the same ones in
 * every scenario. */
static void strike_spread(const struct scenario *scenario, uint32_t families)
{
    struct stroke stroke = {.scenario = scenario};
    uint64_t counts[FAULT_FAMILIES];
    struct foray_error err;
    static uint64_t turn;

    count_calls(counts, scenario);
    for (enum fault_family family = 0; family < FAULT_FAMILIES; family++) {
        uint64_t all = counts[family], n = calls_of_each();

        if (n > all)
            n = all;
        if (scenario->spared >> family & 1 || !(families >> family & 1))
            continue;
        stroke.family = family;
        for (uint64_t k = 0; k < n; k++) {
            stroke.at = 1 + (7 * k + turn++ % 7) * all / (7 * n);
            strike(&stroke, &err);
        }
    }
    expect_right(scenario, "all that failed");
}

static void strike_list(const struct scenario *list, uint32_t families)
{
    for (; list->name; list++)
        if (strcmp(list->name, "hog over") != 0 &&
            strcmp(list->name, "eval, compile") != 0) /* slow */
            strike_spread(list, families);
}

static void test_arrays(void **state)
{
    (void)state;
    strike_list(array_scenarios, UINT32_MAX);
}

static void test_files(void **state)
{
    (void)state;
    strike_list(file_scenarios, UINT32_MAX);
}

static void test_pools(void **state)
{
    (void)state;
    strike_list(pool_scenarios, UINT32_MAX);
}

static void test_datasets(void **state)
{
    (void)state;
    if (!getenv("FORAY_QUICK") || FORAY__COUNTS_LINES)
        strike_list(hdf5_scenarios, 1u << FAULT_WRITE | 1u << FAULT_CLOSE);
}

static const struct scenario *called(const char *name)
{
    const struct scenario *const lists[] = {file_scenarios, pool_scenarios,
                                            hdf5_scenarios};

    for (size_t k = 0; k < sizeof lists / sizeof *lists; k++)
        for (const struct scenario *at = lists[k]; at->name; at++)
            if (!strcmp(at->name, name))
                return at;
    fail_msg("there is no scenario \"%s\"", name);
    return NULL;
}

/* Every call of its family, the first, the second, and so on. */
static void strike_all(struct stroke stroke)
{
    struct foray_error err;

    expect_right(stroke.scenario, "the begin");
    output_keep(stroke.scenario);
    do {
        stroke.at++;
        strike(&stroke, &err);
    } while (stroke.hit);
    assert_true(stroke.at > 1);
    expect_right(stroke.scenario, "all that failed");
}

/* Where there are no hard links, no locks, and no files without a name. */
static void test_file_systems_that_lack_something(void **state)
{
    static const char *const names[] = {"npy partial", "npy save over",
                                        "npz save over"};
    static const struct stroke lacking[] = {
        {.family = FAULT_NAME, .reason = EPERM},
        {.family = FAULT_STATE, .reason = ENOLCK},
    };

    (void)state;
    setenv("FORAY_TEST_NO", "tmpfile", 1);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        for (size_t k = 0; k < sizeof lacking / sizeof *lacking; k++) {
            struct stroke stroke = lacking[k];

            stroke.scenario = called(names[i]);
            strike_all(stroke);
        }
    unsetenv("FORAY_TEST_NO");
}

/* Its library writes some of it when what it belongs to is closed. */
static void test_a_dataset_is_written_or_said_to_be_not(void **state)
{
    (void)state;
    strike_all((struct stroke){.scenario = called("hdf5 strings"),
                               .family = FAULT_WRITE});
}

/* Without memory for one of its results it ends with an error. */
static void test_an_iterator_leaves_no_result_out(void **state)
{
    (void)state;
    strike_all((struct stroke){.scenario = called("iterator, threads"),
                               .family = FAULT_MEMORY});
}

static int init_without(enum fault_family family, uint64_t at,
                        struct foray_error *err)
{
    int code;

    clear_control();
    control->families = 1u << family;
    control->at = at;
    control->armed = 1;
    code = foray_init(err);
    control->armed = 0;
    return code;
}

/* The first of these tests: afterwards there is one. */
static void test_a_zygote_that_cannot_be_made(void **state)
{
    size_t descriptors = count_descriptors();
    struct foray_error err;
    uint64_t at = 1;

    (void)state;
    assert_int_equal(init_without(FAULT_FORK, 1, &err), FORAY_EAGAIN);
    while (init_without(FAULT_DESCRIPTOR, at, &err)) {
        assert_non_null(strstr(err.msg, "zygote"));
        assert_int_equal(count_descriptors(), descriptors);
        at++;
    }
    assert_true(at > 1);
}

/* One request fails, and no other. */
static void test_a_zygote_survives_without_memory(void **state)
{
    struct foray_error err;
    struct foray_pool *pool;
    pid_t zygote;

    (void)state;
    assert_ok(foray_init(&err), err);
    pool = open_jobs(1);
    zygote = zygote_of(pool);
    assert_int_equal(foray_pool_close(pool), 0);
    strike_all((struct stroke){.scenario = called("pool, forkserver"),
                               .family = FAULT_MEMORY,
                               .spared = getpid()});
    pool = open_jobs(1);
    assert_int_equal(zygote_of(pool), zygote);
    assert_int_equal(foray_pool_close(pool), 0);
}

/* A worker that cannot be told of the arrays of its calls does not keep the
 * caller waiting. */
static void test_calls_end_whose_arrays_nobody_can_be_told_of(void **state)
{
    struct stroke stroke = {.scenario = called("calls, fork"),
                            .family = FAULT_MESSAGE,
                            .action = FAULT_LAST};
    struct foray_error err;
    int n = 0;

    (void)state;
    expect_right(stroke.scenario, "the begin");
    for (stroke.at = 1; stroke.at <= 4; stroke.at++)
        n += strike(&stroke, &err) == FORAY_EAGAIN &&
             strstr(err.msg, "cannot be told of the arrays") != NULL;
    assert_true(n > 0);
    expect_right(stroke.scenario, "all that failed");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_zygote_that_cannot_be_made),
        cmocka_unit_test(test_arrays),
        cmocka_unit_test(test_files),
        cmocka_unit_test(test_pools),
        cmocka_unit_test(test_datasets),
        cmocka_unit_test(test_file_systems_that_lack_something),
        cmocka_unit_test(test_a_dataset_is_written_or_said_to_be_not),
        cmocka_unit_test(test_an_iterator_leaves_no_result_out),
        cmocka_unit_test(test_a_zygote_survives_without_memory),
        cmocka_unit_test(test_calls_end_whose_arrays_nobody_can_be_told_of),
    };

    unsetenv("FORAY_FORCE_BACKEND");
    alarm(10 * PATIENCE); /* what waits for ever ends, and fails */
    control = mmap(NULL, sizeof *control, PROT_READ | PROT_WRITE,
                   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (control == MAP_FAILED)
        return 99;
    clear_control();
    fault_attach(control);
    scenario_prepare();
    hdf5_scenario_prepare();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
