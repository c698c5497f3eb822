/* What tests of calls have in common: small functions of tasks, a producer
 * of them, a look at whether a pool still works. */
#ifndef FORAY_TESTS_CALLS_H
#define FORAY_TESTS_CALLS_H

#include <foray.h>

/* (x) -> x * x */
int call_square(struct foray_task *task);

/* (x, milliseconds) -> x, after sleeping */
int call_sleep(struct foray_task *task);

/* (x, nbytes) -> x, that many bytes */
int call_bytes(struct foray_task *task);

/* (x) -> x, the worker's process id */
int call_pid(struct foray_task *task);

/* (array) -> the same */
int call_array(struct foray_task *task);

/* Of foray_map, f64 of two axes: out = 2 * in */
int map_twice(struct foray_task *task);

/* Of foray_reduce, one f64: the sum */
void combine_sum(void *into, const void *from, const void *params);

/* A producer of fn(next), fn(next + 1, more), ... up to `stop`. */
struct range {
    int64_t next, stop;
    foray_task_fn fn;
    int64_t more;    /* the second argument */
    int64_t fail_at; /* the number at which the producer fails; 0: never */
};
int next_in_range(struct foray_slot *slot, void *arg);

/* Begin an iterator over a range; `more` may be NULL. Owner: the caller. */
struct foray_run *start_range(struct foray_pool *pool, struct range *range,
                              const struct foray_iterator *more);

/* What foray_run_next returns at the end, reading n results before, and
 * dropping the run. With unordered ones n is all that is checked. */
int read_all(struct foray_run *run, size_t *n, struct foray_error *err);

/* The pool does its work: squares come out right. */
void expect_works(struct foray_pool *pool);

/* Run a list of n calls fn(i, more). Results may be NULL. */
int run_list(struct foray_pool *pool, foray_task_fn fn, size_t n, int64_t more,
             struct foray_result *results, struct foray_error *err);

/* Memory that the tasks of every backend share. Owner: the caller,
 * foray_array_close. */
struct foray_array shared_numbers(size_t n);

#endif
