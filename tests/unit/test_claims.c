/* The claim protocol step by step, in one process; tests/model checks every
 * interleaving, test_kills the real thing. */
#include "helpers.h"

#include <stdlib.h>
#include <string.h>

#include "engine/claims.h"

static const struct foray__owner first = {0, 1}, second = {1, 1};

static struct foray__burial bury(struct foray__claims *claims,
                                 struct foray__owner owner, uint64_t current)
{
    return foray__claims_bury(
        claims, &(struct foray__dead){.owner = owner,
                                      .current = current,
                                      .recorded = FORAY__NO_TASK});
}

static int set_up(void **state)
{
    struct foray__claims *claims =
        aligned_alloc(64, sizeof(struct foray__claims));

    if (claims)
        memset(claims, 0, sizeof *claims);
    *state = claims;
    return claims ? 0 : -1;
}

static int tear_down(void **state)
{
    free(*state);
    return 0;
}

static void test_take_hands_out_every_task_once(void **state)
{
    static const size_t sizes[] = {1, 2, 4095, 4096, 4097, 8192, 100003};
    struct foray__claims *claims = *state;

    for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
        uint32_t generation = foray__claims_begin(claims, sizes[s]);
        struct foray__claim claim;
        uint64_t next = 0;

        while (foray__claims_take(claims, generation, first, &claim)) {
            assert_int_equal(claim.start, next);
            assert_true(claim.stop > claim.start);
            next = claim.stop;
            foray__claims_finish(claims, generation, &claim);
        }
        assert_int_equal(next, sizes[s]);
        assert_int_equal(foray__claims_left(claims).pending, 0);
        assert_int_equal(foray__claims_left(claims).owned, 0);
    }
}

static void test_take_before_the_first_run_gets_nothing(void **state)
{
    struct foray__claims *claims = *state;
    struct foray__claim claim;

    atomic_store(&claims->offered, 5); /* seen early by a late worker */
    assert_false(foray__claims_take(claims, 0, first, &claim));
}

static void test_take_of_an_old_run_gets_nothing(void **state)
{
    struct foray__claims *claims = *state;
    uint32_t old = foray__claims_begin(claims, 3);
    uint32_t now = foray__claims_begin(claims, 3);
    struct foray__claim claim;
    int n = 0;

    assert_false(foray__claims_take(claims, old, first, &claim));
    /* It used up the hint; nothing is lost for those of the present run. */
    while (foray__claims_take(claims, now, second, &claim))
        n++;
    assert_int_equal(n, 3);
}

static void test_bury_names_the_victim_and_offers_the_rest(void **state)
{
    struct foray__claims *claims = *state;
    uint32_t generation = foray__claims_begin(claims, 10 * 4096);
    struct foray__claim claim, again;
    struct foray__burial burial;

    assert_true(foray__claims_take(claims, generation, first, &claim));
    assert_int_equal(claim.stop - claim.start, 10);
    burial = bury(claims, first, claim.start + 3);
    assert_int_equal(burial.victim, claim.start + 3);
    assert_int_equal(burial.n_settled, 4);
    assert_true(foray__claims_settled(claims, claim.start + 3));
    assert_false(foray__claims_settled(claims, claim.start + 4));
    atomic_store(&claims->hint, 4096); /* found by looking, not by the hint */
    assert_true(foray__claims_take(claims, generation, second, &again));
    assert_int_equal(again.word, claim.word);
    assert_int_equal(again.start, claim.start + 4);
    assert_int_equal(again.stop, claim.stop);
    /* The second owner dies before its first task: nothing more is settled. */
    burial = bury(claims, second, FORAY__NO_TASK);
    assert_true(burial.victim == FORAY__NO_TASK);
    assert_int_equal(burial.n_settled, 0);
    assert_true(foray__claims_take(claims, generation, first, &again));
    assert_int_equal(again.start, claim.start + 4);
}

static void test_bury_after_the_last_task_marks_done(void **state)
{
    struct foray__claims *claims = *state;
    uint32_t generation = foray__claims_begin(claims, 1);
    struct foray__claim claim;

    assert_true(foray__claims_take(claims, generation, first, &claim));
    assert_true(bury(claims, first, claim.stop).victim == FORAY__NO_TASK);
    assert_int_equal(foray__claims_left(claims).pending, 0);
    assert_int_equal(foray__claims_left(claims).owned, 0);
    assert_true(foray__claims_settled(claims, 0));
}

