/* What is declared, but cannot be done yet. */
#include <foray/hdf5.h>

#include <string.h>

#include "base/error.h"

static int refuse(struct foray_error *err)
{
    return foray__fail(err, FORAY_ENOTSUP,
                       "HDF5 files can be read, but not yet written");
}

int foray_hdf5_save(struct foray_pool *pool, const char *path,
                    const char *dataset, const struct foray_array *array,
                    const struct foray_hdf5_options *options,
                    struct foray_error *err)
{
    (void)pool, (void)path, (void)dataset, (void)array, (void)options;
    return refuse(err);
}

int foray_hdf5_create(struct foray_array *out, struct foray_pool *pool,
                      const char *path, const char *dataset,
                      enum foray_dtype dtype, int ndim, const size_t *shape,
                      const struct foray_hdf5_options *options,
                      struct foray_error *err)
{
    (void)pool, (void)path, (void)dataset, (void)dtype, (void)ndim;
    (void)shape, (void)options;
    memset(out, 0, sizeof *out);
    return refuse(err);
}

int foray_hdf5_append(struct foray_pool *pool, const char *path,
                      const char *dataset, const struct foray_array *array,
                      struct foray_error *err)
{
    (void)pool, (void)path, (void)dataset, (void)array;
    return refuse(err);
}

int foray_hdf5_save_strings(struct foray_pool *pool, const char *path,
                            const char *dataset, const char *const *strings,
                            size_t n, const struct foray_hdf5_options *options,
                            struct foray_error *err)
{
    (void)pool, (void)path, (void)dataset, (void)strings, (void)n;
    (void)options;
    return refuse(err);
}

int foray_hdf5_load_strings(struct foray_hdf5_strings *out,
                            struct foray_pool *pool, const char *path,
                            const char *dataset, struct foray_error *err)
{
    (void)pool, (void)path, (void)dataset;
    memset(out, 0, sizeof *out);
    return refuse(err);
}

void foray_hdf5_strings_free(struct foray_hdf5_strings *strings)
{
    memset(strings, 0, sizeof *strings);
}

int foray_hdf5_read_attributes(struct foray_hdf5_attributes *out,
                               struct foray_pool *pool, const char *path,
                               const char *object, struct foray_error *err)
{
    (void)pool, (void)path, (void)object;
    memset(out, 0, sizeof *out);
    return refuse(err);
}

void foray_hdf5_attributes_free(struct foray_hdf5_attributes *attributes)
{
    memset(attributes, 0, sizeof *attributes);
}

int foray_hdf5_write_attributes(struct foray_pool *pool, const char *path,
                                const char *object,
                                const struct foray_hdf5_attribute *attributes,
                                size_t n, struct foray_error *err)
{
    (void)pool, (void)path, (void)object, (void)attributes, (void)n;
    return refuse(err);
}
