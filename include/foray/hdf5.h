/* HDF5: datasets of a file as arrays, and arrays as datasets of a file.
 *
 *     struct foray_array x = {0};
 *     struct foray_error err;
 *
 *     if (foray_hdf5_open(&x, NULL, "x.h5", "/images", "r", NULL, &err) ||
 *         foray_hdf5_save(NULL, "y.h5", "/copy", &x,
 *                         &(struct foray_hdf5_options){.deflate = 4,
 *                                                      .shuffle = true},
 *                         &err))
 *         fprintf(stderr, "%s\n", err.msg);
 *     foray_array_close(&x, NULL);
 *
 * A dataset in one piece is mapped where it lies, without a copy. Chunked ones
 * are read by all workers at once, each straight into its part of a shared
 * array: the HDF5 library only says where the chunks are. What it alone can
 * decode (szip, plug-ins, virtual and external datasets) it decodes in the
 * workers, each of which opens the file itself.
 *
 * A name is a path in the file, "/group/images"; the "/" at its front may be
 * missing, NULL means "/data". Element types: those of dtype.h in either byte
 * order, which is kept; complex numbers are compounds of two floats "r" and
 * "i", truth values enumerations of FALSE and TRUE, as h5py has them; others
 * of a fixed size are FORAY_OPAQUE. The order is C.
 *
 * `pool` may be NULL: workers are forked for the call. Pools of the backends
 * "threads" and "serial" are not used but for the number of their workers,
 * because a damaged file can crash the HDF5 library, which is an error here
 * and must not be the end of the program; such a file is FORAY_EFORMAT. The
 * calling process itself never calls the HDF5 library.
 *
 * Reading takes no locks; an other program that changes the file meanwhile is
 * noticed in most cases (FORAY_EFORMAT). Writing takes the lock that the HDF5
 * library takes. A new file appears whole: it is built beside its name. An
 * existing one is changed in a copy that replaces it, where the file system
 * can copy by reference; elsewhere it is changed in place, after the space is
 * reserved: a crash of the machine, a kill, or a disk that fails in that moment
 * can damage it. What is mapped of a file that is replaced stays mapped, of the
 * old one: what is stored there afterwards is in nobody's file.
 *
 * Threads: any; a pool serves one call at a time. Fork: workers are forked
 * from this process (not if foray_init was called): no other thread may be
 * inside of the HDF5 library then, and what this program has open with it must
 * be flushed before it is read here. In a child the program forked itself: as
 * pool.h.
 *
 * Errors of all functions: FORAY_ENOENT (no such file; no such dataset: says
 * which there are), FORAY_EACCES, FORAY_EFORMAT (no HDF5 file; damaged, with
 * dataset and chunk; changed meanwhile), FORAY_ETRUNCATED, FORAY_ENOTSUP (a
 * type or a filter that cannot be had: says which), FORAY_EBUSY (the pool is in
 * a run; another program writes the file), FORAY_ENOSPC, FORAY_ENOMEM,
 * FORAY_EIO, FORAY_EFORK, FORAY_EAGAIN, FORAY_ETIMEDOUT (the pool's timeout).
 */
#ifndef FORAY_HDF5_H
#define FORAY_HDF5_H

#include <stdbool.h>
#include <stddef.h>

#include <foray/array.h>
#include <foray/dataset.h>
#include <foray/error.h>
#include <foray/export.h>
#include <foray/pool.h>

FORAY_BEGIN

/** Every dataset of a file, in the order of their names: type, shape, layout,
 *  and whether it is mappable. Types that foray cannot open are listed, too:
 *  opaque, and `layout` says what they are.
 *  Owner: the caller, foray_dataset_list_free; on failure *out is empty. */
FORAY_API FORAY_CHECK int foray_hdf5_list(struct foray_dataset_list *out,
                                          struct foray_pool *pool,
                                          const char *path,
                                          struct foray_error *err);

