/* Runs that go on where an earlier one was interrupted. */
#include "helpers.h"

#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <foray.h>

#include "every_backend.h"

enum { N = 100 };

/* Shared with all workers. */
static struct scene {
    atomic_int tries[N];
    atomic_int broken; /* task that fails, or -1 */
    atomic_int slow;   /* tasks take 10 ms */
} * scene;

static int square(struct foray_task *task)
{
    const struct foray_array *x = foray_task_in(task, 0);
    const struct foray_array *y = foray_task_out(task, 0);
    int i = (int)foray_task_index(task);

    atomic_fetch_add(&scene->tries[i], 1);
    if (atomic_load(&scene->slow))
        nap(10e-3);
    if (i == atomic_load(&scene->broken))
        return foray_task_fail(task, "broken");
    for (size_t k = 0; k < x->shape[0]; k++)
        FORAY_AT(y, double, k) =
            FORAY_AT(x, double, k) * FORAY_AT(x, double, k);
    return 0;
}

static void begin_scene(int broken)
{
    for (size_t i = 0; i < N; i++)
        atomic_store(&scene->tries[i], 0);
    atomic_store(&scene->broken, broken);
    atomic_store(&scene->slow, 0);
}

static int n_tries(void)
{
    int n = 0;

    for (size_t i = 0; i < N; i++)
        n += atomic_load(&scene->tries[i]);
    return n;
}

/* x.npy: 0, 1, ... */
static void make_input(void)
{
    struct foray_array x = {0};
    struct foray_error err;
    size_t n = N;

    assert_ok(
        foray_array_create(&x, test_path("x.npy"), FORAY_F64, 1, &n, &err),
        err);
    for (size_t i = 0; i < N; i++)
        FORAY_AT(&x, double, i) = (double)i;
    assert_int_equal(foray_array_close(&x, NULL), 0);
}

static int open_output(struct foray_array *y, struct foray_error *err)
{
    struct foray_placement place = {.partial = true, .resumable = true};
    size_t n = N;

    return foray_array_create_at(y, test_path("y.npy"), FORAY_F64, 1, &n,
                                 &place, err);
}

static int run(struct foray_pool *pool, const struct foray_array *y,
               struct foray_map map, struct foray_report *report,
               struct foray_error *err)
{
    struct foray_array x = {0};
    int code = foray_array_open(&x, test_path("x.npy"), "r", err);

    if (!map.fn)
        map.fn = square;
    map.in[0] = &x;
    map.out[0] = y;
    map.chunk = map.chunk ? map.chunk : 1;
    map.journal = map.journal ? map.journal : test_path("y.journal");
    if (!code)
        code = foray_map(pool, &map, report, err);
    foray_array_close(&x, NULL);
    return code;
}

static void check_output(const struct foray_array *y)
{
    for (size_t i = 0; i < N; i++)
        assert_true(FORAY_AT(y, double, i) == (double)(i * i));
}

/* What progress says: tasks of an earlier run are done from the start, and are
 * no work of this one. */
struct told {
    size_t n_before;
    int n, n_wrong;
};

static void check_progress(const struct foray_progress *now, void *arg)
{
    struct told *told = arg;
    double n = (double)now->completed - (double)told->n_before;

    told->n++;
    told->n_wrong += n < 0 || now->completed > now->total ||
                     fabs(now->rate * now->seconds - n) > 1e-6;
}

