/* Task functions of modules that come and go while the pool lives. */
#include "helpers.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <foray.h>

#include "modules.h"

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
    module = load_module(MODULE("module1"), &fn);
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
    module = load_module(MODULE("module1"), &first);
    assert_ok(foray_pool_open(&pool, &(struct foray_config){.n_jobs = 2}, &err),
              err);
    check_answer(pool, first, "returned 1");
    assert_int_equal(dlclose(module), 0);
    module = load_module(MODULE("module2"), &second);
    check_answer(pool, second, "returned 2");
    assert_int_equal(dlclose(module), 0);
    assert_int_equal(foray_pool_close(pool), 0);
}

static int one(struct foray_task *task)
{
    return foray_return(task, 1);
}

struct mixed {
    foray_task_fn late; /* loaded when half of the calls are made */
    void *module;
    int next;
};

static int next_mixed(struct foray_slot *slot, void *arg)
{
    struct mixed *mixed = arg;

    if (mixed->next == 40)
        return 0;
    if (mixed->next == 20)
        mixed->module = load_module(MODULE("module1"), &mixed->late);
    if (mixed->next++ < 20)
        return foray_produce(slot, foray_delayed(one));
    return foray_produce(slot, foray_delayed(mixed->late, mixed->next));
}

/* While calls of the old kind are under way. */
static void test_calls_of_a_module_loaded_meanwhile(void **state)
{
    struct mixed mixed = {0};
    struct foray_iterator iterator = {
        .next = next_mixed, .next_arg = &mixed, .on_error = FORAY_SKIP};
    struct foray_result result;
    struct foray_pool *pool;
    struct foray_run *run;
    struct foray_error err;
    size_t n = 0;

    (void)state;
    assert_ok(foray_pool_open(&pool, &(struct foray_config){.n_jobs = 2}, &err),
              err);
    assert_ok(foray_run_start(&run, pool, &iterator, &err), err);
    for (; foray_run_next(run, &result, &err) > 0; n++) {
        assert_int_equal(result.index, n);
        if (n < 20) {
            assert_int_equal(foray_result_i64(&result, 0), 1);
        } else {
            assert_int_equal(result.code, FORAY_ETASK);
            assert_non_null(
                strstr(foray_result_error(&result)->msg, "returned 1"));
        }
        foray_result_free(&result);
    }
    assert_int_equal(n, 40);
    foray_run_drop(run, NULL);
    assert_int_equal(dlclose(mixed.module), 0);
    assert_int_equal(foray_pool_close(pool), 0);
}

/* Standard output, as workers have it, is a pipe that is full, and read after a
 * while by a process that this returns. */
static pid_t fill_stdout(void)
{
    static const char page[4096];
    int ends[2];
    pid_t reader;

    assert_int_equal(pipe(ends), 0);
    assert_int_equal(fcntl(ends[1], F_SETFL, O_NONBLOCK), 0);
    while (write(ends[1], page, sizeof page) > 0)
        ;
    assert_int_equal(fcntl(ends[1], F_SETFL, 0), 0);
    reader = fork();
    if (!reader) {
        char bytes[4096];

        close(ends[1]);
        nap(0.2);
        while (read(ends[0], bytes, sizeof bytes) > 0)
            ;
        _exit(0);
    }
    dup2(ends[1], STDOUT_FILENO);
    close(ends[0]);
    close(ends[1]);
    return reader;
}

static int say_one(struct foray_task *task)
{
    if (foray_task_index(task) == 19)
        printf("the last of the old ones\n");
    return foray_return(task, 1);
}

static int next_said(struct foray_slot *slot, void *arg)
{
    struct mixed *mixed = arg;

    if (mixed->next >= 20)
        return next_mixed(slot, arg);
    mixed->next++;
    return foray_produce(slot, foray_delayed(say_one));
}

/* A worker that has told its last result, and has not come so far as to say
 * that it is done, is not replaced before. */
static void test_late_end_of_a_batch(void **state)
{
    struct mixed mixed = {0};
    struct foray_iterator iterator = {
        .next = next_said, .next_arg = &mixed, .on_error = FORAY_SKIP};
    int before = dup(STDOUT_FILENO), n = 0;
    pid_t reader;
    struct foray_result result;
    struct foray_pool *pool;
    struct foray_run *run;
    struct foray_error err;

    (void)state;
    fflush(stdout);
    reader = fill_stdout();
    assert_ok(foray_pool_open(&pool, &(struct foray_config){.n_jobs = 2}, &err),
              err);
    assert_ok(foray_run_start(&run, pool, &iterator, &err), err);
    for (; foray_run_next(run, &result, &err) > 0; n++)
        foray_result_free(&result);
    foray_run_drop(run, NULL);
    assert_int_equal(foray_pool_close(pool), 0);
    dup2(before, STDOUT_FILENO);
    close(before);
    waitpid(reader, NULL, 0);
    assert_int_equal(n, 40);
    assert_int_equal(dlclose(mixed.module), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_module_loaded_after_the_pool),
        cmocka_unit_test(test_module_in_the_place_of_another),
        cmocka_unit_test(test_calls_of_a_module_loaded_meanwhile),
        cmocka_unit_test(test_late_end_of_a_batch),
    };

    if (access(MODULE("module1"), R_OK) || access(MODULE("module2"), R_OK)) {
        print_message("modules need shared libraries, left out by configure\n");
        return 77;
    }
    test_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
