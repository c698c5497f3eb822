/* Calls that write over what others of their worker have recorded, while the
 * parent reads it: every call has a result or an error, and the parent goes on.
 *
 * FORAY_SLOW: thirty times as many.
 */
#include "helpers.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "calls.h"
#include "engine/claim_word.h"
#include "engine/crew.h"
#include "engine/pool_body.h"
#include "pools.h"

enum { CALLS = 3000 };

/* Change a byte of the payload of a record that waits, now and then. */
static void scribble(struct foray__records *ring, unsigned seed)
{
    uint64_t at = atomic_load(&ring->tail), head = atomic_load(&ring->head);

    while (at < head) {
        struct foray__record *record =
            (void *)(ring->bytes + at % FORAY__RECORDS_SIZE);
        size_t size = record->size, payload = size - sizeof *record;

        if (size < sizeof *record || size > head - at) /* taken meanwhile */
            return;
        if (record->kind == FORAY__RECORD_VALUES && rand_r(&seed) % 3 == 0) {
            char *byte = (char *)(record + 1) + (size_t)rand_r(&seed) % payload;

            *byte = (char)(*byte ^ (1 + rand_r(&seed) % 255));
            return;
        }
        at += size;
    }
}

/* (i, where the pool's memory is) -> i, a text, an array. */
static int scribble_and_return(struct foray_task *task)
{
    int64_t i = foray_task_i64(task, 0);
    struct foray__shared *shared = (void *)(uintptr_t)foray_task_u64(task, 1);
    double elements[] = {1, 2, 3};
    struct foray_array array;
    size_t n = 3;

    if (i % 3 == 0)
        scribble(&shared->slots[foray_task_worker(task)].records, (unsigned)i);
    if (foray_array_wrap(&array, elements, FORAY_F64, 1, &n, NULL))
        return FORAY_EINVAL;
    return foray_return(task, i, "text", &array);
}

/* What there is can be read. */
static double read_result(const struct foray_result *result)
{
    const char *text = foray_result_str(result, 1);
    const struct foray_array *array = foray_result_array(result, 2);
    double sum = text ? (double)strlen(text) : 0;

    if (result->code)
        assert_true(foray_result_error(result)->msg[0]);
    if (array && array->dtype == FORAY_F64 && array->ndim == 1)
        for (size_t i = 0; i < array->shape[0]; i++)
            sum += FORAY_AT(array, double, i);
    return sum;
}

/* It has its memory already. */
static struct foray_pool *open_working(void)
{
    struct foray_pool *pool =
        open_pool("fork", 2, &(struct foray_config){.on_error = FORAY_SKIP});

    expect_works(pool);
    return pool;
}

static void test_scribbled_records(void **state)
{
    static struct foray_call calls[CALLS];
    static struct foray_result results[CALLS];
    struct foray_pool *pool = open_working();
    size_t n_whole = 0;
    uint64_t shared;

    (void)state;
    shared = (uintptr_t)((const struct foray__crew *)pool->state)->shared;
    for (int rounds = getenv("FORAY_SLOW") ? 30 : 1; rounds > 0; rounds--) {
        for (int i = 0; i < CALLS; i++)
            calls[i] =
                foray_delayed(scribble_and_return, rounds * CALLS + i, shared);
        (void)!foray_parallel(pool, calls, CALLS, results, NULL);
        for (size_t i = 0; i < CALLS; i++) {
            assert_int_equal(results[i].index, i);
            n_whole += read_result(&results[i]) == 4 + 1 + 2 + 3;
        }
        foray_results_free(results, CALLS);
    }
    assert_true(n_whole > CALLS / 2);
    expect_works(pool);
    assert_int_equal(foray_pool_close(pool), 0);
}

