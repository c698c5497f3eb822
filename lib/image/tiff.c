/* TIFF: the first page, of strips or tiles, which libtiff unpacks. */
#include "image/tiff.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "image/format.h"
#include "image/tiff_file.h"
#include "image/tiff_pixels.h"

/* A tile is as large as its file says, whatever the size of the image. */
enum { TILE_PLUS = 8 << 20, MEMORY_PLUS = 16 << 20 };

struct decoder {
    struct foray__tiff_file file;
    struct foray__tiff tiff;
    const struct foray_array *pixels;
    bool is_tiled;
    size_t rows, cols;           /* of a segment: a strip or a tile */
    size_t down, across, planes; /* segments */
    size_t row_nbytes, nbytes;   /* of one, unpacked */
    uint8_t *unpacked;
    uint8_t palette[256][3];
};

/* One in the grid of segments of a plane. */
struct segment {
    size_t plane, r, c;
    size_t rows;    /* in the image */
    uint32_t index; /* in the file */
    uint64_t offset, nbytes;
};

/* libtiff and the reader of the header mean the same image. */
static int check_same(const struct decoder *decoder, struct foray_error *err)
{
    const struct foray__tiff_file *file = &decoder->file;
    const struct foray__tiff *tiff = &decoder->tiff;

    if (foray__tiff_long(file, TIFFTAG_IMAGELENGTH) == tiff->rows &&
        foray__tiff_long(file, TIFFTAG_IMAGEWIDTH) == tiff->cols &&
        foray__tiff_short(file, TIFFTAG_BITSPERSAMPLE, 1) == tiff->bits &&
        foray__tiff_short(file, TIFFTAG_SAMPLESPERPIXEL, 1) == tiff->samples &&
        foray__tiff_short(file, TIFFTAG_COMPRESSION, 1) == tiff->compression &&
        (foray__tiff_short(file, TIFFTAG_PLANARCONFIG, 1) == 2 ||
         !tiff->is_planar))
        return 0;
    return foray__tiff_damaged(file, "its fields contradict each other", err);
}

/* Colours of 16 bits, of which Pillow keeps the high byte, too. */
static int read_palette(struct decoder *decoder, struct foray_error *err)
{
    const struct foray__tiff_file *file = &decoder->file;
    uint16_t *colors[3];

    if (decoder->tiff.photometric != FORAY__TIFF_PALETTE)
        return 0;
    if (!file->lib->TIFFGetField(file->tiff, TIFFTAG_COLORMAP, &colors[0],
                                 &colors[1], &colors[2]))
        return foray__tiff_damaged(file, "it has no palette", err);
    for (size_t i = 0; i < (size_t)1 << decoder->tiff.bits; i++)
        for (size_t k = 0; k < 3; k++)
            decoder->palette[i][k] = (uint8_t)(colors[k][i] >> 8);
    return 0;
}

static int set_segments(struct decoder *decoder, struct foray_error *err)
{
    const struct foray__tiff_file *file = &decoder->file;
    const struct foray__tiff *tiff = &decoder->tiff;

    decoder->is_tiled = file->lib->TIFFIsTiled(file->tiff);
    decoder->rows = foray__tiff_long(
        file, decoder->is_tiled ? TIFFTAG_TILELENGTH : TIFFTAG_ROWSPERSTRIP);
    decoder->cols = tiff->cols;
    if (decoder->is_tiled)
        decoder->cols = foray__tiff_long(file, TIFFTAG_TILEWIDTH);
    else if (decoder->rows > tiff->rows)
        decoder->rows = tiff->rows;
    if (!decoder->rows || !decoder->cols)
        return foray__tiff_damaged(file, "its strips or tiles have no pixels",
                                   err);
    decoder->down = (tiff->rows + decoder->rows - 1) / decoder->rows;
    decoder->across = (tiff->cols + decoder->cols - 1) / decoder->cols;
    decoder->planes = tiff->is_planar ? (size_t)tiff->channels : 1;
    return 0;
}

static int prepare_segments(struct decoder *decoder, struct foray_error *err)
{
    const struct foray__tiff_file *file = &decoder->file;
    const struct foray__tiff *tiff = &decoder->tiff;
    size_t samples = tiff->is_planar ? 1 : tiff->samples;
    size_t most = 4 * foray_array_nbytes(decoder->pixels) + TILE_PLUS;

    FORAY_TRY(set_segments(decoder, err));
    decoder->row_nbytes = (decoder->cols * samples * tiff->bits + 7) / 8;
    if (decoder->row_nbytes > most / decoder->rows)
        return foray__source_fail(
            file->source, err, FORAY_ETOOLARGE,
            "tiles of %zu x %zu pixels are too large for this image",
            decoder->rows, decoder->cols);
    decoder->nbytes = decoder->rows * decoder->row_nbytes;
    if ((tmsize_t)decoder->nbytes !=
        (decoder->is_tiled ? file->lib->TIFFTileSize(file->tiff)
                           : file->lib->TIFFStripSize(file->tiff)))
        return foray__tiff_damaged(file, "its fields contradict each other",
                                   err);
    decoder->unpacked = malloc(decoder->nbytes ? decoder->nbytes : 1);
    if (!decoder->unpacked)
        return foray__source_fail(file->source, err, FORAY_ENOMEM,
                                  "no memory for a strip of %zu bytes",
                                  decoder->nbytes);
    return 0;
}

static int find_segment(struct segment *out, const struct decoder *decoder,
                        size_t plane, size_t r, size_t c,
                        struct foray_error *err)
{
    const struct foray__tiff_file *file = &decoder->file;
    size_t left = decoder->tiff.rows - r * decoder->rows;
    size_t index = (plane * decoder->down + r) * decoder->across + c;
    int no_offset = 0, no_nbytes = 0;

