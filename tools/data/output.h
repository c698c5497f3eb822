/* Arrays that a command makes: OUT.npy, or OUT.h5 and OUT.h5:/dataset. */
#ifndef FORAY_TOOLS_DATA_OUTPUT_H
#define FORAY_TOOLS_DATA_OUTPUT_H

#include <stdbool.h>

#include <foray/array.h>
#include <foray/pool.h>

/* Make a folder, if it is not there. Returns 0, or -1 after a message. */
int output_folder(const char *path);

struct output {
    const char *text; /* as it was given */
    char *path;
    char *member; /* of an HDF5 file; NULL: /data */
    bool is_hdf5;
    bool fortran_order;       /* of a .npy file; set between name and make */
    struct foray_array array; /* to be filled */
};

/* Whether a path has a suffix, whatever the case. */
bool output_has_suffix(const char *path, const char *suffix);

/* Where a text means: splits "OUT.h5:/dataset". 0, or the error: it ends
 * otherwise. */
int output_name(struct output *out, const char *text, struct foray_error *err);

/* What would be made, and whether that fits: of the array all but elements.
 * Nothing is made. */
int output_plan(struct output *out, enum foray_dtype dtype, int ndim,
                const size_t *shape, struct foray_error *err);

/* Make the array, zeroed: a .npy file beside its name, or for HDF5 memory that
 * is stored when it is committed. */
int output_make(struct output *out, enum foray_dtype dtype, int ndim,
                const size_t *shape, struct foray_error *err);

/* Give it its name. `pool` may be NULL. */
int output_commit(struct output *out, struct foray_pool *pool,
                  struct foray_error *err);

/* What was not committed is removed. */
void output_end(struct output *out);

#endif
