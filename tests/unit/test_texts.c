/* Texts that tasks see. */
#include "helpers.h"

#include <string.h>

#include <foray.h>

static const char *const list[] = {"one", "", "caf\xe9", "a longer one"};
enum { N = 4 };

static int measure(struct foray_task *task)
{
    size_t i = foray_task_index(task);
    const char *text =
        foray_texts_at(foray_task_whole(task, 0), foray_task_whole(task, 1), i);

    if (strcmp(text, list[i]) != 0)
        return foray_task_fail(task, "text %zu is another", i);
    FORAY_AT(foray_task_out(task, 0), uint64_t, 0) = strlen(text);
    return 0;
}

static void test_tasks_see_them(void **state)
{
    const size_t n = N;
    struct foray_array lengths = {0};
    struct foray_pool *pool = NULL;
    struct foray_texts texts;
    struct foray_error err;

    (void)state;
    assert_ok(foray_texts_open(&texts, list, N, &err), err);
    assert_ok(foray_array_create(&lengths, NULL, FORAY_U64, 1, &n, &err), err);
    assert_ok(foray_pool_open(&pool, &(struct foray_config){.n_jobs = 2}, &err),
              err);
    assert_ok(
        foray_map(pool,
                  &(struct foray_map){.fn = measure,
                                      .whole = {&texts.bytes, &texts.starts},
                                      .out = {&lengths},
                                      .chunk = 1},
                  NULL, &err),
        err);
    for (size_t i = 0; i < N; i++)
        assert_int_equal(FORAY_AT(&lengths, uint64_t, i), strlen(list[i]));
    foray_pool_close(pool);
    foray_array_close(&lengths, NULL);
    foray_texts_close(&texts);
    foray_texts_close(&texts);
}

static void test_none(void **state)
{
    struct foray_texts texts;
    struct foray_error err;

    (void)state;
    assert_ok(foray_texts_open(&texts, NULL, 0, &err), err);
    assert_int_equal(texts.starts.shape[0], 0);
    foray_texts_close(&texts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tasks_see_them),
        cmocka_unit_test(test_none),
    };

    test_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
