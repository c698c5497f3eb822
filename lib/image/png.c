/* PNG by libpng's row interface: the simplified one applies gamma. */
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include <png.h>

#include "base/error.h"
#include "image/format.h"

/* What libpng's callbacks need. */
struct reader {
    png_structp png;
    png_infop info;
    const struct foray__source *source;
    size_t offset;
    struct foray_error *err;
    int code;       /* of the failure */
    bool has_rows;  /* some of them may be decoded */
    bool no_memory; /* libpng tells it like any other failure */
};

static _Noreturn void give_up(png_structp png, int code, const char *why)
{
    struct reader *reader = png_get_error_ptr(png);

    if (reader->no_memory)
        code = FORAY_ENOMEM;
    reader->code =
        foray__source_fail(reader->source, reader->err, code, "%s PNG: %s",
                           code == FORAY_ETRUNCATED ? "truncated"
                           : code == FORAY_EFORMAT  ? "damaged"
                                                    : "cannot decode this",
                           why);
    png_longjmp(png, 1);
}

static _Noreturn void on_error(png_structp png, png_const_charp why)
{
    give_up(png, FORAY_EFORMAT, why);
}

/* What libpng only warns of concerns chunks that are not used here. */
static void on_warning(png_structp png, png_const_charp why)
{
    (void)png;
    (void)why;
}

static png_voidp on_malloc(png_structp png, png_alloc_size_t nbytes)
{
    struct reader *reader = png_get_mem_ptr(png);
    void *bytes = malloc(nbytes);

    if (!bytes)
        reader->no_memory = true;
    return bytes;
}

static void on_free(png_structp png, png_voidp bytes)
{
    (void)png;
    free(bytes);
}

static void on_read(png_structp png, png_bytep out, size_t n)
{
    struct reader *reader = png_get_io_ptr(png);

    if (n > reader->source->nbytes - reader->offset)
        give_up(png, FORAY_ETRUNCATED, "the file ends before its last chunk");
    memcpy(out, reader->source->bytes + reader->offset, n);
    reader->offset += n;
}

/* Chunks that do not change pixels are passed over unread: no text is
 * unpacked, no profile kept, whatever their size. Their CRC still counts. */
static void set_limits(png_structp png)
{
    static const png_byte unused[] = "eXIf\0sRGB";

    png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
    png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, unused, 2);
    png_set_chunk_malloc_max(png, 0);
    png_set_user_limits(png, INT32_MAX, INT32_MAX); /* checked already */
    png_set_crc_action(png, PNG_CRC_ERROR_QUIT, PNG_CRC_ERROR_QUIT);
}

static bool is_little_endian(void)
{
    const uint16_t one = 1;

    return *(const uint8_t *)&one;
}

/* 8 or 16 bits, palette and transparency expanded. */
static void set_transforms(struct reader *reader,
                           const struct foray_array *pixels,
                           const struct foray_image_info *info)
{
    size_t channels = pixels->ndim == 3 ? pixels->shape[2] : 1;
    png_structp png = reader->png;

    png_set_expand(png);
    if (info->bits == 16 && is_little_endian())
        png_set_swap(png);
    if (info->alpha && channels + 1 == (size_t)info->channels)
        png_set_strip_alpha(png);
    png_read_update_info(png, reader->info);
    if (png_get_image_height(png, reader->info) != pixels->shape[0] ||
        png_get_image_width(png, reader->info) != pixels->shape[1] ||
        png_get_rowbytes(png, reader->info) != (size_t)pixels->strides[0])
        give_up(png, FORAY_EFORMAT, "its chunks contradict each other");
}

/* What may end is read byte by byte, so that all rows come out of it that are
 * there; the others are black, or what a palette begins with, as in Pillow. */
static void expect_end(struct reader *reader, const struct foray_array *pixels)
{
    size_t channels = pixels->ndim == 3 ? pixels->shape[2] : 1;
    png_structp png = reader->png;
    png_bytep alpha = NULL;
    png_colorp palette;
    int n = 0, n_alpha = 0;

    reader->has_rows = true;
    png_set_compression_buffer_size(png, 1);
    if (!png_get_PLTE(png, reader->info, &palette, &n) || n < 1 ||
        channels < 3 ||
        png_get_color_type(png, reader->info) != PNG_COLOR_TYPE_PALETTE)
        return;
    png_get_tRNS(png, reader->info, &alpha, &n_alpha, NULL);
    for (size_t i = 0; i < pixels->shape[0] * pixels->shape[1]; i++) {
        uint8_t *pixel = (uint8_t *)pixels->data + i * channels;

        pixel[0] = palette->red;
        pixel[1] = palette->green;
        pixel[2] = palette->blue;
        if (channels == 4)
            pixel[3] = n_alpha ? alpha[0] : 255;
    }
}

/* Jumps to the caller's setjmp when it fails. */
static void decode_or_jump(struct reader *reader,
                           const struct foray_array *pixels,
                           const struct foray_image_info *info)
{
    png_structp png = reader->png;
    int passes;

    reader->info = png_create_info_struct(png);
    if (!reader->info)
        give_up(png, FORAY_ENOMEM, "no memory");
    set_limits(png);
    png_set_read_fn(png, reader, on_read);
    png_read_info(png, reader->info);
    if (reader->source->may_end)
        expect_end(reader, pixels);
    passes = png_set_interlace_handling(png);
    set_transforms(reader, pixels, info);
    for (int pass = 0; pass < passes; pass++)
        for (size_t row = 0; row < pixels->shape[0]; row++)
            png_read_row(png, foray_row(pixels, row), NULL);
    png_read_end(png, NULL);
}

/* The only frame a failure jumps to: it has no variables to lose. */
static void decode(struct reader *reader, const struct foray_array *pixels,
                   const struct foray_image_info *info)
{
    if (!setjmp(png_jmpbuf(reader->png)))
        decode_or_jump(reader, pixels, info);
}

int foray__png_decode(const struct foray_array *pixels,
                      const struct foray__source *source,
                      const struct foray_image_info *info,
                      struct foray_error *err)
{
    struct reader reader = {.source = source, .err = err};

    reader.png =
        png_create_read_struct_2(PNG_LIBPNG_VER_STRING, &reader, on_error,
                                 on_warning, &reader, on_malloc, on_free);
    if (!reader.png)
        return foray__source_fail(source, err, FORAY_ENOMEM,
                                  "no memory for a PNG decoder");
    decode(&reader, pixels, info);
    png_destroy_read_struct(&reader.png, &reader.info, NULL);
    return reader.code == FORAY_ETRUNCATED && reader.has_rows ? 0 : reader.code;
}
