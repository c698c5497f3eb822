#include "helpers.h"

#include <stdint.h>
#include <string.h>

#include "image/scratch.h"

/* With AddressSanitizer too an impossible size is for the caller to answer. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "allocator_may_return_null=1";
}

static void test_scratch_is_aligned_and_kept(void **state)
{
    struct foray__scratch scratch = {0};
    unsigned char *bytes = foray__scratch_get(&scratch, 100);

    (void)state;
    assert_non_null(bytes);
    assert_int_equal((uintptr_t)bytes % 64, 0);
    memset(bytes, 7, 100);
    assert_ptr_equal(foray__scratch_get(&scratch, 50), bytes);
    assert_ptr_equal(foray__scratch_get(&scratch, 128), bytes);
    assert_int_equal(bytes[99], 7);
    foray__scratch_free(&scratch);
    assert_null(scratch.bytes);
}

static void test_scratch_grows(void **state)
{
    struct foray__scratch scratch = {0};

    (void)state;
    for (size_t nbytes = 0; nbytes < 100000; nbytes = 3 * nbytes + 1) {
        void *bytes = foray__scratch_get(&scratch, nbytes);

        assert_non_null(bytes);
        assert_int_equal((uintptr_t)bytes % 64, 0);
        memset(bytes, 1, nbytes);
        assert_true(scratch.nbytes >= nbytes);
    }
    foray__scratch_free(&scratch);
    foray__scratch_free(&scratch); /* again: nothing */
}

static void test_scratch_keeps_the_block_when_memory_ends(void **state)
{
    static const size_t impossible[] = {SIZE_MAX, SIZE_MAX - 63, PTRDIFF_MAX,
                                        PTRDIFF_MAX - 64};
    struct foray__scratch scratch = {0};
    unsigned char *bytes = foray__scratch_get(&scratch, 64);

    (void)state;
    assert_non_null(bytes);
    bytes[63] = 9;
    for (size_t k = 0; k < sizeof impossible / sizeof impossible[0]; k++)
        assert_null(foray__scratch_get(&scratch, impossible[k]));
    assert_ptr_equal(foray__scratch_get(&scratch, 64), bytes);
    assert_int_equal(bytes[63], 9);
    foray__scratch_free(&scratch);
}

static void test_carving_measures_what_it_hands_out(void **state)
{
    char block[256];
    size_t at = 0;

    (void)state;
    assert_null(foray__scratch_carve(NULL, &at, 1));
    assert_int_equal(at, 64);
    assert_null(foray__scratch_carve(NULL, &at, 0));
    assert_int_equal(at, 64);
    assert_ptr_equal(foray__scratch_carve(block, &at, 65), block + 64);
    assert_int_equal(at, 192);
}

static void test_carving_too_much_is_seen_at_the_end(void **state)
{
    static const size_t sizes[] = {SIZE_MAX, SIZE_MAX - 62,
                                   (size_t)PTRDIFF_MAX + 1, PTRDIFF_MAX};

    (void)state;
    for (size_t k = 0; k < sizeof sizes / sizeof sizes[0]; k++) {
        size_t at = 64;

        assert_null(foray__scratch_carve(NULL, &at, sizes[k]));
        assert_true(at == SIZE_MAX);
        assert_null(foray__scratch_carve(NULL, &at, 0));
        assert_null(foray__scratch_carve(NULL, &at, 64));
        assert_true(at == SIZE_MAX);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scratch_is_aligned_and_kept),
        cmocka_unit_test(test_scratch_grows),
        cmocka_unit_test(test_scratch_keeps_the_block_when_memory_ends),
        cmocka_unit_test(test_carving_measures_what_it_hands_out),
        cmocka_unit_test(test_carving_too_much_is_seen_at_the_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
