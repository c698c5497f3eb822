/* Portions: consecutive tasks of a run, on their way to a process that does not
 * share memory with the caller. Of arrays that are cut, what these tasks have
 * goes along, or the least block around it, others go entire; what tasks wrote
 * comes back behind their outcomes. */
#ifndef FORAY_ENGINE_PORTION_H
#define FORAY_ENGINE_PORTION_H

#include "engine/bytes.h"
#include "engine/run.h"

/* In a parcel; offsets count from the parcel's begin. Arrays in the order are
 * without gaps, each at the offset of its descriptor, those of `out` nowhere.
 */
struct foray__portion {
    uint64_t params;
    struct foray__order order; /* up to the last descriptor that there is */
};

/* Append tasks first .. first + n - 1, whose function lies at `at`, to a
 * parcel; *offset is where the portion is. Errors: FORAY_ENOMEM,
 * foray_array_copy's. */
int foray__portion_write(struct foray__bytes *out, uint64_t *offset,
                         const struct foray__run *run,
                         const struct foray__function *at, size_t first,
                         size_t n, struct foray_error *err);

/* Whether tasks write to array k, so that it comes back. `first`: as the
 * order's. */
bool foray__portion_returns(const int first[FORAY__ROLES + 1], bool partials,
                            int k);

/* Take the rows of the tasks that `ran` out of what came back: `size` bytes,
 * arrays one behind the other as the portion has them, each aligned. False when
 * they are too few. */
bool foray__portion_read(const struct foray__run *run, const void *bytes,
                         size_t size, size_t first, size_t n, const bool *ran);

/* Bytes of an array there: elements that are repeated lie in it once. */
size_t foray__portion_nbytes(const struct foray_array *packed);

enum { FORAY__PORTION_ALIGN = 64 };

#endif
