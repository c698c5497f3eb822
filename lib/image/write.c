/* Gray pictures to files: PNG, or PGM by the name. */
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

static bool is_pgm(const char *path)
{
    size_t length = strlen(path);

    return length >= 4 && !strcasecmp(path + length - 4, ".pgm");
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

static int encode_pgm(int fd, const struct foray_array *pixels,
                      const char *path, struct foray_error *err)
{
    char header[64];
    int length = snprintf(header, sizeof header, "P5\n%zu %zu\n255\n",
                          pixels->shape[1], pixels->shape[0]);

    FORAY_TRY(foray__format_write(fd, header, (size_t)length, path, err));
    return foray__format_write(fd, pixels->data, foray_array_nbytes(pixels),
                               path, err);
}

/* Into a new file beside the name, which gets the name when it is whole. */
static int write_beside(const struct foray_array *pixels, const char *path,
                        foray__encode_fn encode, struct foray_error *err)
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
    code = encode(fd, pixels, path, err);
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

int foray_image_write(const struct foray_array *pixels, const char *path,
                      struct foray_error *err)
{
    foray__encode_fn encode =
        is_pgm(path) ? encode_pgm : foray__format_png_encoder();
    char tail[FORAY__TAIL_SIZE];

    FORAY_TRY(foray_array_require(pixels, FORAY_U8, 2, FORAY_C_ORDER, err));
    if (!foray_array_nitems(pixels))
        return foray__fail(err, FORAY_ESHAPE,
                           "%s: a picture without pixels cannot be written",
                           foray__tail(tail, path));
    if (!encode)
        return foray__format_lacking("PNG", foray__tail(tail, path), err);
    return write_beside(pixels, path, encode, err);
}
