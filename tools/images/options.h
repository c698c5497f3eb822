/* Options of the commands over images that say how these are read: fields of
 * struct foray_image_options. */
#ifndef FORAY_TOOLS_IMAGES_OPTIONS_H
#define FORAY_TOOLS_IMAGES_OPTIONS_H

#include "shell/options.h"

extern const struct option_spec image_options[];

#endif
