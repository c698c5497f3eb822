/* What the rest of the room knows of a decoder beside its pixels. */
#ifndef FORAY_IMAGE_DECODER_H
#define FORAY_IMAGE_DECODER_H

#include <foray/image.h>

/* The bytes of the file that was read last; until the next. */
const void *foray__image_bytes(const struct foray_image *image, size_t *nbytes);

#endif
