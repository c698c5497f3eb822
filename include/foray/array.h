/* Arrays: a plain struct that views memory, never owns it.
 *
 *     double rows[100][20] = {{0}};
 *     size_t shape[2] = {100, 20};
 *     struct foray_array x, odd;
 *     struct foray_error err;
 *
 *     if (foray_array_wrap(&x, rows, FORAY_F64, 2, shape, &err) ||
 *         foray_array_slice(&odd, &x, 0, 1, FORAY_TO_END, 2, &err))
 *         fprintf(stderr, "%s\n", err.msg);
 *     else
 *         printf("%g\n", FORAY_AT(&odd, double, 0, 3)); // rows[1][3]
 *
 * The memory is the caller's own (`segment` is NULL) or a segment's, made by
 * the functions of <foray/storage.h>. A view or a copy of the struct needs no
 * close and ends with the array it came from. A function that makes a view may
 * be given one struct as `out` and `base`, and leaves it alone when it fails.
 * Threads: reading a struct is safe anywhere; the elements are the caller's
 * to share. Fork: a view is as valid in a child as the memory beneath it.
 */
#ifndef FORAY_ARRAY_H
#define FORAY_ARRAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <foray/dtype.h>
#include <foray/error.h>
#include <foray/export.h>

FORAY_BEGIN

enum { FORAY_MAX_NDIM = 32 };

/* As numpy.memmap: r, r+, w+, c. */
enum foray_mode {
    FORAY_READ,       /* "r": stores are a fault */
    FORAY_READ_WRITE, /* "r+": stores reach the file and every process */
    FORAY_CREATE,     /* "w+": as r+, in a file made anew */
    FORAY_COPY        /* "c": stores stay private and are lost */
};

enum foray_order {
    FORAY_ANY_ORDER, /* any strides */
    FORAY_C_ORDER,   /* last axis contiguous, rows after one another */
    FORAY_F_ORDER    /* first axis contiguous */
};

struct foray_segment; /* the memory arrays live in: <foray/storage.h> */

struct foray_array {
    void *data; /* element [0, ..., 0]; meaningless if an axis is 0 */
    enum foray_dtype dtype;
    bool swapped; /* stored in the byte order this machine does not use */
    enum foray_mode mode;
    int ndim;        /* 0 .. FORAY_MAX_NDIM; 0 is a single element */
    size_t itemsize; /* bytes of one element */
    size_t shape[FORAY_MAX_NDIM];
    ptrdiff_t strides[FORAY_MAX_NDIM]; /* bytes, may be negative */
    struct foray_segment *segment;     /* NULL: the caller's own memory */
};

/* A contiguous range of one axis, [start, stop). */
struct foray_slice {
    size_t start, stop;
};

/* The open end of foray_array_slice, whichever way the step goes. */
#define FORAY_TO_END PTRDIFF_MAX

/** View the caller's memory as an array in C order, mode r+.
 *  Shape:  `ndim` axes of `shape`; `data` holds their product.
 *  Errors: FORAY_EINVAL (ndim, opaque dtype), FORAY_ERANGE (size overflows).
 *  Owner:  the memory stays the caller's. */
FORAY_API FORAY_CHECK int foray_array_wrap(struct foray_array *out, void *data,
                                           enum foray_dtype dtype, int ndim,
                                           const size_t *shape,
                                           struct foray_error *err);

/** Number of elements: the product of the shape, 1 for 0-d. */
FORAY_API size_t foray_array_nitems(const struct foray_array *array);

/** Bytes of all elements, without gaps. */
FORAY_API size_t foray_array_nbytes(const struct foray_array *array);

/** Whether the elements lie in `order` without gaps. FORAY_ANY_ORDER asks for
 *  either. As NumPy: axes of length 1 and empty arrays do not spoil it. */
FORAY_API bool foray_array_is_contiguous(const struct foray_array *array,
                                         enum foray_order order);

/** Whether two arrays may have a byte in common: true also for some that share
 *  none, whose elements lie between each other's.
 *  Source: numpy.may_share_memory. */
FORAY_API bool foray_array_overlaps(const struct foray_array *a,
                                    const struct foray_array *b);

/** Address of the element at `index` (`ndim` numbers), NULL when one of them
 *  is out of range. FORAY_AT is the unchecked, fast form. */
FORAY_API void *foray_array_address(const struct foray_array *array,
                                    const size_t *index);

/** Elements start:stop:step of one axis, as NumPy's x[start:stop:step]:
 *  negative numbers count from the end, ranges are clipped, a negative step
 *  walks backwards, FORAY_TO_END leaves the end open.
 *  Shape:  the base's but for that axis, which may become 0 long.
 *  Errors: FORAY_EINVAL (no such axis, step 0).  Owner: a view of `base`. */
