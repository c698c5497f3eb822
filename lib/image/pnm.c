/* PBM, PGM and PPM, plain and raw: P1 to P6.
 * Source: the Netpbm formats as Pillow reads them: samples are scaled to 255,
 * or to 65535 where the largest is above 255; 1 in a bitmap is black. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/size.h"
#include "image/format.h"

enum { PLAIN_BITMAP = 1, PLAIN_COLOR = 3, RAW_BITMAP = 4, RAW_COLOR = 6 };
enum { MAX_HEADER = 1 << 20, MAX_DIGITS = 10 };

struct pnm {
    int kind; /* the digit of P1 to P6 */
    size_t rows, cols, channels;
    uint32_t maxval;   /* 1 for bitmaps */
    uint64_t data;     /* offset of the first sample */
    uint64_t position; /* while the header is read */
};

static bool is_space(int c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static int damaged(const struct foray__source *source, const char *why,
                   struct foray_error *err)
{
    return foray__source_fail(source, err, FORAY_EFORMAT, "damaged PNM: %s",
                              why);
}

static int next_byte(int *c, struct pnm *pnm, struct foray__source *source,
                     struct foray_error *err)
{
    const uint8_t *b;

    if (pnm->position > MAX_HEADER)
        return damaged(source, "its header does not end", err);
    FORAY_TRY(foray__source_at(source, &b, pnm->position, 1, err));
    pnm->position++;
    *c = *b;
    return 0;
}

/* The next number of the header and the one byte behind it. */
static int read_number(size_t *out, struct pnm *pnm,
                       struct foray__source *source, struct foray_error *err)
{
    int c, digits = 0;

    *out = 0;
    for (;;) {
        FORAY_TRY(next_byte(&c, pnm, source, err));
        if (c == '#') {
            while (c != '\n' && c != '\r')
                FORAY_TRY(next_byte(&c, pnm, source, err));
        }
        if (is_space(c) && digits)
            return 0;
        if (is_space(c))
            continue;
        if (c < '0' || c > '9')
            return damaged(source, "a letter where a number must be", err);
        if (++digits > MAX_DIGITS)
            return damaged(source, "a number of more than 10 digits", err);
        *out = *out * 10 + (size_t)(c - '0');
    }
}

static int read_header(struct pnm *pnm, struct foray__source *source,
                       struct foray_error *err)
{
    const uint8_t *magic;
    size_t maxval = 1;

    FORAY_TRY(foray__source_at(source, &magic, 0, 2, err));
    *pnm = (struct pnm){.kind = magic[1] - '0', .position = 2};
    FORAY_TRY(read_number(&pnm->cols, pnm, source, err));
    FORAY_TRY(read_number(&pnm->rows, pnm, source, err));
    if (pnm->kind != PLAIN_BITMAP && pnm->kind != RAW_BITMAP)
        FORAY_TRY(read_number(&maxval, pnm, source, err));
    if (!pnm->rows || !pnm->cols)
        return damaged(source, "an image without pixels", err);
    if (pnm->rows > INT32_MAX || pnm->cols > INT32_MAX)
        return foray__source_fail(source, err, FORAY_ETOOLARGE,
                                  "%zu x %zu pixels are too large", pnm->rows,
                                  pnm->cols);
    if (!maxval || maxval > 65535)
        return damaged(source, "the largest value is not in 1..65535", err);
    pnm->maxval = (uint32_t)maxval;
    pnm->channels = pnm->kind == PLAIN_COLOR || pnm->kind == RAW_COLOR ? 3 : 1;
    pnm->data = pnm->position;
    return 0;
}

/* Bytes of a row of a raw file, or the least a row of a plain one takes. */
static size_t row_nbytes(const struct pnm *pnm)
{
    size_t samples = pnm->cols * pnm->channels;

    if (pnm->kind == RAW_BITMAP)
        return (pnm->cols + 7) / 8;
    if (pnm->kind == PLAIN_BITMAP)
        return samples;
    if (pnm->kind < RAW_BITMAP || pnm->maxval > 255)
        return samples * 2;
    return samples;
}

/* Whether the file is long enough, before memory is taken for its pixels. */
static int check_length(const struct pnm *pnm,
                        const struct foray__source *source,
                        struct foray_error *err)
{
    size_t need = row_nbytes(pnm) * pnm->rows; /* both below 2^34 and 2^31 */

    if (pnm->kind < RAW_BITMAP && pnm->kind != PLAIN_BITMAP)
        need--; /* nothing need follow the last number */
    if (source->size - pnm->data >= need)
        return 0;
    return foray__source_fail(source, err, FORAY_ETRUNCATED,
                              "truncated PNM: %zu bytes of pixels are needed, "
                              "%llu are there",
                              need,
                              (unsigned long long)(source->size - pnm->data));
}

int foray__pnm_header(struct foray_image_info *out,
                      struct foray__source *source, struct foray_error *err)
{
    struct pnm pnm;

    FORAY_TRY(read_header(&pnm, source, err));
    *out = (struct foray_image_info){
        .format = FORAY_IMAGE_PNM,
        .rows = pnm.rows,
        .cols = pnm.cols,
        .channels = (int)pnm.channels,
        .bits = pnm.maxval > 255 ? 16 : 8,
        .orientation = 1,
    };
    return 0;
}

/* table[v] is v scaled; what lies above the largest value is white. The
 * arithmetic is Pillow's, so that halves fall the same way. */
static uint16_t *make_table(uint32_t maxval)
{
    uint32_t top = maxval > 255 ? 65535 : 255;
    uint16_t *table = malloc((top + 1) * sizeof *table);

    for (uint32_t v = 0; table && v <= top; v++) {
        double scaled = nearbyint((double)v / maxval * top);

        table[v] = (uint16_t)(scaled > top ? top : scaled);
    }
    return table;
}

static void unpack_bits(uint8_t *out, const uint8_t *in, size_t cols)
{
    for (size_t c = 0; c < cols; c++)
        out[c] = in[c / 8] >> (7 - c % 8) & 1 ? 0 : 255;
}

/* One row of a raw file; `table` is NULL when nothing is to be scaled. */
static void unpack_row(void *out, const uint8_t *in, const struct pnm *pnm,
                       const uint16_t *table)
{
    size_t n = pnm->cols * pnm->channels;
    uint8_t *bytes = out;
    uint16_t *words = out;

    if (pnm->kind == RAW_BITMAP) {
        unpack_bits(bytes, in, n);
    } else if (pnm->maxval > 255) {
        for (size_t i = 0; i < n; i++) {
            unsigned value = (unsigned)in[2 * i] << 8 | in[2 * i + 1];

            words[i] = table ? table[value] : (uint16_t)value;
        }
    } else if (table) {
        for (size_t i = 0; i < n; i++)
            bytes[i] = (uint8_t)table[in[i]];
    } else {
        memcpy(bytes, in, n);
    }
}

/* The next sample of a plain file at *p, which moves behind it. */
static int read_sample(uint32_t *out, const uint8_t **p, const uint8_t *end,
                       const struct pnm *pnm,
                       const struct foray__source *source,
                       struct foray_error *err)
{
    const uint8_t *b = *p;
    int digits = 0;

    while (b < end && (is_space(*b) || *b == '#')) {
        if (*b == '#')
            while (b < end && *b != '\n' && *b != '\r')
                b++;
        else
            b++;
    }
    *out = 0;
    for (; b < end && *b >= '0' && *b <= '9'; b++) {
        if (++digits > MAX_DIGITS)
            return damaged(source, "a sample of more than 10 digits", err);
        if (*out <= 65535)
            *out = *out * 10 + (uint32_t)(*b - '0');
        if (pnm->kind == PLAIN_BITMAP) {
            digits = 1;
            b++;
            break; /* digits need no space between them */
        }
    }
    if (!digits && b == end)
        return foray__source_fail(source, err, FORAY_ETRUNCATED,
                                  "truncated PNM: samples are missing");
    if (!digits ||
        (pnm->kind != PLAIN_BITMAP && b < end && !is_space(*b) && *b != '#'))
        return damaged(source, "a letter where a sample must be", err);
    if (*out > pnm->maxval)
        return damaged(source, "a sample is above the largest value", err);
    *p = b;
    return 0;
}

static int decode_plain(const struct foray_array *pixels, const struct pnm *pnm,
                        const struct foray__source *source,
                        const uint16_t *table, struct foray_error *err)
{
    const uint8_t *p = source->bytes + pnm->data;
    const uint8_t *end = source->bytes + source->nbytes;
    size_t n = pnm->cols * pnm->channels;

    for (size_t row = 0; row < pnm->rows; row++) {
        uint8_t *bytes = foray_row(pixels, row);
        uint16_t *words = foray_row(pixels, row);

        for (size_t i = 0; i < n; i++) {
            uint32_t value;

            FORAY_TRY(read_sample(&value, &p, end, pnm, source, err));
            if (pnm->kind == PLAIN_BITMAP)
                bytes[i] = value ? 0 : 255;
            else if (pnm->maxval > 255)
                words[i] = table ? table[value] : (uint16_t)value;
            else
                bytes[i] = (uint8_t)(table ? table[value] : value);
        }
    }
    return 0;
}

static void decode_raw(const struct foray_array *pixels, const struct pnm *pnm,
                       const struct foray__source *source,
                       const uint16_t *table)
{
    const uint8_t *in = source->bytes + pnm->data;

    for (size_t row = 0; row < pnm->rows; row++) {
        unpack_row(foray_row(pixels, row), in, pnm, table);
        in += row_nbytes(pnm);
    }
}

int foray__pnm_decode(const struct foray_array *pixels,
                      const struct foray__source *source,
                      const struct foray_image_info *info,
                      struct foray_error *err)
{
    struct foray__source from = *source; /* the header moves its window */
    uint16_t *table = NULL;
    struct pnm pnm;
    int code = 0;

    FORAY_TRY(read_header(&pnm, &from, err));
    if (pnm.rows != info->rows || pnm.cols != info->cols ||
        pnm.channels != (size_t)info->channels ||
        (pnm.maxval > 255) != (info->bits == 16))
        return damaged(source, "the file changed while it was read", err);
    FORAY_TRY(check_length(&pnm, source, err));
    if (pnm.kind != PLAIN_BITMAP && pnm.kind != RAW_BITMAP &&
        pnm.maxval != 255 && pnm.maxval != 65535) {
        table = make_table(pnm.maxval);
        if (!table)
            return foray__source_fail(source, err, FORAY_ENOMEM,
                                      "no memory for a table");
    }
    if (pnm.kind < RAW_BITMAP)
        code = decode_plain(pixels, &pnm, source, table, err);
    else
        decode_raw(pixels, &pnm, source, table);
    free(table);
    return code;
}
