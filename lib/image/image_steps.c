/* Upright, resized, in the colours that are asked for. */
#include "image/image_body.h"

#include "base/error.h"
#include "base/size.h"
#include "image/color.h"
#include "image/exif.h"
#include "image/fit.h"
#include "image/resize.h"

int foray__image_prepare(struct foray_array *out, struct foray_image *image,
                         enum foray_dtype dtype, size_t rows, size_t cols,
                         size_t channels, const char *name,
                         struct foray_error *err)
{
    size_t shape[3] = {rows, cols, channels};
    int ndim = channels > 1 ? 3 : 2;
    char tail[FORAY__TAIL_SIZE];
    size_t nbytes;
    void *bytes = NULL;

    if (foray__shape_nbytes(&nbytes, foray_dtype_size(dtype), ndim, shape))
        bytes = foray__scratch_get(&image->buffer[image->current == 0], nbytes);
    if (!bytes)
        return foray__fail(err, FORAY_ENOMEM,
                           "%s: no memory for %zu x %zu pixels",
                           foray__tail(tail, name), rows, cols);
    return foray_array_wrap(out, bytes, dtype, ndim, shape, err);
}

void foray__image_advance(struct foray_image *image,
                          const struct foray_array *pixels)
{
    image->pixels = *pixels;
    image->current = image->current == 0;
}

size_t foray__image_channels(const struct foray_array *pixels)
{
    return pixels->ndim == 3 ? pixels->shape[2] : 1;
}

int foray__image_turn(struct foray_image *image, const char *name,
                      struct foray_error *err)
{
    const struct foray_array *src = &image->pixels;
    int orientation = image->info.orientation;
    bool swaps = foray__exif_swaps(orientation);
    struct foray_array dst;

    FORAY_TRY(foray__image_prepare(&dst, image, src->dtype, src->shape[swaps],
                                   src->shape[!swaps],
                                   foray__image_channels(src), name, err));
    foray__exif_turn(&dst, src, orientation);
    foray__image_advance(image, &dst);
    return 0;
}

/* Black around the pixels, up to the size that was asked for. */
static int frame(struct foray_image *image, const struct foray__fit *fit,
                 const struct foray_image_options *options, const char *name,
                 struct foray_error *err)
{
    const struct foray_array *src = &image->pixels;
    struct foray_array dst;

    if (fit->rows == options->rows && fit->cols == options->cols)
        return 0;
    FORAY_TRY(foray__image_prepare(&dst, image, FORAY_U8, options->rows,
                                   options->cols, foray__image_channels(src),
                                   name, err));
    foray__fit_frame(&dst, src, fit);
    foray__image_advance(image, &dst);
    return 0;
}

int foray__image_resize(struct foray_image *image,
                        const struct foray_image_options *options,
                        const char *name, struct foray_error *err)
{
    const struct foray_array *src = &image->pixels;
    char tail[FORAY__TAIL_SIZE];
    struct foray__fit fit;
    struct foray_array dst;

    if (src->shape[0] == options->rows && src->shape[1] == options->cols)
        return 0;
    if (src->dtype != FORAY_U8)
        return foray__fail(
            err, FORAY_ENOTSUP, "%s: images of %s cannot be resized, only u8",
            foray__tail(tail, name), foray_dtype_name(src->dtype));
    if (!foray_array_nitems(src))
        return foray__fail(err, FORAY_ETOOSMALL,
                           "%s: no pixels that could be resized",
                           foray__tail(tail, name));
    fit = foray__fit_of(src->shape[0], src->shape[1], options);
    FORAY_TRY(foray__image_prepare(&dst, image, FORAY_U8, fit.rows, fit.cols,
                                   foray__image_channels(src), name, err));
    FORAY_TRY(foray__resize(&dst, src, &fit.box, options->filter,
                            &image->resize, err));
    foray__image_advance(image, &dst);
    return frame(image, &fit, options, name, err);
}

size_t foray__image_colours(size_t channels, bool alpha, enum foray_color color)
{
    switch (color) {
    case FORAY_COLOR_ALL:
        return channels;
    case FORAY_COLOR_GRAY:
    case FORAY_COLOR_RGB2GRAY:
        return 1;
    default:
        return channels - alpha;
    }
}

int foray__image_colour(struct foray_image *image, enum foray_color color,
                        bool alpha, const char *name, struct foray_error *err)
{
    const struct foray_array *src = &image->pixels;
    size_t channels = foray__image_channels(src);
    size_t want = foray__image_colours(channels, alpha, color);
    enum foray_dtype dtype = src->dtype;
    struct foray_array dst;

    if (want == channels)
        return 0;
    if (channels == 2)
        color = FORAY_COLOR_DEFAULT; /* gray already, less its alpha */
    if (color == FORAY_COLOR_RGB2GRAY)
        dtype = FORAY_F64;
    FORAY_TRY(foray__image_prepare(&dst, image, dtype, src->shape[0],
                                   src->shape[1], want, name, err));
    FORAY_TRY(foray__color(&dst, src, color, alpha, err));
    foray__image_advance(image, &dst);
    return 0;
}
