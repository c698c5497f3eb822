/* Saving, as appending sees it. */
#ifndef FORAY_HDF5_SAVE_H
#define FORAY_HDF5_SAVE_H

#include "hdf5/crew.h"
#include "hdf5/edit.h"
#include "hdf5/plan.h"

/* An array that workers can read, in `copy` if it is not one already; close
 * that in any case. `in_order`: in C order without gaps. */
int foray__h5_share(struct foray_array *out, struct foray_array *copy,
                    const struct foray_array *array, bool in_order,
                    struct foray_error *err);

/* Encode the rows of a shared array and write them as chunks of a dataset that
 * is there, from row `first` on, which begins a chunk. `plan` has the shape of
 * the dataset as it is to be. */
int foray__h5_save_chunks(struct foray__h5_crew *crew,
                          const struct foray__h5_edit *edit, const char *name,
                          const struct foray__h5_plan *plan, size_t first,
                          const struct foray_array *array,
                          struct foray_error *err);

#endif