    *out = (struct segment){.plane = plane, .r = r, .c = c};
    out->rows = left < decoder->rows ? left : decoder->rows;
    out->index = (uint32_t)index;
    out->offset = file->lib->TIFFGetStrileOffsetWithErr(file->tiff, out->index,
                                                        &no_offset);
    out->nbytes = file->lib->TIFFGetStrileByteCountWithErr(
        file->tiff, out->index, &no_nbytes);
    if (no_offset || no_nbytes || !out->nbytes || index > UINT32_MAX)
        return foray__tiff_damaged(file, "a strip or tile is nowhere", err);
    return 0;
}

/* So many unpacked rows of a segment, into the pixels. */
static void put_rows(const struct decoder *decoder,
                     const struct segment *segment, size_t rows)
{
    const struct foray_array *pixels = decoder->pixels;
    size_t first = segment->c * decoder->cols;
    size_t left = decoder->tiff.cols - first;
    size_t cols = left < decoder->cols ? left : decoder->cols;
    size_t pixel_nbytes = (size_t)decoder->tiff.channels * pixels->itemsize;

    for (size_t row = 0; row < rows; row++) {
        char *out = foray_row(pixels, segment->r * decoder->rows + row);

        foray__tiff_put(out + first * pixel_nbytes,
                        decoder->unpacked + row * decoder->row_nbytes, cols,
                        &decoder->tiff, segment->plane,
                        (const uint8_t(*)[3])decoder->palette);
    }
}

/* What is there of a segment that is cut: rows that are stored as they are, and
 * nothing of what is compressed; in a palette nothing is its first colour. */
static int decode_cut(struct decoder *decoder, const struct segment *segment,
                      struct foray_error *err)
{
    uint64_t end = decoder->file.source->nbytes;
    size_t rows = 0;

    if (decoder->tiff.compression == FORAY__TIFF_STORED &&
        segment->offset < end)
        rows = (size_t)((end - segment->offset) / decoder->row_nbytes);
    if (rows > segment->rows)
        rows = segment->rows;
    memset(decoder->unpacked, 0, decoder->nbytes);
    if (rows)
        FORAY_TRY(foray__tiff_unpack(&decoder->file, segment->index,
                                     segment->offset, end - segment->offset,
                                     decoder->unpacked,
                                     rows * decoder->row_nbytes, err));
    if (decoder->tiff.photometric == FORAY__TIFF_PALETTE)
        rows = segment->rows;
    put_rows(decoder, segment, rows);
    return 0;
}

static int decode_segment(struct decoder *decoder,
                          const struct segment *segment,
                          struct foray_error *err)
{
    const struct foray__source *source = decoder->file.source;
    size_t rows = decoder->is_tiled ? decoder->rows : segment->rows;

    if (segment->offset > source->nbytes ||
        segment->nbytes > source->nbytes - segment->offset) {
        if (source->may_end)
            return decode_cut(decoder, segment, err);
        return foray__source_fail(source, err, FORAY_ETRUNCATED,
                                  "truncated TIFF: the file ends before its "
                                  "image");
    }
    memset(decoder->unpacked, 0, decoder->nbytes);
    FORAY_TRY(foray__tiff_unpack(
        &decoder->file, segment->index, segment->offset, segment->nbytes,
        decoder->unpacked, rows * decoder->row_nbytes, err));
    put_rows(decoder, segment, segment->rows);
    return 0;
}

static int decode_segments(struct decoder *decoder, struct foray_error *err)
{
    struct segment segment;

    for (size_t plane = 0; plane < decoder->planes; plane++)
        for (size_t r = 0; r < decoder->down; r++)
            for (size_t c = 0; c < decoder->across; c++) {
                FORAY_TRY(find_segment(&segment, decoder, plane, r, c, err));
                FORAY_TRY(decode_segment(decoder, &segment, err));
            }
    return 0;
}

static int decode(struct decoder *decoder, struct foray_error *err)
{
    const struct foray__tiff_file *file = &decoder->file;

    FORAY_TRY(check_same(decoder, err));
    if (decoder->tiff.photometric == FORAY__TIFF_YCBCR)
        file->lib->TIFFSetField(file->tiff, TIFFTAG_JPEGCOLORMODE,
                                JPEGCOLORMODE_RGB);
    FORAY_TRY(read_palette(decoder, err));
    FORAY_TRY(prepare_segments(decoder, err));
    FORAY_TRY(decode_segments(decoder, err));
    if (decoder->tiff.multiplied)
        foray__tiff_divide(decoder->pixels);
    return 0;
}

int foray__tiff_decode(const struct foray_array *pixels,
                       const struct foray__source *source,
                       const struct foray_image_info *info,
                       struct foray_error *err)
{
    struct decoder decoder = {.pixels = pixels};
    struct foray__source from = *source; /* the header moves its window */
    int code;

    FORAY_TRY(foray__tiff_read(&decoder.tiff, &from, err));
    if (decoder.tiff.rows != info->rows || decoder.tiff.cols != info->cols ||
        decoder.tiff.channels != info->channels ||
        (decoder.tiff.bits == 16) != (info->bits == 16))
        return foray__source_fail(source, err, FORAY_EFORMAT,
                                  "the file changed while it was read");
    FORAY_TRY(foray__tiff_open(&decoder.file, source,
                               2 * foray_array_nbytes(pixels) + MEMORY_PLUS,
                               err));
    code = decode(&decoder, err);
    foray__tiff_close(&decoder.file);
    free(decoder.unpacked);
    return code;
}
