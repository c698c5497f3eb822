/* Source: CIPA DC-008 (Exif 2.32), 4.6.2 IFD structure and tag 0x0112. */
#include "image/exif.h"

#include <string.h>

enum { TAG_ORIENTATION = 0x0112, TYPE_SHORT = 3, TYPE_LONG = 4 };

/* A TIFF block inside a file. */
struct tiff {
    struct foray__source *source;
    uint64_t start, nbytes;
    bool big_endian;
};

static bool read_tiff(const struct tiff *tiff, uint64_t offset, size_t n,
                      uint32_t *out)
{
    const uint8_t *bytes;

    if (offset > tiff->nbytes || n > tiff->nbytes - offset)
        return false;
    if (foray__source_at(tiff->source, &bytes, tiff->start + offset, n, NULL))
        return false;
    *out = 0;
    for (size_t i = 0; i < n; i++)
        *out = *out << 8 | bytes[tiff->big_endian ? i : n - 1 - i];
    return true;
}

/* The value of an entry of the directory, 0 when it is not the tag. */
static uint32_t entry_orientation(const struct tiff *tiff, uint64_t offset)
{
    uint32_t tag, type, count, value;

    if (!read_tiff(tiff, offset, 2, &tag) || tag != TAG_ORIENTATION ||
        !read_tiff(tiff, offset + 2, 2, &type) ||
        !read_tiff(tiff, offset + 4, 4, &count) || count != 1 ||
        (type != TYPE_SHORT && type != TYPE_LONG) ||
        !read_tiff(tiff, offset + 8, type == TYPE_SHORT ? 2 : 4, &value))
        return 0;
    return value;
}

int foray__exif_orientation(struct foray__source *source, uint64_t start,
                            uint64_t nbytes)
{
    struct tiff tiff = {source, start, nbytes, true};
    uint32_t order, magic, directory, entries;

    if (!read_tiff(&tiff, 0, 2, &order) || (order != 0x4d4d && order != 0x4949))
        return 1;
    tiff.big_endian = order == 0x4d4d;
    if (!read_tiff(&tiff, 2, 2, &magic) || magic != 42 ||
        !read_tiff(&tiff, 4, 4, &directory) ||
        !read_tiff(&tiff, directory, 2, &entries))
        return 1;
    for (uint32_t i = 0; i < entries; i++) {
        uint32_t value =
            entry_orientation(&tiff, (uint64_t)directory + 2 + 12 * i);

        if (value >= 1 && value <= 8)
            return (int)value;
    }
    return 1;
}

/* Pixels of one size, from anywhere to one after another. Tiles keep the
 * lines of a transposed source in the cache. */
static inline void copy_pixels(const struct foray_array *dst, const char *src,
                               ptrdiff_t row_step, ptrdiff_t col_step,
                               size_t size)
{
    enum { TILE = 32 };
    size_t rows = dst->shape[0], cols = dst->shape[1];

    for (size_t top = 0; top < rows; top += TILE)
        for (size_t left = 0; left < cols; left += TILE)
            for (size_t r = top; r < rows && r < top + TILE; r++) {
                char *out = (char *)foray_row(dst, r) + left * size;
                const char *in =
                    src + (ptrdiff_t)r * row_step + (ptrdiff_t)left * col_step;

                for (size_t c = left; c < cols && c < left + TILE; c++) {
                    memcpy(out, in, size);
                    out += size;
                    in += col_step;
                }
            }
}

void foray__exif_turn(const struct foray_array *dst,
                      const struct foray_array *src, int orientation)
{
    /* Whether the rows, the columns of the source run backwards; 5 to 8
     * transpose as well: a step to the right is a step down in the source. */
    bool bottom_up = orientation == 3 || orientation == 4 || orientation == 6 ||
                     orientation == 7;
    bool right_to_left = orientation == 2 || orientation == 3 ||
                         orientation == 7 || orientation == 8;
    ptrdiff_t rows = src->strides[0], cols = src->strides[1];
    size_t size = (size_t)src->strides[1];
    const char *first = src->data;

    if (bottom_up) {
        first += (ptrdiff_t)(src->shape[0] - 1) * rows;
        rows = -rows;
    }
    if (right_to_left) {
        first += (ptrdiff_t)(src->shape[1] - 1) * cols;
        cols = -cols;
    }
    if (foray__exif_swaps(orientation)) {
        ptrdiff_t swap = rows;

        rows = cols;
        cols = swap;
    }
    switch (size) { /* constants that the compiler turns into moves */
    case 1:
        copy_pixels(dst, first, rows, cols, 1);
        break;
    case 3:
        copy_pixels(dst, first, rows, cols, 3);
        break;
    default:
        copy_pixels(dst, first, rows, cols, size);
    }
}
