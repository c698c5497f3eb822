/* The two encodings of a .npy header: latin-1 in versions 1 and 2, UTF-8 in
 * version 3. In memory it is always UTF-8. */
#ifndef FORAY_ARRAY_NPY_TEXT_H
#define FORAY_ARRAY_NPY_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* `length` bytes of latin-1 to UTF-8: `out` has room for twice as many.
 * Returns the bytes written. */
size_t foray__latin1_to_utf8(char *out, const char *text, size_t length);

/* UTF-8 to latin-1, which takes at most as many bytes; false, with nothing
 * written, when a character is not in latin-1. `out` may be `text`. */
bool foray__utf8_to_latin1(char *out, size_t *out_length, const char *text,
                           size_t length);

/* Whether the bytes are UTF-8 (no surrogates, shortest forms). */
bool foray__is_utf8(const char *text, size_t length);

#endif
