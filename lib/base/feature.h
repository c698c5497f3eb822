/* Features of the kernel and the CPU, and libraries, that tests can force
 * absent: FORAY_TEST_NO=pidfd,collapse,memfd,tmpfile,close_range,pause,timer,
 * status,clear_refs,avx512,avx2,libdw,libtiff */
#ifndef FORAY_BASE_FEATURE_H
#define FORAY_BASE_FEATURE_H

#include <stdbool.h>

/* Whether FORAY_TEST_NO does not name `feature`; whether the kernel has it is
 * for the caller to try. Reads the environment at each call. */
bool foray__feature(const char *feature);

#endif