/* Elements start, start + step, ... of each axis, `count` of them. */
struct foray_hdf5_slab {
    size_t start[FORAY_MAX_NDIM];
    size_t count[FORAY_MAX_NDIM];
    size_t step[FORAY_MAX_NDIM]; /* 0: 1 */
};

/** Open a dataset, or a slab of it (NULL: all): mapped where the file has it in
 *  one piece, else loaded into an unnamed shared array, from those chunks only
 *  that the slab touches. What others wrote may lie where C may not load it
 *  from: foray_array_require refuses it, foray_hdf5_load copies it.
 *  `mode` is "r", "r+" or "c". In mode r+ stores reach the file, so that a
 *  dataset that cannot be mapped is FORAY_ENOTSUP.
 *  Shape:  the dataset's, or the slab's counts; C order.
 *  Errors: FORAY_EINVAL (mode), FORAY_ERANGE (the slab is not within the
 *  dataset), FORAY_ENOSPC.
 *  Owner: the caller, foray_array_close; on failure *out is zeroed.
 *  Source: h5py's file[dataset][slab]. */
FORAY_API FORAY_CHECK int
foray_hdf5_open(struct foray_array *out, struct foray_pool *pool,
                const char *path, const char *dataset, const char *mode,
                const struct foray_hdf5_slab *slab, struct foray_error *err);

/** Load a dataset, or a slab of it, into an unnamed shared array, writable,
 *  independent of the file afterwards.  Errors, owner: as foray_hdf5_open. */
FORAY_API FORAY_CHECK int foray_hdf5_load(struct foray_array *out,
                                          struct foray_pool *pool,
                                          const char *path, const char *dataset,
                                          const struct foray_hdf5_slab *slab,
                                          struct foray_error *err);

/* How a new dataset is stored; zero everywhere means in one piece, aligned,
 * ready to be mapped. */
struct foray_hdf5_options {
    int deflate;     /* 1 fast .. 9 small, in chunks; 0: not compressed */
    bool shuffle;    /* bytes of like weight together, which deflate likes */
    bool fletcher32; /* a checksum of each chunk */
    bool extendable; /* axis 0 can grow: foray_hdf5_append */
    bool overwrite;  /* replace a dataset that has the name; FORAY_EEXIST
                        without. The file does not become smaller by it */
    size_t chunk[FORAY_MAX_NDIM]; /* shape of the chunks; an axis of 0: chosen
                                     so that a chunk has about 1 MiB. All 0
                                     without filters and not extendable: no
                                     chunks */
};

/** Save an array, any strides, as a dataset: of a new file if there is none of
 *  that name, else of the file that is there. Missing groups are made. Chunks
 *  are compressed by the workers; memory for about 256 MiB of them is needed.
 *  `options` may be NULL.
 *  Errors: FORAY_EEXIST (there is such a dataset, or a group), FORAY_EINVAL
 *  (options; chunks of an array without axes), FORAY_EDTYPE (opaque),
 *  FORAY_ENOSPC: the file is as it was, or is not there. */
FORAY_API FORAY_CHECK int
foray_hdf5_save(struct foray_pool *pool, const char *path, const char *dataset,
                const struct foray_array *array,
                const struct foray_hdf5_options *options,
                struct foray_error *err);

/** Make a dataset in one piece, zeroed, reserved in full, and map it: mode r+.
 *  What is stored into it reaches the file.
 *  Shape:  `ndim` axes of `shape`, C order; any dtype but FORAY_OPAQUE.
 *  Options: `overwrite`; any other is FORAY_EINVAL.
 *  Errors: as foray_hdf5_save.  Owner: the caller, foray_array_close. */
FORAY_API FORAY_CHECK int foray_hdf5_create(
    struct foray_array *out, struct foray_pool *pool, const char *path,
    const char *dataset, enum foray_dtype dtype, int ndim, const size_t *shape,
    const struct foray_hdf5_options *options, struct foray_error *err);

