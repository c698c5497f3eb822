/* The lock of the budget: one at a time, and a death inside is no end. */
#include "helpers.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/lock.h"

static struct shared {
    struct foray__lock lock;
    _Atomic int inside, faults, turns;
} * shared;

static int setup(void **state)
{
    (void)state;
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE,
                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return shared == MAP_FAILED;
}

static int teardown(void **state)
{
    (void)state;
    return munmap(shared, sizeof *shared);
}

_Noreturn static void take_turns(unsigned who, int n)
{
    for (int i = 0; i < n; i++) {
        foray__lock_take(&shared->lock, who);
        if (atomic_fetch_add(&shared->inside, 1))
            atomic_fetch_add(&shared->faults, 1);
        atomic_fetch_add(&shared->turns, 1);
        if (i % 64 == 0)
            nap(0.0001);
        atomic_fetch_sub(&shared->inside, 1);
        foray__lock_release(&shared->lock);
    }
    _exit(0);
}

static pid_t start(unsigned who, int n)
{
    pid_t pid = fork();

    if (!pid)
        take_turns(who, n);
    assert_true(pid > 0);
    return pid;
}

static void test_one_at_a_time(void **state)
{
    enum { N = 6, TURNS = 5000 };
    pid_t pids[N];
    int status;

    (void)state;
    for (unsigned who = 0; who < N; who++)
        pids[who] = start(who, TURNS);
    for (int i = 0; i < N; i++) {
        assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
        assert_int_equal(status, 0);
    }
    assert_int_equal(shared->faults, 0);
    assert_int_equal(shared->turns, N * TURNS);
    assert_int_equal(shared->lock.word, 0);
}

/* Some die inside, some on their way: the others finish once those are buried.
 */
static void test_deaths(void **state)
{
    enum { ROUNDS = 60, N = 4, TURNS = 2000 };
    pid_t victim, pids[N];
    int status;

    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        victim = start(9, 1 << 30);
        for (unsigned who = 0; who < N; who++)
            pids[who] = start(who, TURNS / ROUNDS);
        nap(0.0007 * (round % 5));
        kill(victim, SIGKILL);
        assert_int_equal(waitpid(victim, &status, 0), victim);
        if (shared->lock.word)
            atomic_store(&shared->inside, 0);
        foray__lock_bury(&shared->lock, 9);
        for (int i = 0; i < N; i++)
            assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
        assert_int_equal(shared->lock.word, 0);
    }
}

/* Inside, for sure. */
static void test_death_inside(void **state)
{
    pid_t waiting, dead = fork();
    int status;

    (void)state;
    if (!dead) {
        foray__lock_take(&shared->lock, 3);
        _exit(0);
    }
    assert_int_equal(waitpid(dead, &status, 0), dead);
    waiting = start(1, 1);
    nap(0.05);
    assert_int_equal(shared->turns, 0);
    foray__lock_bury(&shared->lock, 2); /* it was another */
    nap(0.05);
    assert_int_equal(shared->turns, 0);
    foray__lock_bury(&shared->lock, 3);
    assert_int_equal(waitpid(waiting, &status, 0), waiting);
    assert_int_equal(shared->turns, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_one_at_a_time, setup, teardown),
        cmocka_unit_test_setup_teardown(test_deaths, setup, teardown),
        cmocka_unit_test_setup_teardown(test_death_inside, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
