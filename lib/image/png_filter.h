/* Rows of PNG files, of which each byte is told by its difference from others.
 */
#ifndef FORAY_IMAGE_PNG_FILTER_H
#define FORAY_IMAGE_PNG_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Undo the filter of a row of `n` bytes, of which the first is its number; the
 * row above, of as many, is done; above the first all are 0. `pixel`: bytes of
 * one, 1 to 4. False: there is no such filter. */
bool foray__png_unfilter(uint8_t *line, const uint8_t *above, size_t n,
                         size_t pixel);

#endif
