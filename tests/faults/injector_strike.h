/* Whether a call is struck: between the two halves of the module. */
#ifndef FORAY_TESTS_INJECTOR_STRIKE_H
#define FORAY_TESTS_INJECTOR_STRIKE_H

#include "injector.h"

/* Blocks of memory that nobody freed yet. */
extern _Atomic long fault_held;

/* Why this call is to fail: an errno, or 0; of those that a signal may end,
 * too. */
int fault_strike(enum fault_family family, const char *name, void *caller);
int fault_strike_slow(enum fault_family family, const char *name, void *caller);

/* Whether it is the HDF5 library that calls. */
int fault_is_hdf5(void *caller);

/* Whether what was struck ends in the middle of its work, and this end. */
int fault_tears(void);
void fault_die(void);

#endif
