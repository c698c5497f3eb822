/* Datasets: the arrays that a file holds, before one of them is opened.
 *
 *     struct foray_dataset raw = {
 *         .dtype = FORAY_U16, .ndim = 2, .shape = {480, 640}, .offset = 512};
 *     struct foray_array x = {0};
 *     struct foray_error err;
 *
 *     if (foray_array_map(&x, "frame.raw", "r", &raw, &err))
 *         fprintf(stderr, "%s\n", err.msg);
 *     foray_array_close(&x, NULL);
 *
 * The readers of .npz, joblib and HDF5 files (npz.h, joblib.h, hdf5.h) list
 * what is in a file as structs of this kind; what is `mappable` needs no
 * reader to be opened.
 * Threads, fork: lists are plain memory of the caller's; arrays as in
 * storage.h.
 */
#ifndef FORAY_DATASET_H
#define FORAY_DATASET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <foray/array.h>
#include <foray/error.h>
#include <foray/export.h>
#include <foray/storage.h>

FORAY_BEGIN

/* What a file says of one of its arrays. */
struct foray_dataset {
    char *name; /* in the file, "group/x" or "a/0"; NULL: the file is one
                   array */
    enum foray_dtype dtype; /* FORAY_OPAQUE: only `itemsize` is known */
    bool swapped;           /* in the byte order this machine does not use */
    bool fortran_order;
    bool mappable; /* its elements lie in the file as they are, in one piece */
    int ndim;
    size_t itemsize; /* of opaque elements; 0: what `dtype` says */
    size_t shape[FORAY_MAX_NDIM];
    uint64_t offset; /* of the elements in the file, bytes, if mappable */
    uint64_t nbytes; /* of the elements */
    uint64_t stored; /* bytes they take in the file: fewer if compressed; 0:
                        not known of this one alone */
    char descr[128]; /* NumPy's type string, cut with "..." if longer; empty:
                        what `dtype` and `swapped` say */
    char layout[96]; /* for people: "stored", "chunks 100x100, deflate 4" */
    size_t chunk[FORAY_MAX_NDIM]; /* shape of the chunks it is stored in, HDF5;
                                     zeros: it is in one piece */
    char filters[64]; /* what was done to each, in this order: "shuffle,
                         deflate 4" */
};

/* Made by a reader's list function; free it. */
struct foray_dataset_list {
    struct foray_dataset *items;
    size_t n;
};

/* What the save functions of files of several arrays are given. */
struct foray_named_array {
    const char *name; /* in the file; NULL: see the function */
    const struct foray_array *array;
};

/** Give a list back, and zero it.  Nothing happens to an empty one. */
FORAY_API void foray_dataset_list_free(struct foray_dataset_list *list);

/** The dataset of this name, NULL if the list has none. A "/" before either
 *  name does not matter.  Owner: the list's. */
FORAY_API const struct foray_dataset *
foray_dataset_find(const struct foray_dataset_list *list, const char *name);

/** Map an array that lies in a file in one piece, whatever the file's format:
 *  `offset`, `dtype`, `swapped`, `ndim`, `shape`, `fortran_order`, and for
 *  opaque elements `itemsize` and `descr`, say where and what; the rest is not
 *  looked at. `mode` is "r", "r+" or "c". Elements at an address that C may not
 *  load them from are mapped all the same (foray_array_require refuses them).
 *  Source: numpy.memmap(path, dtype, mode, offset, shape, order).
 *  Errors: FORAY_ENOENT, FORAY_EACCES, FORAY_EINVAL (mode, no itemsize),
 *  FORAY_ERANGE (sizes overflow), FORAY_ETRUNCATED (the file ends before the
 *  array does), FORAY_EFORMAT (no regular file).
 *  Owner: the caller closes; on failure *out is zeroed. */
FORAY_API FORAY_CHECK int foray_array_map(struct foray_array *out,
                                          const char *path, const char *mode,
                                          const struct foray_dataset *dataset,
                                          struct foray_error *err);

/** Make an array as a dataset is: its type, opaque ones too, its byte order,
 *  shape and order; zeroed, mode w+. What of `dataset` counts is as in
 *  foray_array_map, without `offset`; path and placement are as in
 *  foray_array_create_at, NULL: an unnamed segment.
 *  Errors: FORAY_EINVAL (no itemsize), FORAY_ERANGE, and those of create.
 *  Owner: the caller closes; on failure *out is zeroed. */
FORAY_API FORAY_CHECK int
foray_array_create_like(struct foray_array *out, const char *path,
                        const struct foray_dataset *dataset,
                        const struct foray_placement *placement,
                        struct foray_error *err);

FORAY_END
#endif
