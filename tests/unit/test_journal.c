/* Runs that go on where an earlier one was interrupted. */
#include "helpers.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "every_backend.h"
#include "squares.h"

static int open_output(struct foray_array *y, struct foray_error *err)
{
    struct foray_placement place = {.partial = true, .resumable = true};
    size_t n = N_SQUARES;

    return foray_array_create_at(y, test_path("y.npy"), FORAY_F64, 1, &n,
                                 &place, err);
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
    make_numbers();
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

        begin_squares(61);
        assert_ok(open_output(&y, &err), err);
        code = run_squares(pool, &y, (struct foray_map){0}, &report, &err);
        if (code == FORAY_ENOTSUP) { /* says so before anything runs */
            assert_string_equal(backend->name, "elsewhere");
            assert_int_equal(n_square_tries(), 0);
        } else {
            assert_int_equal(code, FORAY_ETASK);
            assert_int_equal(report.resumed, 0);
            n_ok = report.ok;
            assert_true(n_ok < N_SQUARES && exists(test_path("y.journal")));
            assert_int_equal(foray_array_close(&y, NULL), 0);
            assert_true(exists(test_path("y.npy.partial")));
            atomic_store(&squares->broken, -1);
            told.n_before = n_ok;
            assert_ok(open_output(&y, &err), err);
            assert_ok(
                run_squares(pool, &y, (struct foray_map){0}, &report, &err),
                err);
            assert_int_equal(report.resumed, n_ok);
            assert_int_equal(report.ok, N_SQUARES);
            assert_true(told.n >= 2);
            assert_int_equal(told.n_wrong, 0);
            for (size_t i = 0; i < N_SQUARES; i++)
                assert_in_range(atomic_load(&squares->tries[i]), 1, 2);
            assert_false(exists(test_path("y.journal")));
            check_squares(&y);
            assert_ok(foray_array_commit(&y, &err), err);
        }
        foray_array_close(&y, NULL);
        unlink(test_path("y.npy.partial"));
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

/* Every third, as the caller says. */
static void check_done(const struct foray_array *y, int code,
                       const struct foray_report *report)
{
    bool runs = code == 0;

    for (size_t i = 0; i < N_SQUARES; i++) {
        bool is_done = i % 3 == 0;
        double square = (double)(i * i);

        assert_int_equal(atomic_load(&squares->tries[i]), runs && !is_done);
        assert_true(FORAY_AT(y, double, i) == (runs && !is_done ? square : -1));
    }
    if (!runs)
        return;
    assert_int_equal(report->ok, N_SQUARES);
    assert_int_equal(report->resumed, (N_SQUARES + 2) / 3);
}

static int count(struct foray_task *task)
{
    atomic_fetch_add(&squares->tries[foray_task_index(task)], 1);
    return 0;
}

/* The same of indices. */
static void check_for(struct foray_pool *pool, const uint8_t *done)
{
    struct foray_for loop = {.fn = count, .n = N_SQUARES, .done = done};
    struct foray_report report;
    struct foray_error err;
    int code;

    begin_squares(-1);
    code = foray_for(pool, &loop, &report, &err);
    for (size_t i = 0; i < N_SQUARES; i++)
        assert_int_equal(atomic_load(&squares->tries[i]), !code && !done[i]);
    assert_true(code == FORAY_ENOTSUP || report.resumed == (N_SQUARES + 2) / 3);
}

static void test_what_the_caller_has_done_is_not_run(void **state)
{
    uint8_t done[N_SQUARES];
    size_t n = N_SQUARES;

    (void)state;
    make_numbers();
    for (size_t i = 0; i < N_SQUARES; i++)
        done[i] = i % 3 == 0 ? 255 : 0;
    FOR_EVERY_BACKEND(backend)
    {
        struct foray_pool *pool = open_backend(backend, 2, NULL);
        struct foray_map map = {.done = done};
        struct foray_array y = {0};
        struct foray_report report;
        struct foray_error err;
        int code;

        begin_squares(-1);
        assert_ok(foray_array_create(&y, NULL, FORAY_F64, 1, &n, &err), err);
        for (size_t i = 0; i < N_SQUARES; i++)
            FORAY_AT(&y, double, i) = -1;
        code = run_squares(pool, &y, map, &report, &err);
        assert_true(!code || (code == FORAY_ENOTSUP &&
                              !strcmp(backend->name, "elsewhere")));
        check_done(&y, code, &report);
        map.journal = test_path("y.journal");
        assert_int_not_equal(run_squares(pool, &y, map, NULL, &err), 0);
        assert_false(exists(test_path("y.journal")));
        check_for(pool, done);
        foray_array_close(&y, NULL);
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
        run_squares(NULL, &y, (struct foray_map){0}, NULL, &err) ||
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
    int first[N_SQUARES];

    (void)state;
    make_numbers();
    begin_squares(-1);
    atomic_store(&squares->slow, 1);
    assert_int_equal(WTERMSIG(run_host(true)), SIGKILL);
    assert_true(exists(test_path("y.journal")) &&
                exists(test_path("y.npy.partial")));
    for (size_t i = 0; i < N_SQUARES; i++)
        first[i] = atomic_load(&squares->tries[i]);
    assert_int_equal(run_host(false), 0);
    for (size_t i = 0, n_again = 0; i < N_SQUARES; i++) {
        int now = atomic_load(&squares->tries[i]);

        n_again += now == 2;
        assert_true(now == 1 || (now == 2 && first[i] == 1));
        assert_true(n_again <
                    N_SQUARES / 2); /* those of the first tenth are not */
    }
    assert_false(exists(test_path("y.journal")) ||
                 exists(test_path("y.npy.partial")));
    assert_ok(foray_array_open(&y, test_path("y.npy"), "r", &err), err);
    check_squares(&y);
    foray_array_close(&y, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_goes_on_under_every_backend),
        cmocka_unit_test(test_what_the_caller_has_done_is_not_run),
        cmocka_unit_test(test_goes_on_after_a_kill),
    };

    if (share_squares())
        return 99;
    init_every_backend();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
