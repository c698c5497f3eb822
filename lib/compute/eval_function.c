#include "compute/eval_function.h"

#include <stdbool.h>
#include <string.h>

/* Of math.h and complex.h under the same name. */
#define MATH1(name, c)                                                         \
    name, c, 1, FORAY__EVAL_REAL, NULL, NULL, "__builtin_" c "$s($a)"
#define MATH1_REAL(name, c)                                                    \
    {                                                                          \
        MATH1(name, c), NULL, FORAY_OPAQUE                                     \
    }
#define MATH1_COMPLEX(name, c)                                                 \
    {                                                                          \
        MATH1(name, c), "__builtin_c" c "$s($a)", FORAY_OPAQUE                 \
    }
#define MATH2(name, c)                                                         \
    {                                                                          \
        name, c, 2, FORAY__EVAL_REAL, NULL, NULL, "__builtin_" c "$s($a, $b)", \
            NULL, FORAY_OPAQUE                                                 \
    }
#define COMPARE(name, sign, complex)                                           \
    {                                                                          \
        name, sign, 2, FORAY__EVAL_COMPARE, "$a " sign " $b",                  \
            "$a " sign " $b", "$a " sign " $b", complex, FORAY_OPAQUE          \
    }
#define LOGIC(name, n, c)                                                      \
    {                                                                          \
        name, NULL, n, FORAY__EVAL_LOGIC, c, NULL, NULL, NULL, FORAY_OPAQUE    \
    }
#define ALL(name, sign, n, rule, c)                                            \
    {                                                                          \
        name, sign, n, rule, c, c, c, c, FORAY_OPAQUE                          \
    }
#define CAST(name, numpy, dtype)                                               \
    {                                                                          \
        name, numpy, 1, FORAY__EVAL_CAST, "$a", "$a", "$a", "$a", dtype        \
    }

