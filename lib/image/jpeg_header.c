/* Markers of a JPEG file up to its first scan.
 * Source: ITU-T T.81, B.1 and B.2. */
#include <string.h>

#include "base/error.h"
#include "image/exif.h"
#include "image/format.h"

enum {
    MARKER_TEM = 0x01,
    MARKER_SOF0 = 0xc0,
    MARKER_SOF2 = 0xc2,
    MARKER_DHT = 0xc4,
    MARKER_JPG = 0xc8,
    MARKER_SOF10 = 0xca,
    MARKER_DAC = 0xcc,
    MARKER_SOF15 = 0xcf,
    MARKER_RST0 = 0xd0,
    MARKER_SOI = 0xd8,
    MARKER_EOI = 0xd9,
    MARKER_SOS = 0xda,
    MARKER_APP1 = 0xe1,
};

/* No real file has more; a hostile one is not walked for minutes. */
enum { MAX_STEPS = 100000 };

static bool is_frame(int marker)
{
    return marker >= MARKER_SOF0 && marker <= MARKER_SOF15 &&
           marker != MARKER_DHT && marker != MARKER_JPG && marker != MARKER_DAC;
}

/* Baseline, extended and progressive; the latter two with arithmetic coding
 * too. Not lossless, not hierarchical. */
static bool is_decodable(int marker)
{
    return marker == 0xc0 || marker == 0xc1 || marker == 0xc2 ||
           marker == 0xc9 || marker == 0xca;
}

static int read_frame(struct foray_image_info *out,
                      struct foray__source *source, int marker, uint64_t offset,
                      size_t length, struct foray_error *err)
{
    const uint8_t *b;

    if (length < 8)
        return foray__source_fail(source, err, FORAY_EFORMAT,
                                  "damaged JPEG: a frame header of %zu bytes",
                                  length);
    FORAY_TRY(foray__source_at(source, &b, offset, 6, err));
    if (!is_decodable(marker))
        return foray__source_fail(source, err, FORAY_ENOTSUP,
                                  "JPEG of a kind that is not supported, "
                                  "lossless or hierarchical (SOF%d)",
                                  marker - MARKER_SOF0);
    if (b[0] != 8)
        return foray__source_fail(source, err, FORAY_ENOTSUP,
                                  "JPEG with samples of %d bits is not "
                                  "supported, only 8",
                                  b[0]);
    out->rows = (size_t)b[1] << 8 | b[2];
    out->cols = (size_t)b[3] << 8 | b[4];
    out->channels = b[5];
    out->many_scans = marker == MARKER_SOF2 || marker == MARKER_SOF10;
    if (!out->rows || !out->cols || !out->channels)
        return foray__source_fail(source, err, FORAY_EFORMAT,
                                  "damaged JPEG: %zu x %zu pixels, %d channels",
                                  out->rows, out->cols, out->channels);
    if (out->channels == 4)
        return foray__source_fail(source, err, FORAY_ENOTSUP,
                                  "JPEG in CMYK is not supported: convert it "
                                  "to RGB");
    if (out->channels != 1 && out->channels != 3)
        return foray__source_fail(source, err, FORAY_ENOTSUP,
                                  "JPEG with %d channels is not supported",
                                  out->channels);
    return 0;
}

static int read_app1(struct foray_image_info *out, struct foray__source *source,
                     uint64_t offset, size_t length, struct foray_error *err)
{
    const uint8_t *b;

    if (out->orientation || length < 2 + 6)
        return 0;
    FORAY_TRY(foray__source_at(source, &b, offset, 6, err));
    if (!memcmp(b, "Exif", 5))
        out->orientation =
            foray__exif_orientation(source, offset + 6, length - 2 - 6);
    return 0;
}

/* The marker at *offset, which moves behind it. FF may be repeated, and an
 * escaped FF is skipped, as Pillow does. */
static int next_marker(int *marker, struct foray__source *source,
                       uint64_t *offset, struct foray_error *err)
{
    const uint8_t *b;

    FORAY_TRY(foray__source_at(source, &b, *offset, 2, err));
    if (b[0] != 0xff)
        return foray__source_fail(source, err, FORAY_EFORMAT,
                                  "damaged JPEG: no marker at byte %llu",
                                  (unsigned long long)*offset);
    *marker = b[1];
    *offset += b[1] == 0xff ? 1 : 2;
    return 0;
}

static bool stands_alone(int marker)
{
    return !marker || marker == 0xff || marker == MARKER_TEM ||
           (marker >= MARKER_RST0 && marker <= MARKER_SOI);
}

/* The segment of a marker; *length includes the two bytes that say it. */
static int read_segment(struct foray_image_info *out,
                        struct foray__source *source, int marker,
                        uint64_t offset, size_t *length,
                        struct foray_error *err)
{
    const uint8_t *b;

    if (marker == MARKER_EOI)
        return foray__source_fail(source, err, FORAY_EFORMAT,
                                  "damaged JPEG: it ends before any image");
    FORAY_TRY(foray__source_at(source, &b, offset, 2, err));
    *length = (size_t)b[0] << 8 | b[1];
    if (*length < 2)
        return foray__source_fail(source, err, FORAY_EFORMAT,
                                  "damaged JPEG: a segment of %zu bytes",
                                  *length);
    if (is_frame(marker) && !out->rows)
        return read_frame(out, source, marker, offset + 2, *length, err);
    if (marker == MARKER_APP1)
        return read_app1(out, source, offset + 2, *length, err);
    if (marker == MARKER_SOS && !out->rows)
        return foray__source_fail(source, err, FORAY_EFORMAT,
                                  "damaged JPEG: a scan without a frame");
    return 0;
}

/* Whether the first scan has all colours; one that is cut tells nothing. */
static void look_at_scan(struct foray_image_info *out,
                         struct foray__source *source, uint64_t offset)
{
    const uint8_t *b;

    if (foray__source_at(source, &b, offset, 3, NULL) || b[2] < out->channels)
        out->many_scans = true;
}

int foray__jpeg_header(struct foray_image_info *out,
                       struct foray__source *source, struct foray_error *err)
{
    uint64_t offset = 2; /* SOI was seen */

    *out = (struct foray_image_info){.format = FORAY_IMAGE_JPEG, .bits = 8};
    for (int step = 0; step < MAX_STEPS; step++) {
        size_t length = 0;
        int marker = 0;

        FORAY_TRY(next_marker(&marker, source, &offset, err));
        if (stands_alone(marker))
            continue;
        FORAY_TRY(read_segment(out, source, marker, offset, &length, err));
        if (marker == MARKER_SOS) {
            look_at_scan(out, source, offset);
            if (!out->orientation)
                out->orientation = 1;
            return 0;
        }
        offset += length;
    }
    return foray__source_fail(source, err, FORAY_EFORMAT,
                              "damaged JPEG: more than %d markers before the "
                              "image",
                              MAX_STEPS);
}
