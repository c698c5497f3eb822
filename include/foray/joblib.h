/* Files of joblib.dump: an array, or lists, tuples and dictionaries of arrays.
 *
 *     struct foray_array w = {0};
 *     struct foray_error err;
 *
 *     if (foray_joblib_open(&w, "model.joblib", "layers/0/weights", "r", &err))
 *         fprintf(stderr, "%s\n", err.msg);
 *     foray_array_close(&w, NULL);
 *
 * Such a file is a pickle with the elements of arrays in between. joblib.load
 * runs whatever program a pickle contains; these functions understand a fixed
 * list of its instructions and of names in it and run nothing, so that files of
 * strangers are safe to open. What is made by other names (dates, models,
 * dictionaries of other classes) is passed over, and so are the arrays in it,
 * which have no way to them. Nesting, sizes and counts are bounded.
 *
 * An array is named by the way to it: "a/0/b" is x["a"][0]["b"]. Keys are
 * strings or integers; numbers, strings, None and scalars of NumPy may be there
 * and are no arrays. Arrays of Python objects are listed (descr "|O", not
 * mappable, no itemsize) and open for nobody. A file that is just one array has
 * the name NULL or "".
 *
 * Arrays of files that are not compressed are mapped in place, at multiples of
 * 16 bytes since joblib 1.2, anywhere before. Of compressed ones they are read
 * into a new unnamed segment: zlib, gzip, bz2, xz, lzma and lz4, by libraries
 * that are loaded when such a file is met (FORAY_ENOTSUP names the one that is
 * missing). Every array is found by decompressing what lies before it, once for
 * its place and, unless it is the whole file, once for its elements.
 * Threads, fork: as storage.h.
 */
#ifndef FORAY_JOBLIB_H
#define FORAY_JOBLIB_H

#include <stddef.h>

#include <foray/array.h>
#include <foray/dataset.h>
#include <foray/error.h>
#include <foray/export.h>

FORAY_BEGIN

/** The arrays of a file, in the order in which they lie in it. One that is
 *  reached by two ways has two entries.
 *  Errors: FORAY_ENOENT, FORAY_EACCES, FORAY_EFORMAT (no joblib file, damaged),
 *  FORAY_ETRUNCATED, FORAY_ETOOLARGE (beyond the bounds), FORAY_ENOTSUP (no
 *  array, but what only Python can make: names it; an instruction that is not
 *  in the list; an array of a dtype that only Python knows; a compressor's
 *  library is missing; written by joblib before 0.10, which kept
 *  arrays in files of their own).
 *  Owner:  the caller, foray_dataset_list_free; on failure *out is empty. */
FORAY_API FORAY_CHECK int foray_joblib_list(struct foray_dataset_list *out,
                                            const char *path,
                                            struct foray_error *err);

/** Open one array. `name` NULL or "": the file's only one. `mode` is "r", "r+"
 *  or "c"; r+ is refused in compressed files (FORAY_ENOTSUP), where what is
 *  stored would not reach the file.
 *  Errors: those of foray_joblib_list; FORAY_ENOENT when the array is not there
 *  (names some that are), FORAY_ENOTSUP (it is of Python objects), FORAY_EINVAL
 *  (mode), FORAY_ENOSPC.
 *  Owner:  the caller closes; on failure *out is zeroed. */
FORAY_API FORAY_CHECK int foray_joblib_open(struct foray_array *out,
                                            const char *path, const char *name,
                                            const char *mode,
                                            struct foray_error *err);

/** Read one array into a new unnamed segment, writable, aligned, independent of
 *  the file afterwards.  Errors, owner: as foray_joblib_open. */
FORAY_API FORAY_CHECK int foray_joblib_load(struct foray_array *out,
                                            const char *path, const char *name,
                                            struct foray_error *err);

/* Zero everywhere means default. */
struct foray_joblib_options {
    const char *compress; /* "zlib", "gzip", "bz2", "xz", "lzma", "lz4"; NULL:
                             not, so that the arrays can be mapped */
    int level;            /* 1 to 9; 0: 3, of lz4 1 */
};

/** Write a file that joblib.load opens, and with `mmap_mode` maps unless it is
 *  compressed: beside the name first, renamed at the end, so that PATH is the
 *  old file or the whole new one. One array with the name NULL is the whole
 *  file, several without names are a list, and names are the keys of a
 *  dictionary; "a/b" is a dictionary in a dictionary. Data lies at multiples of
 *  64 bytes.
 *  Errors: FORAY_EINVAL (some names given and some not, a name twice, empty, or
 *  both an array and a dictionary; the options), FORAY_EDTYPE, FORAY_ENOTSUP
 *  (the compressor's library is missing), FORAY_ENOSPC, FORAY_EACCES,
 *  FORAY_EIO: PATH is untouched. */
FORAY_API FORAY_CHECK int
foray_joblib_save(const char *path, const struct foray_named_array *arrays,
                  size_t n, const struct foray_joblib_options *options,
                  struct foray_error *err);

FORAY_END
#endif
