#include "helpers.h"

#include <config.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "captured.h"
#include "machine/cpus.h"

/* Stands for the C library's: a kernel with more CPUs than a cpu_set_t has. */
static size_t kernel_bytes; /* what the kernel asks for; 0: the real one */

int sched_getaffinity(pid_t pid, size_t size, cpu_set_t *set)
{
    long got;

    if (!kernel_bytes) {
        memset(set, 0, size);
        got = syscall(SYS_sched_getaffinity, pid, size, set);
        return got < 0 ? -1 : 0;
    }
    if (size < kernel_bytes) {
        errno = EINVAL;
        return -1;
    }
    memset(set, 0, size);
    memset(set, 0xff, kernel_bytes);
    return 0;
}

static const char *variable_name, *variable_value;

static const char *one_variable(const char *name)
{
    return variable_name && !strcmp(name, variable_name) ? variable_value
                                                         : NULL;
}

/* CPUs [start, stop) by `step`. */
static struct foray__cpu_set cpu_range(int start, int stop, int step)
{
    struct foray__cpu_set cpus = {CPU_ALLOC(64), CPU_ALLOC_SIZE(64), 0};

    assert_non_null(cpus.set);
    CPU_ZERO_S(cpus.size, cpus.set);
    for (int cpu = start; cpu < stop; cpu += step)
        CPU_SET_S((size_t)cpu, cpus.size, cpus.set);
    cpus.count = CPU_COUNT_S(cpus.size, cpus.set);
    return cpus;
}

/* The CPUs of a captured machine with one variable set. */
static struct foray_cpus cpus_of(const char *machine, int online,
                                 struct foray__cpu_set affinity,
                                 const char *name, const char *value)
{
    struct foray_cpus cpus;

    variable_name = name;
    variable_value = value;
    foray__cpus_at(&cpus, captured_machine(machine), online, &affinity,
                   one_variable);
    foray__affinity_free(&affinity);
    return cpus;
}

static void test_cpus_take_the_least_limit(void **state)
{
    static const struct {
        const char *machine, *name, *value;
        int allowed, count;
        enum foray_cpu_limit limit;
    } cases[] = {
        {"none", NULL, NULL, 16, 16, FORAY_CPU_ONLINE},
        {"none", NULL, NULL, 5, 5, FORAY_CPU_AFFINITY},
        {"v1", NULL, NULL, 16, 3, FORAY_CPU_CGROUP},
        {"v1", NULL, NULL, 2, 2, FORAY_CPU_AFFINITY},
        {"v1", "SLURM_CPUS_PER_TASK", "4", 16, 3, FORAY_CPU_CGROUP},
        {"slurm", "SLURM_CPUS_PER_TASK", "4", 8, 4, FORAY_CPU_SLURM},
        {"none", "FORAY_MAX_CPU_COUNT", "2", 16, 2, FORAY_CPU_MAX},
        {"none", "PBS_NCPUS", "7", 16, 7, FORAY_CPU_PBS},
        {"none", "NSLOTS", "1", 16, 1, FORAY_CPU_SGE},
        {"none", "NSLOTS", "99", 16, 16, FORAY_CPU_ONLINE},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct foray_cpus cpus =
            cpus_of(cases[i].machine, 16, cpu_range(0, cases[i].allowed, 1),
                    cases[i].name, cases[i].value);

        if (cpus.count != cases[i].count || cpus.limit != cases[i].limit)
            fail_msg("case %zu: %d CPUs by %s", i, cpus.count,
                     foray_cpu_limit_name(cpus.limit));
        assert_int_equal(cpus.by_limit[cpus.limit], cpus.count);
    }
}

static void test_cpus_ignore_what_is_no_positive_number(void **state)
{
    static const char *const values[] = {
        "", "0", "-3", "two", "2x", "1.5", "99999999999999999999999", " ", "2 ",
    };

    (void)state;
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        struct foray_cpus cpus = cpus_of("none", 4, cpu_range(0, 4, 1),
                                         "FORAY_MAX_CPU_COUNT", values[i]);

        assert_int_equal(cpus.count, 4);
        assert_int_equal(cpus.by_limit[FORAY_CPU_MAX], 0);
    }
}

static void test_cpus_are_one_when_nothing_is_known(void **state)
{
    struct foray__cpu_set unknown = {NULL, 0, 0};
    struct foray_cpus cpus = cpus_of("none", -1, unknown, NULL, NULL);

    (void)state;
    assert_int_equal(cpus.count, 1);
    assert_int_equal(cpus.physical, 1);
    assert_int_equal(cpus.limit, FORAY_CPU_ONLINE);
}

