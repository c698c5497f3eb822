/* Images: files of photographs decoded to arrays of pixels.
 *
 *     const struct foray_array *pixels;
 *     struct foray_image *image = NULL;
 *     struct foray_error err;
 *
 *     if (foray_image_new(&image, &err) ||
 *         foray_image_read(image, "cat.jpg", NULL, &err)) {
 *         fprintf(stderr, "%s\n", err.msg);
 *     } else {
 *         pixels = foray_image_pixels(image);
 *         printf("%zu x %zu\n", pixels->shape[0], pixels->shape[1]);
 *     }
 *     foray_image_free(image);
 *
 * JPEG (libjpeg-turbo), PNG (libpng), TIFF (libtiff), WebP (libwebp), PGM, PPM
 * and PBM, plain and raw. The pixels equal Pillow's, except that 16 bits stay
 * 16 in colour too. Samples of fewer bits, and of a PGM or PPM whose largest
 * value is another, are scaled to 255 (to 65535 above 255); black in a bitmap
 * is 0. A palette is expanded, no profile or gamma applied. Of a TIFF the first
 * page is read, of an animated WebP the first frame. A file that is damaged,
 * cut short or too large is an error that names it; a JPEG file, also in a
 * TIFF, and a fax count as damaged when the library has to guess pixels, which
 * Pillow lets pass. Not read: CMYK, more than 8 bits in a JPEG, TIFF with
 * samples of 12 or 32 bits, with signs, in YCbCr or L*a*b* unless it is a JPEG
 * inside, or compressed by old JPEG, LZMA, JBIG or LERC; pipes, devices.
 *
 * A path may also name a file in a tar archive, "ARCHIVE.tar:NAME", here and
 * wherever else images are read by their paths. It is read where it lies;
 * nothing is unpacked. The archive is the first part of the path in front of a
 * ":" whose name ends in .tar and that is a file; a file of the whole name goes
 * first. Archives of pax, GNU tar, ustar and older ones are read, compressed
 * ones are not; links and files stored as sparse are not followed, and of
 * several files of one name the last counts, as when they are unpacked. An
 * archive is read through once, from header to header, and what is in it is
 * remembered, 16 archives a thread, until they change.
 * Threads: different struct foray_image are independent. Fork: the struct is
 * plain private memory; no decoder keeps threads or global state. libtiff is
 * loaded at the first TIFF; handlers that a program gave it stay.
 */
#ifndef FORAY_IMAGE_H
#define FORAY_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <foray/array.h>
#include <foray/error.h>
#include <foray/export.h>

FORAY_BEGIN

enum foray_image_format {
    FORAY_IMAGE_UNKNOWN,
    FORAY_IMAGE_JPEG,
    FORAY_IMAGE_PNG,
    FORAY_IMAGE_PNM,
    FORAY_IMAGE_TIFF,
    FORAY_IMAGE_WEBP
};

/* What becomes of the channels. */
enum foray_color {
    FORAY_COLOR_DEFAULT, /* as stored, alpha dropped */
    FORAY_COLOR_ALL,     /* as stored, alpha is a channel */
    FORAY_COLOR_GRAY,    /* ITU-R 601 luma in 8 bits, as Pillow's "L"; 16-bit
                            images: the same weights in 16 bits */
    FORAY_COLOR_RGB2GRAY /* skimage.color.rgb2gray: f64 in 0..1; images that
                            are gray already stay as they are, as there */
};

/* What a pixel of a resized image is the mean of. Source: Pillow's
 * Image.Resampling of the same name, every value. */
enum foray_filter {
    FORAY_FILTER_BILINEAR, /* a triangle: of 2 x 2 pixels when growing */
    FORAY_FILTER_BOX,      /* what it covers, all alike; the fastest */
    FORAY_FILTER_BICUBIC,  /* of 4 x 4 pixels */
    FORAY_FILTER_LANCZOS   /* of 6 x 6 pixels; the slowest */
};

/* How an image comes to a size of another shape. Source: Pillow's functions,
 * every value. */
enum foray_fit {
    FORAY_FIT_STRETCH, /* Image.resize: the shape changes */
    FORAY_FIT_CROP,    /* ImageOps.fit, centred: what sticks out is lost */
    FORAY_FIT_PAD      /* ImageOps.pad, centred on black (alpha 0), but at least
                          one pixel where that fails */
};

/* The size at which JPEG files are decoded before they are resized. */
enum foray_jpeg_scale {
    FORAY_JPEG_FULL, /* all pixels */
    FORAY_JPEG_AUTO  /* 1/8, 1/4 or 1/2, the least that has still at least
                        twice the rows and columns of the result: several times
                        faster. Not the pixels of FULL, but those of Pillow's
                        Image.draft to twice the size, then resized */
};

/* Zero everywhere means default. The order of the steps: decode, turn
 * upright, resize, colour. */
