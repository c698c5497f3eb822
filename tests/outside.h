/* Backends from outside of the library, as programs may bring them. */
#ifndef FORAY_TESTS_OUTSIDE_H
#define FORAY_TESTS_OUTSIDE_H

/* Register "outside", which executes batches in threads, and "elsewhere",
 * which sends them to processes of its own. Ends the program if it cannot. */
void register_outside(void);

#endif
