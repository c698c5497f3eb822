/* Into which bin a gradient falls, by skimage's definition. */
#ifndef FORAY_IMAGE_ORIENTATION_H
#define FORAY_IMAGE_ORIENTATION_H

#include <stdint.h>

/* The bin of a gradient: atan2 in degrees, modulo 180 as Python has it, into
 * `n` equal ranges. n if it falls into none, -1 for NaN, which is in all. */
int foray__orientation_bin(double dy, double dx, int n);

/* The bins of all 8-bit gradients, FORAY__BIN_ROWS x FORAY__BIN_STRIDE. */
void foray__bin_table(uint8_t *table, int n);

#endif
