/* What is known of some elements, and how two such are joined. */
#ifndef FORAY_COMPUTE_MOMENTS_H
#define FORAY_COMPUTE_MOMENTS_H

#include <foray/array.h>
#include <foray/stats.h>

#include "base/wide.h"

/* All zeros: of no elements. */
struct foray__moments {
    uint64_t count, nans;
    double mean, squares;   /* of what is not NaN; squared distances from it */
    double sum, lost;       /* floats: their sum, and what was rounded away */
    double least, greatest; /* floats */
    foray__wide total, low, high; /* integers: sum and extremes */
};

/* How elements are read: as integers or floats, by which loops. */
struct foray__measure {
    enum foray_dtype number; /* as foray__array_number said */
    const struct foray__moments_kernel *kernel;
};

struct foray__measure foray__measure(enum foray_dtype number);

/* Add all elements of an array. */
int foray__moments_add(struct foray__moments *moments,
                       const struct foray_array *array,
                       const struct foray__measure *measure,
                       struct foray_error *err);

/* Join what follows to what precedes. */
void foray__moments_join(struct foray__moments *into,
                         const struct foray__moments *from);

/* What the caller sees. */
void foray__moments_finish(struct foray_stats *out,
                           const struct foray__moments *moments,
                           enum foray_dtype number);

#endif
