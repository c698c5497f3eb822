/* A TIFF file in memory, by libtiff, which is loaded when the first is decoded:
 * with the libraries that it needs itself it would take longer than all the
 * rest of a start. It prints nothing: its messages go to the file that it
 * opened, whatever handlers the program has. */
#ifndef FORAY_IMAGE_TIFF_FILE_H
#define FORAY_IMAGE_TIFF_FILE_H

#include <tiffio.h>

#include "image/source.h"

/* The calls that are needed. */
#define FORAY__TIFF_CALLS(XX)                                                  \
    XX(TIFFClientOpenExt)                                                      \
    XX(TIFFClose)                                                              \
    XX(TIFFGetField)                                                           \
    XX(TIFFGetStrileByteCountWithErr)                                          \
    XX(TIFFGetStrileOffsetWithErr)                                             \
    XX(TIFFIsTiled)                                                            \
    XX(TIFFOpenOptionsAlloc)                                                   \
    XX(TIFFOpenOptionsFree)                                                    \
    XX(TIFFOpenOptionsSetErrorHandlerExtR)                                     \
    XX(TIFFOpenOptionsSetMaxSingleMemAlloc)                                    \
    XX(TIFFOpenOptionsSetWarningHandlerExtR)                                   \
    XX(TIFFReadFromUserBuffer)                                                 \
    XX(TIFFSetField)                                                           \
    XX(TIFFStripSize)                                                          \
    XX(TIFFTileSize)

struct foray__tiff_library {
#define FORAY__TIFF_CALL(name) __typeof__(&(name)) name;
    FORAY__TIFF_CALLS(FORAY__TIFF_CALL)
#undef FORAY__TIFF_CALL
};

struct foray__tiff_file {
    const struct foray__tiff_library *lib;
    TIFF *tiff;
    const struct foray__source *source;
    size_t offset; /* where libtiff reads */
    char why[200]; /* its first complaint, "" for none */
};

/* Open the bytes of a source; libtiff takes at most `most` of memory at once.
 * FORAY_ENOTSUP: it is not on this machine. On failure nothing is to be closed.
 * Threads: any. */
int foray__tiff_open(struct foray__tiff_file *file,
                     const struct foray__source *source, size_t most,
                     struct foray_error *err);

void foray__tiff_close(struct foray__tiff_file *file);

/* FORAY_EFORMAT with what libtiff complained of, or `why`; FORAY_ENOMEM when
 * errno says so. */
int foray__tiff_damaged(const struct foray__tiff_file *file, const char *why,
                        struct foray_error *err);

/* The number of a field of 16 or 32 bits, `missing` when there is none. */
uint32_t foray__tiff_short(const struct foray__tiff_file *file, uint32_t tag,
                           uint16_t missing);
uint32_t foray__tiff_long(const struct foray__tiff_file *file, uint32_t tag);

/* Unpack a strip or tile, of which `nbytes` are at `offset` of the source, into
 * `size` bytes. FORAY_EFORMAT also when libtiff had to guess pixels. */
int foray__tiff_unpack(struct foray__tiff_file *file, uint32_t index,
                       uint64_t offset, uint64_t nbytes, void *out, size_t size,
                       struct foray_error *err);

#endif
