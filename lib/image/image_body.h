/* What a decoder keeps from image to image, and the steps from what is in a
 * file to what was asked for. `name` is the image's, for messages. */
#ifndef FORAY_IMAGE_IMAGE_BODY_H
#define FORAY_IMAGE_IMAGE_BODY_H

#include <stdbool.h>
#include <stddef.h>

#include <foray/image.h>

#include "image/fingerprint.h"
#include "image/scratch.h"

struct foray_image {
    struct foray__scratch file;      /* its bytes */
    struct foray__scratch buffer[2]; /* pixels before and after a step */
    struct foray__scratch resize;
    int current; /* the buffer that holds `pixels`, -1: the caller's memory */
    struct foray_array pixels;
    struct foray_image_info info;
    bool any;          /* pixels and info are valid */
    const void *bytes; /* the file's, in `file` */
    size_t nbytes;
    struct foray__fingerprint *noted; /* or NULL: see decoder.h */
    uint64_t *noted_nbytes;           /* or NULL, and its time of change */
    int64_t *noted_mtime_ns;
    foray_image_need_fn need; /* or NULL */
    void *need_arg;
};

/* Refuse options that there are not. Errors: FORAY_EINVAL. */
int foray__image_check_options(const struct foray_image_options *options,
                               struct foray_error *err);

/* Refuse more pixels than the options allow. Errors: FORAY_ETOOLARGE. */
int foray__image_check_pixels(size_t rows, size_t cols,
                              const struct foray_image_options *options,
                              const char *name, struct foray_error *err);

/* Before the first step: the options and the size they ask for are checked. The
 * image of before is gone, whatever becomes of this one. */
int foray__image_begin(struct foray_image *image,
                       const struct foray_image_options *options,
                       const char *name, struct foray_error *err);

/* Without a third axis there is one. */
size_t foray__image_channels(const struct foray_array *pixels);

/* An array of a size in the buffer that is not in use; then it is the image's
 * pixels. */
int foray__image_prepare(struct foray_array *out, struct foray_image *image,
                         enum foray_dtype dtype, size_t rows, size_t cols,
                         size_t channels, const char *name,
                         struct foray_error *err);
void foray__image_advance(struct foray_image *image,
                          const struct foray_array *pixels);

/* Upright, as the info's orientation says. */
int foray__image_turn(struct foray_image *image, const char *name,
                      struct foray_error *err);

/* To the options' rows and columns.
 * Errors: FORAY_ENOTSUP (not u8), FORAY_ETOOSMALL, FORAY_ENOMEM. */
int foray__image_resize(struct foray_image *image,
                        const struct foray_image_options *options,
                        const char *name, struct foray_error *err);

/* Channels after the colour step; `alpha`: the last one is. */
size_t foray__image_colours(size_t channels, bool alpha,
                            enum foray_color color);

/* Which channels are left. */
int foray__image_colour(struct foray_image *image, enum foray_color color,
                        bool alpha, const char *name, struct foray_error *err);

#endif
