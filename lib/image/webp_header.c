/* Chunks of a WebP file.
 * Source: WebP Container Specification; RFC 6386, 9.1 (VP8); WebP Lossless
 * Bitstream Specification, 3 (VP8L). */
#include <string.h>

#include "base/error.h"
#include "image/exif.h"
#include "image/format.h"
#include "image/webp.h"

enum { FILE_HEADER = 12, CHUNK_HEADER = 8, FRAME_HEADER = 16 };
enum { FLAG_FILM = 0x02, FLAG_EXIF = 0x08, FLAG_ALPHA = 0x10 };

/* Chunks looked at: films are long. */
enum { MAX_STEPS = 1000000 };

/* One chunk of the file. */
struct chunk {
    char name[4];
    uint64_t data, nbytes;
};

static uint32_t little(const uint8_t *b, int n)
{
    uint32_t value = 0;

    while (n--)
        value = value << 8 | b[n];
    return value;
}

static int damaged(const struct foray__source *source, const char *why,
                   struct foray_error *err)
{
    return foray__source_fail(source, err, FORAY_EFORMAT, "damaged WebP: %s",
                              why);
}

/* The chunk at *offset, which moves behind it. */
static int next_chunk(struct chunk *out, struct foray__source *source,
                      uint64_t *offset, struct foray_error *err)
{
    const uint8_t *b;

    FORAY_TRY(foray__source_at(source, &b, *offset, CHUNK_HEADER, err));
    memcpy(out->name, b, sizeof out->name);
    out->data = *offset + CHUNK_HEADER;
    out->nbytes = little(b + 4, 4);
    *offset = out->data + out->nbytes + out->nbytes % 2;
    return 0;
}

static bool is_named(const struct chunk *chunk, const char *name)
{
    return !memcmp(chunk->name, name, sizeof chunk->name);
}

/* Size and alpha of a lossy bit stream, which has none. */
static int read_vp8(struct foray__webp *out, struct foray__source *source,
                    const struct chunk *chunk, struct foray_error *err)
{
    const uint8_t *b;

    FORAY_TRY(foray__source_at(source, &b, chunk->data, 10, err));
    if (b[0] & 1 || memcmp(b + 3, "\x9d\x01\x2a", 3) != 0)
        return damaged(source, "no key frame", err);
    out->frame_cols = little(b + 6, 2) & 0x3fff;
    out->frame_rows = little(b + 8, 2) & 0x3fff;
    return 0;
}

/* The same of a lossless one. */
static int read_vp8l(struct foray__webp *out, struct foray__source *source,
                     const struct chunk *chunk, struct foray_error *err)
{
    const uint8_t *b;
    uint32_t bits;

    FORAY_TRY(foray__source_at(source, &b, chunk->data, 5, err));
    if (b[0] != 0x2f)
        return damaged(source, "no lossless image", err);
    bits = little(b + 1, 4);
    out->frame_cols = (bits & 0x3fff) + 1;
    out->frame_rows = (bits >> 14 & 0x3fff) + 1;
    if (!out->is_film)
        out->alpha = bits >> 28 & 1;
    return 0;
}

/* The first frame of a film: its place, then the chunks of an image. */
static int read_frame(struct foray__webp *out, struct foray__source *source,
                      const struct chunk *chunk, struct foray_error *err)
{
    const uint8_t *b;

    if (chunk->nbytes < FRAME_HEADER)
        return damaged(source, "a frame without a size", err);
    FORAY_TRY(foray__source_at(source, &b, chunk->data, FRAME_HEADER, err));
    out->left = 2 * little(b, 3);
    out->top = 2 * little(b + 3, 3);
    out->frame_cols = little(b + 6, 3) + 1;
    out->frame_rows = little(b + 9, 3) + 1;
    out->frame = chunk->data + FRAME_HEADER;
    out->frame_nbytes = chunk->nbytes - FRAME_HEADER;
    if (out->left + out->frame_cols > out->cols ||
        out->top + out->frame_rows > out->rows)
        return damaged(source, "a frame that sticks out of its film", err);
    return 0;
}

static int read_exif(struct foray__webp *out, struct foray__source *source,
                     const struct chunk *chunk)
{
    const uint8_t *b;
    uint64_t skipped = 0;

    /* As in JPEG files, which the specification does not ask for. */
    if (chunk->nbytes >= 6 &&
        !foray__source_at(source, &b, chunk->data, 6, NULL) &&
        !memcmp(b, "Exif\0", 6))
        skipped = 6;
    out->orientation = foray__exif_orientation(source, chunk->data + skipped,
                                               chunk->nbytes - skipped);
    return 0;
}

