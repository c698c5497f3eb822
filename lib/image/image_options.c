/* What may be asked of an image, and what comes of it. */
#include "image/image_body.h"

#include "base/error.h"
#include "image/exif.h"

enum { DEFAULT_MAX_PIXELS = 268435456 };

int foray__image_check_options(const struct foray_image_options *options,
                               struct foray_error *err)
{
    if ((unsigned)options->color > FORAY_COLOR_RGB2GRAY)
        return foray__fail(err, FORAY_EINVAL, "no such colour option: %d",
                           (int)options->color);
    if (!options->rows != !options->cols)
        return foray__fail(err, FORAY_EINVAL,
                           "cannot resize to %zu x %zu: give rows and columns",
                           options->rows, options->cols);
    if ((unsigned)options->filter > FORAY_FILTER_LANCZOS ||
        (unsigned)options->fit > FORAY_FIT_PAD ||
        (unsigned)options->jpeg_scale > FORAY_JPEG_AUTO)
        return foray__fail(err, FORAY_EINVAL,
                           "no such way to resize: filter %d, fit %d, JPEG "
                           "scale %d",
                           (int)options->filter, (int)options->fit,
                           (int)options->jpeg_scale);
    return 0;
}

int foray__image_check_pixels(size_t rows, size_t cols,
                              const struct foray_image_options *options,
                              const char *name, struct foray_error *err)
{
    uint64_t most =
        options->max_pixels ? options->max_pixels : DEFAULT_MAX_PIXELS;
    char tail[FORAY__TAIL_SIZE];

    if (!rows || cols <= most / rows)
        return 0;
    return foray__fail(err, FORAY_ETOOLARGE,
                       "%s: %zu x %zu pixels are more than max_pixels, %llu: "
                       "raise it if the file is to be trusted",
                       foray__tail(tail, name), rows, cols,
                       (unsigned long long)most);
}

void foray_image_result_shape(size_t *rows, size_t *cols, int *channels,
                              const struct foray_image_info *info,
                              const struct foray_image_options *options)
{
    static const struct foray_image_options defaults;
    size_t left;
    bool swaps;

    if (!options)
        options = &defaults;
    swaps = options->exif && foray__exif_swaps(info->orientation);
    *rows = options->rows ? options->rows : swaps ? info->cols : info->rows;
    *cols = options->cols ? options->cols : swaps ? info->rows : info->cols;
    left = foray__image_colours((size_t)info->channels, info->alpha,
                                options->color);
    *channels = left > 1 ? (int)left : 0;
}
