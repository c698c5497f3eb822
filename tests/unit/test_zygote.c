/* The zygote: small, alone, gone with the program, and missed when it dies. */
#include "helpers.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <foray.h>

#include "mapping.h"
#include "zygote.h"

static void test_zygote_is_small_and_keeps_nothing(void **state)
{
    struct foray_pool *pool = open_jobs(2);
    pid_t zygote = zygote_of(pool);
    size_t n_ours, n_maps = count_foray_mappings();
    char path[64], name[32] = "";
    double start;
    FILE *file;

    (void)state;
    assert_int_equal(foray_pool_close(pool), 0);
    n_ours = count_descriptors();
    for (int i = 0; i < 20; i++)
        assert_int_equal(foray_pool_close(open_jobs(3)), 0);
    assert_int_equal(count_descriptors(), n_ours);
    assert_true(count_foray_mappings() < n_maps + 1);
    start = seconds_now();
    while (count_open(zygote, "") > 5 && seconds_now() - start < PATIENCE)
        nap(1e-3); /* it may not have closed what was the last pool's */
    assert_int_equal(count_open(zygote, ""), 5); /* streams, socket, lifeline */
    snprintf(path, sizeof path, "/proc/%ld/comm", (long)zygote);
    file = fopen(path, "r");
    assert_non_null(file);
    assert_non_null(fgets(name, sizeof name, file));
    fclose(file);
    assert_string_equal(name, "foray:zygote\n");
}

/* In a forked child: the parent's zygote is not the child's. */
static int use_in_child(void *arg)
{
    const struct foray_config named = {.backend = "forkserver", .n_jobs = 1};
    struct foray_pool *pool;
    struct foray_error err;
    pid_t zygote;

    if (foray_pool_open(&pool, &named, &err) != FORAY_EFORK)
        return 1;
    if (foray_pool_open(&pool, &(struct foray_config){.n_jobs = 1}, &err))
        return 2;
    if (strcmp(foray_pool_backend(pool), "fork") || zygote_of(pool) != getpid())
        return 3;
    foray_pool_close(pool);
    if (foray_init(&err) || foray_pool_open(&pool, &named, &err))
        return 4;
    zygote = zygote_of(pool);
    if (zygote == getpid() || zygote == *(const pid_t *)arg)
        return 5;
    return foray_pool_close(pool);
}

static void test_child_of_the_program(void **state)
{
    struct foray_pool *pool = open_jobs(1);
    pid_t zygote = zygote_of(pool);

    (void)state;
    assert_int_equal(in_child(use_in_child, &zygote), 0);
    assert_int_equal(zygote_of(pool), zygote);
    assert_int_equal(foray_pool_close(pool), 0);
}

/* In a child, with a zygote of its own: it dies. */
static int lose_the_zygote(void *arg)
{
    struct foray_config config = {.n_jobs = 2};
    struct foray_report report;
    struct foray_pool *pool, *late;
    struct foray_error err;
    pid_t zygote;

    (void)arg;
    if (foray_init(&err) || foray_pool_open(&pool, &config, &err))
        return 1;
    zygote = zygote_of(pool);
    kill(zygote, SIGKILL);
    while (process_lives(zygote))
        nap(1e-3);
    /* Running workers go on. */
    if (foray_for(pool, &(struct foray_for){.fn = kill_itself, .n = 3}, &report,
                  &err) ||
        report.ok != 3 || report.replaced)
        return 2;
    if (foray_pool_open(&late, &config, &err) != FORAY_ECRASH ||
        !strstr(err.msg, "the zygote that foray_init made has died"))
        return 3;
    if (foray_init(&err) != FORAY_ECRASH)
        return 4;
    config.backend = "fork";
    if (foray_pool_open(&late, &config, &err) || foray_pool_close(late))
        return 5;
    /* Nobody can be replaced, or say what they died of. */
    if (foray_for(pool,
                  &(struct foray_for){
                      .fn = kill_itself, .n = 50, .on_error = FORAY_SKIP},
                  &report, &err) != FORAY_ECRASH ||
        !strstr(err.msg, "zygote"))
        return 6;
    return foray_pool_close(pool);
}