FORAY_API FORAY_CHECK int foray_array_slice(struct foray_array *out,
                                            const struct foray_array *base,
                                            int axis, ptrdiff_t start,
                                            ptrdiff_t stop, ptrdiff_t step,
                                            struct foray_error *err);

/** The sub-array at position `i` of one axis, which disappears: x[i] for
 *  axis 0.
 *  Errors: FORAY_EINVAL (no such axis), FORAY_ERANGE (i).
 *  Owner:  a view of `base`. */
FORAY_API FORAY_CHECK int foray_array_index(struct foray_array *out,
                                            const struct foray_array *base,
                                            int axis, size_t i,
                                            struct foray_error *err);

/** Permute axes: axis k of `out` is axis axes[k] of `base`; NULL reverses
 *  them all, as x.T.
 *  Errors: FORAY_EINVAL (not a permutation).  Owner: a view of `base`. */
FORAY_API FORAY_CHECK int foray_array_transpose(struct foray_array *out,
                                                const struct foray_array *base,
                                                const int *axes,
                                                struct foray_error *err);

/** Another shape over the same elements in C order, without copying.
 *  Errors: FORAY_ESHAPE when the number of elements differs or the strides
 *  allow no such view (copy first), FORAY_EINVAL (ndim).
 *  Owner:  a view of `base`. */
FORAY_API FORAY_CHECK int foray_array_reshape(struct foray_array *out,
                                              const struct foray_array *base,
                                              int ndim, const size_t *shape,
                                              struct foray_error *err);

/** Copy every element of `src` to the same place of `dst`, converting as a C
 *  cast does: floats to integers truncate and clip to the range, NaN becomes
 *  0; anything to bool is `!= 0`; complex to real keeps the real part; byte
 *  order is converted. Memory may overlap: the result is as if `src` had been
 *  read first.
 *  Shape:  equal.  Errors: FORAY_ESHAPE; FORAY_EDTYPE (one side opaque, the
 *  other not the same); FORAY_EACCES (`dst` is mode r); FORAY_ENOMEM (for
 *  arrays that overlap and are not one block of one type: `src` is copied
 *  first).  Source: numpy.copyto(casting="unsafe"), except
 *  for the clipping, which NumPy leaves undefined. */
FORAY_API FORAY_CHECK int foray_array_copy(const struct foray_array *dst,
                                           const struct foray_array *src,
                                           struct foray_error *err);

/** Check what a program relies on; a message says what it is and what it is to
 *  be.
 *  `dtype` is in this machine's byte order; `ndim` -1 takes any;
 *  FORAY_ANY_ORDER takes any strides. Elements that C may not load where they
 *  lie (files whose header is not padded) are refused too.
 *  Errors: FORAY_EDTYPE, FORAY_ESHAPE. */
FORAY_API FORAY_CHECK int foray_array_require(const struct foray_array *array,
                                              enum foray_dtype dtype, int ndim,
                                              enum foray_order order,
                                              struct foray_error *err);

/** Cut `n` items into `parts` contiguous ranges and return range `i`: sizes
 *  differ by at most 1, longer ranges first; some are empty if parts > n.
 *  Errors: FORAY_EINVAL if parts is 0 or i >= parts.
 *  Source: numpy.array_split.  Fork, threads: pure. */
FORAY_API FORAY_CHECK int foray_slice_split(struct foray_slice *out, size_t n,
                                            size_t parts, size_t i,
                                            struct foray_error *err);

/* Unchecked element access: no bounds, no type check, no byte order. */
static inline char *foray_at1(const struct foray_array *a, size_t i)
{
    return (char *)a->data + (ptrdiff_t)i * a->strides[0];
}

static inline char *foray_at2(const struct foray_array *a, size_t i, size_t j)
{
    return foray_at1(a, i) + (ptrdiff_t)j * a->strides[1];
}

static inline char *foray_at3(const struct foray_array *a, size_t i, size_t j,
                              size_t k)
{
    return foray_at2(a, i, j) + (ptrdiff_t)k * a->strides[2];
}

static inline char *foray_at4(const struct foray_array *a, size_t i, size_t j,
                              size_t k, size_t l)
{
    return foray_at3(a, i, j, k) + (ptrdiff_t)l * a->strides[3];
}

#define FORAY__AT_PICK(a, i, j, k, l, name, ...) name
/** The element of `a` at 1 to 4 indices as an lvalue of C type `type`. */
#define FORAY_AT(a, type, ...)                                                 \
    (*(type *)(void *)FORAY__AT_PICK(a, __VA_ARGS__, foray_at4, foray_at3,     \
                                     foray_at2, foray_at1, 0)(a, __VA_ARGS__))

/** Address of row `i`: of what follows the first index. */
static inline void *foray_row(const struct foray_array *a, size_t i)
{
    return foray_at1(a, i);
}

FORAY_END
#endif
