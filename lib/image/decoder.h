/* What the rest of the room knows of a decoder beside its pixels. */
#ifndef FORAY_IMAGE_DECODER_H
#define FORAY_IMAGE_DECODER_H

#include <stdint.h>

#include <foray/image.h>

/* The bytes of the file that was read last; until the next. */
const void *foray__image_bytes(const struct foray_image *image, size_t *nbytes);

/* Told of a file whose header was read, before anything is allocated for it:
 * how many bytes reading and decoding it will take at most, as far as the
 * header knows. What it fails with ends the reading. */
typedef int (*foray__image_need_fn)(size_t nbytes, void *arg,
                                    struct foray_error *err);
void foray__image_on_need(struct foray_image *image, foray__image_need_fn fn,
                          void *arg);

#endif
