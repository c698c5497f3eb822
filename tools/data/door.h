/* Parts of foray with a heavy library behind them, loaded when a command needs
 * them: others start without. */
#ifndef FORAY_TOOLS_DATA_DOOR_H
#define FORAY_TOOLS_DATA_DOOR_H

#include <foray/error.h>

/* Load a library and find n of its functions, "PREFIX" and each of `names`.
 * 0, or FORAY_ENOTSUP in words that name `what`; nothing is in `functions`
 * then. */
int door_open(void **functions, const char *library, const char *prefix,
              const char *const *names, int n, const char *what,
              struct foray_error *err);

/* What is to be said where it was left out of this build. FORAY_ENOTSUP. */
int door_missing(const char *what, struct foray_error *err);

#endif
