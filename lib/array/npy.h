/* The .npy header: bytes to facts and back. Touches no file.
 *
 * Source: NumPy enhancement proposal 1 and numpy.lib.format, whose bytes the
 * writer reproduces and whose accepted variants the reader accepts.
 */
#ifndef FORAY_ARRAY_NPY_H
#define FORAY_ARRAY_NPY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <foray/array.h>
#include <foray/error.h>

/* Larger headers are refused before anything is allocated for them. */
enum { FORAY__NPY_MAX_HEADER = 65536 };

struct foray__npy_header {
    enum foray_dtype dtype; /* FORAY_OPAQUE: only itemsize is known */
    bool swapped;
    bool fortran_order;
    int version; /* 1, 2 or 3 */
    int ndim;
    size_t itemsize;
    size_t shape[FORAY_MAX_NDIM];
    size_t offset; /* of the data in the file, bytes */
    size_t nbytes; /* of the data; offset + nbytes does not overflow */
    char *descr;   /* NumPy's type string or the whole structured descr, UTF-8;
                      malloc'ed, foray__npy_free */
};

/* Read the header from the first `nbytes` bytes of a file of `file_size`
 * bytes (`nbytes` is file_size or at least FORAY__NPY_MAX_HEADER + 12).
 * `name` is the file's name for messages.
 * Errors: FORAY_EFORMAT, FORAY_EDTYPE (Python objects), FORAY_ETRUNCATED,
 * FORAY_ENOMEM; *out is then empty. */
int foray__npy_parse(struct foray__npy_header *out, const void *bytes,
                     size_t nbytes, uint64_t file_size, const char *name,
                     struct foray_error *err);

void foray__npy_free(struct foray__npy_header *header);

/* Write a header as numpy.save does: version 1.0, or 3.0 when the descr is not
 * latin-1 (2.0 would only be needed beyond the limit), sorted keys, padded with
 * spaces so that the data begins at a multiple of `align` (a power of two >=
 * 64; 64 gives np.save's bytes). `*out` is malloc'ed, its length is *nbytes =
 * the data's offset. `descr` is a type string ("<f8") or a list of fields in
 * Python's syntax, both UTF-8. NumPy reads headers above 10,000 bytes only when
 * told to: `align` is best at most 8192. Errors: FORAY_ENOMEM, FORAY_ETOOLARGE
 * (FORAY__NPY_MAX_HEADER); *out is then NULL. */
int foray__npy_format(char **out, size_t *nbytes, const char *descr,
                      bool fortran_order, int ndim, const size_t *shape,
                      size_t align, struct foray_error *err);

/* The same in exactly the header->offset bytes that a file's header has, with
 * another shape: np.save leaves room for a first axis of any length. `name` is
 * the file's. `*out` is malloc'ed. Errors: FORAY_ENOTSUP (its writer left no
 * room), FORAY_ENOMEM; *out is then NULL. */
int foray__npy_refit(char **out, const struct foray__npy_header *header,
                     const char *name, struct foray_error *err);

/* NumPy's type string of a named dtype in either byte order: "<f8", "|u1",
 * ">c16". Static storage of the caller's: `out` holds 8 bytes. */
void foray__npy_descr(char out[8], enum foray_dtype dtype, bool swapped);

#endif