/* The record that waits longest is now one of a call that has its result. */
static int readdress_and_return(struct foray_task *task)
{
    struct foray__shared *shared = (void *)(uintptr_t)foray_task_u64(task, 1);
    struct foray__records *ring =
        &shared->slots[foray_task_worker(task)].records;
    uint64_t tail = atomic_load(&ring->tail), head = atomic_load(&ring->head);
    struct foray__record *record =
        (void *)(ring->bytes + tail % FORAY__RECORDS_SIZE);

    if (head - tail >= sizeof *record && record->size >= sizeof *record)
        record->task = 0;
    return foray_return(task, foray_task_i64(task, 0));
}

/* An outcome that never comes is not waited for. */
static void test_readdressed_records(void **state)
{
    static struct foray_call calls[CALLS];
    static struct foray_result results[CALLS];
    struct foray_pool *pool = open_working();
    struct foray_error err;
    uint64_t shared =
        (uintptr_t)((const struct foray__crew *)pool->state)->shared;

    (void)state;
    for (int i = 0; i < CALLS; i++)
        calls[i] = foray_delayed(readdress_and_return, i, shared);
    assert_int_equal(foray_parallel(pool, calls, CALLS, results, &err),
                     FORAY_ECRASH);
    assert_non_null(strstr(err.msg, "stands still"));
    foray_results_free(results, CALLS);
    expect_works(pool);
    assert_int_equal(foray_pool_close(pool), 0);
}

/* The ring itself is out of step. */
static int shift_and_return(struct foray_task *task)
{
    struct foray__shared *shared = (void *)(uintptr_t)foray_task_u64(task, 1);
    struct foray__records *ring =
        &shared->slots[foray_task_worker(task)].records;
    int64_t i = foray_task_i64(task, 0);

    if (i == CALLS / 2)
        atomic_fetch_add(&ring->head, 4);
    return foray_return(task, i);
}

static void test_shifted_ring(void **state)
{
    static struct foray_call calls[CALLS];
    static struct foray_result results[CALLS];
    struct foray_pool *pool = open_working();
    uint64_t shared =
        (uintptr_t)((const struct foray__crew *)pool->state)->shared;

    (void)state;
    for (int i = 0; i < CALLS; i++)
        calls[i] = foray_delayed(shift_and_return, i, shared);
    (void)!foray_parallel(pool, calls, CALLS, results, NULL);
    for (int i = 0; i < CALLS; i++)
        assert_true(results[i].code || foray_result_i64(&results[i], 0) == i);
    foray_results_free(results, CALLS);
    for (int slot = 0; slot < foray_pool_n_jobs(pool); slot++)
        assert_int_equal(((const struct foray__crew *)pool->state)
                                 ->shared->slots[slot]
                                 .records.head %
                             8,
                         0);
    expect_works(pool);
    assert_int_equal(foray_pool_close(pool), 0);
}

enum { TASKS = 64 };

/* The last task's word belongs to nobody, for ever. */
static int usurp(struct foray_task *task)
{
    struct foray__shared *shared = *(void *const *)foray_task_params(task);
    struct foray__claims *claims = &shared->claims;
    struct foray__owner nobody = {4095, 1};

    if (foray_task_index(task) == 0)
        atomic_store(
            &claims->words[TASKS - 1].word,
            foray__word_make(atomic_load(&claims->generation), FORAY__OWNED) |
                foray__word_owner(nobody));
    return 0;
}

static void test_word_of_nobody(void **state)
{
    struct foray_pool *pool = open_working();
    struct foray__shared *shared =
        ((const struct foray__crew *)pool->state)->shared;
    struct foray_for tasks = {.fn = usurp,
                              .n = TASKS,
                              .params = &shared,
                              .params_size = sizeof shared};
    struct foray_error err;

    (void)state;
    assert_int_equal(foray_for(pool, &tasks, NULL, &err), FORAY_ECRASH);
    assert_non_null(strstr(err.msg, "stands still"));
    expect_works(pool);
    assert_int_equal(foray_pool_close(pool), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scribbled_records),
        cmocka_unit_test(test_readdressed_records),
        cmocka_unit_test(test_shifted_ring),
        cmocka_unit_test(test_word_of_nobody),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
