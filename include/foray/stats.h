/* Statistics: count, NaNs, min, max, mean, std and sum in one pass.
 *
 *     struct foray_array x = {0};
 *     struct foray_stats stats;
 *     struct foray_error err;
 *
 *     if (foray_array_open(&x, "x.npy", "r", &err) ||
 *         foray_array_stats(&stats, NULL, &x, &err))
 *         fprintf(stderr, "%s\n", err.msg);
 *     else
 *         printf("%g +- %g\n", stats.mean, stats.std);
 *     foray_array_close(&x, NULL);
 *
 * The numbers are of the elements that are not NaN, as NumPy's nanmean and
 * its relatives. Any strides, either byte order, any dtype but complex ones
 * and FORAY_OPAQUE; bool counts as 0 and 1. The same bits with any number of
 * workers, any backend and any instruction set.
 */
#ifndef FORAY_STATS_H
#define FORAY_STATS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <foray/array.h>
#include <foray/error.h>
#include <foray/export.h>
#include <foray/pool.h>

FORAY_BEGIN

/* An integer of 128 bits, two's complement. */
struct foray_wide {
    uint64_t low;
    int64_t high;
};

struct foray_stats {
    uint64_t count; /* elements, NaNs included */
    uint64_t nans;  /* of them */
    /* NaN where there is no number: all but the sum (0) when every element is
     * NaN or there are none. Of integers the f64 nearest to what is exact. */
    double min, max, mean, sum;
    double std; /* of the population (ddof 0); NaN if an element is infinite */
    bool is_integer; /* bool included: then these are exact */
    struct foray_wide least, greatest, total; /* zeros if count is 0 */
};

/** Of all elements.  `pool` may be NULL, see pool.h.
 *  Errors: FORAY_EDTYPE, and those of foray_reduce. *out is untouched then.
 *  Accuracy: integers are exact but for the std; floats are added in f64,
 *  block by block, with the rounding errors of blocks added beside; squares
 *  are those of the distances from each block's own mean (Chan, Golub and
 *  LeVeque 1983).  Threads, fork: as foray_reduce. */
FORAY_API FORAY_CHECK int foray_array_stats(struct foray_stats *out,
                                            struct foray_pool *pool,
                                            const struct foray_array *array,
                                            struct foray_error *err);

/** Along one axis: the struct for each position of the other axes, in C order.
 *  `axis` counts from the end if negative.
 *  Shape:  `out` has room for as many as the product of the other axes.
 *  Errors: FORAY_EINVAL (no such axis), and as foray_array_stats. */
FORAY_API FORAY_CHECK int
foray_array_stats_along(struct foray_stats *out, struct foray_pool *pool,
                        const struct foray_array *array, int axis,
                        struct foray_error *err);

enum { FORAY_WIDE_SIZE = 41 };

/** The decimal digits of a 128-bit integer.  Returns `buffer`.
 *  Fork, threads: pure. */
FORAY_API const char *foray_wide_text(char buffer[FORAY_WIDE_SIZE],
                                      struct foray_wide wide);

FORAY_END
#endif
