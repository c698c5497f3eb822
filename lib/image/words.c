/* The words for what may be asked of images and of HOG, as the command and its
 * files have them. */
#include <foray/hog.h>
#include <foray/image.h>

const char *foray_color_name(enum foray_color color)
{
    static const char *const words[] = {[FORAY_COLOR_DEFAULT] = "color",
                                        [FORAY_COLOR_ALL] = "all",
                                        [FORAY_COLOR_GRAY] = "gray",
                                        [FORAY_COLOR_RGB2GRAY] = "rgb2gray"};

    return (size_t)color < sizeof words / sizeof *words ? words[color] : "?";
}

const char *foray_filter_name(enum foray_filter filter)
{
    static const char *const words[] = {[FORAY_FILTER_BILINEAR] = "bilinear",
                                        [FORAY_FILTER_BOX] = "box",
                                        [FORAY_FILTER_BICUBIC] = "bicubic",
                                        [FORAY_FILTER_LANCZOS] = "lanczos"};

    return (size_t)filter < sizeof words / sizeof *words ? words[filter] : "?";
}

const char *foray_fit_name(enum foray_fit fit)
{
    static const char *const words[] = {[FORAY_FIT_STRETCH] = "stretch",
                                        [FORAY_FIT_CROP] = "crop",
                                        [FORAY_FIT_PAD] = "pad"};

    return (size_t)fit < sizeof words / sizeof *words ? words[fit] : "?";
}

const char *foray_jpeg_scale_name(enum foray_jpeg_scale scale)
{
    return scale == FORAY_JPEG_FULL   ? "1"
           : scale == FORAY_JPEG_AUTO ? "auto"
                                      : "?";
}

const char *foray_hog_method_name(enum foray_hog_method method)
{
    static const char *const words[] = {
#define WORD(name, word) [FORAY_HOG_##name] = word,
        FORAY_HOG_METHOD_MAP(WORD)
#undef WORD
    };

    return (size_t)method < sizeof words / sizeof *words ? words[method] : "?";
}

const char *foray_hog_norm_name(enum foray_hog_norm norm)
{
    static const char *const words[] = {
#define WORD(name, word) [FORAY_HOG_NORM_##name] = word,
        FORAY_HOG_NORM_MAP(WORD)
#undef WORD
    };

    return (size_t)norm < sizeof words / sizeof *words ? words[norm] : "?";
}
