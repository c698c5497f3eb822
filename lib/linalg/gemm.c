#include "linalg/gemm.h"

#include <cblas.h>
#include <limits.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/error.h"

/* Of the axis that goes: long enough for BLAS, short enough to be copied. */
enum { DEPTH = 4096 };

/* A matrix as BLAS wants it. */
struct operand {
    const void *data;
    CBLAS_TRANSPOSE order; /* of rows, else of columns, one behind the other */
    blasint step;          /* elements from one to the next */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static int n_users, threads_before;

static void lock_users(void)
{
    pthread_mutex_lock(&lock);
}

static void unlock_users(void)
{
    pthread_mutex_unlock(&lock);
}

/* A child that is forked meanwhile must find the lock open. */
static void watch_forks(void)
{
    pthread_atfork(lock_users, unlock_users, unlock_users);
}

void foray__one_thread_begin(void)
{
    pthread_once(&once, watch_forks);
    pthread_mutex_lock(&lock);
    if (!n_users++) {
        threads_before = openblas_get_num_threads();
        if (threads_before != 1)
            openblas_set_num_threads(1);
    }
    pthread_mutex_unlock(&lock);
}

void foray__one_thread_end(void)
{
    pthread_mutex_lock(&lock);
    if (!--n_users && threads_before != 1)
        openblas_set_num_threads(threads_before);
    pthread_mutex_unlock(&lock);
}

/* n rows of `length` elements, one behind the other, the rows `step` bytes
 * apart: that in elements, or 0 if BLAS cannot use them. */
static blasint row_step(size_t n, size_t length, ptrdiff_t element,
                        ptrdiff_t step, ptrdiff_t size)
{
    if (element != size && length > 1)
        return 0;
    if (n <= 1) /* how far the next would be does not matter */
        return length ? (blasint)length : 1;
    if (step % size || step / size < (ptrdiff_t)length || step / size > INT_MAX)
        return 0;
    return (blasint)(step / size);
}

/* Whether BLAS can use it where it lies. */
static bool lies_well(struct operand *out, const struct foray_array *x,
                      enum foray_dtype dtype)
{
    ptrdiff_t size = (ptrdiff_t)x->itemsize;

    if (x->dtype != dtype || x->swapped || (uintptr_t)x->data % x->itemsize ||
        x->shape[0] > INT_MAX || x->shape[1] > INT_MAX)
        return false;
    out->data = x->data;
    out->order = CblasNoTrans;
    out->step =
        row_step(x->shape[0], x->shape[1], x->strides[1], x->strides[0], size);
    if (out->step)
        return true;
    out->order = CblasTrans;
    out->step =
        row_step(x->shape[1], x->shape[0], x->strides[0], x->strides[1], size);
    return out->step > 0;
}

/* An array of x's shape in memory of ours, uninitialized. */
static int make_room(struct foray_array *out, void **memory, size_t *size,
                     const struct foray_array *x, enum foray_dtype dtype,
                     struct foray_error *err)
{
    size_t wanted = foray_array_nitems(x) * foray_dtype_size(dtype);

    if (wanted > *size) {
        free(*memory);
        *size = 0;
        *memory = aligned_alloc(64, (wanted + 63) / 64 * 64);
        if (!*memory)
            return foray__fail(err, FORAY_ENOMEM,
                               "no memory for a tile of %zu bytes", wanted);
        *size = wanted;
    }
    return foray_array_wrap(out, *memory, dtype, 2, x->shape, err);
}

static int operand_of(struct operand *out, void **memory, size_t *size,
                      const struct foray_array *x, enum foray_dtype dtype,
                      struct foray_error *err)
{
    struct foray_array copy;

    if (lies_well(out, x, dtype))
        return 0;
    FORAY_TRY(make_room(&copy, memory, size, x, dtype, err));
    FORAY_TRY(foray_array_copy(&copy, x, err));
    *out = (struct operand){copy.data, CblasNoTrans, (blasint)x->shape[1]};
    if (!out->step)
        out->step = 1;
    return 0;
}

static CBLAS_TRANSPOSE flipped(CBLAS_TRANSPOSE order, bool flip)
{
    return (order == CblasNoTrans) == flip ? CblasTrans : CblasNoTrans;
}

/* c (+)= a b, where c lies by rows, or by columns: then cᵀ (+)= bᵀ aᵀ. */
static void multiply(const struct operand *c, enum foray_dtype dtype, size_t n,
                     size_t m, size_t k, const struct operand *a,
                     const struct operand *b, bool is_first)
{
    bool flip = c->order == CblasTrans;
    CBLAS_ORDER layout = flip ? CblasColMajor : CblasRowMajor;
    CBLAS_TRANSPOSE of_a = flipped(a->order, flip);
    CBLAS_TRANSPOSE of_b = flipped(b->order, flip);

    if (dtype == FORAY_F64)
        cblas_dgemm(layout, of_a, of_b, (blasint)n, (blasint)m, (blasint)k, 1,
                    a->data, a->step, b->data, b->step, is_first ? 0 : 1,
                    (double *)(uintptr_t)c->data, c->step);
    else
        cblas_sgemm(layout, of_a, of_b, (blasint)n, (blasint)m, (blasint)k, 1,
                    a->data, a->step, b->data, b->step, is_first ? 0 : 1,
                    (float *)(uintptr_t)c->data, c->step);
}

/* `c` is where BLAS can write it. */
static int multiply_parts(struct foray__gemm *gemm, const struct operand *out,
                          const struct foray_array *c,
                          const struct foray_array *a,
                          const struct foray_array *b, struct foray_error *err)
{
    size_t depth = a->shape[1], done = 0;

    do {
        size_t k = depth - done < DEPTH ? depth - done : DEPTH;
        struct foray_array a_part = *a, b_part = *b;
        struct operand left, right;

        a_part.data = (char *)a->data + (ptrdiff_t)done * a->strides[1];
        b_part.data = (char *)b->data + (ptrdiff_t)done * b->strides[0];
        a_part.shape[1] = b_part.shape[0] = k;
        FORAY_TRY(
            operand_of(&left, &gemm->a, &gemm->a_size, &a_part, c->dtype, err));
        FORAY_TRY(operand_of(&right, &gemm->b, &gemm->b_size, &b_part, c->dtype,
                             err));
        multiply(out, c->dtype, c->shape[0], c->shape[1], k, &left, &right,
                 !done);
        done += k;
    } while (done < depth);
    return 0;
}

int foray__gemm(struct foray__gemm *gemm, const struct foray_array *c,
                const struct foray_array *a, const struct foray_array *b,
                struct foray_error *err)
{
    struct foray_array room;
    struct operand out;

    if (!foray_array_nitems(c))
        return 0;
    if (lies_well(&out, c, c->dtype))
        return multiply_parts(gemm, &out, c, a, b, err);
    FORAY_TRY(make_room(&room, &gemm->c, &gemm->c_size, c, c->dtype, err));
    out = (struct operand){room.data, CblasNoTrans, (blasint)c->shape[1]};
    FORAY_TRY(multiply_parts(gemm, &out, &room, a, b, err));
    return foray_array_copy(c, &room, err);
}

void foray__gemm_free(struct foray__gemm *gemm)
{
    free(gemm->a);
    free(gemm->b);
    free(gemm->c);
    *gemm = (struct foray__gemm){0};
}
