/* The first directory of a TIFF file, and what of it is decoded here.
 * Source: TIFF 6.0, sections 3 to 8 and 18; which kinds of pixels there are,
 * and what fields mean that are missing, as in Pillow. */
#include <string.h>

#include "base/error.h"
#include "image/format.h"
#include "image/ifd.h"
#include "image/tiff.h"

enum {
    TAG_COLS = 256,
    TAG_ROWS = 257,
    TAG_BITS = 258,
    TAG_COMPRESSION = 259,
    TAG_PHOTOMETRIC = 262,
    TAG_ORIENTATION = 274,
    TAG_SAMPLES = 277,
    TAG_PLANAR = 284,
    TAG_EXTRA = 338,
    TAG_SAMPLE_FORMAT = 339,
};
enum { SAMPLE_UNSIGNED = 1, SAMPLE_VOID = 4 };
enum { ALPHA_MULTIPLIED = 1, ALPHA = 2, ALPHA_OF_COREL = 999 };

/* libtiff reads no more fields either. */
enum { MAX_FIELDS = 4096 };
enum { MAX_SAMPLES = 8 };

/* Fields as they are in the file. */
struct fields {
    uint64_t rows, cols, bits, samples, photometric, compression, planar;
    uint64_t extra, sample_format, orientation;
    bool has_extra;
};

static int unsupported(const struct foray__source *source, const char *what,
                       uint64_t number, struct foray_error *err)
{
    return foray__source_fail(source, err, FORAY_ENOTSUP,
                              "TIFF with %s %llu is not supported", what,
                              (unsigned long long)number);
}

/* Where the number of a field belongs, or NULL. */
static uint64_t *place_of(struct fields *fields, uint32_t tag)
{
    switch (tag) {
    case TAG_COLS:
        return &fields->cols;
    case TAG_ROWS:
        return &fields->rows;
    case TAG_BITS:
        return &fields->bits;
    case TAG_COMPRESSION:
        return &fields->compression;
    case TAG_PHOTOMETRIC:
        return &fields->photometric;
    case TAG_ORIENTATION:
        return &fields->orientation;
    case TAG_SAMPLES:
        return &fields->samples;
    case TAG_PLANAR:
        return &fields->planar;
    case TAG_EXTRA:
        fields->has_extra = true;
        return &fields->extra;
    case TAG_SAMPLE_FORMAT:
        return &fields->sample_format;
    default:
        return NULL;
    }
}

/* The first number of a field stands for all of them: bits and formats that
 * differ between the samples are not supported. */
static int read_value(uint64_t *out, const struct foray__ifd *ifd,
                      const struct foray__ifd_field *field,
                      struct foray_error *err)
{
    FORAY_TRY(foray__ifd_number(out, ifd, field, 0, err));
    if (field->tag == TAG_EXTRA)
        return 0;
    for (uint64_t k = 1; k < field->count && k < MAX_SAMPLES; k++) {
        uint64_t other;

        FORAY_TRY(foray__ifd_number(&other, ifd, field, k, err));
        if (other != *out)
            return unsupported(ifd->source, "samples of different kinds, field",
                               field->tag, err);
    }
    return 0;
}

static int read_fields(struct fields *out, struct foray__source *source,
                       struct foray_error *err)
{
    const uint8_t *next;
    struct foray__ifd ifd;

    FORAY_TRY(foray__ifd_open(&ifd, source, 0, source->size, err));
    if (ifd.n > MAX_FIELDS)
        return foray__source_fail(source, err, FORAY_EFORMAT,
                                  "damaged TIFF: a header of %llu fields",
                                  (unsigned long long)ifd.n);
    for (uint64_t i = 0; i < ifd.n; i++) {
        struct foray__ifd_field field;
        uint64_t *place;

        FORAY_TRY(foray__ifd_field(&field, &ifd, i, err));
        FORAY_TRY(foray__ifd_check(&ifd, &field, err));
        place = place_of(out, field.tag);
        if (place)
            FORAY_TRY(read_value(place, &ifd, &field, err));
    }
    /* Behind them is where the next page begins. */
    return foray__source_at(source, &next,
                            ifd.first + ifd.n * (ifd.is_big ? 20 : 12),
                            ifd.is_big ? 8 : 4, err);
}

static int check_size(const struct fields *fields,
                      const struct foray__source *source,
                      struct foray_error *err)
{
    if (fields->rows && fields->cols && fields->rows <= INT32_MAX &&
        fields->cols <= INT32_MAX)
        return 0;
    return foray__source_fail(
        source, err, FORAY_EFORMAT, "damaged TIFF: %llu x %llu pixels",
        (unsigned long long)fields->rows, (unsigned long long)fields->cols);
}

/* What is compressed without a bound on the memory it takes, or so rarely that
 * nobody looks after its decoder, is left out. */
