/* Pixels that somebody decoded already, in the place of a file. */
#include "image/image_body.h"

#include "base/error.h"

/* A view of the caller's array, or a copy where the rest needs C order. */
static int take(struct foray_image *image, const struct foray_array *pixels,
                const char *name, struct foray_error *err)
{
    struct foray_array view = *pixels, copy;

    view.segment = NULL;
    if (view.ndim == 3 && view.shape[2] == 1)
        FORAY_TRY(foray_array_index(&view, pixels, 2, 0, err));
    if (foray_array_is_contiguous(&view, FORAY_C_ORDER) && !view.swapped) {
        image->pixels = view;
        return 0;
    }
    FORAY_TRY(foray__image_prepare(&copy, image, view.dtype, view.shape[0],
                                   view.shape[1], foray__image_channels(&view),
                                   name, err));
    FORAY_TRY(foray_array_copy(&copy, &view, err));
    foray__image_advance(image, &copy);
    return 0;
}

/* Whether the elements are the samples of a picture, as files have them. */
static bool is_sampled(enum foray_dtype dtype)
{
    return dtype == FORAY_U8 || dtype == FORAY_U16;
}

static int check_adopted(const struct foray_array *pixels, const char *name,
                         const struct foray_image_options *options,
                         struct foray_error *err)
{
    char tail[FORAY__TAIL_SIZE];

    if (pixels->ndim != 2 &&
        (pixels->ndim != 3 || !pixels->shape[2] || pixels->shape[2] > 4))
        return foray__fail(err, FORAY_ESHAPE,
                           "%s: an image has 2 axes (rows, columns) or 3 with "
                           "1 to 4 channels, this array has %d",
                           foray__tail(tail, name), pixels->ndim);
    if (pixels->dtype == FORAY_OPAQUE ||
        ((options->rows || options->color != FORAY_COLOR_DEFAULT) &&
         !is_sampled(pixels->dtype)))
        return foray__fail(err, FORAY_EDTYPE,
                           "%s: images of %s cannot be resized or recoloured, "
                           "only u8 and u16",
                           foray__tail(tail, name),
                           foray_dtype_name(pixels->dtype));
    return 0;
}

int foray_image_adopt(struct foray_image *image,
                      const struct foray_array *pixels, const char *name,
                      const struct foray_image_options *options,
                      struct foray_error *err)
{
    static const struct foray_image_options defaults;
    size_t channels;

    if (!options)
        options = &defaults;
    FORAY_TRY(foray__image_begin(image, options, name, err));
    FORAY_TRY(check_adopted(pixels, name, options, err));
    FORAY_TRY(take(image, pixels, name, err));
    channels = foray__image_channels(&image->pixels);
    image->info = (struct foray_image_info){
        .rows = pixels->shape[0],
        .cols = pixels->shape[1],
        .channels = (int)channels,
        .bits = (int)(8 * pixels->itemsize),
        .alpha = channels % 2 == 0 && is_sampled(pixels->dtype),
        .orientation = 1,
    };
    if (options->rows)
        FORAY_TRY(foray__image_resize(image, options, name, err));
    FORAY_TRY(foray__image_colour(image, options->color, image->info.alpha,
                                  name, err));
    image->any = true;
    return 0;
}
