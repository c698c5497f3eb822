/* Operations of random programs on files and arrays. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "chaos.h"
#include "helpers.h"

static void must(int code, const struct foray_error *err)
{
    if (!code)
        return;
    fprintf(stderr, "%s\n", err->msg);
    abort();
}

/* A file of n numbers that are their index. */
static void save_numbers(const char *path, size_t n)
{
    double *numbers = calloc(n + 1, sizeof *numbers);
    struct foray_array array;
    struct foray_error err;

    if (!numbers)
        abort();
    for (size_t i = 0; i < n; i++)
        numbers[i] = (double)i;
    must(foray_array_wrap(&array, numbers, FORAY_F64, 1, &n, &err), &err);
    must(foray_array_save(&array, path, &err), &err);
    free(numbers);
}

static int use_modes(struct foray_task *task)
{
    const struct plan *plan = foray_task_params(task);
    const struct foray_array *r = foray_task_whole(task, 0);
    const struct foray_array *r_plus = foray_task_whole(task, 1);
    const struct foray_array *w_plus = foray_task_whole(task, 2);
    const struct foray_array *c = foray_task_whole(task, 3);
    size_t i = foray_task_index(task), n = c->shape[0];
    int code;

    for (size_t k = 0; k < n; k += 100)
        if (FORAY_AT(c, double, k) != (double)k ||
            FORAY_AT(r, double, k) != (double)k)
            return foray_task_fail(task, "element %zu is another's", k);
    for (size_t k = 0; k < n; k += 50)
        FORAY_AT(c, double, k) = -1;
    code = do_deed(task, plan, i);
    if (code)
        return code;
    FORAY_AT(r_plus, double, i) = deed_element(plan, i, 1);
    FORAY_AT(w_plus, double, i) = deed_element(plan, i, 2);
    return 0;
}

struct modes {
    struct foray_array r, r_plus, w_plus, c;
};

static void open_modes(struct modes *modes, size_t n)
{
    struct foray_error err;

    save_numbers(test_path("r.npy"), n);
    save_numbers(test_path("r+.npy"), n);
    save_numbers(test_path("c.npy"), n);
    must(foray_array_open(&modes->r, test_path("r.npy"), "r", &err), &err);
    must(foray_array_open(&modes->r_plus, test_path("r+.npy"), "r+", &err),
         &err);
    must(foray_array_create(&modes->w_plus, test_path("w+.npy"), FORAY_F64, 1,
                            &n, &err),
         &err);
    must(foray_array_open(&modes->c, test_path("c.npy"), "c", &err), &err);
}

static void close_modes(struct modes *modes)
{
    struct foray_error err;

    must(foray_array_close(&modes->r, &err), &err);
    must(foray_array_close(&modes->r_plus, &err), &err);
    must(foray_array_close(&modes->w_plus, &err), &err);
    must(foray_array_close(&modes->c, &err), &err);
    unlink(test_path("r.npy"));
    unlink(test_path("r+.npy"));
    unlink(test_path("w+.npy"));
    unlink(test_path("c.npy"));
}

/* What a task that is well has written is there; another's element is as it
 * was, or as that would have written it. */
static bool is_as_told(const struct modes *modes, const struct trial *trial,
                       const uint8_t *status, size_t i)
{
    double r_plus = FORAY_AT(&modes->r_plus, double, i);
    double w_plus = FORAY_AT(&modes->w_plus, double, i);
    bool wrote = r_plus == deed_element(&trial->plan, i, 1) &&
                 w_plus == deed_element(&trial->plan, i, 2);

    return FORAY_AT(&modes->c, double, i) == (double)i &&
           (wrote || (status[i] != FORAY_TASK_OK &&
                      (r_plus == (double)i ||
                       r_plus == deed_element(&trial->plan, i, 1)) &&
                      w_plus == 0));
}

void try_modes(struct program *program)
{
    static struct outcome outcome;
    struct trial trial = program->trial;
    struct modes modes;
    const struct foray_for loop = {
        .fn = use_modes,
        .n = trial.n,
        .whole = {&modes.r, &modes.r_plus, &modes.w_plus, &modes.c},
        .params = &trial.plan,
        .params_size = sizeof trial.plan,
        .status = outcome.status,
        .failed = outcome_failed,
        .failed_arg = &outcome};
    bool right;

    trial.form = FORM_FOR;
    memset(&outcome, 0, sizeof outcome);
    open_modes(&modes, trial.n);
    clear_marks();
    killer_run(&program->killer);
    outcome.code =
        foray_for(program->pool, &loop, &outcome.report, &outcome.err);
    killer_rest(&program->killer);
    outcome.has_report = true;
    right = judge(&program->counts->tally, program->campaign, &trial, &outcome);
    for (size_t i = 0; i < trial.n; i++)
        if (!is_as_told(&modes, &trial, outcome.status, i)) {
            campaign_fault(program->campaign,
                           "%s: element %zu of the arrays is not what task, "
                           "status %d, did",
                           trial.backend, i, outcome.status[i]);
            right = false;
            break;
        }
    program->counts->modes++;
    program->counts->wrong_modes += !right;
    close_modes(&modes);
}

/* Each number is what it was, or of the zeros between the end of the file and
 * that of its last page. */
