/* C++ exceptions that nobody caught: what std::terminate was called for. */
#ifndef FORAY_ENGINE_THROWN_H
#define FORAY_ENGINE_THROWN_H

#include <stddef.h>

/* "std::runtime_error: no convergence": the exception that this thread handles
 * at the moment; the type only, if it does not derive from std::exception in
 * a single line; "" when there is none. In the handler of SIGABRT: it calls
 * the C++ library that the process has loaded, if any. */
void foray__thrown_take(char *out, size_t size);

#endif
