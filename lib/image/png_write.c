/* 8-bit PNG by libpng, to an open file. */
#include <setjmp.h>

#include <png.h>

#include "base/error.h"
#include "image/format.h"

/* What libpng's callbacks need. */
struct writer {
    png_structp png;
    png_infop info;
    int fd;
    const char *path;
    struct foray_error *err;
    int code; /* of the failure */
};

static _Noreturn void on_error(png_structp png, png_const_charp why)
{
    struct writer *writer = png_get_error_ptr(png);
    char tail[FORAY__TAIL_SIZE];

    if (!writer->code)
        writer->code =
            foray__fail(writer->err, FORAY_EIO, "cannot write %s: %s",
                        foray__tail(tail, writer->path), why);
    png_longjmp(png, 1);
}

static void on_warning(png_structp png, png_const_charp why)
{
    (void)png;
    (void)why;
}

static void on_write(png_structp png, png_bytep bytes, size_t n)
{
    struct writer *writer = png_get_io_ptr(png);

    writer->code =
        foray__format_write(writer->fd, bytes, n, writer->path, writer->err);
    if (writer->code)
        png_error(png, "no more can be written");
}

static void on_flush(png_structp png)
{
    (void)png;
}

static int color_type(const struct foray_array *pixels)
{
    static const int types[] = {
        [1] = PNG_COLOR_TYPE_GRAY,
        [2] = PNG_COLOR_TYPE_GRAY_ALPHA,
        [3] = PNG_COLOR_TYPE_RGB,
        [4] = PNG_COLOR_TYPE_RGB_ALPHA,
    };

    return types[pixels->ndim == 3 ? pixels->shape[2] : 1];
}

/* Jumps to the caller's setjmp when it fails. */
static void encode_or_jump(struct writer *writer,
                           const struct foray_array *pixels)
{
    png_structp png = writer->png;

    writer->info = png_create_info_struct(png);
    if (!writer->info)
        png_error(png, "no memory");
    png_set_user_limits(png, INT32_MAX, INT32_MAX);
    png_set_write_fn(png, writer, on_write, on_flush);
    png_set_IHDR(png, writer->info, (png_uint_32)pixels->shape[1],
                 (png_uint_32)pixels->shape[0], 8, color_type(pixels),
                 PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
                 PNG_FILTER_TYPE_DEFAULT);
    png_write_info(png, writer->info);
    for (size_t row = 0; row < pixels->shape[0]; row++)
        png_write_row(png, foray_row(pixels, row));
    png_write_end(png, NULL);
}

/* The only frame a failure jumps to: it has no variables to lose. */
static void encode(struct writer *writer, const struct foray_array *pixels)
{
    if (!setjmp(png_jmpbuf(writer->png)))
        encode_or_jump(writer, pixels);
}

int foray__png_encode(int fd, const struct foray_array *pixels, int quality,
                      const char *path, struct foray_error *err)
{
    struct writer writer = {.fd = fd, .path = path, .err = err};

    (void)quality; /* it has but one */

    writer.png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &writer,
                                         on_error, on_warning);
    if (!writer.png)
        return foray__fail(err, FORAY_ENOMEM, "no memory for a PNG encoder");
    encode(&writer, pixels);
    png_destroy_write_struct(&writer.png, &writer.info);
    return writer.code;
}