static void test_goes_on_under_every_backend(void **state)
{
    (void)state;
    make_input();
    FOR_EVERY_BACKEND(backend)
    {
        struct told told = {0};
        struct foray_config config = {.progress = check_progress,
                                      .progress_arg = &told,
                                      .progress_interval = 1e-9};
        struct foray_pool *pool = open_backend(backend, 2, &config);
        struct foray_array y = {0};
        struct foray_report report;
        struct foray_error err;
        size_t n_ok;
        int code;

        begin_scene(61);
        assert_ok(open_output(&y, &err), err);
        code = run(pool, &y, (struct foray_map){0}, &report, &err);
        if (code == FORAY_ENOTSUP) { /* says so before anything runs */
            assert_string_equal(backend->name, "elsewhere");
            assert_int_equal(n_tries(), 0);
        } else {
            assert_int_equal(code, FORAY_ETASK);
            assert_int_equal(report.resumed, 0);
            n_ok = report.ok;
            assert_true(n_ok < N && exists(test_path("y.journal")));
            assert_int_equal(foray_array_close(&y, NULL), 0);
            assert_true(exists(test_path("y.npy.partial")));
            atomic_store(&scene->broken, -1);
            told.n_before = n_ok;
            assert_ok(open_output(&y, &err), err);
            assert_ok(run(pool, &y, (struct foray_map){0}, &report, &err), err);
            assert_int_equal(report.resumed, n_ok);
            assert_int_equal(report.ok, N);
            assert_true(told.n >= 2);
            assert_int_equal(told.n_wrong, 0);
            for (size_t i = 0; i < N; i++)
                assert_in_range(atomic_load(&scene->tries[i]), 1, 2);
            assert_false(exists(test_path("y.journal")));
            check_output(&y);
            assert_ok(foray_array_commit(&y, &err), err);
        }
        foray_array_close(&y, NULL);
        unlink(test_path("y.npy.partial"));
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

/* A host that is killed as soon as something is in the journal. */
static int be_host(void)
{
    struct foray_array y = {0};
    struct foray_error err;

    test_init();
    if (open_output(&y, &err) ||
        run(NULL, &y, (struct foray_map){0}, NULL, &err) ||
        foray_array_commit(&y, &err))
        return 1;
    return foray_array_close(&y, NULL) != 0;
}

static bool journal_has(const char *word)
{
    char bytes[4096] = "";
    FILE *file = fopen(test_path("y.journal"), "r");
    bool has = file && fread(bytes, 1, sizeof bytes - 1, file) > 0 &&
               strstr(bytes, word);

    if (file)
        fclose(file);
    return has;
}

/* Its wait status. */
static int run_host(bool killed)
{
    double start = seconds_now();
    pid_t host = fork();
    int status;

    if (host == 0)
        _exit(be_host());
    while (killed && seconds_now() - start < PATIENCE &&
           !journal_has("\ndone "))
        nap(1e-3);
    if (killed)
        kill(host, SIGKILL);
    waitpid(host, &status, 0);
    return status;
}

static void test_goes_on_after_a_kill(void **state)
{
    struct foray_array y;
    struct foray_error err;
    int first[N];

    (void)state;
    make_input();
    begin_scene(-1);
    atomic_store(&scene->slow, 1);
    assert_int_equal(WTERMSIG(run_host(true)), SIGKILL);
    assert_true(exists(test_path("y.journal")) &&
                exists(test_path("y.npy.partial")));
    for (size_t i = 0; i < N; i++)
        first[i] = atomic_load(&scene->tries[i]);
    assert_int_equal(run_host(false), 0);
    for (size_t i = 0, n_again = 0; i < N; i++) {
        int now = atomic_load(&scene->tries[i]);

        n_again += now == 2;
        assert_true(now == 1 || (now == 2 && first[i] == 1));
        assert_true(n_again < N / 2); /* those of the first tenth are not */
    }
    assert_false(exists(test_path("y.journal")) ||
                 exists(test_path("y.npy.partial")));
    assert_ok(foray_array_open(&y, test_path("y.npy"), "r", &err), err);
    check_output(&y);
    foray_array_close(&y, NULL);
}

/* Serial: what follows is about the file. `y` is a file that stays. */
static int run_serially(const struct foray_array *y, struct foray_map map,
                        struct foray_report *report, struct foray_error *err)
{
    struct foray_pool *pool = NULL;
    struct foray_config config = {.backend = "serial"};
    int code = foray_pool_open(&pool, &config, err);

    if (!code)
        code = run(pool, y, map, report, err);
    foray_pool_close(pool);
    return code;
}

static void open_file(struct foray_array *y, const char *name)
{
    struct foray_error err;
    size_t n = N;

    assert_ok(foray_array_create(y, test_path(name), FORAY_F64, 1, &n, &err),
              err);
}

/* Interrupted at task 50. */
static void interrupt(const struct foray_array *y, struct foray_map map)
{
    struct foray_error err;

    unlink(test_path("y.journal"));
    begin_scene(50);
    assert_int_equal(run_serially(y, map, NULL, &err), FORAY_ETASK);
    atomic_store(&scene->broken, -1);
}

static void refused(const struct foray_array *y, struct foray_map map, int code,
                    const char *why)
{
    int before = n_tries();
    struct foray_error err;

    assert_int_equal(run_serially(y, map, NULL, &err), code);
    if (!strstr(err.msg, why))
        fail_msg("%s does not say %s", err.msg, why);
    assert_int_equal(n_tries(), before);
}

static void test_another_run_is_refused(void **state)
{
    const struct foray_map with = {.journal_key = "method skimage\nbins 9"};
    struct foray_array y = {0};
    struct foray_report report;
    struct foray_error err;

    (void)state;
    make_input();
    open_file(&y, "y.npy");
    interrupt(&y, with);
    refused(&y, (struct foray_map){.journal_key = "method skimage\nbins 8"},
            FORAY_EINVAL, "run: bins was 9, now 8; remove");
    refused(&y, (struct foray_map){.journal_key = with.journal_key, .chunk = 2},
            FORAY_EINVAL, "\"tasks 100\" then, \"tasks 50\" now");
    refused(&y, (struct foray_map){.journal_key = "method skimage"},
            FORAY_EINVAL, "with more to tell");
    refused(&y, (struct foray_map){.params = "p", .params_size = 1},
            FORAY_EINVAL, "now; remove it");
    make_input(); /* changed */
    refused(&y, with, FORAY_EINVAL, "\"in[0] <f8 (100,)");
    interrupt(&y, (struct foray_map){.params = "p", .params_size = 1});
    refused(&y, (struct foray_map){.params = "q", .params_size = 1},
            FORAY_EINVAL, "\"params 1 ");
    assert_ok(run_serially(&y,
                           (struct foray_map){.params = "p", .params_size = 1},
                           &report, &err),
              err);
    assert_int_equal(report.resumed, 50);
    foray_array_close(&y, NULL);
}

static void test_another_output_begins_anew(void **state)
{
    struct foray_array y = {0}, z = {0};
    struct foray_report report;
    struct foray_error err;

    (void)state;
    make_input();
    open_file(&y, "y.npy");
    open_file(&z, "z.npy");
    interrupt(&y, (struct foray_map){0});
    assert_ok(run_serially(&z, (struct foray_map){.keep_journal = true},
                           &report, &err),
              err);
    assert_int_equal(report.resumed, 0);
    check_output(&z);
    begin_scene(-1); /* all is done, and said so */
    assert_ok(run_serially(&z, (struct foray_map){0}, &report, &err), err);
    assert_int_equal(report.resumed, N);
    assert_int_equal(n_tries(), 0);
    assert_false(exists(test_path("y.journal")));
    foray_array_close(&z, NULL);
    foray_array_close(&y, NULL);
}

static void put_file(const char *name, const char *bytes, size_t size)
{
    FILE *file = fopen(test_path(name), "w");

    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

static void test_what_cannot_be_journalled(void **state)
{
    struct foray_array y = {0}, z = {0}, memory = {0};
    struct foray_error err;
    double there[N] = {0};
    size_t n = N;
    int fd;

    (void)state;
    make_input();
    open_file(&y, "y.npy");
    begin_scene(-1);
    assert_ok(foray_array_create(&memory, NULL, FORAY_F64, 1, &n, &err), err);
    refused(&memory, (struct foray_map){0}, FORAY_EINVAL,
            "out[0] is in memory");
    foray_array_close(&memory, NULL);
    assert_ok(foray_array_wrap(&memory, there, FORAY_F64, 1, &n, &err), err);
    refused(&memory, (struct foray_map){0}, FORAY_EINVAL,
            "out[0] is in memory");
    open_file(&z, "z.npy");
    refused(&y, (struct foray_map){.inout = {&z}}, FORAY_EINVAL,
            "half done when the run goes on");
    put_file("a.txt", "Dear diary,\n", 12);
    refused(&y, (struct foray_map){.journal = test_path("a.txt")},
            FORAY_EFORMAT, "no journal");
    assert_int_equal(symlink("a.txt", test_path("link")), 0);
    refused(&y, (struct foray_map){.journal = test_path("link")}, FORAY_EINVAL,
            "symbolic link");
    refused(&y, (struct foray_map){.journal = test_path("no/where")},
            FORAY_ENOENT, "");
    refused(&y, (struct foray_map){.journal = "/dev/full"}, FORAY_EINVAL,
            "no regular file");
    fd = open(test_path("y.journal"), O_RDWR | O_CREAT, 0666);
    assert_int_equal(flock(fd, LOCK_EX), 0);
    refused(&y, (struct foray_map){0}, FORAY_EBUSY, "another run's");
    close(fd);
    unlink(test_path("y.journal"));
    foray_array_close(&z, NULL);
    foray_array_close(&y, NULL);
}

/* What a run makes of a journal that says of it that all is done, damaged. */
static void check_damaged(const struct foray_array *y, const char *bytes,
                          size_t size, size_t *n_resumed)
{
    struct foray_report report;
    struct foray_error err;
    size_t n_left = 0;
    int code;

    put_file("y.journal", bytes, size);
    for (size_t i = 0; i < N; i++)
        FORAY_AT(y, double, i) = -1;
    code = run_serially(y, (struct foray_map){.chunk = 10}, &report, &err);
    if (code) { /* of another run, or no journal */
        assert_true(code == FORAY_EINVAL || code == FORAY_EFORMAT);
        assert_true(*err.msg && !strchr(err.msg, '\n'));
        return;
    }
    for (size_t i = 0; i < N; i++)
        if (FORAY_AT(y, double, i) == -1)
            n_left++;
        else
            assert_true(FORAY_AT(y, double, i) == (double)(i * i));
    assert_int_equal(n_left, 10 * report.resumed);
    *n_resumed += report.resumed;
}

static void test_damaged_journals(void **state)
{
    struct foray_array y = {0};
    struct foray_error err;
    char bytes[4096];
    size_t size, n_resumed = 0;
    FILE *file;

    (void)state;
    make_input();
    open_file(&y, "y.npy");
    begin_scene(5);
    assert_int_equal(
        run_serially(&y, (struct foray_map){.chunk = 10}, NULL, &err),
        FORAY_ETASK);
    begin_scene(-1);
    assert_ok(
        run_serially(&y, (struct foray_map){.chunk = 10, .keep_journal = true},
                     NULL, &err),
        err);
    file = fopen(test_path("y.journal"), "r");
    assert_non_null(file);
    size = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    assert_in_range(size, 100, sizeof bytes - 1);
    check_damaged(&y, bytes, size, &n_resumed);
    assert_int_equal(n_resumed, 10);
    for (size_t cut = 0; cut < size; cut += 3)
        check_damaged(&y, bytes, cut, &n_resumed);
    assert_true(n_resumed > 10); /* some of it counted */
    for (size_t at = 0; at < size; at += 5) {
        bytes[at] ^= 1;
        check_damaged(&y, bytes, size, &n_resumed);
        bytes[at] ^= 1;
    }
    foray_array_close(&y, NULL);
    unlink(test_path("y.journal"));
}

/* Who could say of any task that it is done. */
static void test_journal_of_another_user(void **state)
{
    const char *path = test_path("y.journal");
    struct foray_array y = {0};

    (void)state;
    if (geteuid()) {
        print_message("only root makes files of others\n");
        skip();
    }
    make_input();
    open_file(&y, "y.npy");
    interrupt(&y, (struct foray_map){0});
    assert_int_equal(chown(path, 65534, 65534), 0);
    refused(&y, (struct foray_map){0}, FORAY_EACCES, "another user's");
    foray_array_close(&y, NULL);
    assert_int_equal(unlink(path), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_goes_on_under_every_backend),
        cmocka_unit_test(test_goes_on_after_a_kill),
        cmocka_unit_test(test_another_run_is_refused),
        cmocka_unit_test(test_another_output_begins_anew),
        cmocka_unit_test(test_what_cannot_be_journalled),
        cmocka_unit_test(test_damaged_journals),
        cmocka_unit_test(test_journal_of_another_user),
    };

    scene = mmap(NULL, sizeof *scene, PROT_READ | PROT_WRITE,
                 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (scene == MAP_FAILED)
        return 99;
    init_every_backend();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
