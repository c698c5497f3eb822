/* Tasks that take their worker down, each in its own way: named, contained,
 * and the others unharmed. */
#include "helpers.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <foray.h>

enum way {
    BAD_READ,
    ABORT,
    DIVIDE,
    EXIT,
    QUICK_EXIT,
    UNDERSCORE_EXIT,
    STACK,
    KILL_SELF,
    TERMINATE,
    STORE_READ_ONLY,
    FORBIDDEN_PAGE,
    RETURN_CODE
};

enum { N = 20, VICTIM = 11 };

static int deepen(volatile char *above, int depth)
{
    volatile char frame[4096];

    frame[0] = above ? above[0] : 1;
    return depth ? deepen(frame, depth + 1) + frame[0] : 0;
}

static int misbehave(struct foray_task *task)
{
    const enum way *way = foray_task_params(task);
    const struct foray_array *x;
    const volatile char *page;

    if (foray_task_index(task) != VICTIM)
        return 0;
    switch (*way) {
    case BAD_READ:
        return *(volatile int *)(uintptr_t)0x123450;
    case ABORT:
        abort();
    case DIVIDE:
        raise(SIGFPE); /* a division is one on some machines only */
        break;
    case EXIT:
        exit(3);
    case QUICK_EXIT:
        quick_exit(4);
    case UNDERSCORE_EXIT:
        _exit(5);
    case STACK:
        return deepen(NULL, 1);
    case KILL_SELF:
        raise(SIGKILL);
        break;
    case TERMINATE:
        raise(SIGTERM);
        break;
    case STORE_READ_ONLY:
        x = foray_task_in(task, 0);
        FORAY_AT(x, double, 0, 3) = 1;
        break;
    case FORBIDDEN_PAGE:
        /* In no array, and surely not readable, wherever maps happen to be. */
        page = mmap(NULL, 1, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        return page[0];
    case RETURN_CODE:
        return 42;
    }
    return 0;
}

struct expected {
    enum way way;
    int code, signal;
    const char *part; /* of the message */
};

static const struct expected table[] = {
    {BAD_READ, FORAY_ECRASH, SIGSEGV, "task 11 crashed: SIGSEGV"},
    {ABORT, FORAY_ECRASH, SIGABRT, "SIGABRT"},
    {DIVIDE, FORAY_ECRASH, SIGFPE, "SIGFPE"},
    {EXIT, FORAY_EEXIT, 0, "task 11 called exit(3)"},
    {QUICK_EXIT, FORAY_EEXIT, 0, "exit"},
    {UNDERSCORE_EXIT, FORAY_EEXIT, 0, "task 11 called _exit(5)"},
    {STACK, FORAY_ECRASH, SIGSEGV, "SIGSEGV"},
    {KILL_SELF, FORAY_ECRASH, SIGKILL, "SIGKILL"},
    {TERMINATE, FORAY_ECRASH, SIGTERM, "SIGTERM"},
    {STORE_READ_ONLY, FORAY_ECRASH, SIGSEGV,
     "element [11, 3] of in[0], which is read-only"},
    {RETURN_CODE, FORAY_ETASK, 0, "returned 42"},
};

struct fixture {
    struct foray_pool *pool;
    struct foray_array x, y;
};

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    size_t shape[2] = {N, 8};
    struct foray_error err;

    assert_non_null(fixture);
    assert_ok(foray_array_create(&fixture->x, NULL, FORAY_F64, 2, shape, &err),
              err);
    assert_ok(foray_array_create(&fixture->y, NULL, FORAY_F64, 2, shape, &err),
              err);
    assert_ok(foray_pool_open(&fixture->pool,
                              &(struct foray_config){.n_jobs = 2}, &err),
              err);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(foray_pool_close(fixture->pool), 0);
    assert_int_equal(foray_array_close(&fixture->x, NULL), 0);
    assert_int_equal(foray_array_close(&fixture->y, NULL), 0);
    free(fixture);
    return 0;
}

