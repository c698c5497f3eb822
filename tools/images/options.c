#include "images/options.h"

#include <foray/image.h>

#include "shell/values.h"

#define AT(field) offsetof(struct foray_image_options, field)

const struct option_spec image_options[] = {
    {"exif", 0, NULL, value_flag, AT(exif),
     "turn upright as the EXIF orientation says"},
    {"filter", 0, "bilinear|box|bicubic|lanczos", value_filter, AT(filter),
     "how to resample (bilinear)"},
    {"fit", 0, "stretch|crop|pad", value_fit, AT(fit),
     "if the shape is another (stretch); pad with black"},
    {"jpeg-scale", 0, "auto|1", value_jpeg_scale, AT(jpeg_scale),
     "auto: decode JPEG smaller: faster, other pixels (1)"},
    {"max-pixels", 0, "N", value_size, AT(max_pixels),
     "refuse larger images (256M)"},
    {0}};
