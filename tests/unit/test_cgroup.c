#include "helpers.h"

#include "captured.h"
#include "engine/oom.h"
#include "machine/cpus.h"

static void test_cgroup_cpus_of_captured_machines(void **state)
{
    static const struct {
        const char *machine;
        int cpus;
    } expected[] = {
        {"none", 0},      {"v1", 3},      {"v2", 2},        {"v2-max", 0},
        {"docker-v1", 4}, {"slurm", 16},  {"docker-v2", 1}, {"hybrid", 4},
        {"outside", 0},   {"damaged", 0}, {"above", 7},
    };

    (void)state;
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        const char *machine = expected[i].machine;
        int cpus = foray__cgroup_cpus(captured_machine(machine));

        if (cpus != expected[i].cpus)
            fail_msg("%s: %d CPUs, expected %d", machine, cpus,
                     expected[i].cpus);
    }
}

static void test_cgroup_cpus_keeps_no_descriptor(void **state)
{
    const char *root = captured_machine("v1");
    size_t before = count_descriptors();

    (void)state;
    assert_int_equal(foray__cgroup_cpus(root), 3);
    foray__cgroup_cpus("");
    assert_int_equal(count_descriptors(), before);
}

static void test_cgroup_cpus_with_a_root_too_long(void **state)
{
    static char root[10000];

    (void)state;
    for (size_t i = 0; i + 1 < sizeof root; i++)
        root[i] = i % 2 ? 'a' : '/';
    assert_int_equal(foray__cgroup_cpus(root), 0);
}

/* Not those of groups above, in which others are killed. */
static void test_kills_for_lack_of_memory(void **state)
{
    (void)state;
    assert_int_equal(foray__oom_count(captured_machine("killed-v1")), 3);
    assert_int_equal(foray__oom_count(captured_machine("killed-v2")), 5);
    assert_int_equal(foray__oom_count(captured_machine("killed")), 20);
    assert_int_equal(foray__oom_count(captured_machine("none")), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cgroup_cpus_of_captured_machines),
        cmocka_unit_test(test_cgroup_cpus_keeps_no_descriptor),
        cmocka_unit_test(test_cgroup_cpus_with_a_root_too_long),
        cmocka_unit_test(test_kills_for_lack_of_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
