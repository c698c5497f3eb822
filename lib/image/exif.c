/* Source: CIPA DC-008 (Exif 2.32), tag 0x0112. */
#include "image/exif.h"

#include <string.h>

#include "image/ifd.h"

enum { TAG_ORIENTATION = 0x0112 };

int foray__exif_orientation(struct foray__source *source, uint64_t start,
                            uint64_t nbytes)
{
    struct foray__ifd_field field;
    struct foray__ifd ifd;
    uint64_t value;

    if (foray__ifd_open(&ifd, source, start, nbytes, NULL) || ifd.is_big)
        return 1;
    for (uint64_t i = 0; i < ifd.n; i++) {
        if (foray__ifd_field(&field, &ifd, i, NULL))
            return 1;
        if (field.tag == TAG_ORIENTATION && field.count == 1 &&
            !foray__ifd_number(&value, &ifd, &field, 0, NULL) && value >= 1 &&
            value <= 8)
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