struct foray_image_options {
    enum foray_color color;
    bool exif;           /* turn upright as the EXIF orientation says */
    size_t rows, cols;   /* resize to this; both 0: as stored. 8-bit images:
                            bit-equal to Pillow's; 16-bit: FORAY_ENOTSUP
                            unless already that size */
    bool truncated;      /* take a file that ends before its image, as far as
                            it goes: the rest as Pillow has it with
                            LOAD_TRUNCATED_IMAGES, black, or of a JPEG gray;
                            otherwise it is FORAY_ETRUNCATED. Of a TIFF, whose
                            header has to be whole: rows that are not
                            compressed, and strips that are. Not PNM */
    uint64_t max_pixels; /* refuse larger images before allocating; 0: 256M
                            (268,435,456) */
    enum foray_filter filter; /* with rows and cols; these three */
    enum foray_fit fit;
    enum foray_jpeg_scale jpeg_scale;
};

/** The words of these, "rgb2gray", "lanczos", "crop", "auto", as the command
 *  has them; "color" and "1" are what 0 is. "?" of a value that is none.
 *  Owner: static storage.  Fork, threads: pure. */
FORAY_API const char *foray_color_name(enum foray_color color);
FORAY_API const char *foray_filter_name(enum foray_filter filter);
FORAY_API const char *foray_fit_name(enum foray_fit fit);
FORAY_API const char *foray_jpeg_scale_name(enum foray_jpeg_scale scale);

/* What a file's header says, before anything is decoded. */
struct foray_image_info {
    enum foray_image_format format;
    size_t rows, cols; /* as stored, before EXIF */
    int channels;      /* as stored, palette expanded: 1 gray, 2 gray + alpha,
                          3 RGB, 4 RGB + alpha */
    int bits;          /* of one sample of the decoded array: 8 or 16 */
    bool alpha;        /* the last channel is alpha */
    int orientation;   /* EXIF 1..8, or TIFF's; 1 when the file has none */
    bool many_scans;   /* a JPEG that is not decoded row by row, progressive or
                          its colours after one another: all its coefficients
                          are kept until the last scan */
};

/* A decoder with its buffers, kept from image to image. */
struct foray_image;

/** A new decoder, nothing read yet.  Errors: FORAY_ENOMEM.
 *  Owner: the caller, foray_image_free. */
FORAY_API FORAY_CHECK int foray_image_new(struct foray_image **out,
                                          struct foray_error *err);

/** Free a decoder and its pixels; NULL does nothing. */
FORAY_API void foray_image_free(struct foray_image *image);

/** Read the header of an image file; the format is told from its first bytes.
 *  Errors: as foray_image_read, but for max_pixels.  Threads: safe. */
FORAY_API FORAY_CHECK int foray_image_info(struct foray_image_info *out,
                                           const char *path,
                                           struct foray_error *err);

/* Paths of the files in a tar archive, in its order. */
struct foray_image_members {
    char **paths; /* "ARCHIVE.tar:NAME" */
    size_t n;
};

/** List the regular files in an archive, images or not.
 *  Errors: FORAY_ENOENT, FORAY_EACCES, FORAY_EIO; FORAY_ENOTSUP (compressed, no
 *  file), FORAY_EINVAL (its name does not end in .tar); FORAY_ETRUNCATED,
 *  FORAY_EFORMAT (damaged, or no archive): both say at which byte;
 *  FORAY_ETOOLARGE (a name of more than 16 MiB), FORAY_ENOMEM.
 *  Owner: the caller, foray_image_members_free; on failure *out is empty. */
FORAY_API FORAY_CHECK int foray_image_members(struct foray_image_members *out,
                                              const char *archive,
                                              struct foray_error *err);

/** The same of an archive that may be damaged: that is no error, but in *damage
 *  (code 0: it is not), and the list has the files before it. An image of such
 *  a path can be read; the archive itself, read as an image, fails with this
 *  damage.
 *  Errors: FORAY_ENOENT, FORAY_EACCES, FORAY_ENOTSUP (no file), FORAY_EINVAL,
 *  FORAY_ETRUNCATED (it is empty), FORAY_ENOMEM.  Owner: as above. */
FORAY_API FORAY_CHECK int
foray_image_members_before(struct foray_image_members *out,
                           struct foray_error *damage, const char *archive,
                           struct foray_error *err);

/** Give a list back, and empty it. Nothing happens to an empty one. */
FORAY_API void foray_image_members_free(struct foray_image_members *members);

/** How large the file of an image is, bytes, and when it was changed: ns since
 *  1970; of a file in an archive when the archive was.
 *  Errors: FORAY_ENOENT, FORAY_EACCES; of a file in an archive also those of
 *  foray_image_members.  Threads: safe. */
FORAY_API FORAY_CHECK int foray_image_stat(uint64_t *nbytes, int64_t *mtime_ns,
                                           const char *path,
                                           struct foray_error *err);

/** Have foray_image_read put what foray_image_stat says of its file there, too,
 *  before anything of it is decoded: one that is in an archive is looked up
 *  once. Of a file that cannot be opened, or is empty, nothing is put. NULL:
 *  no longer. */
