/* JPEG by libjpeg: its defaults, exact DCT and smooth upsampling, which are
 * Pillow's. Each of its warnings that means lost pixels is an error here. */
#include <setjmp.h>
#include <stdio.h>

/* jpeglib.h needs stdio.h. */
#include <jpeglib.h>

#include <jerror.h>

#include "base/error.h"
#include "image/format.h"

/* More scans are no picture but an attempt to keep us busy. */
enum { MAX_SCANS = 500 };

/* What libjpeg's callbacks need. The manager comes first: libjpeg hands back
 * its address. */
struct jpeg {
    struct jpeg_error_mgr errors;
    struct jpeg_source_mgr input;
    struct jpeg_progress_mgr progress;
    struct jpeg_decompress_struct decoder;
    jmp_buf escape;
    const struct foray__source *source;
    struct foray_error *err;
    bool has_ended; /* the file, before its image */
    int code;       /* of the failure */
};

static _Noreturn void give_up(struct jpeg *jpeg, int code, const char *why)
{
    jpeg->code =
        foray__source_fail(jpeg->source, jpeg->err, code, "%s JPEG: %s",
                           code == FORAY_ETRUNCATED ? "truncated"
                           : code == FORAY_EFORMAT  ? "damaged"
                                                    : "cannot decode this",
                           why);
    longjmp(jpeg->escape, 1);
}

static int code_of(int message)
{
    switch (message) {
    case JERR_OUT_OF_MEMORY:
        return FORAY_ENOMEM;
    case JERR_IMAGE_TOO_BIG:
    case JERR_WIDTH_OVERFLOW:
        return FORAY_ETOOLARGE;
    case JERR_ARITH_NOTIMPL:
    case JERR_BAD_PRECISION:
    case JERR_CONVERSION_NOTIMPL:
    case JERR_NOT_COMPILED:
    case JERR_NOTIMPL:
    case JERR_FRACT_SAMPLE_NOTIMPL:
    case JERR_CCIR601_NOTIMPL:
    case JERR_SOF_UNSUPPORTED:
        return FORAY_ENOTSUP;
    default:
        return FORAY_EFORMAT;
    }
}

static _Noreturn void on_error(j_common_ptr common)
{
    char text[JMSG_LENGTH_MAX];

    common->err->format_message(common, text);
    give_up((struct jpeg *)common->err, code_of(common->err->msg_code), text);
}

/* Warnings after which the pixels are still all there: odd versions, unknown
 * colour transforms, and the bytes some cameras leave before the end. */
static bool is_harmless(const struct jpeg_error_mgr *errors)
{
    return errors->msg_code == JWRN_JFIF_MAJOR ||
           errors->msg_code == JWRN_ADOBE_XFORM ||
           (errors->msg_code == JWRN_EXTRANEOUS_DATA &&
            errors->msg_parm.i[1] == JPEG_EOI);
}

static void on_message(j_common_ptr common, int level)
{
    char text[JMSG_LENGTH_MAX];

    if (level >= 0 || is_harmless(common->err) ||
        ((struct jpeg *)common->err)->has_ended)
        return;
    common->err->format_message(common, text);
    give_up((struct jpeg *)common->err, FORAY_EFORMAT, text);
}

static void no_output(j_common_ptr common)
{
    (void)common;
}

static void no_input_change(j_decompress_ptr decoder)
{
    (void)decoder;
}

/* All bytes were there from the start. What may end ends with a marker, as
 * Pillow has it: libjpeg fills the rest. */
static boolean on_end(j_decompress_ptr decoder)
{
    static const JOCTET end[] = {0xff, JPEG_EOI};
    struct jpeg *jpeg = (struct jpeg *)decoder->err;

    if (!jpeg->source->may_end)
        give_up(jpeg, FORAY_ETRUNCATED, "the file ends before its image");
    jpeg->has_ended = true;
    jpeg->input.next_input_byte = end;
    jpeg->input.bytes_in_buffer = sizeof end;
    return TRUE;
}

static void on_skip(j_decompress_ptr decoder, long n)
{
    struct jpeg_source_mgr *input = decoder->src;

    if (n <= 0)
        return;
    if ((unsigned long)n > input->bytes_in_buffer) {
        on_end(decoder);
        return;
    }
    input->next_input_byte += n;
    input->bytes_in_buffer -= (size_t)n;
}

