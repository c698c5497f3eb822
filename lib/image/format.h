/* The image formats, behind one table. */
#ifndef FORAY_IMAGE_FORMAT_H
#define FORAY_IMAGE_FORMAT_H

#include <foray/image.h>

#include "image/source.h"

struct foray__format {
    enum foray_image_format format;
    const char *name;

    /* Read the header, any of its bytes at need. The library of the format
     * has no part in it: limits are checked before it sees the file. */
    int (*header)(struct foray_image_info *out, struct foray__source *source,
                  struct foray_error *err);

    /* Decode a file in memory whose header said `info`, into C order pixels
     * of that size, u8 or u16, shaped (rows, cols) or (rows, cols, channels);
     * one channel less than `info` says means: without alpha; a half, a
     * quarter or an eighth of the rows and columns, rounded up: scaled. NULL:
     * this build lacks the library. */
    int (*decode)(const struct foray_array *pixels,
                  const struct foray__source *source,
                  const struct foray_image_info *info, struct foray_error *err);
    bool strips_alpha; /* decode can leave alpha out */
    bool scales;       /* decode can scale */
};

/* The format of a file, told from its first bytes. FORAY_ENOTSUP when it is
 * none of ours, FORAY_ETRUNCATED when it ends before one can tell. */
int foray__format_find(const struct foray__format **out,
                       struct foray__source *source, struct foray_error *err);

/* FORAY_ENOTSUP with the sentence that this build lacks "PNG"'s library. */
int foray__format_lacking(const char *format, const char *name,
                          struct foray_error *err);

/* (rows, cols) or (rows, cols, channels) u8 in C order to an open file: of
 * PNG 2 to 4 channels, of JPEG 3, and a quality of 1 to 100, 0 its default.
 * NULL when this build lacks the library. `path` is for messages. */
typedef int (*foray__encode_fn)(int fd, const struct foray_array *pixels,
                                int quality, const char *path,
                                struct foray_error *err);
foray__encode_fn foray__format_jpeg_encoder(void);
foray__encode_fn foray__format_png_encoder(void);

/* All of `nbytes` where an open file stands, for encoders (write.c). */
int foray__format_write(int fd, const void *data, size_t nbytes,
                        const char *path, struct foray_error *err);

/* jpeg_header.c, jpeg.c */
int foray__jpeg_header(struct foray_image_info *out,
                       struct foray__source *source, struct foray_error *err);
int foray__jpeg_decode(const struct foray_array *pixels,
                       const struct foray__source *source,
                       const struct foray_image_info *info,
                       struct foray_error *err);

/* png_header.c, png.c */
int foray__png_header(struct foray_image_info *out,
                      struct foray__source *source, struct foray_error *err);
int foray__png_decode(const struct foray_array *pixels,
                      const struct foray__source *source,
                      const struct foray_image_info *info,
                      struct foray_error *err);

/* tiff_header.c, tiff.c */
int foray__tiff_header(struct foray_image_info *out,
                       struct foray__source *source, struct foray_error *err);
int foray__tiff_decode(const struct foray_array *pixels,
                       const struct foray__source *source,
                       const struct foray_image_info *info,
                       struct foray_error *err);

/* webp_header.c, webp.c */
int foray__webp_header(struct foray_image_info *out,
                       struct foray__source *source, struct foray_error *err);
int foray__webp_decode(const struct foray_array *pixels,
                       const struct foray__source *source,
                       const struct foray_image_info *info,
                       struct foray_error *err);

/* jpeg_write.c, png_write.c */
int foray__jpeg_encode(int fd, const struct foray_array *pixels, int quality,
                       const char *path, struct foray_error *err);
int foray__png_encode(int fd, const struct foray_array *pixels, int quality,
                      const char *path, struct foray_error *err);

/* pnm.c */
int foray__pnm_header(struct foray_image_info *out,
                      struct foray__source *source, struct foray_error *err);
int foray__pnm_decode(const struct foray_array *pixels,
                      const struct foray__source *source,
                      const struct foray_image_info *info,
                      struct foray_error *err);

#endif
