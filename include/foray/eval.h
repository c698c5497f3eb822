/* Expressions over arrays, element by element: parsed, typed, translated to
 * one loop of C, compiled once and run by the workers of a pool.
 *
 *     int norms(struct foray_pool *pool, const struct foray_array *x,
 *               const struct foray_array *y, struct foray_array *norms,
 *               struct foray_error *err)
 *     {
 *         struct foray_eval eval = {.text = "s = x*x + y*y; r = sqrt(s)",
 *                                   .in = {{"x", x, NULL}, {"y", y, NULL}},
 *                                   .out = {"r"}};
 *         struct foray_eval_plan plan;
 *         const struct foray_array *outputs[] = {norms};
 *
 *         if (foray_eval_plan(&plan, &eval, err) ||
 *             foray_array_create(norms, NULL, plan.out[0].dtype,
 *                                plan.out[0].ndim, plan.out[0].shape, err))
 *             return err->code;
 *         return foray_eval(pool, &eval, outputs, NULL, err);
 *     }
 *
 * A text is one or more statements `name = expression`, with `;` between them;
 * the last may lack its name. Operators, in the order in which they bind, are
 * those of Python: ** first, then + - ~ of one operand, * / // %, + -, << >>,
 * &, ^, | and last == != < <= > >=. ( ) group. `/` divides exactly, `//` rounds
 * down, `%` has the sign of the divisor. Functions are those of NumPy and of
 * math.h, under either name (arctan2, atan2); where, minimum, maximum, clip;
 * casts f32(x), i64(x) and so on for all types. Constants: 12, 0x1f, 1.5e-3,
 * 2j, True, False, and, unless an array has that name, pi, e, inf, nan.
 *
 * Types are those of NumPy 2: of arrays, also those without axes, each has its
 * type; numbers in the text or given as numbers take the type of what they
 * meet. f16 is computed in f32 and rounded after each step. Shapes broadcast.
 * Integers wrap around. An integer divided by zero (//, %) is 0, and counted.
 * Floats and complex numbers that become integers are clipped, NaN becomes 0.
 * Floors of integers are integers, as in NumPy 2.1.
 *
 * The system's compiler is needed: that of the variable CC if it names a
 * program, else `cc`. What it makes is kept in a folder of mode 0700,
 * $XDG_CACHE_HOME/foray/modules or ~/.cache/foray/modules (without either
 * foray-modules-UID in TMPDIR or /tmp), under a name that is a digest of the
 * generated source, the compiler, its flags and the CPU. The folder keeps the
 * 256 modules that were used last, or 64 MiB of them, and any that runs.
 * Nothing of the text but what the grammar knows reaches the compiler, which
 * runs as a child of this process and has ended when the function returns.
 */
#ifndef FORAY_EVAL_H
#define FORAY_EVAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <foray/array.h>
#include <foray/error.h>
#include <foray/export.h>
#include <foray/map.h>
#include <foray/pool.h>

FORAY_BEGIN

enum { FORAY_EVAL_MAX_TEXT = 65536, FORAY_EVAL_MAX_NAMES = 64 };

/* What is made of the elements of an output. */
enum foray_eval_reduce {
    FORAY_EVAL_ELEMENTS, /* themselves */
    FORAY_EVAL_SUM,      /* in 64 bits of integers, which wrap around; as
                            foray_array_sum of floats; c128 */
    FORAY_EVAL_MEAN,     /* f64 or c128; NaN of an empty array */
    FORAY_EVAL_MIN,      /* NaN if an element is NaN; an error of none */
    FORAY_EVAL_MAX
};

/* A name of the text and what it stands for. */
struct foray_eval_name {
    const char *name;
    const struct foray_array *array; /* any dtype but opaque, strides, order,
                                        byte order, alignment; or NULL */
    const char *number;              /* "2.5": as if it stood in the text */
};

struct foray_eval {
    const char *text; /* at most FORAY_EVAL_MAX_TEXT bytes */
    /* Ends at the first without a name. Outputs of one shape and the arrays
     * that they use are at most 31 together: FORAY_ETOOLARGE. */
    struct foray_eval_name in[FORAY_EVAL_MAX_NAMES];
    const char *out[FORAY_MAX_ARRAYS]; /* names whose values are wanted; none:
                                          that of the last statement */
    enum foray_eval_reduce reduce;
    enum foray_on_error on_error; /* the pool's; a reduction always stops */
};

/* What an output will be. */
struct foray_eval_output {
    char name[64]; /* "" if the statement has none */
    enum foray_dtype dtype;
    int ndim; /* 0 with a reduction */
    size_t shape[FORAY_MAX_NDIM];
    bool fortran_order; /* all inputs of that shape are: so had it better be */
};

struct foray_eval_plan {
    int n;
    struct foray_eval_output out[FORAY_MAX_ARRAYS];
    size_t n_elements; /* that are computed, all outputs together */
};

struct foray_eval_report {
    struct foray_report run; /* of all runs together */
    uint64_t zero_divisions; /* of integers; their results are 0 */
};

/** Parse and type: what the outputs will be. Nothing is compiled.
 *  Errors: FORAY_EINVAL (the text is wrong: says where and how), FORAY_ESHAPE
 *  (shapes do not broadcast), FORAY_EDTYPE (an operation does not exist for a
 *  type), FORAY_ERANGE (a number does not fit its type), FORAY_ETOOLARGE,
 *  FORAY_ENOMEM.  Threads, fork: safe. */
FORAY_API FORAY_CHECK int foray_eval_plan(struct foray_eval_plan *out,
                                          const struct foray_eval *eval,
                                          struct foray_error *err);

/** Compile what foray_eval would run, so that what can go wrong goes wrong
 *  before outputs are made. Quick when it was compiled before.
 *  Errors: those of foray_eval_plan; FORAY_ENOENT (no compiler), FORAY_EINVAL
 *  (it failed: its words), FORAY_EACCES (the folder of modules is not safe:
 *  says why).  Threads, fork: safe; two that compile the same both get it. */
FORAY_API FORAY_CHECK int foray_eval_compile(const struct foray_eval *eval,
                                             struct foray_error *err);

/** Compute `outputs`, as many as in the plan and as it says, any strides; they
 *  share no memory with each other or the inputs.
 *  `pool` may be NULL, see pool.h; `report` may be NULL.
 *  Errors: those of foray_eval_compile and foray_map; FORAY_ESHAPE and
 *  FORAY_EDTYPE (an output is not as planned; a minimum of nothing);
 *  FORAY_ERANGE (an integer raised to a negative power).
 *  Threads, fork: as foray_map. */
FORAY_API FORAY_CHECK int foray_eval(struct foray_pool *pool,
                                     const struct foray_eval *eval,
                                     const struct foray_array *const *outputs,
                                     struct foray_eval_report *report,
                                     struct foray_error *err);

FORAY_END
#endif
