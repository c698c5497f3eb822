/* Workers from a zygote: as those forked from the program, but small, quick to
 * start, and ignorant of what the program did since. */
#include "helpers.h"

#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <foray.h>

#define MODULE(name) "tests/unit/.libs/" name ".so"

static struct foray_pool *open_pool(int n_jobs)
{
    struct foray_pool *pool;
    struct foray_error err;

    assert_ok(
        foray_pool_open(&pool, &(struct foray_config){.n_jobs = n_jobs}, &err),
        err);
    return pool;
}

static void sleep_ms(long ms)
{
    nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000}, NULL);
}

static int tell_parent(struct foray_task *task)
{
    FORAY_AT(foray_task_out(task, 0), int64_t, 0) = getppid();
    return 0;
}

/* The parent of a worker; 0: the run failed. */
static pid_t zygote_of(struct foray_pool *pool)
{
    size_t one = 1;
    struct foray_array out;
    pid_t zygote;

    if (foray_array_create(&out, NULL, FORAY_I64, 1, &one, NULL) ||
        foray_map(pool, &(struct foray_map){.fn = tell_parent, .out = {&out}},
                  NULL, NULL))
        return 0;
    zygote = (pid_t)FORAY_AT(&out, int64_t, 0);
    return foray_array_close(&out, NULL) ? 0 : zygote;
}

static void test_default_after_init(void **state)
{
    struct foray_pool *pool = open_pool(2), *forked;
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
    pool = open_pool(1);
    assert_int_equal(zygote_of(pool), zygote);
    assert_int_equal(foray_pool_close(pool), 0);
}

static size_t count_open(pid_t pid)
{
    char path[64];
    DIR *dir;
    size_t n = 0;

    snprintf(path, sizeof path, "/proc/%ld/fd", (long)pid);
    dir = opendir(path);
    while (dir && readdir(dir))
        n++;
    if (dir)
        closedir(dir);
    return n - 2; /* . and .. */
}

static void test_zygote_is_small_and_keeps_nothing(void **state)
{
    struct foray_pool *pool = open_pool(2);
    pid_t zygote = zygote_of(pool);
    size_t n_ours, n_maps = count_foray_mappings();
    char path[64], name[32] = "";
    FILE *file;

    (void)state;
    assert_int_equal(foray_pool_close(pool), 0);
    n_ours = count_descriptors();
    for (int i = 0; i < 20; i++)
        assert_int_equal(foray_pool_close(open_pool(3)), 0);
    assert_int_equal(count_descriptors(), n_ours);
    assert_true(count_foray_mappings() < n_maps + 1);
    assert_int_equal(count_open(zygote), 5); /* streams, socket, lifeline */
    snprintf(path, sizeof path, "/proc/%ld/comm", (long)zygote);
    file = fopen(path, "r");
    assert_non_null(file);
    assert_non_null(fgets(name, sizeof name, file));
    fclose(file);
    assert_string_equal(name, "foray:zygote\n");
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
    pool = open_pool(1);
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
    struct foray_pool *pool = open_pool(2);
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

static int kill_itself(struct foray_task *task)
{
    if (foray_task_index(task) % 5 == 3)
        raise(SIGKILL);
    if (foray_task_index(task) % 5 == 4)
        _exit(9);
    return 0;
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
        pool = open_pool(2);
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

static void *load(const char *path, foray_task_fn *fn)
{
    void *module = dlopen(path, RTLD_NOW | RTLD_LOCAL), *symbol;

    assert_non_null(module);
    symbol = dlsym(module, "answer");
    assert_non_null(symbol);
    memcpy(fn, &symbol, sizeof *fn);
    return module;
}

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
    module = load(path, &fn);
    pool = open_pool(2);
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
    module = load(path, &fn);
    assert_int_equal(ask(pool, fn, &err), FORAY_ETASK);
    assert_non_null(strstr(err.msg, "returned 2"));

    /* And one that this program did not load. */
    copy_file(path, MODULE("module1"));
    assert_int_equal(foray_pool_close(pool), 0);
    pool = open_pool(1);
    assert_int_equal(ask(pool, fn, &err), FORAY_EINVAL);
    assert_non_null(strstr(err.msg, "module.so is not the library any more"));
    assert_int_equal(unlink(path), 0);
    assert_int_equal(foray_pool_close(pool), 0);
    pool = open_pool(1);
    assert_int_equal(ask(pool, fn, &err), FORAY_EINVAL);
    assert_non_null(strstr(err.msg, "cannot load the function's library"));
    assert_int_equal(dlclose(module), 0);
    assert_int_equal(foray_pool_close(pool), 0);
}

static void test_function_of_no_library(void **state)
{
    struct foray_pool *pool = open_pool(1);
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
    struct foray_pool *pool = open_pool(1);
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
        sleep_ms(1);
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
        pid_t host;

        memset(scene, 0, sizeof *scene);
        fflush(NULL);
        host = fork();
        if (host == 0)
            _exit(be_host(NULL));
        for (int i = 0; i < 2000 && atomic_load(&scene->running) < WORKERS; i++)
            sleep_ms(1);
        assert_int_equal(atomic_load(&scene->running), WORKERS);
        sleep_ms(7 * round);
        kill(host, SIGKILL);
        assert_int_equal(waitpid(host, NULL, 0), host);
        assert_true(process_ends(atomic_load(&scene->zygote)));
        for (int slot = 0; slot < WORKERS; slot++)
            assert_true(process_ends(atomic_load(&scene->workers[slot])));
        kill(atomic_load(&scene->child), SIGKILL);
    }
}

static size_t pss_of(pid_t pid)
{
    char path[64], line[256];
    unsigned long kib = 0;
    FILE *file;

    snprintf(path, sizeof path, "/proc/%ld/smaps_rollup", (long)pid);
    file = fopen(path, "r");
    while (file && fgets(line, sizeof line, file))
        if (sscanf(line, "Pss: %lu", &kib) == 1)
            break;
    if (file)
        fclose(file);
    return kib * 1024;
}

/* The program, its zygote and its workers. */
static size_t pss_of_all(struct foray_pool *pool, pid_t zygote)
{
    size_t sum = pss_of(getpid()) + pss_of(zygote);

    for (int slot = 0; slot < foray_pool_n_jobs(pool); slot++)
        sum += pss_of(foray_pool_worker_pid(pool, slot));
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
    pool = open_pool(2);
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
        cmocka_unit_test(test_zygote_is_small_and_keeps_nothing),
        cmocka_unit_test(test_what_a_worker_knows),
        cmocka_unit_test(test_private_arrays),
        cmocka_unit_test(test_descriptors_and_folder),
        cmocka_unit_test(test_too_many_descriptors_to_keep),
        cmocka_unit_test(test_deaths_are_explained),
        cmocka_unit_test(test_function_of_a_library_loaded_later),
        cmocka_unit_test(test_function_of_no_library),
        cmocka_unit_test(test_child_of_the_program),
        cmocka_unit_test(test_zygote_dies),
        cmocka_unit_test(test_all_die_with_the_program),
        cmocka_unit_test(test_idle_pool_pins_no_memory),
    };
    struct foray_error err;

    unsetenv("FORAY_FORCE_BACKEND");
    if (without_init())
        return 98;
    scene = mmap(NULL, sizeof *scene, PROT_READ | PROT_WRITE,
                 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (scene == MAP_FAILED || foray_init(&err))
        return 99;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
