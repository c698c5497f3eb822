/* Sizes in bytes, as people write them.
 *
 *     struct foray_error err;
 *     uint64_t nbytes;
 *
 *     if (foray_size_parse(&nbytes, "1.5G", &err))
 *         fprintf(stderr, "%s\n", err.msg);
 */
#ifndef FORAY_SIZE_H
#define FORAY_SIZE_H

#include <stdint.h>

#include <foray/error.h>
#include <foray/export.h>

FORAY_BEGIN

/** Bytes of "1048576", "53K", "1.4M", "80G", "2T" or "1MiB": units are powers
 *  of 1024, in either case, and a part of a byte is cut off.
 *  Source: joblib's max_nbytes, which knows K, M and G.
 *  Errors: FORAY_EINVAL: something else, or 2^64 bytes or more. `out` is left
 *  alone then.  Fork, threads: safe. */
FORAY_API FORAY_CHECK int foray_size_parse(uint64_t *out, const char *text,
                                           struct foray_error *err);

FORAY_END
#endif
