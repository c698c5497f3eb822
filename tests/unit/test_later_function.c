/* Functions that the zygote does not have: of libraries loaded after it was
 * made, and of none. */
#include "helpers.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <foray.h>

#include "modules.h"
#include "zygote.h"

static int ask(struct foray_pool *pool, foray_task_fn fn,
               struct foray_error *err)
{
    return foray_for(pool, &(struct foray_for){.fn = fn, .n = 2}, NULL, err);
}

static void copy_file(const char *to, const char *from)
{
    char command[1024];

    snprintf(command, sizeof command, "cp '%s' '%s.new' && mv '%s.new' '%s'",
             from, to, to, to);
    assert_int_equal(system(command), 0);
}

static void test_function_of_a_library_loaded_later(void **state)
{
    const char *path = test_path("module.so");
    struct foray_pool *pool;
    struct foray_error err;
    foray_task_fn fn;
    pid_t workers[2];
    void *module;

    (void)state;
    if (access(MODULE("module1"), R_OK))
        skip(); /* built without shared libraries */
    copy_file(path, MODULE("module1"));
    module = load_module(path, &fn);
    pool = open_jobs(2);
    for (int i = 0; i < 2; i++)
        workers[i] = foray_pool_worker_pid(pool, i);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(ask(pool, fn, &err), FORAY_ETASK);
        assert_non_null(strstr(err.msg, "returned 1"));
        assert_int_equal(
            foray_for(pool, &(struct foray_for){.fn = kill_itself, .n = 2},
                      NULL, &err),
            0);
    }
    for (int i = 0; i < 2; i++) /* nobody was replaced for it */
        assert_int_equal(workers[i], foray_pool_worker_pid(pool, i));

    for (int i = 0; i < 2; i++) { /* in calls too */
        struct foray_call call = foray_delayed(fn, i);

        assert_int_equal(foray_parallel(pool, &call, 1, NULL, &err),
                         FORAY_ETASK);
        assert_non_null(strstr(err.msg, "returned 1"));
    }

    /* Another build under the same name, loaded again. */
    assert_int_equal(dlclose(module), 0);
    copy_file(path, MODULE("module2"));
    module = load_module(path, &fn);
    assert_int_equal(ask(pool, fn, &err), FORAY_ETASK);
    assert_non_null(strstr(err.msg, "returned 2"));

    /* And one that this program did not load. */
    copy_file(path, MODULE("module1"));
    assert_int_equal(foray_pool_close(pool), 0);
    pool = open_jobs(1);
    assert_int_equal(ask(pool, fn, &err), FORAY_EINVAL);
    assert_non_null(strstr(err.msg, "module.so is not the library any more"));
    assert_int_equal(unlink(path), 0);
    assert_int_equal(foray_pool_close(pool), 0);
    pool = open_jobs(1);
    assert_int_equal(ask(pool, fn, &err), FORAY_EINVAL);
    assert_non_null(strstr(err.msg, "cannot load the function's library"));
    assert_int_equal(dlclose(module), 0);
    assert_int_equal(foray_pool_close(pool), 0);
}

static void test_function_of_no_library(void **state)
{
    struct foray_pool *pool = open_jobs(1);
    struct foray_error err;
    foray_task_fn fn;
    void *code =
        mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    (void)state;
    assert_true(code != MAP_FAILED);
    memcpy(&fn, &code, sizeof fn);
    assert_int_equal(ask(pool, fn, &err), FORAY_EINVAL);
    assert_non_null(strstr(err.msg, "lies in no library"));
    assert_int_not_equal(zygote_of(pool), 0);
    assert_int_equal(foray_pool_close(pool), 0);
    munmap(code, 4096);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_function_of_a_library_loaded_later),
        cmocka_unit_test(test_function_of_no_library),
    };

    unsetenv("FORAY_FORCE_BACKEND");
    if (foray_init(NULL))
        return 99;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
