/* Whether slices of outputs could share memory. */
#ifndef FORAY_COMPUTE_OVERLAP_H
#define FORAY_COMPUTE_OVERLAP_H

#include <stdbool.h>

#include <foray/array.h>

/* Whether two rows of the array, cut along `axis`, share a byte. Says true
 * also for layouts that it cannot tell apart. */
bool foray__rows_overlap(const struct foray_array *array, int axis);

/* Whether a row of one array may share a byte with any row of the other. The
 * same. */
bool foray__arrays_overlap(const struct foray_array *a,
                           const struct foray_array *b, int axis);

#endif
