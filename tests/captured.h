/* Captured machines: data/machine/NAME.txt holds the files of one. */
#ifndef FORAY_TESTS_CAPTURED_H
#define FORAY_TESTS_CAPTURED_H

/* Make the files of a captured machine below a folder of its own, and return
 * that folder. Owner: static storage, until the next call. A machine that is
 * not there ends the test program. */
const char *captured_machine(const char *name);

#endif