static bool is_decodable(uint64_t compression)
{
    static const uint16_t known[] = {1, 2,     3,     4,     5,    7,
                                     8, 32773, 32946, 50000, 50001};

    for (size_t k = 0; k < sizeof known / sizeof *known; k++)
        if (known[k] == compression)
            return true;
    return false;
}

/* Samples that are colours, 0 when the kind of image is not supported. */
static uint32_t colors_of(const struct fields *fields)
{
    switch (fields->photometric) {
    case FORAY__TIFF_WHITE_IS_ZERO:
    case FORAY__TIFF_BLACK_IS_ZERO:
    case FORAY__TIFF_PALETTE:
        return 1;
    case FORAY__TIFF_RGB:
        return 3;
    case FORAY__TIFF_YCBCR: /* libtiff makes RGB of it */
        return fields->compression == FORAY__TIFF_JPEG && fields->planar == 1
                   ? 3
                   : 0;
    default:
        return 0;
    }
}

static bool has_depth(const struct fields *fields)
{
    bool is_palette = fields->photometric == FORAY__TIFF_PALETTE;

    if (fields->bits == 8 || (fields->bits == 16 && !is_palette))
        return true;
    return fields->samples == 1 &&
           (fields->bits == 1 || fields->bits == 2 || fields->bits == 4);
}

static int check_kind(const struct fields *fields, uint32_t colors,
                      const struct foray__source *source,
                      struct foray_error *err)
{
    if (!is_decodable(fields->compression))
        return unsupported(source, "compression", fields->compression, err);
    if (!colors && fields->photometric == 5)
        return foray__source_fail(source, err, FORAY_ENOTSUP,
                                  "TIFF in CMYK is not supported: convert it "
                                  "to RGB");
    if (!colors)
        return unsupported(source, "pixels of kind (PhotometricInterpretation)",
                           fields->photometric, err);
    if (fields->sample_format != SAMPLE_UNSIGNED &&
        fields->sample_format != SAMPLE_VOID)
        return foray__source_fail(source, err, FORAY_ENOTSUP,
                                  "TIFF with negative or broken numbers is not "
                                  "supported, only unsigned samples");
    if (!has_depth(fields))
        return unsupported(source, "samples of so many bits:", fields->bits,
                           err);
    if (fields->samples < colors || fields->samples > MAX_SAMPLES ||
        (fields->photometric == FORAY__TIFF_PALETTE && fields->samples > 1))
        return unsupported(source, "samples in a pixel:", fields->samples, err);
    if (fields->planar != 1 && fields->planar != 2)
        return foray__source_fail(source, err, FORAY_EFORMAT,
                                  "damaged TIFF: planes of kind %llu",
                                  (unsigned long long)fields->planar);
    return 0;
}

static void set_channels(struct foray__tiff *tiff, const struct fields *fields,
                         uint32_t colors)
{
    bool is_more = fields->samples > colors;

    tiff->multiplied = is_more && fields->extra == ALPHA_MULTIPLIED;
    tiff->is_alpha =
        is_more && (!fields->has_extra || tiff->multiplied ||
                    fields->extra == ALPHA || fields->extra == ALPHA_OF_COREL);
    tiff->channels = (int)colors + tiff->is_alpha;
    if (fields->photometric == FORAY__TIFF_PALETTE)
        tiff->channels = 3;
}

int foray__tiff_read(struct foray__tiff *out, struct foray__source *source,
                     struct foray_error *err)
{
    struct fields fields = {.bits = 1,
                            .samples = 1,
                            .compression = FORAY__TIFF_STORED,
                            .planar = 1,
                            .sample_format = SAMPLE_UNSIGNED,
                            .orientation = 1};
    uint32_t colors;

    FORAY_TRY(read_fields(&fields, source, err));
    FORAY_TRY(check_size(&fields, source, err));
    colors = colors_of(&fields);
    FORAY_TRY(check_kind(&fields, colors, source, err));
    *out = (struct foray__tiff){
        .rows = (uint32_t)fields.rows,
        .cols = (uint32_t)fields.cols,
        .bits = (uint32_t)fields.bits,
        .samples = (uint32_t)fields.samples,
        .photometric = (uint32_t)fields.photometric,
        .compression = (uint32_t)fields.compression,
        .is_planar = fields.planar == 2 && fields.samples > 1,
        .orientation = fields.orientation >= 1 && fields.orientation <= 8
                           ? (int)fields.orientation
                           : 1,
    };
    set_channels(out, &fields, colors);
    return 0;
}

int foray__tiff_header(struct foray_image_info *out,
                       struct foray__source *source, struct foray_error *err)
{
    struct foray__tiff tiff;

    FORAY_TRY(foray__tiff_read(&tiff, source, err));
    *out = (struct foray_image_info){
        .format = FORAY_IMAGE_TIFF,
        .rows = tiff.rows,
        .cols = tiff.cols,
        .channels = tiff.channels,
        .bits = tiff.bits == 16 ? 16 : 8,
        .alpha = tiff.is_alpha,
        .orientation = tiff.orientation,
    };
    return 0;
}
