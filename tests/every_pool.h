/* For tests of what must come out the same in every pool. */
#ifndef FORAY_TESTS_EVERY_POOL_H
#define FORAY_TESTS_EVERY_POOL_H

#include <foray.h>

/* Of 1, 2, 3 and 7 workers, serial, 3 processes of a backend from outside that
 * share no memory, 3 threads, and 3 threads of another. */
enum { N_EVERY_POOL = 8 };
extern struct foray_pool *every_pool[N_EVERY_POOL];

/* Setup and teardown of a group of tests. */
int open_every_pool(void **state);
int close_every_pool(void **state);

/* View memory as an array of one axis. */
struct foray_array vector(void *data, enum foray_dtype dtype, size_t n);

/* The same numbers every time, of many sizes and both signs: added in another
 * order they give other bits. Owner: the caller, free(). */
double *random_numbers(size_t n);

#endif
