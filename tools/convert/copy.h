/* Elements copied by all workers. */
#ifndef FORAY_TOOLS_CONVERT_COPY_H
#define FORAY_TOOLS_CONVERT_COPY_H

#include <foray/array.h>
#include <foray/pool.h>

/* Copy an array into `place`, which has its shape, as foray_array_copy does.
 * `pool` may be NULL.
 * Errors: those of foray_array_copy and of a run. */
int convert_copy(const struct foray_array *place,
                 const struct foray_array *input, struct foray_pool *pool,
                 struct foray_error *err);

/* Copy it to the rows of `whole` from `row` on. */
int convert_copy_rows(const struct foray_array *whole, size_t row,
                      const struct foray_array *input, struct foray_pool *pool,
                      struct foray_error *err);

#endif
