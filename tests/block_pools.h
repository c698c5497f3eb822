/* For tests of blocks: pools of every way that blocks reach their tasks. */
#ifndef FORAY_TESTS_BLOCK_POOLS_H
#define FORAY_TESTS_BLOCK_POOLS_H

#include <foray.h>

/* Processes, none, two backends from outside, of which one shares no memory,
 * and processes with guarded arrays. */
enum { N_BLOCK_POOLS = 5, GUARDED_POOL = 4 };
extern const char *const block_backends[N_BLOCK_POOLS];
extern struct foray_pool *block_pools[N_BLOCK_POOLS];

/* Setup and teardown of a group of tests. */
int open_block_pools(void **state);
int close_block_pools(void **state);

#endif
