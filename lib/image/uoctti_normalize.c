/* Votes into features: each cell's, by the energy of its neighbourhoods. */
#include "image/uoctti.h"

#include <math.h>
#include <string.h>

/* Histograms of direction k and of its opposite, of a row of cells. */
static const float *directed(const struct foray__uoctti *work, size_t y, int k)
{
    return work->histogram +
           (y * 2 * (size_t)work->n + (size_t)k) * work->n_cell_cols;
}

static void take_energies(const struct foray__uoctti *work)
{
    size_t width = work->n_cell_cols;

    memset(work->energy, 0, work->n_cell_rows * width * sizeof *work->energy);
    for (size_t y = 0; y < work->n_cell_rows; y++)
        for (int k = 0; k < work->n; k++) {
            const float *one = directed(work, y, k);
            const float *other = directed(work, y, k + work->n);
            float *energy = work->energy + y * width;

            for (size_t x = 0; x < width; x++)
                energy[x] += (one[x] + other[x]) * (one[x] + other[x]);
        }
}

/* The four factors of a row of cells: upper left, upper right, lower left,
 * lower right neighbourhood of 2x2 cells, clamped to the grid. */
static void take_factors(const struct foray__uoctti *work, size_t y)
{
    size_t width = work->n_cell_cols;
    const float *here = work->energy + y * width;
    const float *above = y ? here - width : here;
    const float *below = y + 1 < work->n_cell_rows ? here + width : here;

    for (size_t k = 0; k < 4; k++)
        for (size_t x = 0; x < width; x++) {
            const float *one = k / 2 ? here : above;
            const float *two = k / 2 ? below : here;
            size_t left = k % 2 || !x ? x : x - 1;
            size_t right = k % 2 && x + 1 < width ? x + 1 : x;
            double sum = (double)one[left] + (double)one[right] +
                         (double)two[left] + (double)two[right];

            work->factor[k * width + x] = 1 / sqrt(sum + 1e-4);
        }
}

/* Half the sum of the four clipped normalizations of a row of cells: of one
 * histogram, or of two added up; those are texture too. */
static void clip_row(float *restrict out, const struct foray__uoctti *work,
                     const float *one, const float *other)
{
    size_t width = work->n_cell_cols;
    const double *restrict factor = work->factor;
    double *restrict texture = work->texture;

    for (size_t x = 0; x < width; x++) {
        double h = (double)(other ? one[x] + other[x] : one[x]), sum = 0;

        for (size_t k = 0; k < 4; k++) {
            double value = h * factor[k * width + x];

            value = value < 0.2 ? value : 0.2;
            sum += value;
            if (other)
                texture[k * width + x] += value;
        }
        out[x] = (float)(0.5 * sum);
    }
}

static void describe_row(const struct foray__uoctti *work, size_t y)
{
    size_t width = work->n_cell_cols, n_cells = work->n_cell_rows * width;
    float *out = work->planes + y * width;

    take_factors(work, y);
    memset(work->texture, 0, 4 * width * sizeof *work->texture);
    for (int k = 0; k < 2 * work->n; k++, out += n_cells)
        clip_row(out, work, directed(work, y, k), NULL);
    for (int k = 0; k < work->n; k++, out += n_cells)
        clip_row(out, work, directed(work, y, k),
                 directed(work, y, k + work->n));
    for (size_t k = 0; k < 4; k++, out += n_cells)
        for (size_t x = 0; x < width; x++) /* 18 for any n, as there */
            out[x] = (float)(work->texture[k * width + x] / sqrt(18));
}

void foray__uoctti_normalize(const struct foray__uoctti *work)
{
    take_energies(work);
    for (size_t y = 0; y < work->n_cell_rows; y++)
        describe_row(work, y);
}
