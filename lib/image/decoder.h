/* What the rest of the room knows of a decoder beside its pixels. */
#ifndef FORAY_IMAGE_DECODER_H
#define FORAY_IMAGE_DECODER_H

#include <foray/image.h>

#include "image/fingerprint.h"

/* The bytes of the file that was read last; until the next. */
const void *foray__image_bytes(const struct foray_image *image, size_t *nbytes);

/* Where every file that is read is to be noted from now on, before a decoder
 * sees it; NULL: nowhere. One that cannot be opened is not. */
void foray__image_note_file(struct foray_image *image,
                            struct foray__fingerprint *into);

#endif