static void test_physical_cores_within_affinity(void **state)
{
    static const struct {
        const char *machine;
        int start, stop, step, physical;
    } cases[] = {
        {"smt", 0, 16, 1, 8}, /* all */
        {"smt", 8, 16, 1, 8}, /* the second thread of each */
        {"smt", 6, 10, 1, 4}, /* 6 7 8 9 are threads of 6 7 0 1 */
        {"smt", 0, 16, 8, 1}, /* 0 and 8 are one core */
        {"hybrid-cores", 0, 6, 1, 4}, {"hybrid-cores", 1, 3, 1, 2},
        {"none", 0, 6, 1, 6}, /* not known: as many as CPUs */
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct foray_cpus cpus =
            cpus_of(cases[i].machine, 16,
                    cpu_range(cases[i].start, cases[i].stop, cases[i].step),
                    NULL, NULL);

        if (cpus.physical != cases[i].physical)
            fail_msg("case %zu: %d cores", i, cpus.physical);
    }
}

static void test_first_threads_of_cores_come_first(void **state)
{
    static const struct {
        const char *machine;
        int start, stop, n;
        int32_t order[8];
    } cases[] = {
        {"smt", 6, 10, 4, {6, 7, 8, 9}}, /* four cores */
        {"smt", 0, 4, 4, {0, 1, 2, 3}},  /* four cores */
        {"smt", 1, 9, 8, {1, 2, 3, 4, 5, 6, 7, 8}},
        {"hybrid-cores", 0, 6, 6, {0, 2, 4, 5, 1, 3}},
        {"hybrid-cores", 1, 4, 3, {1, 2, 3}}, /* 2 and 3 are one core */
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct foray__cpu_set cpus =
            cpu_range(cases[i].start, cases[i].stop, 1);
        int32_t order[8];
        int cores[8];

        assert_int_equal(cpus.count, cases[i].n);
        assert_true(
            foray__cpu_cores(cores, captured_machine(cases[i].machine), &cpus));
        foray__cpu_order(order, cores, &cpus);
        assert_memory_equal(order, cases[i].order,
                            (size_t)cases[i].n * sizeof order[0]);
        foray__affinity_free(&cpus);
    }
}

static void test_physical_cores_at_most_the_count(void **state)
{
    struct foray_cpus cpus =
        cpus_of("smt", 16, cpu_range(0, 16, 1), "NSLOTS", "3");

    (void)state;
    assert_int_equal(cpus.physical, 3);
}

static void test_affinity_of_more_than_1024_cpus(void **state)
{
    struct foray__cpu_set cpus;

    (void)state;
    kernel_bytes = 5000 / 8;
    foray__affinity(&cpus);
    kernel_bytes = 0;
    assert_int_equal(cpus.count, 5000);
    assert_true(CPU_ISSET_S(4999, cpus.size, cpus.set));
    foray__affinity_free(&cpus);
}

static void test_affinity_unknown_when_the_kernel_wants_too_much(void **state)
{
    struct foray__cpu_set cpus;

    (void)state;
    kernel_bytes = (size_t)1 << 30;
    foray__affinity(&cpus);
    assert_int_equal(cpus.count, 0);
    assert_true(foray_cpu_count() >= 1);
    kernel_bytes = 0;
    foray__affinity_free(&cpus);
}

/* In a child: bound to one CPU, there is one. */
static int count_when_bound(void *arg)
{
    cpu_set_t all, one;

    (void)arg;
    if (sched_getaffinity(0, sizeof all, &all))
        return 1;
    CPU_ZERO(&one);
    for (size_t cpu = 0; cpu < CPU_SETSIZE && !CPU_COUNT(&one); cpu++)
        if (CPU_ISSET(cpu, &all))
            CPU_SET(cpu, &one);
    if (sched_setaffinity(0, sizeof one, &one))
        return 2;
    return foray_cpu_count() == 1 ? 0 : 3;
}

static void test_cpu_count_follows_the_affinity(void **state)
{
    (void)state;
    assert_int_equal(in_child(count_when_bound, NULL), 0);
}

static void test_cpu_count_follows_the_environment(void **state)
{
    struct foray_cpus cpus;

    (void)state;
    setenv("FORAY_MAX_CPU_COUNT", "1", 1);
    assert_int_equal(foray_cpu_count(), 1);
    unsetenv("FORAY_MAX_CPU_COUNT");
    foray_cpus(&cpus);
    assert_int_equal(foray_cpu_count(), cpus.count);
    assert_in_range(cpus.physical, 1, cpus.count);
}

