/* For tests of runs that are given no pool: their configuration, and a private
 * array to pass. */
#ifndef FORAY_TESTS_ONCE_H
#define FORAY_TESTS_ONCE_H

#include "every_backend.h"

/* Push what such runs are made of: three workers of that backend, a failure
 * ends nothing. `mode` NULL: the default. */
void configure_once(const struct backend *backend, const char *mode);

/* 8 MiB of ones in private memory, neither whose begin nor whose end is a
 * page's. Owner: the caller, free(x.data). */
enum { ONCE_LENGTH = 1 << 20 };
struct foray_array private_ones(void);

#endif
