/* Workers die with their parent, also in the middle of a long task, and leave
 * nothing behind. */
#include "helpers.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <foray.h>

enum { WORKERS = 3 };

/* Shared between test, host and workers. */
struct scene {
    _Atomic pid_t workers[WORKERS];
    _Atomic pid_t grandchild; /* forked by the host itself */
    _Atomic pid_t offspring;  /* forked by a task */
    atomic_int running;
};

static struct scene *scene;

static int outlast_the_test(struct foray_task *task)
{
    double start = seconds_now();
    const struct foray_array *array = foray_task_whole(task, 0);

    atomic_store(&scene->workers[foray_task_worker(task)], getpid());
    if (foray_task_index(task) == 0) { /* a process of the task's own */
        pid_t child = fork();

        if (child == 0)
            for (;;)
                pause();
        atomic_store(&scene->offspring, child);
    }
    atomic_fetch_add(&scene->running, 1);
    do /* busy, and in no system call that would notice anything */
        FORAY_AT(array, double, foray_task_index(task)) += 1;
    while (seconds_now() - start < 2 * PATIENCE);
    return 0;
}

/* The host: a pool in mid-run. With a child of its own that only forked. */
_Noreturn static void be_host(int with_child)
{
    struct foray_array array, output;
    struct foray_pool *pool;
    struct foray_error err;
    size_t n = WORKERS;

    setpgid(0, 0);
    test_init();
    if (foray_array_create(&array, NULL, FORAY_F64, 1, &n, &err) ||
        foray_array_create_at(&output, test_path("out.npy"), FORAY_F64, 1, &n,
                              &(struct foray_placement){.partial = true},
                              &err) ||
        foray_pool_open(&pool, &(struct foray_config){.n_jobs = WORKERS}, &err))
        _exit(1);
    if (with_child) {
        pid_t child = fork();

        if (child == 0)
            for (;;)
                pause();
        setpgid(child, child);
        atomic_store(&scene->grandchild, child);
    }
    if (foray_for(pool,
                  &(struct foray_for){
                      .fn = outlast_the_test, .n = WORKERS, .whole = {&array}},
                  NULL, &err))
        _exit(2);
    _exit(3);
}

/* `group`: kill the host's whole process group. `delay`: ms after all tasks
 * are running. */
static void kill_the_host(int group, int with_child, long delay)
{
    size_t names = count_shm_names();
    double start = seconds_now();
    pid_t host;

    memset(scene, 0, sizeof *scene);
    host = fork();
    if (host == 0)
        be_host(with_child);
    while (atomic_load(&scene->running) < WORKERS &&
           seconds_now() - start < PATIENCE)
        nap(1e-3);
    assert_int_equal(atomic_load(&scene->running), WORKERS);
    nap(1e-3 * (double)delay);
    assert_int_equal(kill(group ? -host : host, SIGKILL), 0);
    assert_int_equal(waitpid(host, NULL, 0), host);
    for (int slot = 0; slot < WORKERS; slot++)
        assert_true(process_ends(atomic_load(&scene->workers[slot])));
    assert_true(process_ends(atomic_load(&scene->offspring)));
    assert_true(no_more_shm_names(names));
    assert_int_not_equal(access(test_path("out.npy"), F_OK), 0);
    if (with_child)
        kill(atomic_load(&scene->grandchild), SIGKILL);
}

static void test_parent_killed_in_mid_task(void **state)
{
    (void)state;
    for (int i = 0; i < 5; i++)
        kill_the_host(0, 0, 7 * i);
}

static void test_process_group_killed_in_mid_task(void **state)
{
    (void)state;
    for (int i = 0; i < 5; i++)
        kill_the_host(1, 0, 7 * i);
}

static void test_host_with_a_child_of_its_own_is_killed(void **state)
{
    (void)state;
    kill_the_host(0, 1, 5);
}

/* Killed at random moments of a pool's life: start, runs, end. */
_Noreturn static void open_and_close_forever(void)
{
    test_init();
    for (;;) {
        struct foray_pool *pool;
        size_t n = 100000;
        struct foray_array array;

        if (foray_pool_open(&pool, &(struct foray_config){.n_jobs = WORKERS},
                            NULL) ||
            foray_array_create(&array, NULL, FORAY_F64, 1, &n, NULL))
            _exit(1);
        foray_pool_close(pool);
        foray_array_close(&array, NULL);
    }
}

static void test_parent_killed_while_it_starts_workers(void **state)
{
    (void)state;
    /* Orphans come to us, so that they can be counted. */
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    for (int i = 0; i < 30; i++) {
        pid_t host = fork(), left;
        double start = seconds_now();
        int n_alive;

        if (host == 0)
            open_and_close_forever();
        nap(1e-3 * (1 + i % 7));
        kill(host, SIGKILL);
        waitpid(host, NULL, 0);
        do {
            nap(1e-3);
            while ((left = waitpid(-1, NULL, WNOHANG)) > 0)
                ;
            n_alive = left == 0; /* children that have not ended */
        } while (n_alive && seconds_now() - start < PATIENCE);
        assert_int_equal(n_alive, 0);
    }
    prctl(PR_SET_CHILD_SUBREAPER, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parent_killed_in_mid_task),
        cmocka_unit_test(test_process_group_killed_in_mid_task),
        cmocka_unit_test(test_host_with_a_child_of_its_own_is_killed),
        cmocka_unit_test(test_parent_killed_while_it_starts_workers),
    };

    test_folder();
    scene = mmap(NULL, sizeof *scene, PROT_READ | PROT_WRITE,
                 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (scene == MAP_FAILED)
        return 99;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