static void test_bury_of_another_incarnation_touches_nothing(void **state)
{
    struct foray__claims *claims = *state;
    struct foray__owner other = {0, 2};
    uint32_t generation = foray__claims_begin(claims, 1);
    struct foray__claim claim;

    assert_true(foray__claims_take(claims, generation, first, &claim));
    assert_true(bury(claims, other, 0).victim == FORAY__NO_TASK);
    assert_int_equal(foray__claims_left(claims).owned, 1);
}

static void test_close_and_abandon_say_what_is_settled(void **state)
{
    struct foray__claims *claims = *state;
    uint32_t generation = foray__claims_begin(claims, 4 * 4096);
    struct foray__claim claim, none;

    assert_true(foray__claims_take(claims, generation, first, &claim));
    foray__claims_close(claims);
    assert_int_equal(foray__claims_left(claims).pending, 0);
    assert_int_equal(foray__claims_left(claims).owned, 1);
    assert_false(foray__claims_take(claims, generation, second, &none));
    foray__claims_abandon(claims, generation, &claim, claim.start + 2);
    assert_true(foray__claims_settled(claims, claim.start + 1));
    assert_false(foray__claims_settled(claims, claim.start + 2));
    assert_false(foray__claims_settled(claims, 4 * 4096 - 1));
}

static void test_bury_offers_a_victim_again_as_often_as_asked(void **state)
{
    struct foray__claims *claims = *state;
    uint32_t generation = foray__claims_begin(claims, 10 * 4096);
    struct foray__dead dead = {
        .owner = first, .recorded = FORAY__NO_TASK, .retries = 2};
    struct foray__burial burial;
    struct foray__claim claim;

    assert_true(foray__claims_take(claims, generation, first, &claim));
    dead.current = claim.start + 3;
    for (uint32_t attempt = 1; attempt <= 3; attempt++) {
        burial = foray__claims_bury(claims, &dead);
        assert_int_equal(burial.victim, dead.current);
        assert_int_equal(burial.attempt, attempt);
        assert_int_equal(burial.again, attempt < 3);
        assert_int_equal(burial.n_settled, attempt == 1   ? 3
                                           : attempt == 3 ? 1
                                                          : 0);
        atomic_store(&claims->hint, 4096);
        assert_true(foray__claims_take(claims, generation, first, &claim));
        assert_int_equal(claim.start, dead.current + (attempt == 3));
        assert_int_equal(claim.attempt, attempt == 3 ? 1 : attempt + 1);
    }
    /* Recorded before it died: it is no victim. */
    dead.current = dead.recorded = claim.start;
    burial = foray__claims_bury(claims, &dead);
    assert_true(burial.victim == FORAY__NO_TASK);
    assert_int_equal(burial.n_settled, 1);
}

static void test_offered_words_go_round(void **state)
{
    struct foray__claims *claims = *state;
    uint32_t generation = foray__claims_open(claims);
    struct foray__claim claim;
    uint64_t next = 0;

    assert_false(foray__claims_take(claims, generation, first, &claim));
    for (int i = 0; i < 3 * FORAY__CLAIM_WORDS; i++) {
        assert_true(foray__claims_has_room(claims));
        assert_int_equal(foray__claims_offer(claims, next, next + 2, next * 64),
                         i);
        assert_true(foray__claims_take(claims, generation, first, &claim));
        assert_int_equal(claim.start, next);
        assert_int_equal(claim.stop, next + 2);
        assert_int_equal(claim.block, next * 64);
        foray__claims_finish(claims, generation, &claim);
        atomic_store(&claims->tail, (uint64_t)i + 1);
        next += 2;
    }
    for (int i = 0; i < FORAY__CLAIM_WORDS; i++, next++)
        foray__claims_offer(claims, next, next + 1, 0);
    assert_false(foray__claims_has_room(claims));
    assert_true(
        foray__claims_withdraw(claims, 3 * (uint64_t)FORAY__CLAIM_WORDS));
    assert_true(foray__claims_take(claims, generation, first, &claim));
    assert_int_equal(claim.start, next - FORAY__CLAIM_WORDS + 1);
    assert_false(
        foray__claims_withdraw(claims, 3 * (uint64_t)FORAY__CLAIM_WORDS + 1));
}

/* Where each slot is. */
static uint64_t current_of(unsigned slot, const void *arg)
{
    return ((const uint64_t *)arg)[slot];
}

static uint64_t n_left(const struct foray__claims *claims, uint64_t *from,
                       uint64_t enough, const uint64_t *current)
{
    return foray__claims_n_left(claims, from, enough, current_of, current);
}

