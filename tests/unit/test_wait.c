/* Doorbells, and who sleeps there. */
#include "helpers.h"

#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <foray.h>

#include "engine/crew.h"
#include "engine/pool_body.h"
#include "every_backend.h"

struct bedroom {
    struct foray__doorbell bell;
    _Atomic uint32_t asleep[2];
};

static pid_t fork_sleeper(struct bedroom *room, int k)
{
    pid_t pid = fork();

    if (pid == 0) {
        foray__doorbell_wait(&room->bell, 0, 0, INFINITY, &room->asleep[k]);
        _exit(0);
    }
    assert_true(pid > 0);
    return pid;
}

static void await_asleep(const _Atomic uint32_t *asleep)
{
    double start = seconds_now();

    while (!atomic_load(asleep) && seconds_now() - start < PATIENCE)
        nap(1e-4);
    assert_int_not_equal(atomic_load(asleep), 0);
}

static void test_the_dead_do_not_sleep(void **state)
{
    struct bedroom *room = mmap(NULL, sizeof *room, PROT_READ | PROT_WRITE,
                                MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t pids[2];

    (void)state;
    assert_true(room != MAP_FAILED);
    for (int k = 0; k < 2; k++)
        pids[k] = fork_sleeper(room, k);
    for (int k = 0; k < 2; k++)
        await_asleep(&room->asleep[k]);
    assert_int_equal(atomic_load(&room->bell.sleepers), 2);
    kill(pids[0], SIGKILL);
    assert_int_equal(waitpid(pids[0], NULL, 0), pids[0]);
    for (int again = 0; again < 2; again++) {
        foray__doorbell_bury(&room->bell, &room->asleep[0]);
        assert_int_equal(atomic_load(&room->bell.sleepers), 1);
    }
    foray__doorbell_ring(&room->bell);
    assert_int_equal(waitpid(pids[1], NULL, 0), pids[1]);
    assert_int_equal(atomic_load(&room->bell.sleepers), 0);
    munmap(room, sizeof *room);
}

static int nothing(struct foray_task *task)
{
    (void)task;
    return 0;
}

/* Workers killed in their sleep: as many sleep at last as there are. */
static void test_workers_killed_in_their_sleep(void **state)
{
    (void)state;
    FOR_PROCESS_BACKENDS(backend)
    {
        struct foray_pool *pool = open_backend(backend, 2, NULL);
        const struct foray__crew *crew = pool->state;
        struct foray_error err;

        for (int round = 0; round < 3; round++) {
            assert_ok(foray_for(pool,
                                &(struct foray_for){.fn = nothing, .n = 9},
                                NULL, &err),
                      err);
            for (int slot = 0; slot < 2; slot++)
                await_asleep(&crew->shared->slots[slot].asleep);
            assert_int_equal(atomic_load(&crew->shared->doorbell.sleepers), 2);
            for (int slot = 0; slot < 2; slot++) {
                pid_t pid = foray_pool_worker_pid(pool, slot);

                kill(pid, SIGKILL);
                assert_true(process_ends(pid));
            }
        }
        assert_int_equal(foray_pool_close(pool), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_dead_do_not_sleep),
        cmocka_unit_test(test_workers_killed_in_their_sleep),
    };

    init_every_backend();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
