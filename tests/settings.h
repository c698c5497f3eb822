/* For tests of what decides a pool's settings: variables and levels. */
#ifndef FORAY_TESTS_SETTINGS_H
#define FORAY_TESTS_SETTINGS_H

#include <foray.h>

/* Unset the FORAY_ variables that set what a config does not. */
void forget_variables(void);

/* Setup and teardown of a test: forget variables and levels, whatever the last
 * test left. */
int set_nothing(void **state);

/* A level more, and what is decided now. */
void push_config(const struct foray_config *config);
struct foray_config get_config(void);

#endif
