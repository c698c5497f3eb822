/* For tests of how workers begin and end: an init and a fini that are counted,
 * and tasks that use what the init left. */
#ifndef FORAY_TESTS_LIVES_H
#define FORAY_TESTS_LIVES_H

#include <stdatomic.h>
#include <stddef.h>

#include <foray.h>

/* Those whose workers are processes. */
extern const char *const process_backends[2];

/* Shared with every worker, also with the zygote's. */
struct seen {
    _Atomic int inits, finis, tasks;
};
extern struct seen *seen;

/* At the begin of main: share `seen` and the gate, and make the zygote. */
int begin_lives(void);

/* What remember_params gets, and leaves a copy of as the state. The name "slow"
 * makes its fini sleep, "crash" makes it abort. */
struct params {
    double scale;
    char name[16];
};
extern const struct params params_three; /* scale 3 */
void forget_params(void *state);

/* Two workers that remember these, as much time for fini as it may need, and a
 * log. */
struct foray_config config_of(const struct params *params);

/* What the log was told last. */
extern char told[512];
void tell(const char *sentence, void *arg);

/* A new pool, with nothing seen yet. */
struct foray_pool *open_lives(const char *backend, struct foray_config config);

/* What tasks leave: scale times the index, and their process. */
struct outputs {
    struct foray_array values, pids;
};
void open_outputs(struct outputs *out, size_t n);
void close_outputs(struct outputs *out);
size_t count_pids(const struct outputs *out);
int use_state(struct foray_task *task);

/* Run a task an element, and check what came out. */
void run_with(struct foray_pool *pool, struct outputs *out, foray_task_fn fn,
              double scale);

/* n calls that use the state, the first since the pool was opened. */
int call_state(struct foray_task *task);
void run_calls(struct foray_pool *pool, size_t n, double scale);

/* foray_for without anything else. */
int run_for(struct foray_pool *pool, size_t n, foray_task_fn fn,
            struct foray_error *err);
int trivial(struct foray_task *task);
int slow_trivial(struct foray_task *task); /* of 2 ms */

#endif
