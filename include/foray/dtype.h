/* Element types: NumPy's of one number, by short names.
 *
 *     enum foray_dtype dtype;
 *     bool swapped;
 *     struct foray_error err;
 *
 *     if (foray_dtype_parse(&dtype, &swapped, ">i2", &err))
 *         fprintf(stderr, "%s\n", err.msg);
 *     else
 *         printf("%s, %zu bytes\n", foray_dtype_name(dtype),
 *                foray_dtype_size(dtype)); // i16, 2 bytes
 */
#ifndef FORAY_DTYPE_H
#define FORAY_DTYPE_H

#include <stdbool.h>
#include <stddef.h>

#include <foray/error.h>
#include <foray/export.h>

FORAY_BEGIN

/* XX(name, bytes, short name, NumPy's kind and size) */
#define FORAY_DTYPE_MAP(XX)                                                    \
    XX(BOOL, 1, "bool", "b1")                                                  \
    XX(I8, 1, "i8", "i1")                                                      \
    XX(I16, 2, "i16", "i2")                                                    \
    XX(I32, 4, "i32", "i4")                                                    \
    XX(I64, 8, "i64", "i8")                                                    \
    XX(U8, 1, "u8", "u1")                                                      \
    XX(U16, 2, "u16", "u2")                                                    \
    XX(U32, 4, "u32", "u4")                                                    \
    XX(U64, 8, "u64", "u8")                                                    \
    XX(F16, 2, "f16", "f2")                                                    \
    XX(F32, 4, "f32", "f4")                                                    \
    XX(F64, 8, "f64", "f8")                                                    \
    XX(C64, 8, "c64", "c8")                                                    \
    XX(C128, 16, "c128", "c16")

enum foray_dtype {
    /* Any other NumPy type (structured, text, dates): items of `itemsize`
     * bytes that can be mapped, sliced and copied, but not computed with. */
    FORAY_OPAQUE = 0,
#define FORAY_DTYPE_ENUM(name, bytes, text, numpy) FORAY_##name,
    FORAY_DTYPE_MAP(FORAY_DTYPE_ENUM)
#undef FORAY_DTYPE_ENUM
};

/** Bytes of one element; 0 for FORAY_OPAQUE, which has no fixed size.
 *  Fork, threads: pure. */
FORAY_API size_t foray_dtype_size(enum foray_dtype dtype);

/** Short name, "f64"; "opaque" for FORAY_OPAQUE.
 *  Owner: static storage.  Fork, threads: pure. */
FORAY_API const char *foray_dtype_name(enum foray_dtype dtype);

/** Read a type from its short name ("f64") or NumPy's ("float64", "<f8",
 *  ">i2", "f8"; "i8" and "u8" are eight bits, "<i8" is eight bytes).
 *  `swapped` (may be NULL) receives whether the elements are in
 *  the byte order this machine does not use.
 *  Errors: FORAY_EDTYPE; what `dtype` and `swapped` point to is left alone
 *  then.  Fork, threads: pure. */
FORAY_API FORAY_CHECK int foray_dtype_parse(enum foray_dtype *dtype,
                                            bool *swapped, const char *text,
                                            struct foray_error *err);

FORAY_END
#endif
