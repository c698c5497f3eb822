#include "image/format.h"

#include <string.h>

#include "base/error.h"
#include "image/archive.h"

/* The one place that knows which libraries this build has. */
#ifdef FORAY_WITH_JPEG
#define JPEG_DECODE foray__jpeg_decode
#define JPEG_ENCODE foray__jpeg_encode
#else
#define JPEG_DECODE NULL
#define JPEG_ENCODE NULL
#endif
#ifdef FORAY_WITH_PNG
#define PNG_DECODE foray__png_decode
#define PNG_ENCODE foray__png_encode
#else
#define PNG_DECODE NULL
#define PNG_ENCODE NULL
#endif
#ifdef FORAY_WITH_TIFF
#define TIFF_DECODE foray__tiff_decode
#else
#define TIFF_DECODE NULL
#endif
#ifdef FORAY_WITH_WEBP
#define WEBP_DECODE foray__webp_decode
#else
#define WEBP_DECODE NULL
#endif

enum { LONGEST_MAGIC = 12 };

static const struct foray__format jpeg = {
    FORAY_IMAGE_JPEG, "JPEG", foray__jpeg_header, JPEG_DECODE, false, true};
static const struct foray__format png = {
    FORAY_IMAGE_PNG, "PNG", foray__png_header, PNG_DECODE, true, false};
static const struct foray__format pnm = {
    FORAY_IMAGE_PNM, "PNM", foray__pnm_header, foray__pnm_decode, false, false};
static const struct foray__format tiff = {
    FORAY_IMAGE_TIFF, "TIFF", foray__tiff_header, TIFF_DECODE, false, false};
static const struct foray__format webp = {
    FORAY_IMAGE_WEBP, "WebP", foray__webp_header, WEBP_DECODE, true, false};

foray__encode_fn foray__format_jpeg_encoder(void)
{
    return JPEG_ENCODE;
}

foray__encode_fn foray__format_png_encoder(void)
{
    return PNG_ENCODE;
}

static bool is_pnm(const uint8_t *first, size_t n)
{
    if (first[0] != 'P' || (n > 1 && (first[1] < '1' || first[1] > '6')))
        return false;
    return n < 3 || first[2] == ' ' || first[2] == '#' ||
           (first[2] >= '\t' && first[2] <= '\r');
}

/* "II*", "MM*", and the same of BigTIFF. */
static bool is_tiff(const uint8_t *first, size_t n)
{
    static const uint8_t magics[][4] = {{'I', 'I', 42, 0},
                                        {'M', 'M', 0, 42},
                                        {'I', 'I', 43, 0},
                                        {'M', 'M', 0, 43}};

    for (size_t k = 0; k < sizeof magics / sizeof *magics; k++)
        if (!memcmp(first, magics[k], n < 4 ? n : 4))
            return true;
    return false;
}

/* Of twelve bytes four are a size. */
static bool is_webp(const uint8_t *first, size_t n)
{
    return !memcmp(first, "RIFF", n < 4 ? n : 4) &&
           (n <= 8 || !memcmp(first + 8, "WEBP", n - 8));
}

int foray__format_find(const struct foray__format **out,
                       struct foray__source *source, struct foray_error *err)
{
    static const uint8_t jpeg_magic[] = {0xff, 0xd8, 0xff};
    static const uint8_t png_magic[] = {0x89, 'P',  'N',  'G',
                                        '\r', '\n', 0x1a, '\n'};
    size_t n =
        source->size < LONGEST_MAGIC ? (size_t)source->size : LONGEST_MAGIC;
    const uint8_t *first;
    size_t least;

    if (source->fd >= 0 && !source->place)
        FORAY_TRY(foray__archive_refuse(source->name, err));
    FORAY_TRY(foray__source_at(source, &first, 0, n, err));
    if (!memcmp(first, jpeg_magic, n < sizeof jpeg_magic ? n : 3)) {
        *out = &jpeg;
        least = sizeof jpeg_magic;
    } else if (!memcmp(first, png_magic,
                       n < sizeof png_magic ? n : sizeof png_magic)) {
        *out = &png;
        least = sizeof png_magic;
    } else if (is_tiff(first, n)) {
        *out = &tiff;
        least = 4;
    } else if (is_webp(first, n)) {
        *out = &webp;
        least = LONGEST_MAGIC;
    } else if (is_pnm(first, n)) {
        *out = &pnm;
        least = 3;
    } else {
        return foray__source_fail(
            source, err, FORAY_ENOTSUP,
            "not a JPEG, PNG, TIFF, WebP, PGM, PPM or PBM "
            "file");
    }
    if (n < least)
        return foray__source_fail(source, err, FORAY_ETRUNCATED,
                                  "the file ends after %zu bytes", n);
    return 0;
}

int foray__format_lacking(const char *format, const char *name,
                          struct foray_error *err)
{
    char tail[FORAY__TAIL_SIZE];

    return foray__fail(err, FORAY_ENOTSUP,
                       "%s: this foray was built without %s: install its "
                       "library and build again",
                       foray__tail(tail, name), format);
}
