/* Workers from a zygote: as those forked from the program, but ignorant of what
 * the program did since. */
#include "helpers.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <foray.h>

#include "zygote.h"

static void test_default_after_init(void **state)
{
    struct foray_pool *pool = open_jobs(2), *forked;
    struct foray_error err;
    pid_t zygote;

    (void)state;
    assert_ok(foray_init(&err), err); /* once more */
    assert_string_equal(foray_pool_backend(pool), "forkserver");
    zygote = zygote_of(pool);
    assert_int_not_equal(zygote, 0);
    assert_int_not_equal(zygote, getpid());
    assert_ok(foray_pool_open(
                  &forked,
                  &(struct foray_config){.backend = "fork", .n_jobs = 1}, &err),
              err);
    assert_string_equal(foray_pool_backend(forked), "fork");
    assert_int_equal(zygote_of(forked), getpid());
    assert_int_equal(foray_pool_close(forked), 0);
    assert_int_equal(foray_pool_close(pool), 0);
    pool = open_jobs(1);
    assert_int_equal(zygote_of(pool), zygote);
    assert_int_equal(foray_pool_close(pool), 0);
}

static int assigned_later;

static int read_later(struct foray_task *task)
{
    return foray_task_fail(task, "it is %d here, and %s", assigned_later,
                           getenv("FORAY_TEST_LATER"));
}

/* The environment is the program's of the moment, its memory is not. */
static void test_what_a_worker_knows(void **state)
{
    struct foray_pool *pool;
    struct foray_error err;

    (void)state;
    assigned_later = 5;
    setenv("FORAY_TEST_LATER", "set", 1);
    pool = open_jobs(1);
    assert_int_equal(foray_for(pool,
                               &(struct foray_for){.fn = read_later, .n = 1},
                               NULL, &err),
                     FORAY_ETASK);
    assert_string_equal(err.msg, "it is 0 here, and set; "
                                 "FORAY_ONLY_TASK=0 runs it alone");
    unsetenv("FORAY_TEST_LATER");
    assert_int_equal(foray_pool_close(pool), 0);
}

static int double_row(struct foray_task *task)
{
    const struct foray_array *x = foray_task_in(task, 0);
    const struct foray_array *y = foray_task_out(task, 0);

    for (size_t i = 0; i < x->shape[0]; i++)
        FORAY_AT(y, double, i) = 2 * FORAY_AT(x, double, i);
    return 0;
}

/* The caller's own memory is nowhere in the worker: it is dumped. */
static void test_private_arrays(void **state)
{
    enum { N = 10000 };
    static double in[N], out[N];
    struct foray_pool *pool = open_jobs(2);
    struct foray_array x, y;
    struct foray_error err;
    size_t n = N;

    (void)state;
    for (size_t i = 0; i < N; i++)
        in[i] = (double)i;
    assert_ok(foray_array_wrap(&x, in, FORAY_F64, 1, &n, &err), err);
    assert_ok(foray_array_wrap(&y, out, FORAY_F64, 1, &n, &err), err);
    assert_ok(
        foray_map(pool,
                  &(struct foray_map){
                      .fn = double_row, .in = {&x}, .out = {&y}, .chunk = 7},
                  NULL, &err),
        err);
    for (size_t i = 0; i < N; i++)
        assert_true(out[i] == 2 * (double)i);
    assert_int_equal(foray_pool_close(pool), 0);
}

static int write_to(struct foray_task *task)
{
    const int *fds = foray_task_params(task);
    char folder[4096];

    for (int i = 0; i < 3; i++)
        if (write(fds[i], "x", 1) != (i < 2 ? 1 : -1))
            return foray_task_fail(task, "descriptor %d", i);
    printf("printed in %s\n", getcwd(folder, sizeof folder));
    return 0;
}

static size_t size_of(const char *path)
{
    FILE *file = fopen(path, "r");
    long n = -1;

    if (file && !fseek(file, 0, SEEK_END))
        n = ftell(file);
    if (file)
        fclose(file);
    return (size_t)n;
}

/* Kept ones under the numbers they have here, also if the worker's own would
 * have got them; output where the program's goes by now. */