static int read_slice(struct foray_task *task)
{
    const struct foray_array *x = foray_task_in(task, 0);
    size_t start = foray_task_slice(task).start;

    for (size_t i = 0; i < x->shape[0]; i++) {
        double number = FORAY_AT(x, double, i);

        if (number != 0 && number != (double)(start + i))
            return foray_task_fail(task, "element %zu is wrong", i);
    }
    return 0;
}

static int store_slice(struct foray_task *task)
{
    const struct foray_array *y = foray_task_out(task, 0);

    for (size_t i = 0; i < y->shape[0]; i++)
        FORAY_AT(y, double, i) = (double)(foray_task_slice(task).start + i);
    return 0;
}

struct shrunk {
    struct program *program;
    const char *name;
    size_t wrong;
};

static void look_at_error(const struct foray_error *err, void *arg)
{
    struct shrunk *shrunk = arg;

    /* Whoever is killed in that moment has other errors. */
    if (err->signal == SIGBUS && strstr(err->msg, shrunk->name))
        return;
    if (shrunk->program->trial.disturbed && err->signal == SIGKILL)
        return;
    shrunk->wrong++;
    campaign_fault(shrunk->program->campaign, "%s, a file that shrank: %s",
                   shrunk->program->trial.backend, err->msg);
}

void try_shrunk_file(struct program *program)
{
    enum { ROWS = 64 << 10, CHUNK = 4 << 10 };
    static uint8_t status[ROWS / CHUNK];
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    off_t length = 8 * (off_t)campaign_random(program->campaign, ROWS);
    struct shrunk shrunk = {program, "shrunk.npy", 0};
    bool stores = campaign_random(program->campaign, 2);
    struct foray_array x;
    struct foray_error err;
    const struct foray_map map = {.fn = stores ? store_slice : read_slice,
                                  .in = {stores ? NULL : &x},
                                  .out = {stores ? &x : NULL},
                                  .chunk = CHUNK,
                                  .on_error = FORAY_SKIP,
                                  .status = status,
                                  .failed = look_at_error,
                                  .failed_arg = &shrunk};
    size_t offset;

    save_numbers(test_path("shrunk.npy"), ROWS);
    must(foray_array_open(&x, test_path("shrunk.npy"), stores ? "r+" : "r",
                          &err),
         &err);
    offset = (size_t)((uintptr_t)x.data % page); /* of the data in the file */
    if (truncate(test_path("shrunk.npy"), length))
        abort();
    killer_run(&program->killer);
    if (foray_map(program->pool, &map, NULL, &err)) {
        campaign_fault(program->campaign, "a file that shrank: %s", err.msg);
        shrunk.wrong++;
    }
    killer_rest(&program->killer);
    for (size_t i = 0; i < ROWS / CHUNK; i++) {
        size_t end = offset + 8 * CHUNK * (i + 1);
        bool is_there = end <= (size_t)length;
        /* The rest of the last page is zeros, and no fault. */
        bool is_gone = (size_t)length + page < end;

        if ((is_gone && status[i] == FORAY_TASK_OK) ||
            (is_there && status[i] != FORAY_TASK_OK &&
             !program->trial.disturbed)) {
            shrunk.wrong++;
            campaign_fault(program->campaign,
                           "%s: slice %zu of a file of %zu bytes has status %d",
                           program->trial.backend, i, (size_t)length,
                           status[i]);
        }
    }
    program->counts->shrunk++;
    program->counts->wrong_shrunk += shrunk.wrong > 0;
    must(foray_array_close(&x, &err), &err);
    unlink(test_path("shrunk.npy"));
}

static int count_and_store(struct foray_task *task)
{
    atomic_fetch_add(&marks->n_begun, 1);
    return store_slice(task);
}

/* A run whose private output is copied to where only 1 MiB fits: it is done, or
 * refused before anything ran. */
void try_scarce(struct program *program, const char *folder)
{
    size_t n = campaign_random(program->campaign, 512 << 10) + 1;
    double *numbers = malloc(n * sizeof *numbers);
    struct foray_pool *pool = NULL;
    struct foray_array y;
    struct foray_error err;
    const struct foray_config config = {
        .backend = program->trial.backend, .n_jobs = 2, .temp_folder = folder};
    const struct foray_map map = {.fn = count_and_store, .out = {&y}};
    bool right = true;
    int code;

    if (!numbers)
        abort();
    for (size_t i = 0; i < n; i++)
        numbers[i] = -1;
    must(foray_array_wrap(&y, numbers, FORAY_F64, 1, &n, &err), &err);
    clear_marks();
    code = foray_pool_open(&pool, &config, &err);
    if (!code)
        code = foray_map(pool, &map, NULL, &err);
    if (code && (code != FORAY_ENOSPC || atomic_load(&marks->n_begun)))
        right = false;
    for (size_t i = 0; i < n; i++)
        right = right && numbers[i] == (code ? -1 : (double)i);
    if (!right)
        campaign_fault(program->campaign, "%s, %zu numbers in 1 MiB: %s",
                       config.backend, n, code ? err.msg : "they are wrong");
    foray_pool_close(pool);
    free(numbers);
    program->counts->scarce++;
    program->counts->wrong_scarce += !right;
}
