/* WebP by libwebp: the image, or the first frame of a film on the rest of its
 * picture, clear or black, as Pillow has it. */
#include <string.h>

#include <webp/decode.h>

#include "base/error.h"
#include "image/format.h"
#include "image/webp.h"

static int fail(const struct foray__source *source, VP8StatusCode status,
                struct foray_error *err)
{
    switch (status) {
    case VP8_STATUS_OUT_OF_MEMORY:
        return foray__source_fail(source, err, FORAY_ENOMEM,
                                  "cannot decode this WebP: no memory");
    case VP8_STATUS_SUSPENDED:
    case VP8_STATUS_NOT_ENOUGH_DATA:
        return foray__source_fail(source, err, FORAY_ETRUNCATED,
                                  "truncated WebP: the file ends before its "
                                  "image");
    case VP8_STATUS_UNSUPPORTED_FEATURE:
        return foray__source_fail(source, err, FORAY_ENOTSUP,
                                  "cannot decode this WebP: it needs a newer "
                                  "libwebp");
    default:
        return foray__source_fail(source, err, FORAY_EFORMAT,
                                  "damaged WebP: its image cannot be decoded");
    }
}

/* Rows go where the frame is in the picture. */
static void set_output(WebPDecBuffer *output, const struct foray_array *pixels,
                       const struct foray__webp *webp)
{
    size_t channels = pixels->shape[2], stride = (size_t)pixels->strides[0];
    WebPRGBABuffer *rows = &output->u.RGBA;

    output->colorspace = channels == 4 ? MODE_RGBA : MODE_RGB;
    output->is_external_memory = 1;
    rows->rgba =
        (uint8_t *)foray_row(pixels, webp->top) + webp->left * channels;
    rows->stride = (int)stride;
    rows->size = stride * (webp->frame_rows - 1) + webp->frame_cols * channels;
}

/* Rows as far as the file goes. */
static VP8StatusCode decode_cut(WebPDecoderConfig *config, const uint8_t *bytes,
                                size_t nbytes)
{
    WebPIDecoder *decoder = WebPIDecode(NULL, 0, config);
    VP8StatusCode status;

    if (!decoder)
        return VP8_STATUS_OUT_OF_MEMORY;
    status = WebPIUpdate(decoder, bytes, nbytes);
    WebPIDelete(decoder);
    return status == VP8_STATUS_SUSPENDED ? VP8_STATUS_OK : status;
}

static int decode(const struct foray_array *pixels,
                  const struct foray__source *source,
                  const struct foray__webp *webp, struct foray_error *err)
{
    uint64_t left = source->nbytes - webp->frame;
    size_t nbytes =
        (size_t)(webp->frame_nbytes < left ? webp->frame_nbytes : left);
    const uint8_t *bytes = source->bytes + webp->frame;
    WebPDecoderConfig config;
    VP8StatusCode status;

    if (!WebPInitDecoderConfig(&config))
        return foray__source_fail(source, err, FORAY_ENOTSUP,
                                  "this libwebp is not the one that this foray "
                                  "was built for");
    status = WebPGetFeatures(bytes, nbytes, &config.input);
    if (status == VP8_STATUS_OK &&
        ((uint32_t)config.input.height != webp->frame_rows ||
         (uint32_t)config.input.width != webp->frame_cols))
        status = VP8_STATUS_BITSTREAM_ERROR;
    if (status != VP8_STATUS_OK)
        return fail(source, status, err);
    set_output(&config.output, pixels, webp);
    status = source->may_end ? decode_cut(&config, bytes, nbytes)
                             : WebPDecode(bytes, nbytes, &config);
    return status == VP8_STATUS_OK ? 0 : fail(source, status, err);
}

int foray__webp_decode(const struct foray_array *pixels,
                       const struct foray__source *source,
                       const struct foray_image_info *info,
                       struct foray_error *err)
{
    struct foray__source from = *source; /* the header moves its window */
    struct foray__webp webp;

    FORAY_TRY(foray__webp_read(&webp, &from, err));
    if (webp.rows != info->rows || webp.cols != info->cols ||
        webp.alpha != info->alpha)
        return foray__source_fail(source, err, FORAY_EFORMAT,
                                  "the file changed while it was read");
    if (webp.size > source->nbytes && !source->may_end)
        return fail(source, VP8_STATUS_NOT_ENOUGH_DATA, err);
    if (webp.is_film)
        memset(pixels->data, 0, foray_array_nbytes(pixels));
    return decode(pixels, source, &webp, err);
}