static void test_descriptors_and_folder(void **state)
{
    const char *kept = test_path("kept"), *output = test_path("output");
    int fd, saved, fds[3], here = open(".", O_PATH);
    char line[4200] = "", wanted[4200];
    struct foray_pool *pool;
    struct foray_error err;
    FILE *file;

    (void)state;
    fflush(stdout);
    saved = dup(STDOUT_FILENO);
    fd = open(output, O_CREAT | O_WRONLY, 0600);
    assert_int_equal(dup2(fd, STDOUT_FILENO), STDOUT_FILENO);
    close(fd);
    fd = open(kept, O_CREAT | O_WRONLY | O_APPEND, 0600);
    assert_int_equal(chdir(test_folder()), 0);
    for (int number = 4; number < 40; number += 7) {
        fds[0] = fd;
        fds[1] = fcntl(fd, F_DUPFD, number);
        fds[2] = fcntl(fd, F_DUPFD, number); /* not kept */
        assert_ok(foray_pool_open(&pool,
                                  &(struct foray_config){.n_jobs = 2,
                                                         .keep_fds = fds,
                                                         .n_keep_fds = 2},
                                  &err),
                  err);
        assert_ok(foray_for(pool,
                            &(struct foray_for){.fn = write_to,
                                                .n = 1,
                                                .params = fds,
                                                .params_size = sizeof fds},
                            NULL, &err),
                  err);
        assert_int_equal(foray_pool_close(pool), 0);
        close(fds[1]);
        close(fds[2]);
    }
    assert_int_equal(fchdir(here), 0);
    dup2(saved, STDOUT_FILENO);
    close(saved);
    close(here);
    close(fd);
    assert_int_equal(size_of(kept), 2 * 6);
    file = fopen(output, "r");
    assert_non_null(file);
    assert_non_null(fgets(line, sizeof line, file));
    fclose(file);
    snprintf(wanted, sizeof wanted, "printed in %s\n", test_folder());
    assert_string_equal(line, wanted);
}

static void test_too_many_descriptors_to_keep(void **state)
{
    int fds[300] = {0};
    struct foray_pool *pool;
    struct foray_error err;

    (void)state;
    assert_int_equal(foray_pool_open(&pool,
                                     &(struct foray_config){.keep_fds = fds,
                                                            .n_keep_fds = 300},
                                     &err),
                     FORAY_EINVAL);
    assert_non_null(strstr(err.msg, "n_keep_fds is 300"));
    assert_ok(foray_pool_open(&pool,
                              &(struct foray_config){.n_jobs = 1,
                                                     .keep_fds = fds,
                                                     .n_keep_fds = 246},
                              &err),
              err);
    assert_int_not_equal(zygote_of(pool), 0);
    assert_int_equal(foray_pool_close(pool), 0);
}

static void test_deaths_are_explained(void **state)
{
    static const char *const lacking[] = {"", "pidfd"};
    struct foray_report report;
    struct foray_error err;

    (void)state;
    for (int i = 0; i < 2; i++) {
        struct foray_pool *pool;

        setenv("FORAY_TEST_NO", lacking[i], 1);
        pool = open_jobs(2);
        assert_ok(foray_for(pool,
                            &(struct foray_for){.fn = kill_itself,
                                                .n = 50,
                                                .on_error = FORAY_SKIP},
                            &report, &err),
                  err);
        assert_int_equal(report.ok, 30);
        assert_int_equal(report.crashed, 20);
        assert_int_equal(
            foray_for(pool, &(struct foray_for){.fn = kill_itself, .n = 4},
                      &report, &err),
            FORAY_ECRASH);
        assert_non_null(strstr(err.msg, "SIGKILL (from outside"));
        assert_int_equal(err.signal, SIGKILL);
        /* The next run makes up for the dead, also for one that died idle. */
        for (int round = 0; round < 2; round++) {
            assert_ok(foray_for(pool,
                                &(struct foray_for){.fn = kill_itself, .n = 3},
                                &report, &err),
                      err);
            assert_true(foray_pool_worker_pid(pool, 0) > 0);
            kill(foray_pool_worker_pid(pool, 0), SIGKILL);
        }
        assert_int_equal(foray_pool_close(pool), 0);
    }
    unsetenv("FORAY_TEST_NO");
}

static int without_init(void)
{
    struct foray_pool *pool;
    struct foray_error err;

    return foray_pool_open(&pool,
                           &(struct foray_config){.backend = "forkserver"},
                           &err) != FORAY_EINVAL ||
           !strstr(err.msg, "foray_init");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_default_after_init),
        cmocka_unit_test(test_what_a_worker_knows),
        cmocka_unit_test(test_private_arrays),
        cmocka_unit_test(test_descriptors_and_folder),
        cmocka_unit_test(test_too_many_descriptors_to_keep),
        cmocka_unit_test(test_deaths_are_explained),
    };
    struct foray_error err;

    unsetenv("FORAY_FORCE_BACKEND");
    if (without_init())
        return 98;
    if (foray_init(&err))
        return 99;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
