/* What becomes of an image's channels. */
#ifndef FORAY_IMAGE_COLOR_H
#define FORAY_IMAGE_COLOR_H

#include <foray/image.h>

/* Convert, as enum foray_color says, every pixel of `src` into `dst`, whose
 * memory, channels and type the caller chose. `alpha`: src's last channel is
 * alpha.
 * Shape:  (rows, cols) or (rows, cols, channels), C order, u8 or u16; f64 for
 *         the grays of RGB2GRAY.
 * Errors: FORAY_ESHAPE, FORAY_EDTYPE: `dst` is not what `color` gives.
 * Source: Pillow's convert("L"); skimage.color.rgb2gray. */
int foray__color(struct foray_array *dst, const struct foray_array *src,
                 enum foray_color color, bool alpha, struct foray_error *err);

#endif
