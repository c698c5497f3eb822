/* What `foray convert` writes. */
#ifndef FORAY_TOOLS_CONVERT_OUTPUT_H
#define FORAY_TOOLS_CONVERT_OUTPUT_H

#include <stdbool.h>

#include <foray/array.h>
#include <foray/hdf5.h>
#include <foray/pool.h>

enum convert_format {
    CONVERT_NPY,
    CONVERT_NPZ,
    CONVERT_JOBLIB,
    CONVERT_HDF5,
    CONVERT_RAW,
    CONVERT_CSV
};

struct convert_out {
    char *path;
    const char *member; /* NULL: the format's own name */
    enum convert_format format;
    struct foray_hdf5_options hdf5; /* deflate is npz's, too */
    bool append;                    /* HDF5 */
    const char *compress;           /* joblib */
};

/* Split OUT:member, and tell the format by the suffix. 0, or STATUS_USAGE after
 * a message: for a suffix that is none, and options that the format has not. */
int convert_out_name(struct convert_out *out, const char *text);

/* Write an array of any strides, as a new file or part of a file. Not for
 * CONVERT_NPY, whose array is made in place. */
int convert_out_save(const struct convert_out *out,
                     const struct foray_array *array, struct foray_pool *pool,
                     struct foray_error *err);

/* Say what was written, or print what would be: "x.npy: (3, 4) f32, 48 bytes".
 */
void convert_out_say(const struct convert_out *out, bool is_dry,
                     const size_t *shape, int ndim, enum foray_dtype dtype,
                     size_t itemsize);

#endif
