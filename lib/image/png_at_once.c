/* Source: PNG specification, third edition, 5 and 10. */
#include "image/png_at_once.h"

#include <stdlib.h>
#include <string.h>

#include <libdeflate.h>

#include "base/feature.h"
#include "image/png_filter.h"

/* Bytes of all rows: no more than an image of one byte a pixel may have that is
 * read without being trusted. They are given back before a next step has its
 * pixels beside those that are made here. */
enum { MOST = 1 << 28 };

/* Where a file has what. */
enum { SIGNATURE = 8, FRAME = 12, DEPTH = 24, COLOR = 25, INTERLACE = 28 };

/* The file's image data. */
struct data {
    const uint8_t *bytes; /* of the only chunk, or */
    uint8_t *joined;      /* of all; or NULL */
    size_t nbytes;
    bool ended; /* other chunks follow */
};

/* Rows as they are in the file, each behind the byte that says its filter. */
struct rows {
    uint8_t *bytes; /* and zeros before the first */
    size_t n, line; /* the byte included */
    size_t pixel;   /* bytes of one */
};

static uint32_t big32(const uint8_t *b)
{
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 |
           b[3];
}

static bool is(const uint8_t *type, const char *name)
{
    return !memcmp(type, name, 4);
}

/* Whether a chunk may be passed over: it is not critical, and says nothing of
 * transparency. */
static bool is_unused(const uint8_t *type)
{
    for (int i = 0; i < 4; i++)
        if ((type[i] | 32) < 'a' || (type[i] | 32) > 'z')
            return false;
    return (type[0] & 32) && !is(type, "tRNS");
}

static bool add(struct data *data, const uint8_t *bytes, size_t nbytes)
{
    uint8_t *more;

    if (data->ended)
        return false;
    if (!data->nbytes) {
        data->bytes = bytes;
        data->nbytes = nbytes;
        return true;
    }
    more = realloc(data->joined, data->nbytes + nbytes);
    if (!more)
        return false;
    if (!data->joined)
        memcpy(more, data->bytes, data->nbytes);
    memcpy(more + data->nbytes, bytes, nbytes);
    data->joined = more;
    data->bytes = more;
    data->nbytes += nbytes;
    return true;
}

/* All chunks, up to the last. */
static bool find_data(struct data *data, const struct foray__source *source)
{
    const uint8_t *at = source->bytes + SIGNATURE;
    size_t left = source->nbytes - SIGNATURE;

    for (bool first = true;; first = false) {
        const uint8_t *type = at + 4;
        uint32_t length;

        if (left < FRAME)
            return false;
        length = big32(at);
        if (length > left - FRAME ||
            libdeflate_crc32(0, type, 4 + length) != big32(type + 4 + length))
            return false;
        if (first != is(type, "IHDR"))
            return false;
        if (is(type, "IEND"))
            return !length && data->nbytes;
        if (is(type, "IDAT")) {
            if (!add(data, type + 4, length))
                return false;
        } else {
            if (!first && !is_unused(type))
                return false;
            data->ended = data->nbytes;
        }
        at += FRAME + length;
        left -= FRAME + length;
    }
}

/* Gray or colours of eight bits, with alpha or without, row behind row. */
static bool measure(struct rows *rows, const struct foray_array *pixels,
                    const struct foray__source *source)
{
    static const uint8_t samples[] = {1, 0, 3, 0, 2, 0, 4};
    const uint8_t *file = source->bytes;
    size_t channels = pixels->ndim == 3 ? pixels->shape[2] : 1;

    if (source->nbytes < INTERLACE + 1 || file[DEPTH] != 8 ||
        file[COLOR] >= sizeof samples || file[INTERLACE])
        return false;
    rows->pixel = samples[file[COLOR]];
    rows->n = pixels->shape[0];
    if (pixels->shape[1] > MOST ||
        (channels != rows->pixel &&
         (channels + 1 != rows->pixel || rows->pixel % 2)))
        return false;
    rows->line = 1 + pixels->shape[1] * rows->pixel;
    return rows->line <= MOST && rows->n <= MOST / rows->line;
}

/* Zlib, unlike libdeflate, minds how far back a stream said it would look. */
static bool says_enough(const struct data *data, size_t nbytes)
{
    size_t window = (size_t)256 << (data->bytes[0] >> 4);

    return data->nbytes > 2 && (window >= 32768 || window >= nbytes);
}

static bool inflate(const struct rows *rows, const struct data *data)
{
    struct libdeflate_decompressor *inflater;
    size_t nbytes = rows->n * rows->line;
    bool done;

    if (!says_enough(data, nbytes))
        return false;
    inflater = libdeflate_alloc_decompressor();
    if (!inflater)
        return false;
    done = libdeflate_zlib_decompress(inflater, data->bytes, data->nbytes,
                                      rows->bytes, nbytes,
                                      NULL) == LIBDEFLATE_SUCCESS;
    libdeflate_free_decompressor(inflater);
    return done;
}

/* Without alpha, if there is no room for it. */
static void put(uint8_t *to, const uint8_t *from, size_t cols, size_t channels,
                size_t pixel)
{
    if (channels == pixel) {
        memcpy(to, from, cols * pixel);
        return;
    }
    for (size_t x = 0; x < cols; x++)
        for (size_t c = 0; c < channels; c++)
            to[x * channels + c] = from[x * pixel + c];
}

static bool put_rows(const struct foray_array *pixels, const struct rows *rows)
{
    size_t channels = pixels->ndim == 3 ? pixels->shape[2] : 1;

    for (size_t y = 0; y < rows->n; y++) {
        uint8_t *line = rows->bytes + y * rows->line;

        if (!foray__png_unfilter(line, line - rows->line, rows->line,
                                 rows->pixel))
            return false;
        put(foray_row(pixels, y), line + 1, pixels->shape[1], channels,
            rows->pixel);
    }
    return true;
}

static bool decode(const struct foray_array *pixels, struct rows *rows,
                   const struct data *data)
{
    uint8_t *bytes = malloc((rows->n + 1) * rows->line);
    bool done;

    if (!bytes)
        return false;
    memset(bytes, 0, rows->line);
    rows->bytes = bytes + rows->line;
    done = inflate(rows, data) && put_rows(pixels, rows);
    free(bytes);
    return done;
}

bool foray__png_at_once(const struct foray_array *pixels,
                        const struct foray__source *source)
{
    struct data data = {0};
    struct rows rows;
    bool done;

    if (source->may_end || !foray__feature("png_at_once") ||
        !measure(&rows, pixels, source))
        return false;
    done = find_data(&data, source) && decode(pixels, &rows, &data);
    free(data.joined);
    return done;
}
