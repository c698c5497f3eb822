/* Libraries that tests load while they run, built from tests/unit/module.c. */
#ifndef FORAY_TESTS_MODULES_H
#define FORAY_TESTS_MODULES_H

#include <foray.h>

/* Not there when built without shared libraries. */
#define MODULE(name) "tests/unit/.libs/" name ".so"

/* Load a module, and find its task function. Owner: the caller, dlclose. */
void *load_module(const char *path, foray_task_fn *fn);

#endif