/* An extended file: what is said of the whole of it. */
static int read_vp8x(struct foray__webp *out, uint32_t *flags,
                     struct foray__source *source, const struct chunk *chunk,
                     struct foray_error *err)
{
    const uint8_t *b;

    if (chunk->nbytes < 10)
        return damaged(source, "a header that is too short", err);
    FORAY_TRY(foray__source_at(source, &b, chunk->data, 10, err));
    *flags = b[0];
    out->alpha = *flags & FLAG_ALPHA;
    out->is_film = *flags & FLAG_FILM;
    out->cols = little(b + 4, 3) + 1;
    out->rows = little(b + 7, 3) + 1;
    return 0;
}

/* A chunk of an extended file. `*done`: the image was seen. */
static int read_chunk(struct foray__webp *out, bool *done,
                      struct foray__source *source, const struct chunk *chunk,
                      struct foray_error *err)
{
    if (is_named(chunk, "EXIF") && !out->orientation)
        return read_exif(out, source, chunk);
    if (*done)
        return 0;
    *done = is_named(chunk, out->is_film ? "ANMF" : "VP8 ") ||
            (!out->is_film && is_named(chunk, "VP8L"));
    if (is_named(chunk, "ALPH"))
        out->alpha = true;
    if (!*done)
        return 0;
    if (out->is_film)
        return read_frame(out, source, chunk, err);
    return chunk->name[3] == 'L' ? read_vp8l(out, source, chunk, err)
                                 : read_vp8(out, source, chunk, err);
}

/* Chunks behind the first. Those behind the image say at most how it was held:
 * a file that ends there is the decoder's to complain about. */
static int read_chunks(struct foray__webp *out, uint32_t flags, uint64_t offset,
                       struct foray__source *source, struct foray_error *err)
{
    bool done = false;

    for (int step = 0; step < MAX_STEPS && offset < out->size; step++) {
        struct chunk chunk;
        int code = next_chunk(&chunk, source, &offset, done ? NULL : err);

        if (code)
            return done && code == FORAY_ETRUNCATED ? 0 : code;
        FORAY_TRY(read_chunk(out, &done, source, &chunk, err));
        if (done && (!(flags & FLAG_EXIF) || out->orientation))
            return 0;
    }
    return done ? 0 : damaged(source, "no image", err);
}

static int check_size(const struct foray__webp *webp,
                      const struct foray__source *source,
                      struct foray_error *err)
{
    bool same =
        webp->frame_rows == webp->rows && webp->frame_cols == webp->cols;

    if (webp->rows && webp->cols && (same || webp->is_film))
        return 0;
    return foray__source_fail(source, err, FORAY_EFORMAT,
                              "damaged WebP: %u x %u pixels in a picture of "
                              "%u x %u",
                              webp->frame_rows, webp->frame_cols, webp->rows,
                              webp->cols);
}

int foray__webp_read(struct foray__webp *out, struct foray__source *source,
                     struct foray_error *err)
{
    uint64_t offset = FILE_HEADER;
    uint32_t flags = 0;
    struct chunk chunk;
    const uint8_t *b;

    *out = (struct foray__webp){0};
    FORAY_TRY(foray__source_at(source, &b, 0, FILE_HEADER, err));
    out->size = CHUNK_HEADER + (uint64_t)little(b + 4, 4);
    FORAY_TRY(next_chunk(&chunk, source, &offset, err));
    if (is_named(&chunk, "VP8X")) {
        FORAY_TRY(read_vp8x(out, &flags, source, &chunk, err));
        FORAY_TRY(read_chunks(out, flags, offset, source, err));
    } else if (is_named(&chunk, "VP8 ") || is_named(&chunk, "VP8L")) {
        bool done = false;

        FORAY_TRY(read_chunk(out, &done, source, &chunk, err));
        out->rows = out->frame_rows;
        out->cols = out->frame_cols;
    } else {
        return damaged(source, "no image", err);
    }
    if (!out->orientation)
        out->orientation = 1;
    if (!out->is_film)
        out->frame_nbytes = out->size;
    return check_size(out, source, err);
}

int foray__webp_header(struct foray_image_info *out,
                       struct foray__source *source, struct foray_error *err)
{
    struct foray__webp webp;

    FORAY_TRY(foray__webp_read(&webp, source, err));
    *out = (struct foray_image_info){
        .format = FORAY_IMAGE_WEBP,
        .rows = webp.rows,
        .cols = webp.cols,
        .channels = webp.alpha ? 4 : 3,
        .bits = 8,
        .alpha = webp.alpha,
        .orientation = webp.orientation,
    };
    return 0;
}
