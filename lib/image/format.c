#include "image/format.h"

#include <string.h>

#include "base/error.h"

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

static const struct foray__format jpeg = {
    FORAY_IMAGE_JPEG, "JPEG", foray__jpeg_header, JPEG_DECODE, false, true};
static const struct foray__format png = {
    FORAY_IMAGE_PNG, "PNG", foray__png_header, PNG_DECODE, true, false};
static const struct foray__format pnm = {
    FORAY_IMAGE_PNM, "PNM", foray__pnm_header, foray__pnm_decode, false, false};

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

int foray__format_find(const struct foray__format **out,
                       struct foray__source *source, struct foray_error *err)
{
    static const uint8_t jpeg_magic[] = {0xff, 0xd8, 0xff};
    static const uint8_t png_magic[] = {0x89, 'P',  'N',  'G',
                                        '\r', '\n', 0x1a, '\n'};
    size_t n = source->size < sizeof png_magic ? (size_t)source->size
                                               : sizeof png_magic;
    const uint8_t *first;
    size_t least;

    FORAY_TRY(foray__source_at(source, &first, 0, n, err));
    if (!memcmp(first, jpeg_magic, n < sizeof jpeg_magic ? n : 3)) {
        *out = &jpeg;
        least = sizeof jpeg_magic;
    } else if (!memcmp(first, png_magic, n)) {
        *out = &png;
        least = sizeof png_magic;
    } else if (is_pnm(first, n)) {
        *out = &pnm;
        least = 3;
    } else {
        return foray__source_fail(source, err, FORAY_ENOTSUP,
                                  "not a JPEG, PNG, PGM, PPM or PBM file");
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
