/* JPEG by libjpeg, to an open file: its defaults, which are Pillow's. */
#include <setjmp.h>
#include <stdio.h>

/* jpeglib.h needs stdio.h. */
#include <jpeglib.h>

#include "base/error.h"
#include "image/format.h"

enum { BUFFER = 1 << 16, DEFAULT_QUALITY = 75 };

/* What libjpeg's callbacks need. The manager comes first: libjpeg hands back
 * its address. */
struct writer {
    struct jpeg_error_mgr errors;
    struct jpeg_destination_mgr output;
    struct jpeg_compress_struct encoder;
    jmp_buf escape;
    int fd;
    const char *path;
    struct foray_error *err;
    int code; /* of the failure */
    JOCTET bytes[BUFFER];
};

static _Noreturn void on_error(j_common_ptr common)
{
    struct writer *writer = (struct writer *)common->err;
    char tail[FORAY__TAIL_SIZE], text[JMSG_LENGTH_MAX];

    if (!writer->code) {
        common->err->format_message(common, text);
        writer->code =
            foray__fail(writer->err, FORAY_EIO, "cannot write %s: %s",
                        foray__tail(tail, writer->path), text);
    }
    longjmp(writer->escape, 1);
}

static void no_message(j_common_ptr common)
{
    (void)common;
}

static void begin_buffer(j_compress_ptr encoder)
{
    struct writer *writer = (struct writer *)encoder->err;

    encoder->dest->next_output_byte = writer->bytes;
    encoder->dest->free_in_buffer = BUFFER;
}

static void write_out(j_compress_ptr encoder, size_t nbytes)
{
    struct writer *writer = (struct writer *)encoder->err;

    writer->code = foray__format_write(writer->fd, writer->bytes, nbytes,
                                       writer->path, writer->err);
    if (writer->code)
        on_error((j_common_ptr)encoder);
}

/* The whole buffer, whatever libjpeg says is free of it. */
static boolean on_full(j_compress_ptr encoder)
{
    write_out(encoder, BUFFER);
    begin_buffer(encoder);
    return TRUE;
}

static void on_end(j_compress_ptr encoder)
{
    write_out(encoder, BUFFER - encoder->dest->free_in_buffer);
}

/* Jumps to writer->escape when it fails. */
static void encode_or_jump(struct writer *writer,
                           const struct foray_array *pixels, int quality)
{
    j_compress_ptr encoder = &writer->encoder;

    jpeg_create_compress(encoder);
    writer->output = (struct jpeg_destination_mgr){
        .init_destination = begin_buffer,
        .empty_output_buffer = on_full,
        .term_destination = on_end,
    };
    encoder->dest = &writer->output;
    encoder->image_height = (JDIMENSION)pixels->shape[0];
    encoder->image_width = (JDIMENSION)pixels->shape[1];
    encoder->input_components = pixels->ndim == 3 ? 3 : 1;
    encoder->in_color_space = pixels->ndim == 3 ? JCS_RGB : JCS_GRAYSCALE;
    jpeg_set_defaults(encoder);
    jpeg_set_quality(encoder, quality, TRUE);
    jpeg_start_compress(encoder, TRUE);
    while (encoder->next_scanline < encoder->image_height) {
        JSAMPROW row = foray_row(pixels, encoder->next_scanline);

        jpeg_write_scanlines(encoder, &row, 1);
    }
    jpeg_finish_compress(encoder);
}

/* The only frame a failure jumps to: it has no variables to lose. */
static void encode(struct writer *writer, const struct foray_array *pixels,
                   int quality)
{
    if (!setjmp(writer->escape))
        encode_or_jump(writer, pixels, quality);
}

int foray__jpeg_encode(int fd, const struct foray_array *pixels, int quality,
                       const char *path, struct foray_error *err)
{
    struct writer writer = {.fd = fd, .path = path, .err = err};

    writer.encoder.err = jpeg_std_error(&writer.errors);
    writer.errors.error_exit = on_error;
    writer.errors.output_message = no_message;
    encode(&writer, pixels, quality ? quality : DEFAULT_QUALITY);
    jpeg_destroy_compress(&writer.encoder);
    return writer.code;
}