static void test_n_jobs_as_joblib(void **state)
{
    int cpus = foray_cpu_count();

    (void)state;
    assert_int_equal(foray_n_jobs(3), 3);
    assert_int_equal(foray_n_jobs(1000000), 1000000);
    assert_int_equal(foray_n_jobs(0), cpus);
    assert_int_equal(foray_n_jobs(-1), cpus);
    assert_int_equal(foray_n_jobs(-2), cpus > 1 ? cpus - 1 : 1);
    assert_int_equal(foray_n_jobs(-cpus), 1);
    assert_int_equal(foray_n_jobs(-cpus - 1), 1);
    assert_int_equal(foray_n_jobs(INT_MIN), 1);
}

static void test_n_jobs_are_read_as_joblib_reads_them(void **state)
{
    static const char *const wrong[] = {
        "",     "0",           "-0",         "2.3",
        "0.5",  "invalid_str", "2 ",         " 2",
        "+2",   "--1",         "1e3",        "0x2",
        "-",    "%",           "0%",         "-5%",
        "101%", "5%%",         "2147483648", "99999999999999999999"};
    int n = 77, cpus = foray_cpu_count();
    struct foray_error err;

    (void)state;
    assert_ok(foray_n_jobs_parse(&n, "2", &err), err);
    assert_int_equal(n, 2);
    assert_ok(foray_n_jobs_parse(&n, "-1", &err), err);
    assert_int_equal(n, -1);
    assert_ok(foray_n_jobs_parse(&n, "-2147483647", &err), err);
    assert_int_equal(n, -INT_MAX);
    assert_ok(foray_n_jobs_parse(&n, "100%", &err), err);
    assert_int_equal(n, cpus);
    assert_ok(foray_n_jobs_parse(&n, "50%", &err), err);
    assert_int_equal(n, cpus > 1 ? cpus / 2 : 1);
    assert_ok(foray_n_jobs_parse(&n, "1%", &err), err);
    assert_int_equal(n, cpus >= 100 ? cpus / 100 : 1);
    n = 77;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_int_equal(foray_n_jobs_parse(&n, wrong[i], &err), FORAY_EINVAL);
        assert_non_null(strstr(err.msg, "is no number of workers: write 4"));
        assert_int_equal(n, 77);
    }
}

static void test_cpu_limit_names(void **state)
{
    (void)state;
    assert_string_equal(foray_cpu_limit_name(FORAY_CPU_CGROUP), "cgroup");
    assert_string_equal(foray_cpu_limit_name(FORAY_CPU_SGE), "NSLOTS");
    assert_string_equal(foray_cpu_limit_name(FORAY_CPU_LIMITS), "unknown");
    assert_string_equal(foray_cpu_limit_name((enum foray_cpu_limit) - 1),
                        "unknown");
}

#ifdef FORAY_WITH_HWLOC
static void test_hwloc_counts_the_same_cores(void **state)
{
    struct foray__cpu_set cpus;
    int cores;

    (void)state;
    foray__affinity(&cpus);
    cores = foray__physical_cores("", &cpus);
    if (cores) /* else /sys is silent, and hwloc may know more */
        assert_int_equal(foray__hwloc_cores(&cpus), cores);
    foray__affinity_free(&cpus);
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cpus_take_the_least_limit),
        cmocka_unit_test(test_cpus_ignore_what_is_no_positive_number),
        cmocka_unit_test(test_cpus_are_one_when_nothing_is_known),
        cmocka_unit_test(test_physical_cores_within_affinity),
        cmocka_unit_test(test_first_threads_of_cores_come_first),
        cmocka_unit_test(test_physical_cores_at_most_the_count),
        cmocka_unit_test(test_affinity_of_more_than_1024_cpus),
        cmocka_unit_test(test_affinity_unknown_when_the_kernel_wants_too_much),
        cmocka_unit_test(test_cpu_count_follows_the_affinity),
        cmocka_unit_test(test_cpu_count_follows_the_environment),
        cmocka_unit_test(test_n_jobs_as_joblib),
        cmocka_unit_test(test_n_jobs_are_read_as_joblib_reads_them),
        cmocka_unit_test(test_cpu_limit_names),
#ifdef FORAY_WITH_HWLOC
        cmocka_unit_test(test_hwloc_counts_the_same_cores),
#endif
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
