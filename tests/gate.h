/* For tests of what happens beside running tasks: they wait at a gate, so that
 * nothing counts on how long anything takes. */
#ifndef FORAY_TESTS_GATE_H
#define FORAY_TESTS_GATE_H

#include <foray.h>

/* At the begin of main, before the zygote: share it with every worker. */
void make_gate(void);

/* Nobody has come since. */
void shut_gate(void);
void open_gate(void);

/* Another one is there. */
void come_to_gate(void);

/* How many have come, and whether that many come within PATIENCE. */
int n_at_gate(void);
bool await_at_gate(int n);

/* Come, and wait until the gate is open, but no longer than the run lasts, and
 * twice PATIENCE at most. Returns whether it is open. */
bool pass_gate(struct foray_task *task);

/* (x) -> x, when the gate is open; or fails */
int call_at_gate(struct foray_task *task);

/* Comes, and does not heed the end of the run. Only for workers that can be
 * killed. */
int deaf_at_gate(struct foray_task *task);

/* Shut the gate; as soon as n have come, a signal handler cancels the pool. */
void cancel_at_gate(struct foray_pool *pool, int n);

#endif
