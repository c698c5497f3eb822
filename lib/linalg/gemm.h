/* Products of tiles by one thread of BLAS, of any strides and byte order. */
#ifndef FORAY_LINALG_GEMM_H
#define FORAY_LINALG_GEMM_H

#include <foray/array.h>
#include <foray/error.h>

/* Memory for what BLAS cannot read or write where it lies; all zeros at first.
 * Kept from one product to the next. */
struct foray__gemm {
    void *a, *b, *c;
    size_t a_size, b_size, c_size;
};

/* c = a b: c is f32 or f64, a and b of that type or f32. Axes of products are
 * cut into parts of a fixed length, whatever the strides. */
int foray__gemm(struct foray__gemm *gemm, const struct foray_array *c,
                const struct foray_array *a, const struct foray_array *b,
                struct foray_error *err);

void foray__gemm_free(struct foray__gemm *gemm);

/* Between these BLAS has one thread in this process; they nest, also in several
 * threads. */
void foray__one_thread_begin(void);
void foray__one_thread_end(void);

#endif