static void on_progress(j_common_ptr common)
{
    if (((j_decompress_ptr)common)->input_scan_number > MAX_SCANS)
        give_up((struct jpeg *)common->err, FORAY_EFORMAT, "too many scans");
}

static void set_up(struct jpeg *jpeg)
{
    j_decompress_ptr decoder = &jpeg->decoder;

    jpeg_create_decompress(decoder);
    jpeg->input = (struct jpeg_source_mgr){
        .next_input_byte = jpeg->source->bytes,
        .bytes_in_buffer = jpeg->source->nbytes,
        .init_source = no_input_change,
        .fill_input_buffer = on_end,
        .skip_input_data = on_skip,
        .resync_to_restart = jpeg_resync_to_restart,
        .term_source = no_input_change,
    };
    decoder->src = &jpeg->input;
    jpeg->progress.progress_monitor = on_progress;
    decoder->progress = &jpeg->progress;
}

static void read_rows(struct jpeg *jpeg, const struct foray_array *pixels)
{
    enum { BATCH = 16 };
    j_decompress_ptr decoder = &jpeg->decoder;

    while (decoder->output_scanline < decoder->output_height) {
        size_t top = decoder->output_scanline;
        size_t left = decoder->output_height - top;
        JSAMPROW rows[BATCH];

        for (size_t i = 0; i < BATCH && i < left; i++)
            rows[i] = foray_row(pixels, top + i);
        jpeg_read_scanlines(decoder, rows,
                            (JDIMENSION)(left < BATCH ? left : BATCH));
    }
}

static bool is_scaled(const struct foray_array *pixels,
                      const struct foray_image_info *info, size_t scale)
{
    return pixels->shape[0] == (info->rows + scale - 1) / scale &&
           pixels->shape[1] == (info->cols + scale - 1) / scale;
}

/* 1, 2, 4 or 8: the part of the image that the pixels have room for. */
static unsigned scale_of(const struct foray_array *pixels,
                         const struct foray_image_info *info)
{
    unsigned scale = 1;

    while (scale < 8 && !is_scaled(pixels, info, scale))
        scale *= 2;
    return scale;
}

/* Jumps to jpeg->escape when it fails. */
static void decode_or_jump(struct jpeg *jpeg, const struct foray_array *pixels,
                           const struct foray_image_info *info)
{
    j_decompress_ptr decoder = &jpeg->decoder;

    set_up(jpeg);
    jpeg_read_header(decoder, TRUE);
    if (decoder->image_height != info->rows ||
        decoder->image_width != info->cols ||
        decoder->num_components != info->channels)
        give_up(jpeg, FORAY_EFORMAT, "it has two headers that differ");
    decoder->out_color_space = info->channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
    decoder->scale_num = 1;
    decoder->scale_denom = scale_of(pixels, info);
    jpeg_start_decompress(decoder);
    if (decoder->output_height != pixels->shape[0] ||
        decoder->output_width != pixels->shape[1])
        give_up(jpeg, FORAY_EFORMAT, "it cannot be decoded smaller");
    read_rows(jpeg, pixels);
    jpeg_finish_decompress(decoder);
}

/* The only frame a failure jumps to: it has no variables to lose. */
static void decode(struct jpeg *jpeg, const struct foray_array *pixels,
                   const struct foray_image_info *info)
{
    if (!setjmp(jpeg->escape))
        decode_or_jump(jpeg, pixels, info);
}

int foray__jpeg_decode(const struct foray_array *pixels,
                       const struct foray__source *source,
                       const struct foray_image_info *info,
                       struct foray_error *err)
{
    struct jpeg jpeg = {.source = source, .err = err};

    jpeg.decoder.err = jpeg_std_error(&jpeg.errors);
    jpeg.errors.error_exit = on_error;
    jpeg.errors.emit_message = on_message;
    jpeg.errors.output_message = no_output;
    decode(&jpeg, pixels, info);
    jpeg_destroy_decompress(&jpeg.decoder);
    return jpeg.code;
}
