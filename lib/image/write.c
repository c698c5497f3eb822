/* Pixels to files: PNG, JPEG, PGM and PPM. */
#include <foray/image.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/error.h"
#include "image/format.h"

/* "pgm" of "a.PGM". */
static bool is_named(const char *path, const char *suffix)
{
    const char *dot = strrchr(path, '.');

    return dot && !strcasecmp(dot + 1, suffix);
}

static enum foray_image_format format_of(const char *path)
{
    if (is_named(path, "jpg") || is_named(path, "jpeg"))
        return FORAY_IMAGE_JPEG;
    if (is_named(path, "pgm") || is_named(path, "ppm"))
        return FORAY_IMAGE_PNM;
    return FORAY_IMAGE_PNG;
}

int foray__format_write(int fd, const void *data, size_t nbytes,
                        const char *path, struct foray_error *err)
{
    const char *bytes = data;
    char tail[FORAY__TAIL_SIZE];

    while (nbytes) {
        ssize_t n = write(fd, bytes, nbytes);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return foray__fail_errno(err, n ? errno : ENOSPC, "cannot write %s",
                                     foray__tail(tail, path));
        bytes += n;
        nbytes -= (size_t)n;
    }
    return 0;
}

static int encode_pnm(int fd, const struct foray_array *pixels, int quality,
                      const char *path, struct foray_error *err)
{
    char header[64];
    int length =
        snprintf(header, sizeof header, "P%d\n%zu %zu\n255\n",
                 pixels->ndim == 3 ? 6 : 5, pixels->shape[1], pixels->shape[0]);

    (void)quality; /* it has but one */
    FORAY_TRY(foray__format_write(fd, header, (size_t)length, path, err));
    return foray__format_write(fd, pixels->data, foray_array_nbytes(pixels),
                               path, err);
}

/* Into a new file beside the name, which gets the name when it is whole. */
static int write_beside(const struct foray_array *pixels, int quality,
                        const char *path, foray__encode_fn encode,
                        struct foray_error *err)
{
    char tail[FORAY__TAIL_SIZE], *beside = NULL;
    int code, fd;

    if (asprintf(&beside, "%s.%ld.partial", path, (long)getpid()) < 0)
        return foray__fail(err, FORAY_ENOMEM, "no memory for a file name");
    unlink(beside); /* left by a process of the same number, long dead */
    fd = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
              0666);
    if (fd < 0) {
        code = foray__fail_errno(err, errno, "cannot make %s",
                                 foray__tail(tail, path));
        free(beside);
        return code;
    }
    code = encode(fd, pixels, quality, path, err);
    if (close(fd) && !code)
        code = foray__fail_errno(err, errno, "cannot write %s",
                                 foray__tail(tail, path));
    if (!code && rename(beside, path))
        code = foray__fail_errno(err, errno, "cannot name %s",
                                 foray__tail(tail, path));
    if (code)
        unlink(beside);
    free(beside);
    return code;
}

/* The array that is written: one channel has no axis. */
static int check_pixels(struct foray_array *view,
                        const struct foray_array *pixels,
                        enum foray_image_format format, const char *path,
                        struct foray_error *err)
{
    size_t channels = pixels->ndim == 3 ? pixels->shape[2] : 1;
    size_t most = format == FORAY_IMAGE_PNG ? 4 : 3;
    char tail[FORAY__TAIL_SIZE];

    FORAY_TRY(foray_array_require(pixels, FORAY_U8, pixels->ndim == 3 ? 3 : 2,
                                  FORAY_C_ORDER, err));
    if (!foray_array_nitems(pixels))
        return foray__fail(err, FORAY_ESHAPE,
                           "%s: a picture without pixels cannot be written",
                           foray__tail(tail, path));
    if (channels > most || (channels == 2 && most == 3))
        return foray__fail(err, FORAY_ESHAPE,
                           "%s: %zu channels cannot be written in this format, "
                           "only %s",
                           foray__tail(tail, path), channels,
                           most == 3 ? "1 or 3" : "1 to 4");
    *view = *pixels;
    if (pixels->ndim == 3 && channels == 1)
        return foray_array_index(view, pixels, 2, 0, err);
    return 0;
}

/* What is written, and how. */
static int prepare(struct foray_array *view, foray__encode_fn *encode,
                   const struct foray_array *pixels, const char *path,
                   enum foray_image_format format, int quality,
                   struct foray_error *err)
{
    char tail[FORAY__TAIL_SIZE];

    if (format == FORAY_IMAGE_UNKNOWN)
        format = format_of(path);
    if (quality < 0 || quality > 100)
        return foray__fail(err, FORAY_EINVAL,
                           "%s: a quality is 1 to 100, not %d",
                           foray__tail(tail, path), quality);
    if (format > FORAY_IMAGE_PNM)
        return foray__fail(err, FORAY_ENOTSUP,
                           "%s: images are written as JPEG, PNG, PGM and PPM",
                           foray__tail(tail, path));
    FORAY_TRY(check_pixels(view, pixels, format, path, err));
    *encode = encode_pnm;
    if (format == FORAY_IMAGE_JPEG)
        *encode = foray__format_jpeg_encoder();
    else if (format == FORAY_IMAGE_PNG)
        *encode = foray__format_png_encoder();
    if (*encode)
        return 0;
    foray__format_lacking(format == FORAY_IMAGE_JPEG ? "JPEG" : "PNG", path,
                          err);
    return FORAY_ENOTSUP;
}

int foray_image_write_fd(const struct foray_array *pixels, int fd,
                         const char *name, enum foray_image_format format,
                         int quality, struct foray_error *err)
{
    struct foray_array view;
    foray__encode_fn encode;

    FORAY_TRY(prepare(&view, &encode, pixels, name, format, quality, err));
    return encode(fd, &view, quality, name, err);
}

int foray_image_write_as(const struct foray_array *pixels, const char *path,
                         enum foray_image_format format, int quality,
                         struct foray_error *err)
{
    struct foray_array view;
    foray__encode_fn encode;

    FORAY_TRY(prepare(&view, &encode, pixels, path, format, quality, err));
    return write_beside(&view, quality, path, encode, err);
}

int foray_image_write(const struct foray_array *pixels, const char *path,
                      struct foray_error *err)
{
    return foray_image_write_as(pixels, path, FORAY_IMAGE_UNKNOWN, 0, err);
}
