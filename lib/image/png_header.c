/* Chunks of a PNG file.
 * Source: PNG specification, third edition, 5.3 and 11.2; 11.3.5.5 (eXIf). */
#include <string.h>

#include "base/error.h"
#include "image/exif.h"
#include "image/format.h"

enum {
    SIGNATURE_SIZE = 8,
    HEADER_SIZE = 13,    /* data of IHDR */
    FRAME_SIZE = 12,     /* length, type and CRC of a chunk */
    MAX_STEPS = 1000000, /* chunks looked at */
};

enum { COLOR_GRAY = 0, COLOR_RGB = 2, COLOR_PALETTE = 3 };

static uint32_t big32(const uint8_t *b)
{
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 |
           b[3];
}

/* Which depths a colour type may have: bit d for depth d. */
static uint32_t depths_of(int color)
{
    switch (color) {
    case COLOR_GRAY:
        return 1u << 1 | 1u << 2 | 1u << 4 | 1u << 8 | 1u << 16;
    case COLOR_PALETTE:
        return 1u << 1 | 1u << 2 | 1u << 4 | 1u << 8;
    case COLOR_RGB:
    case 4:
    case 6:
        return 1u << 8 | 1u << 16;
    default:
        return 0;
    }
}

static int read_ihdr(struct foray_image_info *out, int *color,
                     struct foray__source *source, struct foray_error *err)
{
    static const int channels[] = {1, 0, 3, 3, 2, 0, 4};
    const uint8_t *b;

    FORAY_TRY(
        foray__source_at(source, &b, SIGNATURE_SIZE, 8 + HEADER_SIZE, err));
    if (big32(b) != HEADER_SIZE || memcmp(b + 4, "IHDR", 4) != 0)
        return foray__source_fail(source, err, FORAY_EFORMAT,
                                  "damaged PNG: no header chunk");
    b += 8;
    out->rows = big32(b + 4);
    out->cols = big32(b);
    *color = b[9];
    if (!out->rows || !out->cols || out->rows > INT32_MAX ||
        out->cols > INT32_MAX)
        return foray__source_fail(source, err, FORAY_EFORMAT,
                                  "damaged PNG: %zu x %zu pixels", out->rows,
                                  out->cols);
    if (b[8] > 16 || !(depths_of(b[9]) >> b[8] & 1) || b[10] || b[11] ||
        b[12] > 1)
        return foray__source_fail(source, err, FORAY_EFORMAT,
                                  "damaged PNG: depth %d, colour type %d, "
                                  "compression %d, filter %d, interlace %d",
                                  b[8], b[9], b[10], b[11], b[12]);
    out->bits = b[8] == 16 ? 16 : 8;
    out->channels = channels[*color];
    out->alpha = *color & 4;
    return 0;
}

/* Walk the chunks behind the header. Transparency counts before the image
 * data, the orientation anywhere; a file that ends after the data began is
 * the decoder's to complain about. */
static int read_chunks(struct foray_image_info *out, int color,
                       struct foray__source *source, struct foray_error *err)
{
    uint64_t offset = SIGNATURE_SIZE + FRAME_SIZE + HEADER_SIZE;
    bool data = false;

    for (int step = 0; step < MAX_STEPS; step++) {
        const uint8_t *b;
        int code = foray__source_at(source, &b, offset, 8, data ? NULL : err);
        uint32_t length;

        if (code)
            return data && code == FORAY_ETRUNCATED ? 0 : code;
        length = big32(b);
        if (!memcmp(b + 4, "IDAT", 4)) {
            data = true;
        } else if (!memcmp(b + 4, "IEND", 4)) {
            break;
        } else if (!memcmp(b + 4, "tRNS", 4) && !data && !(color & 4)) {
            if (!out->alpha)
                out->channels++;
            out->alpha = true;
        } else if (!memcmp(b + 4, "eXIf", 4) && !out->orientation) {
            out->orientation =
                foray__exif_orientation(source, offset + 8, length);
        }
        offset += (uint64_t)FRAME_SIZE + length;
    }
    if (!data)
        return foray__source_fail(source, err, FORAY_EFORMAT,
                                  "damaged PNG: no image data");
    return 0;
}

int foray__png_header(struct foray_image_info *out,
                      struct foray__source *source, struct foray_error *err)
{
    int color = 0;

    *out = (struct foray_image_info){.format = FORAY_IMAGE_PNG};
    FORAY_TRY(read_ihdr(out, &color, source, err));
    FORAY_TRY(read_chunks(out, color, source, err));
    if (!out->orientation)
        out->orientation = 1;
    return 0;
}