static int run(struct fixture *fixture, enum way way,
               enum foray_on_error policy, uint8_t *status,
               struct foray_report *report, struct foray_error *err)
{
    return foray_map(fixture->pool,
                     &(struct foray_map){.fn = misbehave,
                                         .in = {&fixture->x},
                                         .out = {&fixture->y},
                                         .chunk = 1,
                                         .params = &way,
                                         .params_size = sizeof way,
                                         .on_error = policy,
                                         .status = status},
                     report, err);
}

static void test_every_death_is_named(void **state)
{
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct foray_error err = {0};
        uint8_t status[N];

        int code = run(*state, table[i].way, FORAY_STOP, status, NULL, &err);

        if (code != table[i].code)
            fail_msg("way %d gives %d, \"%s\"", (int)table[i].way, code,
                     err.msg);
        assert_int_equal(err.code, table[i].code);
        assert_int_equal(err.task, VICTIM);
        assert_int_equal(err.signal, table[i].signal);
        if (!strstr(err.msg, table[i].part))
            fail_msg("\"%s\" lacks \"%s\"", err.msg, table[i].part);
    }
}

static void test_skip_goes_on_and_blanks_the_row(void **state)
{
    struct fixture *fixture = *state;

    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct foray_report report;
        struct foray_error err = {0};
        uint8_t status[N];

        assert_ok(foray_array_copy(&fixture->y, &fixture->x, &err), err);
        assert_ok(run(fixture, table[i].way, FORAY_SKIP, status, &report, &err),
                  err);
        assert_int_equal(report.ok, N - 1);
        assert_int_equal(report.failed, 1);
        for (size_t k = 0; k < N; k++) {
            double value = FORAY_AT(&fixture->y, double, k, 7);

            assert_int_equal(status[k] != FORAY_TASK_OK, k == VICTIM);
            assert_int_equal(value != value, k == VICTIM);
        }
    }
}

static void test_fault_address_outside_arrays_is_told(void **state)
{
    struct foray_error err = {0};

    assert_int_equal(run(*state, FORBIDDEN_PAGE, FORAY_STOP, NULL, NULL, &err),
                     FORAY_ECRASH);
    assert_true(err.fault_address != 0);
    assert_non_null(strstr(err.msg, "at address 0x"));
}

/* A host that ignores SIGCHLD: the kernel reaps, nobody gets the status. */
static int ignores_children(void *arg)
{
    struct foray_pool *pool;
    struct foray_error err;
    enum way ways[] = {EXIT, BAD_READ, KILL_SELF};
    int codes[] = {FORAY_EEXIT, FORAY_ECRASH, FORAY_ECRASH};

    (void)arg;
    signal(SIGCHLD, SIG_IGN);
    if (foray_pool_open(&pool, &(struct foray_config){.n_jobs = 2}, &err))
        return 1;
    for (int i = 0; i < 3; i++)
        if (foray_for(pool,
                      &(struct foray_for){.fn = misbehave,
                                          .n = N,
                                          .params = &ways[i],
                                          .params_size = sizeof ways[i]},
                      NULL, &err) != codes[i] ||
            err.task != VICTIM)
            return 2 + i;
    return foray_pool_close(pool) ? 9 : 0;
}

/* A host whose handler reaps whatever dies. */
static void reap_all(int signo)
{
    int saved = errno;

    (void)signo;
    while (waitpid(-1, NULL, WNOHANG) > 0)
        ;
    errno = saved;
}

static int reaps_everything(void *arg)
{
    struct sigaction action = {.sa_handler = reap_all};
    struct foray_pool *pool;
    struct foray_error err;
    struct foray_report report;
    enum way way = KILL_SELF;

    (void)arg;
    sigaction(SIGCHLD, &action, NULL); /* without SA_RESTART */
    if (foray_pool_open(&pool, &(struct foray_config){.n_jobs = 2}, &err))
        return 1;
    for (int i = 0; i < 20; i++)
        if (foray_for(pool,
                      &(struct foray_for){.fn = misbehave,
                                          .n = N,
                                          .params = &way,
                                          .params_size = sizeof way,
                                          .on_error = FORAY_SKIP},
                      &report, &err) ||
            report.crashed != 1 || report.ok != N - 1)
            return 2;
    return foray_pool_close(pool) ? 9 : 0;
}

