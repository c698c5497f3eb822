/* NumPy's name for one type: "<f8", "float64", "|S16", "<M8[us]". */
#ifndef FORAY_ARRAY_TYPESTRING_H
#define FORAY_ARRAY_TYPESTRING_H

#include <stdbool.h>
#include <stddef.h>

#include <foray/dtype.h>

enum { FORAY__TYPESTRING_SIZE = 48 };

struct foray__typestring {
    enum foray_dtype dtype; /* FORAY_OPAQUE: text, dates, void, long double */
    bool swapped;           /* never for FORAY_OPAQUE */
    size_t itemsize;        /* at least 1 */
    char text[FORAY__TYPESTRING_SIZE]; /* as dtype.str spells it */
};

/* What is wrong with the type "O". */
extern const char foray__typestring_objects[];

/* Read `length` bytes of `text`. Returns NULL, or what is wrong with the type
 * as the end of a sentence ("is no type NumPy writes"). As NumPy means it:
 * "i8" is an integer of 8 bytes. Source: numpy.dtype.str. */
const char *foray__typestring_parse(struct foray__typestring *out,
                                    const char *text, size_t length);

#endif