static const struct foray__eval_function functions[] = {
    {"add", "+", 2, FORAY__EVAL_SAME, "$a | $b", "$a + $b", "$a + $b",
     "$a + $b", FORAY_OPAQUE},
    {"subtract", "-", 2, FORAY__EVAL_SAME, NULL, "$a - $b", "$a - $b",
     "$a - $b", FORAY_OPAQUE},
    {"multiply", "*", 2, FORAY__EVAL_SAME, "$a & $b", "$a * $b", "$a * $b",
     "multiply_$t($a, $b)", FORAY_OPAQUE},
    {"divide", "/", 2, FORAY__EVAL_DIVIDE, NULL, NULL, "$a / $b",
     "divide_$t($a, $b)", FORAY_OPAQUE},
    {"floor_divide", "//", 2, FORAY__EVAL_NO_BOOL, NULL,
     "floor_divide_$t($a, $b, &zeros)", "floor_divide_$t($a, $b)", NULL,
     FORAY_OPAQUE},
    {"remainder", "%", 2, FORAY__EVAL_NO_BOOL, NULL,
     "remainder_$t($a, $b, &zeros)", "remainder_$t($a, $b)", NULL,
     FORAY_OPAQUE},
    {"power", "**", 2, FORAY__EVAL_NO_BOOL, NULL,
     "power_$t($a, $b, &negatives)", "__builtin_pow$s($a, $b)",
     "__builtin_cpow$s($a, $b)", FORAY_OPAQUE},
    {"fmod", NULL, 2, FORAY__EVAL_NO_BOOL, NULL, "fmod_$t($a, $b, &zeros)",
     "__builtin_fmod$s($a, $b)", NULL, FORAY_OPAQUE},
    {"negative", NULL, 1, FORAY__EVAL_SAME, NULL, "-$a", "-$a", "-$a",
     FORAY_OPAQUE},
    {"positive", NULL, 1, FORAY__EVAL_SAME, NULL, "$a", "$a", "$a",
     FORAY_OPAQUE},
    {"invert", "~", 1, FORAY__EVAL_SAME, "!$a", "~$a", NULL, NULL,
     FORAY_OPAQUE},
    {"bitwise_and", "&", 2, FORAY__EVAL_SAME, "$a & $b", "$a & $b", NULL, NULL,
     FORAY_OPAQUE},
    {"bitwise_or", "|", 2, FORAY__EVAL_SAME, "$a | $b", "$a | $b", NULL, NULL,
     FORAY_OPAQUE},
    {"bitwise_xor", "^", 2, FORAY__EVAL_SAME, "$a ^ $b", "$a ^ $b", NULL, NULL,
     FORAY_OPAQUE},
    {"left_shift", "<<", 2, FORAY__EVAL_NO_BOOL, NULL, "left_shift_$t($a, $b)",
     NULL, NULL, FORAY_OPAQUE},
    {"right_shift", ">>", 2, FORAY__EVAL_NO_BOOL, NULL,
     "right_shift_$t($a, $b)", NULL, NULL, FORAY_OPAQUE},
    COMPARE("equal", "==", "$a == $b"),
    COMPARE("not_equal", "!=", "$a != $b"),
    COMPARE("less", "<", NULL),
    COMPARE("less_equal", "<=", NULL),
    COMPARE("greater", ">", NULL),
    COMPARE("greater_equal", ">=", NULL),
    LOGIC("logical_and", 2, "$a & $b"),
    LOGIC("logical_or", 2, "$a | $b"),
    LOGIC("logical_xor", 2, "$a ^ $b"),
    LOGIC("logical_not", 1, "!$a"),
    ALL("where", NULL, 3, FORAY__EVAL_WHERE, "$a ? $b : $c"),
    {"minimum", NULL, 2, FORAY__EVAL_SAME, "$a & $b", "$a < $b ? $a : $b",
     "minimum_$t($a, $b)", NULL, FORAY_OPAQUE},
    {"maximum", NULL, 2, FORAY__EVAL_SAME, "$a | $b", "$a > $b ? $a : $b",
     "maximum_$t($a, $b)", NULL, FORAY_OPAQUE},
    {"fmin", NULL, 2, FORAY__EVAL_SAME, "$a & $b", "$a < $b ? $a : $b",
     "fmin_$t($a, $b)", NULL, FORAY_OPAQUE},
    {"fmax", NULL, 2, FORAY__EVAL_SAME, "$a | $b", "$a > $b ? $a : $b",
     "fmax_$t($a, $b)", NULL, FORAY_OPAQUE},
    {"clip", NULL, 3, FORAY__EVAL_SAME, "($a | $b) & $c", "clip_$t($a, $b, $c)",
     "clip_$t($a, $b, $c)", NULL, FORAY_OPAQUE},
    {"absolute", "abs", 1, FORAY__EVAL_PART, "$a", "$a < 0 ? -$a : $a",
     "__builtin_fabs$s($a)", "__builtin_cabs$s($a)", FORAY_OPAQUE},
    {"real", NULL, 1, FORAY__EVAL_PART, "$a", "$a", "$a", "__real__ $a",
     FORAY_OPAQUE},
    {"imag", NULL, 1, FORAY__EVAL_PART, "0", "0", "0", "__imag__ $a",
     FORAY_OPAQUE},
    {"conjugate", "conj", 1, FORAY__EVAL_NO_BOOL, NULL, "$a", "$a",
     "__builtin_conj$s($a)", FORAY_OPAQUE},
    {"sign", NULL, 1, FORAY__EVAL_SAME, NULL, "($a > 0) - ($a < 0)",
     "sign_$t($a)", NULL, FORAY_OPAQUE},
    {"square", NULL, 1, FORAY__EVAL_NO_BOOL, NULL, "$a * $a", "$a * $a",
     "multiply_$t($a, $a)", FORAY_OPAQUE},
    {"reciprocal", NULL, 1, FORAY__EVAL_NO_BOOL, NULL,
     "reciprocal_$t($a, &zeros)", "1 / $a", "divide_$t(1, $a)", FORAY_OPAQUE},
    {"floor", NULL, 1, FORAY__EVAL_SAME, "$a", "$a", "__builtin_floor$s($a)",
     NULL, FORAY_OPAQUE},
    {"ceil", NULL, 1, FORAY__EVAL_SAME, "$a", "$a", "__builtin_ceil$s($a)",
     NULL, FORAY_OPAQUE},
    {"trunc", NULL, 1, FORAY__EVAL_SAME, "$a", "$a", "__builtin_trunc$s($a)",
     NULL, FORAY_OPAQUE},
    {"round", NULL, 1, FORAY__EVAL_SAME, NULL, "$a", "__builtin_rint$s($a)",
     NULL, FORAY_OPAQUE},
    MATH1_REAL("rint", "rint"),
    MATH1_REAL("fabs", "fabs"),
    MATH1_COMPLEX("sqrt", "sqrt"),
    MATH1_REAL("cbrt", "cbrt"),
    MATH1_COMPLEX("exp", "exp"),
    MATH1_REAL("exp2", "exp2"),
    MATH1_REAL("expm1", "expm1"),
    MATH1_COMPLEX("log", "log"),
    MATH1_REAL("log2", "log2"),
    MATH1_REAL("log10", "log10"),
    MATH1_REAL("log1p", "log1p"),
    MATH1_COMPLEX("sin", "sin"),
    MATH1_COMPLEX("cos", "cos"),
    MATH1_COMPLEX("tan", "tan"),
    MATH1_COMPLEX("arcsin", "asin"),
    MATH1_COMPLEX("arccos", "acos"),
    MATH1_COMPLEX("arctan", "atan"),
    MATH1_COMPLEX("sinh", "sinh"),
    MATH1_COMPLEX("cosh", "cosh"),
    MATH1_COMPLEX("tanh", "tanh"),
    MATH1_COMPLEX("arcsinh", "asinh"),
    MATH1_COMPLEX("arccosh", "acosh"),
    MATH1_COMPLEX("arctanh", "atanh"),
    MATH1_REAL("erf", "erf"),
    MATH1_REAL("erfc", "erfc"),
    MATH1_REAL("gamma", "tgamma"),
    MATH1_REAL("lgamma", "lgamma"),
    MATH2("arctan2", "atan2"),
    MATH2("hypot", "hypot"),
    MATH2("copysign", "copysign"),
    MATH2("fdim", "fdim"),
    {"nextafter", NULL, 2, FORAY__EVAL_REAL, NULL, NULL, "nextafter_$t($a, $b)",
     NULL, FORAY_OPAQUE},
    {"fma", NULL, 3, FORAY__EVAL_REAL, NULL, NULL,
     "__builtin_fma$s($a, $b, $c)", NULL, FORAY_OPAQUE},
    {"degrees", "rad2deg", 1, FORAY__EVAL_REAL, NULL, NULL,
     "$a * ($t)57.295779513082320877", NULL, FORAY_OPAQUE},
    {"radians", "deg2rad", 1, FORAY__EVAL_REAL, NULL, NULL,
     "$a * ($t)0.017453292519943295769", NULL, FORAY_OPAQUE},
    {"isnan", NULL, 1, FORAY__EVAL_TEST, "0", "0", "$a != $a", "$a != $a",
     FORAY_OPAQUE},
    {"isinf", NULL, 1, FORAY__EVAL_TEST, "0", "0", "isinf_$t($a)",
     "isinf_$t($a)", FORAY_OPAQUE},
    {"isfinite", NULL, 1, FORAY__EVAL_TEST, "1", "1", "isfinite_$t($a)",
     "isfinite_$t($a)", FORAY_OPAQUE},
    {"signbit", NULL, 1, FORAY__EVAL_TEST, "0", "$a < 0",
     "__builtin_copysign$s(1, $a) < 0", NULL, FORAY_OPAQUE},
    CAST("bool", "bool_", FORAY_BOOL),
    CAST("i8", "int8", FORAY_I8),
    CAST("i16", "int16", FORAY_I16),
    CAST("i32", "int32", FORAY_I32),
    CAST("i64", "int64", FORAY_I64),
    CAST("u8", "uint8", FORAY_U8),
    CAST("u16", "uint16", FORAY_U16),
    CAST("u32", "uint32", FORAY_U32),
    CAST("u64", "uint64", FORAY_U64),
    CAST("f16", "float16", FORAY_F16),
    CAST("f32", "float32", FORAY_F32),
    CAST("f64", "float64", FORAY_F64),
    CAST("c64", "complex64", FORAY_C64),
    CAST("c128", "complex128", FORAY_C128),
};

/* More names for some. */
static const char *const aliases[][2] = {
    {"abs", "absolute"},       {"atan2", "arctan2"},
    {"mod", "remainder"},      {"true_divide", "divide"},
    {"pow", "power"},          {"conj", "conjugate"},
    {"bitwise_not", "invert"}, {"bitwise_invert", "invert"},
};

static bool is(const char *word, const char *name, size_t length)
{
    return word && !strncmp(word, name, length) && !word[length];
}

const struct foray__eval_function *foray__eval_function_find(const char *name,
                                                             size_t length)
{
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
        if (is(functions[i].name, name, length) ||
            is(functions[i].sign, name, length))
            return &functions[i];
    for (size_t i = 0; i < sizeof aliases / sizeof *aliases; i++)
        if (is(aliases[i][0], name, length))
            return foray__eval_function_get(aliases[i][1]);
    return NULL;
}

const struct foray__eval_function *foray__eval_function_get(const char *name)
{
    return foray__eval_function_find(name, strlen(name));
}
