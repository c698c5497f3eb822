/* Images of a run that are told of one by one. */
#ifndef FORAY_TOOLS_IMAGES_CHOSEN_H
#define FORAY_TOOLS_IMAGES_CHOSEN_H

#include <stddef.h>

#include "images/index.h"

/* The slowest `most` of those that this run began, all or those that came to a
 * good end, the slowest first. Returns how many they are. */
size_t chosen_slowest(size_t *out, size_t most, bool good,
                      const struct index *images);

/* Those that failed, of each status the first `each`, at most `most` in all, in
 * the order of the rows. Returns how many they are. */
size_t chosen_failed(size_t *out, size_t most, size_t each,
                     const struct index *images);

/* Whether an image was tried and failed. */
bool chosen_has_failed(const struct foray_hog_row *row);

#endif
