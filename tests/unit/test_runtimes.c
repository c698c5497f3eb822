#include "helpers.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machine/runtimes.h"

extern char **environ;

static const char *value_of(char **block, const char *name)
{
    size_t length = strlen(name);

    for (; *block; block++)
        if (!strncmp(*block, name, length) && (*block)[length] == '=')
            return *block + length + 1;
    return NULL;
}

static size_t count_entries_of(char **block, const char *name)
{
    size_t n = 0, length = strlen(name);

    for (; *block; block++)
        n += !strncmp(*block, name, length) && (*block)[length] == '=';
    return n;
}

static int set_variables(void **state)
{
    (void)state;
    unsetenv("OPENBLAS_NUM_THREADS");
    setenv("OMP_NUM_THREADS", "7", 1);
    setenv("MKL_NUM_THREADS", "", 1);
    return 0;
}

static int unset_variables(void **state)
{
    (void)state;
    unsetenv("OMP_NUM_THREADS");
    unsetenv("MKL_NUM_THREADS");
    return 0;
}

static void test_environ_keeps_what_the_user_set(void **state)
{
    char **block = foray__runtimes_environ(2, true);

    (void)state;
    assert_non_null(block);
    assert_string_equal(value_of(block, "OMP_NUM_THREADS"), "7");
    assert_string_equal(value_of(block, "OPENBLAS_NUM_THREADS"), "2");
    assert_string_equal(value_of(block, "MKL_NUM_THREADS"), "2"); /* was "" */
    assert_int_equal(count_entries_of(block, "OMP_NUM_THREADS"), 1);
    assert_int_equal(count_entries_of(block, "MKL_NUM_THREADS"), 1);
    free(block);
}

static void test_environ_overrides(void **state)
{
    static const char *const names[] = {
        "OMP_NUM_THREADS",     "OPENBLAS_NUM_THREADS", "GOTO_NUM_THREADS",
        "MKL_NUM_THREADS",     "BLIS_NUM_THREADS",     "VECLIB_MAXIMUM_THREADS",
        "NUMEXPR_NUM_THREADS", "NUMBA_NUM_THREADS",
    };
    char **block = foray__runtimes_environ(12, false);

    (void)state;
    assert_non_null(block);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        assert_int_equal(count_entries_of(block, names[i]), 1);
        assert_string_equal(value_of(block, names[i]), "12");
    }
    assert_string_equal(getenv("OMP_NUM_THREADS"), "7"); /* ours is as it was */
    free(block);
}

static void test_environ_passes_the_rest_on(void **state)
{
    char **block;

    (void)state;
    setenv("OMP_NUM_THREADS_OF_MINE", "x", 1);
    block = foray__runtimes_environ(1, false);
    assert_non_null(block);
    assert_string_equal(value_of(block, "OMP_NUM_THREADS_OF_MINE"), "x");
    assert_string_equal(value_of(block, "PATH"), getenv("PATH"));
    free(block);
}

static void test_environ_of_an_empty_environment(void **state)
{
    char **saved = environ, **block;

    (void)state;
    environ = NULL; /* after clearenv() */
    block = foray__runtimes_environ(3, true);
    environ = saved;
    assert_non_null(block);
    assert_string_equal(value_of(block, "OMP_NUM_THREADS"), "3");
    free(block);
}

static void test_scan_finds_none_and_loads_none(void **state)
{
    struct foray__runtimes runtimes;
    struct foray_runtime about[2];

    (void)state;
    foray__runtimes_scan(&runtimes);
    assert_int_equal(runtimes.count, 0);
    assert_int_equal(foray_runtimes(about, 2), 0);
    assert_int_equal(foray_runtimes(NULL, 0), 0);
    foray__runtimes_quiesce(&runtimes); /* nothing to do */
    foray__runtimes_cap(&runtimes, 1);
    assert_false(runtimes.busy);
    assert_null(dlopen("libgomp.so.1", RTLD_LAZY | RTLD_NOLOAD));
}

static void test_scan_leaves_the_hosts_dlerror_alone(void **state)
{
    struct foray__runtimes runtimes;

    (void)state;
    dlerror();
    foray__runtimes_scan(&runtimes);
    assert_null(dlerror());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_environ_keeps_what_the_user_set),
        cmocka_unit_test(test_environ_overrides),
        cmocka_unit_test(test_environ_passes_the_rest_on),
        cmocka_unit_test(test_environ_of_an_empty_environment),
        cmocka_unit_test(test_scan_finds_none_and_loads_none),
        cmocka_unit_test(test_scan_leaves_the_hosts_dlerror_alone),
    };

    return cmocka_run_group_tests(tests, set_variables, unset_variables);
}