static void test_zygote_dies(void **state)
{
    (void)state;
    assert_int_equal(in_child(lose_the_zygote, NULL), 0);
    setenv("FORAY_TEST_NO", "pidfd", 1);
    assert_int_equal(in_child(lose_the_zygote, NULL), 0);
    unsetenv("FORAY_TEST_NO");
}

enum { WORKERS = 3 };

/* Shared by test, host and, mapped before the zygote was made, workers. */
struct scene {
    _Atomic pid_t zygote, child, workers[WORKERS];
    atomic_int running;
};
static struct scene *scene;

static int compute_forever(struct foray_task *task)
{
    atomic_store(&scene->workers[foray_task_worker(task)], getpid());
    atomic_store(&scene->zygote, getppid());
    atomic_fetch_add(&scene->running, 1);
    for (;;)
        if (foray_task_cancelled(task))
            return 1;
}

static int be_host(void *arg)
{
    struct foray_pool *pool;
    pid_t child;

    (void)arg;
    if (foray_init(NULL) ||
        foray_pool_open(&pool, &(struct foray_config){.n_jobs = WORKERS}, NULL))
        return 1;
    child = fork(); /* holds what it inherits */
    if (child == 0)
        for (;;)
            pause();
    atomic_store(&scene->child, child);
    return foray_for(pool,
                     &(struct foray_for){.fn = compute_forever, .n = WORKERS},
                     NULL, NULL);
}

static void test_all_die_with_the_program(void **state)
{
    (void)state;
    for (int round = 0; round < 5; round++) {
        double start = seconds_now();
        pid_t host;

        memset(scene, 0, sizeof *scene);
        fflush(NULL);
        host = fork();
        if (host == 0)
            _exit(be_host(NULL));
        while (atomic_load(&scene->running) < WORKERS &&
               seconds_now() - start < PATIENCE)
            nap(1e-3);
        assert_int_equal(atomic_load(&scene->running), WORKERS);
        nap(7e-3 * round);
        kill(host, SIGKILL);
        assert_int_equal(waitpid(host, NULL, 0), host);
        assert_true(process_ends(atomic_load(&scene->zygote)));
        for (int slot = 0; slot < WORKERS; slot++)
            assert_true(process_ends(atomic_load(&scene->workers[slot])));
        kill(atomic_load(&scene->child), SIGKILL);
    }
}

/* The program, its zygote and its workers. */
static size_t pss_of_all(struct foray_pool *pool, pid_t zygote)
{
    size_t sum = proportional_bytes(getpid()) + proportional_bytes(zygote);

    for (int slot = 0; slot < foray_pool_n_jobs(pool); slot++)
        sum += proportional_bytes(foray_pool_worker_pid(pool, slot));
    return sum;
}

/* A program that rewrites all its memory beside an idle pool. */
static void test_idle_pool_pins_no_memory(void **state)
{
    enum { MIB = 256 };
    size_t nbytes = (size_t)MIB << 20, before, after;
    char *memory = malloc(nbytes);
    struct foray_pool *pool;
    pid_t zygote;

    (void)state;
    assert_non_null(memory);
    memset(memory, 1, nbytes);
    pool = open_jobs(2);
    zygote = zygote_of(pool);
    before = pss_of_all(pool, zygote);
    if (!before)
        skip(); /* Linux 4.14 or later, with /proc */
    memset(memory, 2, nbytes);
    after = pss_of_all(pool, zygote);
    print_message("%zu MiB before, %zu MiB after\n", before >> 20, after >> 20);
    assert_true(before >= nbytes);
    assert_true((double)after < 1.05 * (double)before);
    assert_int_equal(memory[nbytes - 1], 2);
    assert_int_equal(foray_pool_close(pool), 0);
    free(memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_zygote_is_small_and_keeps_nothing),
        cmocka_unit_test(test_child_of_the_program),
        cmocka_unit_test(test_zygote_dies),
        cmocka_unit_test(test_all_die_with_the_program),
        cmocka_unit_test(test_idle_pool_pins_no_memory),
    };

    unsetenv("FORAY_FORCE_BACKEND");
    scene = mmap(NULL, sizeof *scene, PROT_READ | PROT_WRITE,
                 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (scene == MAP_FAILED || foray_init(NULL))
        return 99;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