static void test_host_that_ignores_or_reaps_children(void **state)
{
    (void)state;
    assert_int_equal(in_child(ignores_children, NULL), 0);
    assert_int_equal(in_child(reaps_everything, NULL), 0);
    setenv("FORAY_TEST_NO", "pidfd", 1);
    assert_int_equal(in_child(ignores_children, NULL), 0);
    assert_int_equal(in_child(reaps_everything, NULL), 0);
    unsetenv("FORAY_TEST_NO");
}

static int empty(struct foray_task *task)
{
    (void)task;
    return 0;
}

static void test_worker_killed_while_idle_is_replaced(void **state)
{
    struct fixture *fixture = *state;
    struct foray_error err;

    for (int round = 0; round < 10; round++) {
        for (int slot = 0; slot < 2; slot++)
            kill(foray_pool_worker_pid(fixture->pool, slot), SIGKILL);
        assert_ok(foray_for(fixture->pool,
                            &(struct foray_for){.fn = empty, .n = 100}, NULL,
                            &err),
                  err);
    }
}

/* A stopped worker keeps its task; the others take the rest; continued, it
 * finishes. */
static int stop_yourself(struct foray_task *task)
{
    if (foray_task_index(task) == VICTIM)
        raise(SIGSTOP);
    return 0;
}

static void continue_when_alone(const struct foray_progress *progress,
                                void *arg)
{
    struct foray_pool **pool = arg;

    if (progress->completed == N - 1)
        for (int slot = 0; slot < 2; slot++)
            kill(foray_pool_worker_pid(*pool, slot), SIGCONT);
}

static void test_stopped_worker_finishes_when_continued(void **state)
{
    struct foray_pool *pool;
    struct foray_report report;
    struct foray_error err;

    (void)state;
    assert_ok(
        foray_pool_open(&pool,
                        &(struct foray_config){.n_jobs = 2,
                                               .progress = continue_when_alone,
                                               .progress_arg = &pool,
                                               .progress_interval = 0.01},
                        &err),
        err);
    assert_ok(foray_for(pool, &(struct foray_for){.fn = stop_yourself, .n = N},
                        &report, &err),
              err);
    assert_int_equal(report.ok, N);
    assert_int_equal(foray_pool_close(pool), 0);
}

/* A worker that is stopped while idle holds nothing up. */
static void test_idle_stopped_worker_holds_nothing_up(void **state)
{
    struct fixture *fixture = *state;
    struct foray_error err;

    kill(foray_pool_worker_pid(fixture->pool, 0), SIGSTOP);
    for (int i = 0; i < 50; i++)
        assert_ok(foray_for(fixture->pool,
                            &(struct foray_for){.fn = empty, .n = 1000}, NULL,
                            &err),
                  err);
    kill(foray_pool_worker_pid(fixture->pool, 0), SIGCONT);
    assert_ok(foray_for(fixture->pool,
                        &(struct foray_for){.fn = empty, .n = 1000}, NULL,
                        &err),
              err);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_every_death_is_named, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_skip_goes_on_and_blanks_the_row,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            test_fault_address_outside_arrays_is_told, set_up, tear_down),
        cmocka_unit_test(test_host_that_ignores_or_reaps_children),
        cmocka_unit_test_setup_teardown(
            test_worker_killed_while_idle_is_replaced, set_up, tear_down),
        cmocka_unit_test(test_stopped_worker_finishes_when_continued),
        cmocka_unit_test_setup_teardown(
            test_idle_stopped_worker_holds_nothing_up, set_up, tear_down),
    };

    test_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