/** Append rows to a dataset along axis 0, which must be extendable.
 *  Shape:  the dataset's but for the first axis, which may be 0.
 *  Errors: FORAY_ENOTSUP (not extendable), FORAY_ESHAPE, FORAY_EDTYPE (the
 *  types differ; nothing is converted but the byte order). */
FORAY_API FORAY_CHECK int foray_hdf5_append(struct foray_pool *pool,
                                            const char *path,
                                            const char *dataset,
                                            const struct foray_array *array,
                                            struct foray_error *err);

/** Copy into a file that is there what it lacks of another: datasets, groups
 *  with all that is in them, and links of the root group whose names it has
 *  not. What has such a name is not looked at. References to objects of `from`
 *  lead nowhere.
 *  Errors: of what is read in `from`, and as foray_hdf5_save. */
FORAY_API FORAY_CHECK int foray_hdf5_complete(struct foray_pool *pool,
                                              const char *path,
                                              const char *from,
                                              struct foray_error *err);

/* A list of strings: paths, labels. */
struct foray_hdf5_strings {
    char **items; /* n, each ends in a zero byte */
    size_t n;
};

/** Write n strings as a dataset of one axis, UTF-8 of any length, as h5py
 *  stores a list of str.  Options: `overwrite`; others are FORAY_EINVAL.
 *  Errors: as foray_hdf5_save. */
FORAY_API FORAY_CHECK int
foray_hdf5_save_strings(struct foray_pool *pool, const char *path,
                        const char *dataset, const char *const *strings,
                        size_t n, const struct foray_hdf5_options *options,
                        struct foray_error *err);

/** Read a dataset of strings, of any or of a fixed length, up to the first zero
 *  byte of each, without padding. More than one axis are read in C order.
 *  Errors: FORAY_EDTYPE (no strings).
 *  Owner: the caller, foray_hdf5_strings_free; on failure *out is empty. */
FORAY_API FORAY_CHECK int
foray_hdf5_load_strings(struct foray_hdf5_strings *out, struct foray_pool *pool,
                        const char *path, const char *dataset,
                        struct foray_error *err);

/** Give strings back, and zero the struct.  Nothing happens to an empty one. */
FORAY_API void foray_hdf5_strings_free(struct foray_hdf5_strings *strings);

/* A small array, or strings, that belong to a dataset or a group. */
struct foray_hdf5_attribute {
    const char *name;
    enum foray_dtype dtype; /* FORAY_OPAQUE: strings */
    int ndim;               /* 0: a single value */
    size_t shape[FORAY_MAX_NDIM];
    const void *values; /* of dtype, in this machine's byte order; of strings:
                           char *[] */
};

struct foray_hdf5_attributes {
    struct foray_hdf5_attribute *items;
    size_t n;
    void *memory; /* names and values */
};

/** The attributes of a dataset or a group ("/": the file's), in the order of
 *  their names. Those of other types than dtype.h's and strings are left out.
 *  Owner: the caller, foray_hdf5_attributes_free; on failure *out is empty. */
FORAY_API FORAY_CHECK int
foray_hdf5_read_attributes(struct foray_hdf5_attributes *out,
                           struct foray_pool *pool, const char *path,
                           const char *object, struct foray_error *err);

/** Give attributes back, and zero the struct.  Nothing happens to none. */
FORAY_API void
foray_hdf5_attributes_free(struct foray_hdf5_attributes *attributes);

/** Write n attributes of a dataset or a group that is there already. One that
 *  has the same name is replaced.
 *  Errors: FORAY_EINVAL (no name), FORAY_ETOOLARGE (values of more than 60
 *  KiB). */
FORAY_API FORAY_CHECK int
foray_hdf5_write_attributes(struct foray_pool *pool, const char *path,
                            const char *object,
                            const struct foray_hdf5_attribute *attributes,
                            size_t n, struct foray_error *err);

FORAY_END
#endif
