/* What a worker inherits, and what it does not. */
#include "helpers.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <foray.h>

struct seen {
    int open_fds[8]; /* 1 if open in the worker */
    int signal_default, mask_empty, interrupt_ignored, own_group;
    int input_is_null;
    char name[16];
    char omp[16];
};

static int look_around(struct foray_task *task)
{
    const struct foray_array *out = foray_task_whole(task, 0);
    const int *fds = foray_task_params(task);
    struct seen *seen = out->data;
    struct sigaction action;
    struct stat input, null, zero;
    sigset_t mask;

    /* Another file may have the number of one that was closed. */
    stat("/dev/zero", &zero);
    for (int i = 0; i < 8; i++)
        seen->open_fds[i] =
            !fstat(fds[i], &input) && input.st_rdev == zero.st_rdev;
    sigaction(SIGUSR1, NULL, &action);
    seen->signal_default = action.sa_handler == SIG_DFL;
    sigaction(SIGINT, NULL, &action);
    seen->interrupt_ignored = action.sa_handler == SIG_IGN;
    sigprocmask(SIG_BLOCK, NULL, &mask);
    seen->mask_empty = !sigismember(&mask, SIGUSR2);
    seen->own_group = getpgrp() == getpid();
    fstat(0, &input);
    stat("/dev/null", &null);
    seen->input_is_null = input.st_rdev == null.st_rdev;
    prctl(PR_GET_NAME, seen->name);
    snprintf(seen->omp, sizeof seen->omp, "%s", getenv("OMP_NUM_THREADS"));
    return 0;
}

static void handler(int signo)
{
    (void)signo;
}

static void test_worker_is_a_clean_process(void **state)
{
    size_t nbytes = sizeof(struct seen);
    struct foray_array memory;
    struct foray_pool *pool;
    struct foray_error err;
    const struct seen *seen;
    sigset_t blocked;
    int fds_to_try[8], keep[2];

    (void)state;
    unsetenv("OMP_NUM_THREADS");
    for (int i = 0; i < 8; i++)
        fds_to_try[i] = open("/dev/zero", O_RDONLY);
    keep[0] = fds_to_try[5];
    keep[1] = fds_to_try[2];
    signal(SIGUSR1, handler);
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGUSR2);
    sigprocmask(SIG_BLOCK, &blocked, NULL);
    assert_ok(foray_array_create(&memory, NULL, FORAY_U8, 1, &nbytes, &err),
              err);
    for (int round = 0; round < 2; round++) {
        if (round)
            setenv("FORAY_TEST_NO", "close_range", 1);
        assert_ok(foray_pool_open(&pool,
                                  &(struct foray_config){.n_jobs = 1,
                                                         .inner_threads = 3,
                                                         .keep_fds = keep,
                                                         .n_keep_fds = 2},
                                  &err),
                  err);
        assert_ok(
            foray_for(pool,
                      &(struct foray_for){.fn = look_around,
                                          .n = 1,
                                          .whole = {&memory},
                                          .params = fds_to_try,
                                          .params_size = sizeof fds_to_try},
                      NULL, &err),
            err);
        assert_int_equal(foray_pool_close(pool), 0);
        unsetenv("FORAY_TEST_NO");
        seen = memory.data;
        for (int i = 0; i < 8; i++)
            assert_int_equal(seen->open_fds[i], i == 5 || i == 2);
        assert_true(seen->signal_default);
        assert_true(seen->interrupt_ignored);
        assert_true(seen->mask_empty);
        assert_true(seen->own_group);
        assert_true(seen->input_is_null);
        assert_string_equal(seen->name, "foray:0");
        assert_string_equal(seen->omp, "3");
        memset(memory.data, 0, nbytes);
    }
    assert_int_equal(foray_array_close(&memory, NULL), 0);
    sigprocmask(SIG_UNBLOCK, &blocked, NULL);
    signal(SIGUSR1, SIG_DFL);
    for (int i = 0; i < 8; i++)
        close(fds_to_try[i]);
}

static int print_and_exit(struct foray_task *task)
{
    printf("task %zu\n", foray_task_index(task));
    if (foray_task_index(task) == 2)
        exit(1);
    return 0;
}

static void say_goodbye(void)
{
    printf("host's exit handler\n");
}

/* Output of the host and of tasks, each exactly once, to a file. */
static int prints(void *arg)
{
    struct foray_pool *pool;
    struct foray_error err;

    if (!freopen(arg, "w", stdout))
        return 1;
    atexit(say_goodbye);
    printf("before\n"); /* still in the buffer when workers are forked */
    if (foray_pool_open(&pool, &(struct foray_config){.n_jobs = 1}, &err))
        return 2;
    if (foray_for(pool,
                  &(struct foray_for){
                      .fn = print_and_exit, .n = 4, .on_error = FORAY_SKIP},
                  NULL, &err))
        return 3;
    foray_pool_close(pool);
    printf("after\n");
    fflush(stdout);
    return 0;
}

static size_t count_lines(const char *path, const char *wanted)
{
    FILE *file = fopen(path, "r");
    char line[128];
    size_t n = 0;

    while (file && fgets(line, sizeof line, file))
        n += !strcmp(line, wanted);
    if (file)
        fclose(file);
    return n;
}