FORAY_API void foray_image_note_stat(struct foray_image *image,
                                     uint64_t *nbytes, int64_t *mtime_ns);

/* Told of a file whose header was read, before anything is allocated for it:
 * how many bytes reading and decoding it will take at most, as far as the
 * header knows, at the size that a JPEG file is decoded at. What it fails with
 * ends the reading. */
typedef int (*foray_image_need_fn)(size_t nbytes, const char *path, void *arg,
                                   struct foray_error *err);

/** Have foray_image_read tell what it will need. `fn` NULL: nobody. */
FORAY_API void foray_image_on_need(struct foray_image *image,
                                   foray_image_need_fn fn, void *arg);

/** Such a function, whose `arg` is the struct foray_task that reads: it
 *  reserves that of the pool's budget (foray_task_reserve_for), so that large
 *  images wait until there is memory for them, and small ones go on.
 *  Errors: those of foray_task_reserve_for. */
FORAY_API int foray_image_reserve(size_t nbytes, const char *path, void *task,
                                  struct foray_error *err);

/** Decode a file. `options` may be NULL.
 *  Errors: FORAY_ENOENT, FORAY_EACCES, FORAY_EIO; FORAY_ENOTSUP (no image
 *  format known here, CMYK, a library left out of this build);
 *  FORAY_ETRUNCATED; FORAY_EFORMAT (damaged); FORAY_ETOOLARGE (max_pixels);
 *  FORAY_ENOMEM. The pixels of the image read before are gone then. */
FORAY_API FORAY_CHECK int
foray_image_read(struct foray_image *image, const char *path,
                 const struct foray_image_options *options,
                 struct foray_error *err);

/** The same for an array in memory, u8 or u16, shaped (rows, cols) or (rows,
 *  cols, channels <= 4), any strides and byte order: resize and colour as for
 *  a file; of 2 or 4 channels the last is alpha. Other dtypes pass unchanged
 *  when no option asks for anything. `name` is for messages.
 *  Errors: FORAY_ESHAPE, FORAY_EDTYPE, FORAY_ENOTSUP (a resize of u16),
 *  FORAY_ETOOSMALL (a resize of nothing), FORAY_ETOOLARGE, FORAY_ENOMEM.
 *  Owner: an array in C order that needs no step is not copied: its memory
 *  must stay until the next read or free. */
FORAY_API FORAY_CHECK int
foray_image_adopt(struct foray_image *image, const struct foray_array *pixels,
                  const char *name, const struct foray_image_options *options,
                  struct foray_error *err);

/** The pixels last read: (rows, cols) or (rows, cols, channels), C order; u8,
 *  u16, or f64 after RGB2GRAY. NULL when nothing was read.
 *  Owner: the image's, until the next read or free. */
FORAY_API const struct foray_array *
foray_image_pixels(const struct foray_image *image);

/** What the header of the image last read said. NULL as above. */
FORAY_API const struct foray_image_info *
foray_image_last_info(const struct foray_image *image);

/** Rows, columns and channels that foray_image_read would give for a file
 *  with this header. `channels` is 0 for a 2-d array. `options` may be NULL.
 *  Fork, threads: pure. */
FORAY_API void
foray_image_result_shape(size_t *rows, size_t *cols, int *channels,
                         const struct foray_image_info *info,
                         const struct foray_image_options *options);

/** Write (rows, cols) or (rows, cols, channels) u8: as JPEG when the name ends
 *  in .jpg or .jpeg, as PGM or PPM when it ends in .pgm or .ppm, else as PNG.
 *  PNG takes 1 to 4 channels, the others 1 or 3. Beside the name first, renamed
 *  at the end.
 *  Errors: FORAY_EDTYPE, FORAY_ESHAPE, FORAY_ENOSPC, FORAY_EACCES, FORAY_EIO,
 *  FORAY_ENOTSUP (built without the library, TIFF and WebP). */
FORAY_API FORAY_CHECK int foray_image_write(const struct foray_array *pixels,
                                            const char *path,
                                            struct foray_error *err);

/** The same in a format that the name does not tell (FORAY_IMAGE_UNKNOWN: that
 *  it tells); of a JPEG with a quality, 1 to 100; 0 is 75, as libjpeg's and
 *  Pillow's. PNM is PGM of 1 channel and PPM of 3.
 *  Errors: as above; FORAY_EINVAL (no such quality). */
FORAY_API FORAY_CHECK int foray_image_write_as(const struct foray_array *pixels,
                                               const char *path,
                                               enum foray_image_format format,
                                               int quality,
                                               struct foray_error *err);

/** The same to an open file, a pipe or a socket, from where it stands; `name`
 *  is for messages, and tells the format if that is FORAY_IMAGE_UNKNOWN. What a
 *  failure has written before it stays there.  Errors: as above. */
FORAY_API FORAY_CHECK int foray_image_write_fd(const struct foray_array *pixels,
                                               int fd, const char *name,
                                               enum foray_image_format format,
                                               int quality,
                                               struct foray_error *err);

FORAY_END
#endif
