/* The picture of cells that skimage.feature.hog(visualize=True) returns. */
#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "image/hog_method.h"

struct canvas {
    double *pixels;
    size_t cols;
    bool single; /* sums are rounded to float32 */
};

static void add(const struct canvas *canvas, long row, long col, double value)
{
    double *pixel = canvas->pixels + (size_t)row * canvas->cols + (size_t)col;

    *pixel = canvas->single ? (double)((float)*pixel + (float)value)
                            : *pixel + value;
}

/* Bresenham's line from (r0, c0) to (r1, c1), both ends included; the same
 * pixels as skimage.draw.line. */
static void add_line(const struct canvas *canvas, long r0, long c0, long r1,
                     long c1, double value)
{
    bool steep = labs(r1 - r0) > labs(c1 - c0);
    long major = steep ? r0 : c0, minor = steep ? c0 : r0;
    long a = steep ? labs(r1 - r0) : labs(c1 - c0);
    long b = steep ? labs(c1 - c0) : labs(r1 - r0);
    long major_step = (steep ? r1 > r0 : c1 > c0) ? 1 : -1;
    long minor_step = (steep ? c1 > c0 : r1 > r0) ? 1 : -1;
    long d = 2 * b - a;

    for (long i = 0; i < a; i++) {
        add(canvas, steep ? major : minor, steep ? minor : major, value);
        while (d >= 0) {
            minor += minor_step;
            d -= 2 * a;
        }
        major += major_step;
        d += 2 * b;
    }
    add(canvas, r1, c1, value);
}

static void draw_cell(const struct canvas *canvas,
                      const struct foray_hog_options *options, size_t r,
                      size_t c, const double *histogram)
{
    long half_rows = (long)options->cell_rows / 2;
    long half_cols = (long)options->cell_cols / 2;
    double radius =
        (double)((half_rows < half_cols ? half_rows : half_cols) - 1);
    long row = (long)(r * options->cell_rows) + half_rows;
    long col = (long)(c * options->cell_cols) + half_cols;

    for (int i = 0; i < options->orientations; i++) {
        double middle = M_PI * (i + .5) / options->orientations;
        double dr = radius * sin(middle), dc = radius * cos(middle);

        add_line(canvas, (long)((double)row - dc), (long)((double)col + dr),
                 (long)((double)row + dc), (long)((double)col - dr),
                 histogram[i]);
    }
}

int foray_hog_draw(struct foray_hog *hog, const struct foray_array *picture,
                   struct foray_error *err)
{
    const struct foray_hog_options *options = &hog->options;
    struct canvas canvas = {picture->data, hog->cols, hog->single};
    size_t n_cols = hog->cols / options->cell_cols;
    const double *histogram = hog->cells.bytes;

    if (hog->method != &foray__hog_skimage || options->cell_rows < 2 ||
        options->cell_cols < 2)
        return foray__fail(err, FORAY_ENOTSUP,
                           "pictures are drawn for method skimage and cells of "
                           "at least 2x2 pixels");
    if (!hog->rows)
        return foray__fail(err, FORAY_ESHAPE,
                           "there is no image to draw: compute one first");
    if (picture->ndim != 2 || picture->shape[0] != hog->rows ||
        picture->shape[1] != hog->cols)
        return foray__fail(err, FORAY_ESHAPE,
                           "the picture must be %zu x %zu, like the image "
                           "computed last",
                           hog->rows, hog->cols);
    FORAY_TRY(foray_array_require(picture, FORAY_F64, 2, FORAY_C_ORDER, err));
    if (picture->mode == FORAY_READ)
        return foray__fail(err, FORAY_EACCES,
                           "the array for the picture is read-only");
    for (size_t i = 0; i < hog->rows * hog->cols; i++)
        canvas.pixels[i] = 0;
    for (size_t r = 0; r < hog->rows / options->cell_rows; r++)
        for (size_t c = 0; c < n_cols; c++) {
            draw_cell(&canvas, options, r, c, histogram);
            histogram += options->orientations;
        }
    return 0;
}
