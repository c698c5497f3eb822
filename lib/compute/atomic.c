#include <foray/atomic.h>

#include <math.h>

/* Functions, not inline ones: what they do with NaN must not depend on the
 * caller's compiler flags. */

#define LOAD(at, value) __atomic_load(at, value, __ATOMIC_SEQ_CST)
#define EXCHANGE(at, expected, desired)                                        \
    __atomic_compare_exchange(at, expected, desired, 0, __ATOMIC_SEQ_CST,      \
                              __ATOMIC_SEQ_CST)

#define INTEGER_LESS(a, b) ((a) < (b))
#define INTEGER_GREATER(a, b) ((a) > (b))

static bool comes_before(double a, double b)
{
    return a < b || (a == b && signbit(a) && !signbit(b));
}

/* Of a minimum and of a maximum alike, a NaN replaces every number, and
 * nothing replaces a NaN. */
static bool float_less(double a, double b)
{
    return !isnan(b) && (isnan(a) || comes_before(a, b));
}

static bool float_greater(double a, double b)
{
    return !isnan(b) && (isnan(a) || comes_before(b, a));
}

#define FLOAT_LESS(a, b) float_less((double)(a), (double)(b))
#define FLOAT_GREATER(a, b) float_greater((double)(a), (double)(b))

#define DEFINE_INTEGER_ADD(name, type)                                         \
    type foray_atomic_add_##name(type *at, type value)                         \
    {                                                                          \
        return __atomic_fetch_add(at, value, __ATOMIC_SEQ_CST);                \
    }

#define DEFINE_FLOAT_ADD(name, type)                                           \
    type foray_atomic_add_##name(type *at, type value)                         \
    {                                                                          \
        type old, sum;                                                         \
                                                                               \
        LOAD(at, &old);                                                        \
        do                                                                     \
            sum = old + value;                                                 \
        while (!EXCHANGE(at, &old, &sum));                                     \
        return old;                                                            \
    }

/* Only a value that wins is stored. */
#define DEFINE_EXTREME(verb, wins, name, type)                                 \
    type foray_atomic_##verb##_##name(type *at, type value)                    \
    {                                                                          \
        type old;                                                              \
                                                                               \
        LOAD(at, &old);                                                        \
        while (wins(value, old) && !EXCHANGE(at, &old, &value))                \
            ;                                                                  \
        return old;                                                            \
    }

#define DEFINE_COMPARE_EXCHANGE(name, type)                                    \
    bool foray_atomic_compare_exchange_##name(type *at, type *expected,        \
                                              type desired)                    \
    {                                                                          \
        return EXCHANGE(at, expected, &desired);                               \
    }

#define DEFINE_INTEGER(name, type)                                             \
    DEFINE_INTEGER_ADD(name, type)                                             \
    DEFINE_EXTREME(min, INTEGER_LESS, name, type)                              \
    DEFINE_EXTREME(max, INTEGER_GREATER, name, type)                           \
    DEFINE_COMPARE_EXCHANGE(name, type)

#define DEFINE_FLOAT(name, type)                                               \
    DEFINE_FLOAT_ADD(name, type)                                               \
    DEFINE_EXTREME(min, FLOAT_LESS, name, type)                                \
    DEFINE_EXTREME(max, FLOAT_GREATER, name, type)                             \
    DEFINE_COMPARE_EXCHANGE(name, type)

DEFINE_INTEGER(i32, int32_t)
DEFINE_INTEGER(i64, int64_t)
DEFINE_INTEGER(u32, uint32_t)
DEFINE_INTEGER(u64, uint64_t)
DEFINE_FLOAT(f32, float)
DEFINE_FLOAT(f64, double)
