/* Options of the commands over images that say how these are read: fields of
 * struct foray_image_options. */
#ifndef FORAY_TOOLS_IMAGE_OPTIONS_H
#define FORAY_TOOLS_IMAGE_OPTIONS_H

#include "options.h"

extern const struct option_spec image_options[];

#endif
