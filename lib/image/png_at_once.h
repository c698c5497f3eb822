/* PNG files of the usual kind, inflated at once by libdeflate, which takes half
 * the time of zlib: one file for builds that have it, one for those that do
 * not. */
#ifndef FORAY_IMAGE_PNG_AT_ONCE_H
#define FORAY_IMAGE_PNG_AT_ONCE_H

#include <stdbool.h>

#include <foray/array.h>

#include "image/source.h"

/* The pixels that libpng would make of a file in memory whose header was read:
 * see foray__format.decode. False: it is large, or of another kind, or anything
 * about it is odd, or there is no memory; libpng says then what it thinks of
 * it. */
bool foray__png_at_once(const struct foray_array *pixels,
                        const struct foray__source *source);

#endif
