/* Task functions of modules that come and go while the pool lives. */
#include "helpers.h"

#include <dlfcn.h>
#include <string.h>
#include <unistd.h>

#include <foray.h>

#define MODULE(name) "tests/unit/.libs/" name ".so"

static void *load(const char *path, foray_task_fn *fn)
{
    void *module = dlopen(path, RTLD_NOW | RTLD_LOCAL), *symbol;

    assert_non_null(module);
    symbol = dlsym(module, "answer");
    assert_non_null(symbol);
    memcpy(fn, &symbol, sizeof *fn);
    return module;
}

static void check_answer(struct foray_pool *pool, foray_task_fn fn,
                         const char *value)
{
    struct foray_error err;

    assert_int_equal(
        foray_for(pool, &(struct foray_for){.fn = fn, .n = 1}, NULL, &err),
        FORAY_ETASK);
    assert_non_null(strstr(err.msg, value));
}

static void test_module_loaded_after_the_pool(void **state)
{
    struct foray_pool *pool;
    struct foray_error err;
    foray_task_fn fn;
    void *module;

    (void)state;
    assert_ok(foray_pool_open(&pool, &(struct foray_config){.n_jobs = 2}, &err),
              err);
    module = load(MODULE("module1"), &fn);
    check_answer(pool, fn, "returned 1");
    check_answer(pool, fn, "returned 1");
    assert_int_equal(dlclose(module), 0);
    assert_int_equal(foray_pool_close(pool), 0);
}

/* The linker puts the second where the first was: same function address, other
 * code. */
static void test_module_in_the_place_of_another(void **state)
{
    struct foray_pool *pool;
    struct foray_error err;
    foray_task_fn first, second;
    void *module;

    (void)state;
    module = load(MODULE("module1"), &first);
    assert_ok(foray_pool_open(&pool, &(struct foray_config){.n_jobs = 2}, &err),
              err);
    check_answer(pool, first, "returned 1");
    assert_int_equal(dlclose(module), 0);
    module = load(MODULE("module2"), &second);
    check_answer(pool, second, "returned 2");
    assert_int_equal(dlclose(module), 0);
    assert_int_equal(foray_pool_close(pool), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_module_loaded_after_the_pool),
        cmocka_unit_test(test_module_in_the_place_of_another),
    };

    if (access(MODULE("module1"), R_OK) || access(MODULE("module2"), R_OK)) {
        print_message("modules need shared libraries, left out by configure\n");
        return 77;
    }
    test_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