static void test_what_is_left_of_known_tasks_are_words(void **state)
{
    static const uint64_t nowhere[2] = {FORAY__NO_TASK, FORAY__NO_TASK};
    struct foray__claims *claims = *state;
    struct foray__claim one, two;
    uint64_t from = 0;
    uint32_t generation = foray__claims_begin(claims, 3);

    assert_int_equal(n_left(claims, &from, 2, nowhere), 2);
    assert_int_equal(n_left(claims, &from, 9, nowhere), 3);
    assert_true(foray__claims_take(claims, generation, first, &one));
    assert_true(foray__claims_take(claims, generation, second, &two));
    assert_int_equal(n_left(claims, &from, 9, nowhere), 3);
    foray__claims_finish(claims, generation, &two);
    assert_int_equal(n_left(claims, &from, 9, nowhere), 2);
    assert_int_equal(from, 0);
    foray__claims_finish(claims, generation, &one);
    assert_int_equal(n_left(claims, &from, 9, nowhere), 1);
    assert_int_equal(from, 2);
    /* Many in a word have one owner. */
    from = 0;
    foray__claims_begin(claims, 5 * FORAY__CLAIM_WORDS);
    assert_int_equal(n_left(claims, &from, 2 * FORAY__CLAIM_WORDS, nowhere),
                     FORAY__CLAIM_WORDS);
}

static void test_what_is_left_of_calls_is_known_at_their_end(void **state)
{
    uint64_t current[2] = {FORAY__NO_TASK, FORAY__NO_TASK};
    struct foray__claims *claims = *state;
    struct foray__claim claim;
    uint64_t from = 0, k;
    uint32_t generation = foray__claims_open(claims);

    k = foray__claims_offer(claims, 0, 8, 0);
    assert_int_equal(n_left(claims, &from, 99, current), 99);
    foray__claims_expect(claims, 2);
    assert_int_equal(n_left(claims, &from, 99, current), 10);
    foray__claims_expect(claims, 0);
    assert_true(foray__claims_take(claims, generation, second, &claim));
    assert_int_equal(n_left(claims, &from, 99, current), 8);
    current[1] = 3;
    assert_int_equal(n_left(claims, &from, 99, current), 5);
    /* Given back, it is to be done until it is offered again. */
    foray__claims_abandon(claims, generation, &claim, 4);
    current[1] = FORAY__NO_TASK;
    assert_int_equal(n_left(claims, &from, 99, current), 4);
    foray__claims_offer(claims, 4, 6, 0);
    foray__claims_offer(claims, 6, 8, 0);
    assert_int_equal(n_left(claims, &from, 99, current), 8);
    foray__claims_replace(claims, k);
    assert_int_equal(n_left(claims, &from, 99, current), 4);
    assert_int_equal(from, 1);
    assert_true(foray__claims_withdraw(claims, 1));
    assert_int_equal(n_left(claims, &from, 99, current), 2);
}

/* Generations are 32 bits, and one of them means that nothing has begun. */
static void test_generations_come_again(void **state)
{
    struct foray__claims *claims = *state;
    struct foray__claim claim;

    for (int by_offer = 0; by_offer < 2; by_offer++) {
        uint32_t generation;

        atomic_store(&claims->generation, UINT32_MAX);
        generation = by_offer ? foray__claims_open(claims)
                              : foray__claims_begin(claims, 3);
        if (by_offer)
            foray__claims_offer(claims, 0, 3, 0);
        assert_true(foray__claims_take(claims, generation, first, &claim));
        foray__claims_finish(claims, generation, &claim);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_take_hands_out_every_task_once,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            test_take_before_the_first_run_gets_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_take_of_an_old_run_gets_nothing,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            test_bury_names_the_victim_and_offers_the_rest, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            test_bury_after_the_last_task_marks_done, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            test_bury_of_another_incarnation_touches_nothing, set_up,
            tear_down),
        cmocka_unit_test_setup_teardown(
            test_bury_offers_a_victim_again_as_often_as_asked, set_up,
            tear_down),
        cmocka_unit_test_setup_teardown(test_offered_words_go_round, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(
            test_close_and_abandon_say_what_is_settled, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            test_what_is_left_of_known_tasks_are_words, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            test_what_is_left_of_calls_is_known_at_their_end, set_up,
            tear_down),
        cmocka_unit_test_setup_teardown(test_generations_come_again, set_up,
                                        tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