static void test_output_appears_once_and_exit_handlers_do_not_run(void **state)
{
    const char *path = test_path("printed");

    (void)state;
    assert_int_equal(in_child(prints, (void *)(uintptr_t)path), 0);
    assert_int_equal(count_lines(path, "before\n"), 1);
    assert_int_equal(count_lines(path, "task 0\n"), 1);
    assert_int_equal(count_lines(path, "task 1\n"), 1);
    assert_int_equal(count_lines(path, "task 3\n"), 1);
    assert_int_equal(count_lines(path, "after\n"), 1);
    assert_int_equal(count_lines(path, "host's exit handler\n"), 0);
}

static void test_pool_leaves_the_host_as_it_was(void **state)
{
    size_t fds = count_descriptors(), maps = count_foray_mappings();
    struct sigaction before, after;
    struct foray_pool *pool;
    struct foray_error err;
    pid_t child;

    (void)state;
    child = waitpid(-1, NULL, WNOHANG); /* none, or a zygote that lives */
    sigaction(SIGCHLD, NULL, &before);
    for (int i = 0; i < 20; i++) {
        assert_ok(
            foray_pool_open(&pool, &(struct foray_config){.n_jobs = 3}, &err),
            err);
        assert_int_equal(foray_pool_close(pool), 0);
    }
    sigaction(SIGCHLD, NULL, &after);
    assert_ptr_equal(before.sa_handler, after.sa_handler);
    assert_int_equal(count_descriptors(), fds);
    assert_int_equal(count_foray_mappings(), maps);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), child);
}

static int nap_and_print(struct foray_task *task)
{
    nap(0.1);
    printf("task %zu\n", foray_task_index(task));
    FORAY_AT(foray_task_out(task, 0), double, 0) = 1;
    return 0;
}

/* A daemon: whatever is opened first gets the numbers of its streams. */
static int without_streams(void *arg)
{
    struct foray_report report;
    struct foray_pool *pool;
    struct foray_array out;
    struct foray_error err;
    double quickest = 60;
    pid_t workers[2];

    (void)arg;
    for (int fd = 0; fd < 3; fd++)
        close(fd);
    if (foray_pool_open(&pool, &(struct foray_config){.n_jobs = 2}, &err))
        return 1;
    for (int fd = 0; fd < 3; fd++)
        if (fcntl(fd, F_GETFD) != -1)
            return 2;
    for (int i = 0; i < 2; i++)
        workers[i] = foray_pool_worker_pid(pool, i);
    fprintf(stderr, "nobody reads this\n");
    if (foray_array_create(&out, NULL, FORAY_F64, 1, (size_t[]){2}, &err))
        return 3;
    /* Nobody has to look once a second, but others may keep us waiting. */
    for (int round = 0; round < 50 && quickest > 0.8; round++) {
        if (foray_map(pool,
                      &(struct foray_map){
                          .fn = nap_and_print, .out = {&out}, .chunk = 1},
                      &report, &err))
            return 3;
        if (report.replaced || report.ok != 2)
            return 4;
        quickest = report.seconds < quickest ? report.seconds : quickest;
    }
    if (quickest > 0.8)
        return 7;
    for (int i = 0; i < 2; i++)
        if (workers[i] != foray_pool_worker_pid(pool, i))
            return 5;
    return foray_array_close(&out, &err) || foray_pool_close(pool) ? 6 : 0;
}

static void test_host_without_standard_streams(void **state)
{
    (void)state;
    assert_int_equal(in_child(without_streams, NULL), 0);
}

/* Closes what is the worker's, and opens a file under every number. */
static int take_all_descriptors(struct foray_task *task)
{
    const char *path = foray_task_whole(task, 0)->data;

    for (int fd = 3; fd < 64; fd++)
        close(fd);
    for (int i = 0; i < 32; i++)
        if (open(path, O_RDWR) < 0)
            return 1;
    nap(2e-3); /* the parent sleeps */
    return 0;
}

static void test_task_that_closes_every_descriptor(void **state)
{
    const char *path = test_path("innocent");
    size_t length = strlen(path) + 1;
    struct foray_array name;
    struct foray_report report;
    struct foray_pool *pool;
    struct foray_error err;
    struct stat st;

    (void)state;
    assert_true(close(open(path, O_CREAT | O_WRONLY, 0600)) == 0);
    assert_ok(foray_array_create(&name, NULL, FORAY_U8, 1, &length, &err), err);
    memcpy(name.data, path, length);
    assert_ok(foray_pool_open(&pool, &(struct foray_config){.n_jobs = 2}, &err),
              err);
    /* More rounds than deaths in a row would be endured. */
    for (int round = 0; round < 3; round++) {
        assert_ok(foray_for(pool,
                            &(struct foray_for){.fn = take_all_descriptors,
                                                .n = 60,
                                                .whole = {&name}},
                            &report, &err),
                  err);
        assert_int_equal(report.ok, 60);
        assert_true(report.replaced > 0);
    }
    assert_int_equal(foray_pool_close(pool), 0);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_size, 0);
    assert_int_equal(foray_array_close(&name, &err), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_worker_is_a_clean_process),
        cmocka_unit_test(test_output_appears_once_and_exit_handlers_do_not_run),
        cmocka_unit_test(test_pool_leaves_the_host_as_it_was),
        cmocka_unit_test(test_host_without_standard_streams),
        cmocka_unit_test(test_task_that_closes_every_descriptor),
    };

    test_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
