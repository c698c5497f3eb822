/* Tasks of the campaigns whose end is known before they run: what each does is
 * a function of a seed and its index, so that a model that runs nothing says
 * what its status and its result must be. */
#ifndef FORAY_TESTS_DEEDS_H
#define FORAY_TESTS_DEEDS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <foray.h>

enum deed {
    DEED_WORK,      /* and no more; what the rest of a plan's tasks do */
    DEED_FAIL,      /* in every try */
    DEED_FLAKY,     /* fails in the first */
    DEED_DIE,       /* by SIGKILL, in every try */
    DEED_DIE_ONCE,  /* in the first */
    DEED_ABORT,     /* in every try */
    DEED_EXIT,      /* in every try */
    DEED_OVERSLEEP, /* longer than the pool's timeout, in every try */
    DEED_STOP,      /* itself, by SIGSTOP, and nobody continues it */
    DEED_NEST,      /* a pool of its own, whose tasks count to `nested` */
    N_DEEDS
};

/* What the tasks of a run do: plain bytes, passed to them. */
struct plan {
    uint64_t seed;
    uint32_t per_mille[N_DEEDS]; /* of the tasks; DEED_WORK has the rest */
    uint32_t spins;              /* at most, of a task */
    uint32_t n_nested;
    uint32_t reserve; /* bytes of the pool's budget, at most, of a task */
};

enum { MAX_DEEDS = 8192, MAX_SLOTS = 8, MAX_TRIES = 15 };

/* Shared with every worker: what really ran. A bit a try. */
struct marks {
    _Atomic uint16_t begun[MAX_DEEDS], ended[MAX_DEEDS];
    _Atomic uint8_t repeated[MAX_DEEDS]; /* a try began twice */
    _Atomic size_t n_begun;
    _Atomic pid_t pids[MAX_SLOTS]; /* who serves a slot, while it runs a task */
};
extern struct marks *marks;

/* At the begin of main, before the zygote is made. */
void share_marks(void);
void clear_marks(void);

/* Do task i's deed. Returns what the task is to return. */
int do_deed(struct foray_task *task, const struct plan *plan, size_t i);

/* What a task computes, and element k of what it has in an output. */
uint64_t deed_value(const struct plan *plan, size_t i);
double deed_element(const struct plan *plan, size_t i, size_t k);

/* What must become of a task that nobody disturbs. */
struct expected {
    enum foray_status status;
    int code;   /* of its error */
    int signal; /* that killed its worker */
    int tries;
};
enum deed deed_of(const struct plan *plan, size_t i);
struct expected expect_deed(const struct plan *plan, size_t i, int retries);

#endif
